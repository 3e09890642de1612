"""Witness: a direction in which a loss bends the wrong way, proof that it is not convex."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.curvature.hessian import unflatten
from landscapes.curvature.spectrum import spectrum
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem


class Witness(NamedTuple):
    """A unit direction v of parameter space, vᵀHv along it, and by how much rounding may have moved that.

    Where a derivative jumps at the point, vᵀHv proves nothing. `sentence` then is that of the verdict, and v a
    direction along which the slope jumps the wrong way, where there is one. Elsewhere it is "".
    """

    direction: PyTree
    curvature: float
    error: float
    sentence: str = ""


def witness(problem: Problem, plane: Plane, coordinates: Float[np.ndarray, "K"], *, key: Any) -> Witness:
    """The direction of the smallest curvature at a point of the plane (the largest, where the objective is
    maximized): where it is negative, the loss along it shows what the slice does not."""
    maximize = problem.sense == "maximize"
    with precision(problem.params):
        there = plane.point(jnp.asarray(coordinates, jax.tree.leaves(plane.origin)[0].dtype))
    found = spectrum(
        problem,
        key,
        params=there,
        top=int(maximize),
        bottom=int(not maximize),
        eigenvectors=True,
        tolerance=1e-3,
    )
    vectors, jump = found.eigenvectors, found.jump
    if jump is not None and jump.direction is not None:
        vectors = unflatten(problem, jump.direction[None])
    direction = jax.tree.map(lambda v: v[0], vectors)
    sentence = "" if jump is None else found.verdict.sentence
    return Witness(direction, float(found.eigenvalues[0]), float(found.rounding[0]), sentence)
