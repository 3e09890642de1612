"""Directions by name, and paths and problems that are made up of given arrays."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem
from landscapes.directions import DIRECTIONS
from landscapes.optimization.trajectory import Outcome, Trajectory

KEY = jax.random.key(3)


def directions(name, problem, count=2, paths=(), key=KEY, **knobs):
    return DIRECTIONS[name].function(problem, list(paths), key, count, **knobs)


def flat(tree, leading=0):
    leaves = [np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(tree)]
    return np.concatenate([leaf.reshape(*leaf.shape[:leading], -1) for leaf in leaves], axis=leading)


def path_through(params, losses=None):
    """A path with these snapshots."""
    count = len(jax.tree.leaves(params)[0])
    losses = np.zeros(count) if losses is None else np.asarray(losses, float)
    return Trajectory(np.arange(count), params, losses, losses, Outcome("finished", count - 1, ""), {})


def problem_over(params, **kwargs):
    """A problem over these parameters with the loss ‖θ‖²."""
    return Problem.from_loss(_sum_of_squares, params, **kwargs)


def _sum_of_squares(p):
    return sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(p))
