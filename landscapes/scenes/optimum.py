"""A known optimum on the plane of a picture."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem


class Optimum(NamedTuple):
    """A known optimum: the coordinates of its projection on the plane, its distance from the plane, and the value
    at the optimum, NaN in a game."""

    coordinates: Float[np.ndarray, "K"]
    distance: float
    value: float


def project_optimum(start: Problem, plane: Plane, params: PyTree | None) -> Optimum | None:
    """The optimum at these parameters on the plane, or None without one."""
    if params is None:
        return None
    with precision(start.params):
        coordinates, distance, value = _project(plane, start, params)
        return Optimum(np.asarray(coordinates, float), float(distance), float(value))


@jax.jit
def _project(plane: Plane, problem: Problem, params: PyTree) -> tuple[Any, Any, Any]:
    game = problem.objective.players is not None
    return *plane.project(params), jnp.nan if game else problem.loss(params)
