"""The runs of a recipe's optimizers from many starts: a grid in the drawn plane, or points of several seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Float, PyTree

from landscapes.evaluation.batching import cost
from landscapes.optimization.basins import vectors
from landscapes.optimization.multistart import Ends, race_from
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Placement
from landscapes.slices.grid import nodes

MAX_STARTS = 128
"""Along each axis."""
BLOCK_SECONDS = 0.05
"""Of one step of all runs of a block. A step cannot be interrupted, and a partial map shows whole blocks."""
MAX_BLOCK = 4096  # runs of a block
FLOPS_PER_SECOND = 1e10
"""Of a processor, for the size of a block. Two cores took a digits MLP's gradient at 1.2e10."""

ON_PLANE = 1e-6
"""Distance up to which a known optimum of the whole space is one of the plane."""

Report = Callable[[float, dict[str, Ends], Bool[np.ndarray, "S"]], None]


@dataclass(frozen=True, eq=False)
class Starts:
    """A grid of starts in the drawn plane, or starts from seeds, which lie in no plane.

    Attributes:
        problem: what the runs minimize: the training problem, or that problem restricted to the plane.
        points: the starts, parameters of the problem with a leading axis of length S.
        axes: the coordinates of the grid in the plane; the first axis varies slowest. None of starts from seeds.
        diameter: the length by which distances between end points are judged: the diagonal of the grid, or twice
            the largest distance of a start from the mean of all.
        labels: what the axes measure.
        description: what the starts are.
        plane: the drawn plane, None if the coordinates are the parameters.
        is_restricted: whether the runs cannot leave a plane of a larger space.
        known_minimizers: known minimizers, in a game a known equilibrium, as vectors of the problem's parameters.
    """

    problem: Problem
    points: PyTree[Float[np.ndarray, "S ..."]]
    axes: tuple[Float[np.ndarray, "n"], Float[np.ndarray, "m"]] | None
    diameter: float
    labels: tuple[str, ...] = ()
    description: str = ""
    plane: Plane | None = None
    is_restricted: bool = False
    known_minimizers: Sequence[Any] = ()

    def __len__(self) -> int:
        return len(jax.tree.leaves(self.points)[0])

    def project(self, points: Float[np.ndarray, "M D"]) -> Float[np.ndarray, "M 2"]:
        """The coordinates in the plane of parameters that are one vector each."""
        if self.plane is None:
            return points
        origin = vectors(jax.tree.map(lambda leaf: np.asarray(leaf)[None], self.plane.origin))
        return (points - origin) @ vectors(self.plane.basis).T


def starts_of(recipe: Recipe, placement: Placement, count: int) -> Starts:
    """A grid of count × count starts over the picture of a complete recipe of dimension 2."""
    start = catalog.build(replace(recipe, split="train"))
    axes = tuple(nodes(low, high, count) for low, high in placement.extent)
    first, second = axes
    coordinates = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    (left, right), (bottom, top) = placement.extent
    grid: dict[str, Any] = {
        "axes": (first, second),
        "diameter": float(np.hypot(right - left, top - bottom)),
        "labels": placement.labels,
    }
    if catalog.is_function(recipe):
        return Starts(start, coordinates, **grid, known_minimizers=catalog.minima(recipe))
    plane = placement.plane
    optimum = placement.optimum
    if recipe.space == "plane":
        if optimum is not None:
            with precision(start.params):
                projection, distance = plane.project(optimum)
        problem = replace(placement.problem, data=start.data, objective=start.objective, weights=start.weights)
        coordinates = coordinates.astype(plane.scale.dtype)
        known_minimizers = (
            () if optimum is None or float(distance) > ON_PLANE else (np.asarray(projection, float),)
        )
        is_restricted = problem.dim > plane.dim
        in_plane = problem.on(plane)
        return Starts(
            in_plane, coordinates, **grid, is_restricted=is_restricted, known_minimizers=known_minimizers
        )
    points = jax.tree.map(
        lambda origin, basis: (
            np.asarray(origin)
            + np.tensordot(coordinates.astype(np.asarray(basis).dtype), np.asarray(basis), axes=1)
        ),
        plane.origin,
        plane.basis,
    )
    known_minimizers = (
        () if optimum is None else (vectors(jax.tree.map(lambda leaf: np.asarray(leaf)[None], optimum))[0],)
    )
    return Starts(catalog.training_problem(start), points, **grid, plane=plane, known_minimizers=known_minimizers)


def starts_of_seeds(recipe: Recipe, count: int) -> Starts:
    """The starts of `count` seeds of a complete recipe, in the whole space; see `seeded_points`."""
    start = catalog.build(replace(recipe, split="train"))
    points, description = seeded_points(recipe, start, count)
    start_vectors = vectors(points)
    radius = float(np.max(np.linalg.norm(start_vectors - start_vectors.mean(axis=0), axis=1)))
    # One start has no extent; its distance from the origin then sets the scale.
    diameter = 2 * radius or float(np.linalg.norm(start_vectors[0])) or 1.0
    known_minimizers: Sequence[Any] = catalog.minima(recipe)
    if (optimum := catalog.optimum(recipe, start)) is not None:
        known_minimizers = (vectors(jax.tree.map(lambda leaf: np.asarray(leaf)[None], optimum))[0],)
    return Starts(
        catalog.training_problem(start),
        points,
        None,
        diameter,
        description=description,
        known_minimizers=known_minimizers,
    )


