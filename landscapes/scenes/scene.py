"""Scene: everything one picture needs, developed from a recipe step by step.

    recipe → problem → paths → plane → surface → spectrum

Each step's result is remembered under exactly the part of the recipe that it depends on: a changed knob recomputes
from the first step whose inputs changed, and a change of view recomputes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.spectrum import Spectrum, spectrum
from landscapes.directions import explained_variance
from landscapes.directions.bands import Band, band_over_keys
from landscapes.games.flow import Flow, flow
from landscapes.optimization.divergence import without_divergence
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.sampling import is_sampled
from landscapes.scenes.drawn_paths import drawn_paths
from landscapes.scenes.equilibrium import EquilibriumAnalysis, analyze_equilibrium
from landscapes.scenes.placement import (
    TRAINING,
    Memory,
    Progress,
    center_name,
    center_of,
    is_trained,
    place_of,
    point_of,
    run_race,
    spanned_by_paths,
    spanned_of,
)
from landscapes.slices.projection import Projection
from landscapes.slices.refinement import refine
from landscapes.slices.surface import LEVELS, Surface

# A sampled return is a staircase, which no grid settles: CartPole's error was 3.7 of 100 steps on 33² points, 3.7
# on 65² and 4.3 on 129².
FINEST_OF_SAMPLES = 65


class Optimum(NamedTuple):
    """A known optimum, as seen from the plane: where the nearest point of the plane is, how far off, and the value
    at the optimum itself, NaN in a game."""

    coordinates: Float[np.ndarray, "K"]
    distance: float
    value: float


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn, and what it depends on.

    Attributes:
        recipe: complete, every knob written out; all words about the scene are made from it.
        problem: at the point that the picture is about, over the examples that the surface shows.
        plane: the line or plane that is drawn.
        labels: what each axis measures.
        surface: the loss over the plane, as fine as it has become.
        trajectories: the runs that are drawn, in the parameters they moved in.
        paths: the same runs, projected on the plane.
        explained: share of the drawn paths' variance that lies along the plane, leaving out those that diverged;
            None without paths.
        spectrum: extreme Hessian eigenvalues at `problem.params`, None until computed, and where `flat` says why
            there are none.
        center: which point that is, "trained" or "initial"; the latter also where every run diverged.
        flat: one sentence, why second derivatives say nothing here; "" where they do.
        optimum: of what is trained, None where none is known; in a game, a known equilibrium. See `known_optimum`.
        flow: the players' motion over the plane, in a game and where there is room for it.
        equilibrium: in a game, the analysis of its equilibrium; None until computed.
        draws: the same line under several draws of the objective's noise, None where there is one.
        missing: what is still to come, in words; empty when the scene is complete.
    """

    recipe: Recipe
    problem: Problem
    plane: Plane
    labels: tuple[str, ...]
    surface: Surface
    center: str
    trajectories: dict[str, Trajectory] = field(default_factory=dict)
    paths: dict[str, Projection] = field(default_factory=dict)
    explained: float | None = None
    spectrum: Spectrum | None = None
    flat: str = ""
    optimum: Optimum | None = None
    flow: Flow | None = None
    equilibrium: EquilibriumAnalysis | None = None
    draws: Band | None = None
    missing: str = ""

    @property
    def known_optimum(self) -> Optimum | None:
        """The optimum where it is one of what is drawn: over the training examples, under the weights that were
        trained with, and of the whole sum or game and no single term or other objective."""
        recipe = self.recipe
        other = recipe.split != "train" or recipe.drawn != catalog.SAME or recipe.mix
        return None if other or (recipe.term and not self.surface.game) else self.optimum


