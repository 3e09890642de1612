"""Convexity maps with known answers: convex problems, lines, rewards and saturated policies."""

from dataclasses import replace
from itertools import product

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Problem, Recipe, span
from landscapes.curvature.convexity import convexity_map
from landscapes.curvature.hessian import dense_hessian
from landscapes.recipes import catalog
from tests import problems
from tests.problems import normal

KEY = jax.random.key(0)

CONVEX, NON_CONVEX, UNDETERMINED = range(3)


def random_plane(problem, seed=0, count=2):
    directions = jax.tree.map(lambda leaf: 0 * np.asarray(leaf)[None].repeat(count, 0), problem.params)
    leaves, structure = jax.tree.flatten(directions)
    drawn = [normal(seed + i, *leaf.shape).astype(leaf.dtype) for i, leaf in enumerate(leaves)]
    return span(problem.params, jax.tree.unflatten(structure, drawn))


def _squares(p, data):
    return jnp.mean((data["x"] @ p - data["y"]) ** 2)


def test_least_squares_with_dead_inputs_is_convex():
    # 120 parameters, more than the subspace of a cell holds.
    dead = normal(0, 60, 120) * (np.arange(120) % 3 > 0)
    data = {"x": dead.astype(np.float32), "y": normal(3, 60).astype(np.float32)}
    problem = Problem.from_loss(_squares, normal(9, 120).astype(np.float32), data)
    result = convexity_map(problem, random_plane(problem), 3.0, key=KEY, cells=5)
    assert result.share("convex") == 1
    assert not np.any(result.strict)


def recipe(model, data, objective="cross-entropy"):
    return Recipe(model=Choice(model), data=data, objective=Choice(objective))


@pytest.mark.parametrize(
    ("recipe", "penalties"),
    [
        (recipe("linear", Choice("diabetes"), "squared-error"), (0.0,)),
        (recipe("logistic", Choice.of("breast-cancer", examples=60)), (0.0, 0.1)),
        # More parameters than the subspace of a cell holds, and a shift of all biases changes nothing.
        (recipe("softmax", Choice.of("digits", examples=60)), (0.0, 0.1)),
        (recipe("bigram", Choice("markov-chain"), "next-token"), (0.0,)),
    ],
    ids=["linear", "logistic", "softmax", "bigram"],
)
def test_convex_problems_of_catalog_are_convex(recipe, penalties):
    for penalty in penalties:
        problem = catalog.build(catalog.complete(replace(recipe, weights=(("l2", penalty),))))
        result = convexity_map(problem, random_plane(problem), 3.0, key=KEY, cells=3)
        assert result.share("convex") == 1
        assert np.all(result.smallest + result.smallest_error >= 0)
        # Every direction is penalized, except the bias of a logistic model, on which the data depends.
        assert np.all(result.strict) or recipe.model.name != "logistic" or not penalty


def test_logistic_regression_is_strictly_convex():
    problem = problems.logistic()
    result = convexity_map(problem, random_plane(problem), 2.0, key=KEY, cells=3)
    assert result.share("convex") == 1
    assert np.all(result.strict)


def _tanh_net(p, data):
    return jnp.mean((jnp.tanh(data["x"] @ p["first"]) @ p["second"] - data["y"]) ** 2)


def tanh_net(dtype: type = np.float32):
    """200 parameters."""
    params = {"first": 0.5 * normal(0, 8, 20), "second": 0.5 * normal(1, 20, 2)}
    data = {"x": normal(2, 50, 8), "y": normal(3, 50, 2)}
    return Problem.from_loss(_tanh_net, jax.tree.map(dtype, params), jax.tree.map(dtype, data))


def float64_point(plane, coordinates):
    """The point of a plane in float64, for a plane in either precision."""
    at = np.asarray(coordinates, np.float64)
    return jax.tree.map(
        lambda o, d: np.asarray(o, np.float64) + np.tensordot(at, np.asarray(d, np.float64), 1),
        plane.origin,
        plane.basis,
    )


def test_map_of_line_and_of_reward():
    problem = problems.maximized(tanh_net())
    result = convexity_map(problem, random_plane(problem, count=1), 1.0, key=KEY, cells=4)
    assert result.states.shape == (4,)
    assert result.slice_curvature.shape == (4, 1)
    # The reward is not concave: its largest eigenvalue is positive.
    assert np.all(result.states == NON_CONVEX)
    hill = problems.maximized(Problem.from_loss(_hill, np.zeros(3)))
    assert convexity_map(hill, random_plane(hill), 1.0, key=KEY, cells=2).share("convex") == 1


def _hill(p):
    return -jnp.sum(p**2)


def _return(p, rewards):
    return jax.nn.softmax(p) @ rewards


def policy(dtype: type):
    """The policy of a bandit. A shift of all logits changes nothing, so an eigenvalue is 0 everywhere."""
    params, rewards = (np.array(values, dtype) for values in ([9.0, 1.0, -1.0], [1.0, 0.5, 0.0]))
    return problems.maximized(Problem.from_loss(_return, params, rewards))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_does_not_decide_at_saturated_policy(dtype):
    problem, wide = policy(dtype), policy(np.float64)
    plane = span(problem.params, np.array([[1.0, -0.5, 0.3], [0.2, 1.0, -0.7]], dtype))
    result = convexity_map(problem, plane, [(-9, 5), (-4, 9)], key=KEY, cells=7)
    for cell in product(range(7), range(7)):
        at = np.array([axis[i] for axis, i in zip(result.axes, cell, strict=True)], dtype)
        values = np.linalg.eigvalsh(dense_hessian(wide, float64_point(plane, at)))
        # Positive beyond rounding in float64, or the zero eigenvalue.
        assert result.states[cell] == (NON_CONVEX if values[-1] > 1e-14 else CONVEX)
        assert abs(result.largest[cell] - values[-1]) <= result.largest_error[cell]
        assert abs(result.smallest[cell] - values[0]) <= result.smallest_error[cell]
    assert 0.2 < result.share("convex") < 0.9
