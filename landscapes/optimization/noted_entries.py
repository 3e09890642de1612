"""What a compiled run notes at every step, besides the loss and the norm of the gradient: the projections of the
path on planes, or the vectors that the step is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from landscapes.objective import weighted_sum
from landscapes.optimization.explained_optimizer import ExplainedState
from landscapes.plane import Plane
from landscapes.problem import Problem

# From θ as one vector back to its tree.
Unravel = Callable[[Any], PyTree]


def projected_entries(
    problem: Problem, planes: tuple[Plane, ...], previous: Any, point: Float[Array, "D"], unravel: Unravel
) -> Float[Array, "R"]:
    """The length of the move to a point; then, for each plane, the coordinates of its projection, its distance,
    and the loss and the terms at the projection."""
    entries = [norm(point - previous)]
    for plane in planes:
        coordinates, distance = plane.project(unravel(point))
        entries += [*coordinates, distance, *entries_at(problem, plane.point(coordinates))]
    return jnp.stack([jnp.asarray(entry, point.dtype) for entry in entries])


def explained_entries(plane: Plane, state: ExplainedState, unravel: Unravel) -> Float[Array, "R"]:
    """The numbers of a step, the losses along it, and for each of its vectors the components in the plane and the
    norm."""
    entries = [*state.numbers, *state.losses]
    for vector in state.vectors:
        entries += [*plane.components(unravel(vector)), norm(vector)]
    return jnp.stack([jnp.asarray(entry, state.vectors.dtype) for entry in entries])


def entries_at(problem: Problem, params: PyTree) -> list[Any]:
    """The loss, NaN in a game, and the terms."""
    terms = problem.terms(params)
    loss = jnp.nan if problem.objective.players is not None else weighted_sum(terms, problem.weights)
    return [loss, *(terms[name] for name in sorted(terms))]


def norm(vector: Float[Array, "D"]) -> Float[Array, ""]:
    """The Euclidean norm; scaled first, because in float32 squares overflow at entries of 2e19, long before the
    entries themselves do, and a run is not over then."""
    largest = jnp.max(jnp.abs(vector))
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.sum((vector / scale) ** 2))