@check_arguments
def develop(
    recipe: Recipe,
    *,
    memory: MutableMapping[str, Any] | None = None,
    progress: Progress | None = None,
    eigenvalues: bool = True,
) -> Scene:
    """Everything the recipe's picture needs.

    Args:
        eigenvalues: False stops before them, and `missing` says so: all that is drawn is there by then.
        memory: keeps the result of each step; pass the same mapping again to recompute only what changed.
        progress: called as `progress(fraction, scene)` with the scene so far, None before the first surface;
            it may raise to cancel.

    Raises:
        ValueError: one sentence with the remedy, for a recipe that has no picture.
    """
    recipe = catalog.complete(recipe)
    remember = Memory(recipe, {} if memory is None else memory)
    scene: Scene | None = None
    done = 0.0

    def report(fraction: float) -> None:
        nonlocal done
        done = max(done, fraction)  # a bar that goes back is not believed
        if progress is not None:
            progress(done, scene)

    def within(low: float, high: float) -> Progress:
        return lambda fraction, partial: report(low + (high - low) * fraction)

    def train(low: float, high: float) -> dict[str, Trajectory]:
        problem = catalog.training(start)
        return remember("runs", TRAINING, lambda: run_race(recipe, problem, within(low, high)))

    report(0.0)
    function = catalog.is_function(recipe)
    start = catalog.build(replace(recipe, split="train"))
    # A test function is drawn whole, whatever the optimizers do; other pictures may be spanned by their paths.
    waits = not function and (is_trained(recipe) or spanned_by_paths(recipe))
    runs = train(0.0, 0.45) if waits else {}
    place = place_of(recipe, remember, start, runs)
    here, plane, labels, extent = place.problem, place.plane, place.labels, place.extent
    spanned = spanned_of(recipe)
    weights = {name: float(weight) for name, weight in here.weights.items()}
    levels = _levels(remember, spanned, lambda: refine(
        here, plane, extent, tolerance=recipe.tolerance, max_level=_finest(recipe), progress=within(0.5, 0.5)
    ))  # fmt: skip
    scene = Scene(
        recipe,
        here,
        plane,
        labels,
        next(levels).reweighted(weights),
        place.center,
        flat=why_flat(recipe, here),
        optimum=_optimum(start, plane, place.optimum),
        missing="the optimizers' paths",
    )
    curvature = (*point_of(recipe), "eigenvalues")
    scene = replace(scene, spectrum=remember.recall("spectrum", curvature))
    report(0.5)

    if recipe.optimizers:
        runs = runs or train(0.5, 0.6)
        if function:
            here = replace(here, params=center_of(recipe, start, runs))
            scene = replace(scene, center=center_name(recipe, start, runs))
        moving = (*spanned, *TRAINING, "split", "drawn", "start", "start_x", "start_y", "space")
        given = (recipe, start, here, plane, runs, within(0.6, 0.7))
        moved, paths = remember("paths", moving, lambda: drawn_paths(*given))
        explained = explained_variance(plane, list(without_divergence(moved).values()))
        scene = replace(scene, problem=here, trajectories=moved, paths=paths, explained=explained)
    scene = replace(scene, missing="a finer surface")
    report(0.7)

    game = here.objective.players is not None
    if game and plane.dim == 2:
        moving = (*spanned, "weights", "extent", "split")
        seen = remember("flow", moving, lambda: flow(here, plane, extent, progress=within(0.7, 0.75)))
        scene = replace(scene, flow=seen)
    for finer in levels:
        scene = replace(scene, surface=finer.reweighted(weights))
        report(0.75)
    if recipe.draws > 1:
        scene = replace(scene, missing="more draws of the noise")
        noisy = (*spanned, "weights", "extent", "split", "drawn", "tolerance", "draws")
        axis, count = scene.surface.axes[0], recipe.draws
        drawn = remember(
            "draws", noisy, lambda: band_over_keys(here, plane, axis, count, progress=within(0.75, 0.8))
        )
        scene = replace(scene, draws=drawn)
    if game:
        scene = replace(scene, missing="the Jacobian's eigenvalues")
        if not eigenvalues:
            return scene
        report(0.8)
        key = (*point_of(recipe), "optimizers")
        analysis = remember("equilibrium", key, lambda: analyze_equilibrium(recipe, here, within(0.8, 1.0)))
        return replace(scene, equilibrium=analysis, missing="")
    if scene.flat:
        return replace(scene, missing="")
    scene = replace(scene, missing="eigenvalues")
    if not eigenvalues:
        return scene
    report(0.8)
    count = min(recipe.eigenvalues, here.dim)
    key = jax.random.fold_in(here.key, 3)
    found = remember(
        "spectrum", curvature, lambda: spectrum(here, key, top=count, bottom=count, progress=within(0.8, 1.0))
    )
    return replace(scene, spectrum=found, missing="")


def _finest(recipe: Recipe) -> int:
    """Nodes per axis beyond which a finer grid would only draw the noise more sharply."""
    return FINEST_OF_SAMPLES if is_sampled(getattr(catalog.shown(recipe), "weights", ())) else LEVELS[-1]


def why_flat(recipe: Recipe, here: Problem) -> str:
    """Why second derivatives say nothing here, or ""."""
    if here.objective.players is not None:
        return "A game has no single loss and so no Hessian; its field's Jacobian describes how the players move."
    return {
        "exact": "",
        "estimate": "Undetermined: only an estimate of the gradient is known; its derivative is not the Hessian.",
        "none": "Undetermined: this objective is piecewise constant, so its second derivatives are 0.",
    }[getattr(catalog.shown(recipe), "gradient", "exact")]


def _optimum(start: Problem, plane: Plane, found: PyTree | None) -> Optimum | None:
    if found is None:
        return None
    with precision(start.params):
        coordinates, distance, value = _seen_from(plane, start, found)
        return Optimum(np.asarray(coordinates, float), float(distance), float(value))


@jax.jit
def _seen_from(plane: Plane, problem: Problem, params: PyTree) -> tuple[Any, Any, Any]:
    game = problem.objective.players is not None
    return *plane.project(params), jnp.nan if game else problem.loss(params)


def _levels(
    remember: Memory, spanned: tuple[str, ...], compute: Callable[[], Iterator[Surface]]
) -> Iterator[Surface]:
    """The surface, coarse to fine, or only its finest level where that is remembered."""
    names = (*spanned, "extent", "split", "drawn", "tolerance")
    if (found := remember.recall("surface", names)) is not None:
        yield found
        return
    for surface in compute():
        found = surface
        yield surface
    remember.keep("surface", names, found)