def seeded_points(recipe: Recipe, start: Problem, count: int) -> tuple[PyTree, str]:
    """Initial parameters with a leading axis, and their description in words. A network has those of `count` seeds
    on the same examples; a test function has its own start and others at random in its box.

    Args:
        start: the problem of the recipe, whose parameters are the first.
    """
    if catalog.is_function(recipe):
        low, high = np.array(catalog.box(recipe)).T
        random_starts = np.random.default_rng(recipe.seed).uniform(low, high, (count - 1, 2))
        return np.concatenate([np.asarray(start.params)[None], random_starts]), (
            f"the function's own start and {count - 1} at random in its box" if count > 1 else "its own start"
        )
    if catalog.has_one_start(recipe):
        return jax.tree.map(lambda leaf: np.asarray(leaf)[None], start.params), "its only initial parameters"
    seeds = range(recipe.seed, recipe.seed + count)
    initial_params = [catalog.build(replace(recipe, split="train", seed=seed)).params for seed in seeds]
    stacked = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *initial_params)
    return stacked, f"the initial parameters of the seeds {seeds[0]} to {seeds[-1]}, on the same examples"


def run_from_starts(
    recipe: Recipe, starts: Starts, *, tolerance: float, progress: Report
) -> tuple[dict[str, Ends], Bool[np.ndarray, "S"]]:
    """The ends of every optimizer's run from each start, and which of them are computed: all.

    The starts are computed in blocks of a random order, so that a partial map is a sample of the whole.
    """
    count = len(starts)
    order = np.random.default_rng(0).permutation(count)
    block = block_size(starts.problem)
    computed = np.zeros(count, bool)
    ends: dict[str, Ends] = {}
    optimizers = {choice.name: (choice.name, choice.settings) for choice in recipe.optimizers}
    for first in range(0, count, block):
        rows = order[first : first + block]

        def report(fraction: float, partial: Any, first: int = first, state: Any = (ends, computed)) -> None:
            progress(min(1.0, (first + fraction * block) / count), *state)

        block_ends = race_from(
            starts.problem,
            optimizers,
            jax.tree.map(lambda leaf, rows=rows: leaf[rows], starts.points),
            recipe.steps,
            batch_size=recipe.batch_size or None,
            key=jax.random.fold_in(starts.problem.key, 1) if recipe.batch_size else None,
            schedule=(recipe.schedule.name, recipe.schedule.settings),
            tolerance=tolerance,
            progress=report,
        )
        if recipe.batch_size and starts.problem.objective.players is None:
            block_ends = {
                label: _on_all_examples(starts.problem, end_points) for label, end_points in block_ends.items()
            }
        computed = computed.copy()
        computed[rows] = True
        ends = {
            label: _filled(ends.get(label), end_points, rows, count) for label, end_points in block_ends.items()
        }
        progress((first + len(rows)) / count, ends, computed)
    return ends, computed


def block_size(problem: Problem) -> int:
    """The number of runs, a power of two, whose step takes about `BLOCK_SECONDS`."""
    with precision(problem.params):
        flops = cost(jax.make_jaxpr(problem.terms)(problem.params).jaxpr).flops
    runs = BLOCK_SECONDS * FLOPS_PER_SECOND / max(3 * flops, 1.0)  # a gradient takes about three evaluations
    return 2 ** min(max(int(math.log2(max(runs, 1))), 0), int(math.log2(MAX_BLOCK)))


def losses_at(problem: Problem, points: PyTree[Float[np.ndarray, "S ..."]]) -> Float[np.ndarray, "S"]:
    """The loss on all examples at parameters with a leading axis."""
    with precision(problem.params):
        return np.asarray(_losses(problem, points), float)


@jax.jit
def _losses(problem: Problem, points: PyTree) -> Any:
    return jax.lax.map(problem.loss, points)


def field_norms_at(problem: Problem, points: PyTree[Float[np.ndarray, "S ..."]]) -> Float[np.ndarray, "S"]:
    """The norm of the field on all examples at parameters with a leading axis."""
    with precision(problem.params):
        return np.asarray(_field_norms(problem, points), float)


@jax.jit
def _field_norms(problem: Problem, points: PyTree) -> Any:
    return jax.lax.map(lambda params: jnp.linalg.norm(ravel_pytree(problem.field(params))[0]), points)


def _on_all_examples(problem: Problem, ends: Ends) -> Ends:
    """The ends with the loss on all examples in place of that on the last minibatch."""
    return replace(ends, loss=losses_at(problem, ends.params))


def select(ends: Ends, rows: np.ndarray) -> Ends:
    """The ends of the runs from some of the starts."""
    return Ends(
        **{spec.name: jax.tree.map(lambda leaf: leaf[rows], getattr(ends, spec.name)) for spec in fields(Ends)}
    )


def _filled(old_ends: Ends | None, new_ends: Ends, rows: np.ndarray, count: int) -> Ends:
    """The ends of all starts, with those of a new block in its rows."""

    def fill(old: Any, leaf: np.ndarray) -> np.ndarray:
        array = np.zeros((count, *leaf.shape[1:]), leaf.dtype) if old is None else old.copy()
        array[rows] = leaf
        array.flags.writeable = False
        return array

    values = {}
    for spec in fields(Ends):
        leaves = getattr(new_ends, spec.name)
        old = None if old_ends is None else getattr(old_ends, spec.name)
        values[spec.name] = (
            jax.tree.map(lambda leaf: fill(None, leaf), leaves) if old is None else jax.tree.map(fill, old, leaves)
        )
    return Ends(**values)
