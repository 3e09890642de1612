"""The registry of directions that span a line or a plane in parameter space.

A direction function takes the problem (whose `params` are the centre of the picture), the optimizers' paths, a
random key and the number of directions. It returns a tree like the parameters whose leaves have a leading axis,
one entry for each direction. `landscapes.directions` adds the `DIRECTIONS` of the other files of the wing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import jax
import numpy as np
from annotated_types import Interval
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import hvp
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.directions.player_directions import players
from landscapes.directions.snapshot_matrix import SnapshotMatrix
from landscapes.directions.solution_directions import solutions, unflatten
from landscapes.knobs import check_knobs, nearest
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane, span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.random_directions import check_count, filter_normalized, gaussian, layer_normalized

# Smallest variance of a principal component, relative to the largest one. Below it, rounding could have made the
# component.
MIN_VARIANCE_RATIO = 1e-12


@check_arguments
def principal(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """The leading principal components of the snapshots of all paths together, centred on their mean.

    A high explained variance alone proves nothing: a random walk in many dimensions has 61 % of its variance in
    the first component and 15 % in the second (Antognini & Sohl-Dickstein 2018, arXiv:1806.08805).

    Raises:
        ValueError: if the paths hold too few distinct points to span the directions.
    """
    check_count(count)
    if not paths:
        raise ValueError("principal components need an optimizer's path; choose at least one optimizer")
    # The Gram matrix has the size of the number of snapshots, a few hundred, whatever the number of parameters.
    centred = SnapshotMatrix.about_mean(paths, problem.params)
    values, vectors = np.linalg.eigh(centred.gram())
    if len(values) < count or values[-count] <= MIN_VARIANCE_RATIO * max(values[-1], np.finfo(float).tiny):
        raise ValueError(
            f"these paths hold too few distinct points for {count} principal component"
            f"{'s' if count > 1 else ''}; train for more steps or choose random directions"
        )
    return unflatten(centred.combined(vectors[:, ::-1][:, :count].T), problem.params)


@check_arguments
def hessian(
    problem: Problem,
    paths: Sequence[Trajectory],
    key: Any,
    count: int,
    *,
    end: Annotated[
        Literal["largest", "smallest", "both"],
        "end of the spectrum whose eigenvectors span the plane; both takes one of each",
    ] = "largest",
) -> PyTree:
    """Eigenvectors of the Hessian at the centre: of its largest eigenvalues, of its smallest, or one of each."""
    ends = {"largest": (check_count(count), 0), "smallest": (0, count), "both": (1, count - 1)}
    if end not in ends:
        raise ValueError(f"end = {end!r} is not valid; choose one of {', '.join(ends)}")
    top, bottom = ends[end]
    result = spectrum(problem, key, top=top, bottom=bottom, eigenvectors=True)
    order = np.argsort(result.eigenvalues)  # ascending
    chosen = np.concatenate([order[::-1][:top], order[:bottom]]).astype(int)
    return jax.tree.map(lambda leaf: np.asarray(leaf)[chosen], result.eigenvectors)


@check_arguments
def gradient(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """The gradient g at the centre and, for a plane, the Hessian-vector product Hg. Their plane contains the first
    two steps of gradient descent. A volume adds the product of H and the part of Hg at right angles to g, and so
    contains the first three steps on a quadratic.

    Raises:
        ValueError: if the gradient vanishes at the centre.
    """
    with precision(problem.params):
        gradient_at_centre = _evaluate_field(problem)
        if not any(np.any(leaf) for leaf in jax.tree.leaves(gradient_at_centre)):
            raise ValueError("the gradient vanishes here; centre the picture elsewhere or choose the Hessian")
        parts = [gradient_at_centre]
        if check_count(count) > 1:
            parts.append(hvp(problem, problem.params, gradient_at_centre))
        if count > 2:
            # Of a product with Hg itself rounding would leave little at right angles to the first two.
            basis = span(problem.params, jax.tree.map(lambda *leaves: np.stack(leaves), *parts)).basis
            parts.append(hvp(problem, problem.params, jax.tree.map(lambda leaf: leaf[1], basis)))
        return jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *parts)


@check_arguments
def coordinates(
    problem: Problem,
    paths: Sequence[Trajectory],
    key: Any,
    count: int,
    *,
    first: Annotated[int, Interval(ge=0), "index of the parameter along the first axis"] = 0,
    second: Annotated[int, Interval(ge=0), "index of the parameter along the second axis"] = 1,
) -> PyTree:
    """The axes of single parameters, indexed in the order of `jax.tree.leaves`. The third axis of a volume is that
    of the first parameter that is neither of the two.

    Raises:
        ValueError: if there is no parameter of that index.
    """
    third = min({0, 1, 2} - {int(first), int(second)})
    chosen = [first, second, third][: check_count(count)]
    if not 0 <= min(chosen) <= max(chosen) < problem.dim:
        raise ValueError(f"there are {problem.dim} parameters; choose indices from 0 to {problem.dim - 1}")
    return unflatten(_one_hot(chosen, problem.dim), problem.params)


@check_arguments
def explained_variance(plane: Plane, paths: Sequence[Trajectory]) -> float:
    """The share of the paths' variance, over all snapshots about their mean, that lies in the plane: in [0, 1].

    For comparison: `RANDOM_WALK_VARIANCE_SHARES`, the share that the best line or plane holds of a random walk in
    many dimensions.
    """
    if not paths:
        raise ValueError("there is no path whose variance could be explained; give at least one")
    centred = SnapshotMatrix.about_mean(paths, plane.origin)
    basis = [np.asarray(leaf, np.float64).reshape(plane.dim, -1) for leaf in jax.tree.leaves(plane.basis)]
    along, total = centred.products(np.concatenate(basis, axis=1).T), centred.sum_of_squares()
    return min(1.0, float(np.sum(np.square(along))) / total) if total > 0 else 1.0


# Share of the variance of a long random walk in many dimensions that its first, its first two and its first three
# principal components hold: component k holds 6/(π²k²).
RANDOM_WALK_VARIANCE_SHARES = (6 / np.pi**2, 6 / np.pi**2 * (1 + 1 / 4), 6 / np.pi**2 * (1 + 1 / 4 + 1 / 9))


@dataclass(frozen=True)
class Direction:
    """A kind of direction.

    Attributes:
        function: the direction function; see the docstring of this module.
        title: short name in a menu.
        axis: label of an axis.
        plane: name of a plane of two such directions within a sentence.
        extent_rule: the default extent of a picture: the box around the "paths" if there are any, the length of
            the directions ("scale"), or a share of ‖θ₀‖ ("norm") where their length has no meaning.
        needs_paths: whether the directions depend on the optimizers' paths.
        depends_on_loss: whether they depend on the loss at the centre, and so on the weights of its terms.
        applies_to: the problems it applies to: "any", those with one "loss", or a "game".
    """

    function: Callable[..., PyTree]
    title: str
    axis: str
    plane: str
    extent_rule: Literal["paths", "scale", "norm"]
    needs_paths: bool = False
    depends_on_loss: bool = False
    applies_to: Literal["any", "loss", "game"] = "any"


DIRECTIONS: dict[str, Direction] = {
    "solutions": Direction(
        solutions,
        "Solutions",
        "distance along the solutions",
        "plane of the solutions",
        "paths",
        needs_paths=True,
        applies_to="loss",
    ),
    "filter-normalized": Direction(
        filter_normalized,
        "Filter-normalized",
        "distance along filter-normalized random direction",
        "plane of two filter-normalized random directions",
        "scale",
    ),
    "layer-normalized": Direction(
        layer_normalized,
        "Layer",
        "distance along layer-normalized random direction",
        "plane of two layer-normalized random directions",
        "scale",
    ),
    "gaussian": Direction(
        gaussian,
        "Gaussian",
        "distance along Gaussian random direction",
        "plane of two Gaussian random directions",
        "norm",
    ),
    "principal": Direction(
        principal,
        "PCA",
        "distance along principal component",
        "plane of the paths' two principal components",
        "paths",
        needs_paths=True,
    ),
    "hessian": Direction(
        hessian,
        "Hessian",
        "distance along Hessian eigenvector",
        "plane of two Hessian eigenvectors",
        "norm",
        depends_on_loss=True,
        applies_to="loss",
    ),
    "gradient": Direction(
        gradient,
        "Gradient",
        "distance along the gradient",
        "plane of the gradient and its product with the Hessian",
        "norm",
        depends_on_loss=True,
        applies_to="loss",
    ),
    "coordinates": Direction(
        coordinates, "Single weights", "change of parameter", "plane of two parameters", "norm"
    ),
    "players": Direction(
        players,
        "Players",
        "distance along the parameters of",
        "plane of one direction per player",
        "paths",
        applies_to="game",
    ),
}


@check_arguments
def plane_along(
    problem: Problem,
    kind: str,
    key: Any,
    paths: Sequence[Trajectory] = (),
    dim: int = 2,
    knobs: Mapping[str, Any] | None = None,
) -> Plane:
    """The line or plane through `problem.params` along directions of a registered kind; see `Problem.plane`."""
    if kind not in DIRECTIONS:
        raise ValueError(f"there is no kind of directions {kind!r}; {nearest(kind, DIRECTIONS)}")
    direction = DIRECTIONS[kind]
    is_game = problem.objective.players is not None
    if direction.applies_to == ("loss" if is_game else "game"):
        fitting = [name for name, other in DIRECTIONS.items() if other.applies_to != direction.applies_to]
        raise ValueError(
            f"{kind} directions apply to {'one loss' if is_game else 'a game'}; choose {', '.join(fitting)}"
        )
    settings = check_knobs(kind, direction.function, dict(knobs or {}))
    return span(problem.params, direction.function(problem, paths, as_key(key), dim, **settings))


_evaluate_field = jax.jit(lambda problem: problem.field(problem.params))


def _one_hot(indices: Sequence[int], dim: int) -> np.ndarray:
    rows = np.zeros((len(indices), dim))
    rows[np.arange(len(indices)), indices] = 1.0
    return rows
