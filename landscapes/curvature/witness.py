"""A direction of negative curvature: it proves that a loss is not convex at a point."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.curvature.hessian import unflatten
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem


class Witness(NamedTuple):
    """A unit direction v of parameter space, the curvature vᵀHv along it, and the rounding error of vᵀHv.

    Where a derivative jumps at the point, vᵀHv proves nothing. `sentence` is then that of the verdict, and v is a
    direction along which the slope jumps the wrong way, if there is one. Elsewhere `sentence` is "".
    """

    direction: PyTree
    curvature: float
    error: float
    sentence: str = ""


def witness(problem: Problem, plane: Plane, coordinates: Float[np.ndarray, "K"], *, key: Any) -> Witness:
    """The direction of the smallest curvature at a point of the plane, in the full space (of the largest, if the
    objective is maximized). If that curvature is negative, the loss is not convex, even where the slice is."""
    maximize = problem.sense == "maximize"
    with precision(problem.params):
        params = plane.point(jnp.asarray(coordinates, jax.tree.leaves(plane.origin)[0].dtype))
    extreme = spectrum(
        problem,
        key,
        params=params,
        top=int(maximize),
        bottom=int(not maximize),
        eigenvectors=True,
        tolerance=1e-3,
    )
    vectors, jump = extreme.eigenvectors, extreme.jump
    if jump is not None and jump.direction is not None:
        vectors = unflatten(problem, jump.direction[None])
    direction = jax.tree.map(lambda v: v[0], vectors)
    sentence = "" if jump is None else extreme.verdict.sentence
    return Witness(direction, float(extreme.eigenvalues[0]), float(extreme.rounding[0]), sentence)
