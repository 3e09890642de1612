"""A small network's recipe, and the numbers of a scene."""

from dataclasses import replace

import jax
import numpy as np

from landscapes import Choice
from landscapes.precision import precision
from landscapes.scenes.scene import Scene
from tests.small_recipes import TINY

# One optimizer and random directions: the least that has everything in it. As many examples in either split, so
# that both run the same programs.
NETWORK = replace(
    TINY,
    data=Choice.of("blobs", examples=20),
    optimizers=(Choice("sgd"),),
    directions=Choice("filter-normalized"),
)


def arrays(found: Scene) -> list[np.ndarray]:
    """Every number of a scene that is drawn."""
    paths = [(p.coordinates, p.distance, p.loss, p.plane_loss) for p in found.paths.values()]
    runs = [(run.params, run.loss, run.gradient_norm) for run in found.trajectories.values()]
    assert found.spectrum is not None
    surface = found.surface
    parts = (surface.axes, surface.terms, surface.loss, found.spectrum.eigenvalues, found.plane, paths, runs)
    return [np.asarray(leaf) for leaf in jax.tree.leaves(parts)]


def identical(one: Scene, other: Scene) -> bool:
    pairs = zip(arrays(one), arrays(other), strict=True)
    return all(a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def eigenvalues(found: Scene) -> np.ndarray:
    assert found.spectrum is not None
    return found.spectrum.eigenvalues


def at(problem, params) -> float:
    with precision(params):
        return float(jax.jit(problem.loss)(params))
