"""The scene of a recipe: everything that one picture needs, computed step by step.

    recipe → problem → paths → plane → surface → spectrum

The result of each step is cached under the part of the recipe that it depends on. A changed knob recomputes from
the first step whose inputs changed, and a change of view recomputes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import jax

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian_spectrum import Spectrum, spectrum
from landscapes.directions import explained_variance
from landscapes.directions.line_bands import Band, band_over_keys, band_over_minibatches
from landscapes.display import Display
from landscapes.games.game_flow import Flow, flow
from landscapes.optimization.divergence import without_divergence
from landscapes.optimization.step_vectors import StepVectors
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.sampling import is_sampled
from landscapes.scenes.behaviors import Behaviors, behaviors_along
from landscapes.scenes.drawn_paths import drawn_paths, explained_steps
from landscapes.scenes.equilibrium import EquilibriumAnalysis, analyze_equilibrium
from landscapes.scenes.optimum import Optimum, project_optimum
from landscapes.scenes.placement import (
    TRAINING,
    Memory,
    Progress,
    center_name,
    center_params,
    is_spanned_by_paths,
    is_trained,
    placement_of,
    plane_fields,
    point_fields,
    run_race,
)
from landscapes.scenes.precomputed import Precomputed, ProblemFacts
from landscapes.slices.projection import Projection
from landscapes.slices.refinement import refine
from landscapes.slices.surface import LEVELS, Surface

# Nodes per axis for sampled returns. They are piecewise constant, so a finer grid does not reduce the error: for
# CartPole it was 3.7 of 100 steps on 33² points, 3.7 on 65² and 4.3 on 129².
MAX_SAMPLED_NODES = 65


@dataclass(frozen=True, eq=False, repr=False)
class Scene(Display):
    """One picture with everything that it depends on.

    Attributes:
        recipe: the complete recipe; all words about the scene are made from it.
        problem: the problem at the center of the picture, over the examples of the surface; None in a scene that
            was computed beforehand. Words and figures need its `facts` alone.
        plane: the drawn line or plane; None in a scene that was computed beforehand.
        labels: what each axis measures.
        surface: the loss over the plane, on the finest grid so far.
        trajectories: the drawn runs, in parameter space.
        paths: their projections on the plane.
        explained: share of the variance of the drawn paths in the plane, without those that diverged; None without
            paths.
        spectrum: extreme Hessian eigenvalues at `problem.params`; None until computed, and where `flat` says why.
        center: the point `problem.params`: "trained", or "initial", also where every run diverged.
        flat: one sentence, why second derivatives have no meaning here, or "".
        optimum: a known optimum of the trained problem, in a game a known equilibrium, or None. See
            `known_optimum`.
        flow: in a game, the motion of the players over the plane.
        equilibrium: in a game, the analysis of its equilibrium; None until computed.
        draws: the line under several draws of the objective's noise, or None.
        steps: the vectors of every step of the drawn paths, if the recipe asks for them.
        behaviors: what the model does along the paths, if the recipe asks for it; None until computed.
        missing: the next part to be computed, in words; empty when the scene is complete.
        precomputed: how the scene was computed, if it comes from a file; None if it was computed here.
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
    steps: dict[str, StepVectors] = field(default_factory=dict)
    behaviors: Behaviors | None = None
    missing: str = ""
    precomputed: Precomputed | None = None

    @property
    def facts(self) -> ProblemFacts:
        """The facts of the problem that captions and figures state."""
        return ProblemFacts.of(self.problem) if self.precomputed is None else self.precomputed.facts

    @property
    def dim(self) -> int:
        """1 for a line, 2 for a plane."""
        return len(self.surface.axes)

    @property
    def summary(self) -> str:
        """The objective, the model and the data, and the surface, in one line."""
        return f"{catalog.title(self.recipe)}: {self.surface.summary}"

    @property
    def known_optimum(self) -> Optimum | None:
        """The optimum where it is an optimum of the drawn surface: of the training examples, under the trained
        weights, and of the whole sum or game, not of a single term or of another objective."""
        recipe = self.recipe
        is_other_loss = recipe.split != "train" or recipe.drawn != catalog.SAME or recipe.mix
        return None if is_other_loss or (recipe.term and not self.surface.game) else self.optimum


@check_arguments
def compute_scene(
    recipe: Recipe,
    *,
    memory: MutableMapping[str, Any] | None = None,
    progress: Progress | None = None,
    eigenvalues: bool = True,
) -> Scene:
    """The scene of a recipe.

    Args:
        eigenvalues: False stops before the eigenvalues, when everything drawn is complete; `missing` names them.
        memory: caches the result of each step; pass the same mapping again to recompute only what changed.
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
        done = max(done, fraction)  # a progress bar must not go back
        if progress is not None:
            progress(done, scene)

    def within(low: float, high: float) -> Progress:
        return lambda fraction, partial: report(low + (high - low) * fraction)

    def train(low: float, high: float) -> dict[str, Trajectory]:
        problem = catalog.training_problem(start)
        return remember("runs", TRAINING, lambda: run_race(recipe, problem, within(low, high)))

    report(0.0)
    function = catalog.is_function(recipe)
    start = catalog.build(replace(recipe, split="train"))
    # The picture of a test function does not depend on the runs; the plane of other pictures may.
    depends_on_runs = not function and (is_trained(recipe) or is_spanned_by_paths(recipe))
    runs = train(0.0, 0.45) if depends_on_runs else {}
    placement = placement_of(recipe, remember, start, runs)
    problem, plane, labels, extent = placement.problem, placement.plane, placement.labels, placement.extent
    fields_of_plane = plane_fields(recipe)
    weights = {name: float(weight) for name, weight in problem.weights.items()}
    levels = _levels(remember, fields_of_plane, lambda: refine(
        problem, plane, extent, tolerance=recipe.tolerance, max_level=_finest(recipe), progress=within(0.5, 0.5)
    ))  # fmt: skip
    scene = Scene(
        recipe,
        problem,
        plane,
        labels,
        next(levels).reweighted(weights),
        placement.center,
        flat=why_flat(recipe, problem),
        optimum=project_optimum(start, plane, placement.optimum),
        missing="the optimizers' paths",
    )
    curvature = (*point_fields(recipe), "eigenvalues")
    scene = replace(scene, spectrum=remember.get("spectrum", curvature))
    report(0.5)

    if recipe.optimizers:
        runs = runs or train(0.5, 0.6)
        if function:
            problem = replace(problem, params=center_params(recipe, start, runs))
            scene = replace(scene, center=center_name(recipe, start, runs))
        fields_of_paths = (*fields_of_plane, *TRAINING, "split", "drawn", "start", "start_x", "start_y", "space")
        arguments = (recipe, start, problem, plane, runs, within(0.6, 0.7))
        trajectories, paths = remember("paths", fields_of_paths, lambda: drawn_paths(*arguments))
        explained = explained_variance(plane, list(without_divergence(trajectories).values()))
        scene = replace(scene, problem=problem, trajectories=trajectories, paths=paths, explained=explained)
    if recipe.behavior:
        scene = replace(scene, missing="what the model does")
        fields_of_behavior = (*fields_of_plane, *TRAINING, "split", "start", "start_x", "start_y", "space")
        behavior_arguments = (recipe, start, problem, plane, scene.trajectories, within(0.68, 0.7))
        behaviors = remember("behaviors", fields_of_behavior, lambda: behaviors_along(*behavior_arguments))
        scene = replace(scene, behaviors=behaviors)
    scene = replace(scene, missing="a finer surface")
    report(0.7)

    game = problem.objective.players is not None
    if game and plane.dim == 2:
        fields_of_paths = (*fields_of_plane, "weights", "extent", "split")
        motion = remember(
            "flow", fields_of_paths, lambda: flow(problem, plane, extent, progress=within(0.7, 0.75))
        )
        scene = replace(scene, flow=motion)
    for finer in levels:
        scene = replace(scene, surface=finer.reweighted(weights))
        report(0.75)
    if recipe.one_step and recipe.optimizers:
        scene = replace(scene, missing="the vectors of every step")
        fields_of_steps = (*fields_of_plane, *TRAINING, "start", "start_x", "start_y", "space")
        step_arguments = (recipe, start, problem, plane, within(0.75, 0.8))
        scene = replace(scene, steps=remember("steps", fields_of_steps, lambda: explained_steps(*step_arguments)))
        report(0.8)
    if recipe.draws > 1:
        scene = replace(scene, missing="more draws of the noise")
        fields_of_draws = (
            *fields_of_plane,
            "weights",
            "extent",
            "split",
            "drawn",
            "tolerance",
            "draws",
            "batch_size",
        )
        axis, count = scene.surface.axes[0], recipe.draws
        if recipe.batch_size:
            size = min(recipe.batch_size, problem.examples or 1)
            band = partial(band_over_minibatches, problem, plane, axis, count, size, progress=within(0.75, 0.8))
        else:
            band = partial(band_over_keys, problem, plane, axis, count, progress=within(0.75, 0.8))
        scene = replace(scene, draws=remember("draws", fields_of_draws, band))
    if game:
        scene = replace(scene, missing="the Jacobian's eigenvalues")
        if not eigenvalues:
            return scene
        report(0.8)
        key = (*point_fields(recipe), "optimizers")
        analysis = remember("equilibrium", key, lambda: analyze_equilibrium(recipe, problem, within(0.8, 1.0)))
        return replace(scene, equilibrium=analysis, missing="")
    if scene.flat:
        return replace(scene, missing="")
    scene = replace(scene, missing="eigenvalues")
    if not eigenvalues:
        return scene
    report(0.8)
    count = min(recipe.eigenvalues, problem.dim)
    key = jax.random.fold_in(problem.key, 3)
    hessian_spectrum = remember(
        "spectrum", curvature, lambda: spectrum(problem, key, top=count, bottom=count, progress=within(0.8, 1.0))
    )
    return replace(scene, spectrum=hessian_spectrum, missing="")


def _finest(recipe: Recipe) -> int:
    """The largest number of nodes per axis that reduces the error."""
    return MAX_SAMPLED_NODES if is_sampled(getattr(catalog.drawn_entry(recipe), "weights", ())) else LEVELS[-1]


def why_flat(recipe: Recipe, problem: Problem) -> str:
    """One sentence, why second derivatives have no meaning here, or ""."""
    if problem.objective.players is not None:
        return "A game has no single loss and so no Hessian; its field's Jacobian describes how the players move."
    return {
        "exact": "",
        "estimate": "Undetermined: only an estimate of the gradient is known; its derivative is not the Hessian.",
        "none": "Undetermined: this objective is piecewise constant, so its second derivatives are 0.",
    }[getattr(catalog.drawn_entry(recipe), "gradient", "exact")]


def _levels(
    remember: Memory, fields_of_plane: tuple[str, ...], compute: Callable[[], Iterator[Surface]]
) -> Iterator[Surface]:
    """The surface from coarse to fine, or its finest level alone where that is cached."""
    names = (*fields_of_plane, "extent", "split", "drawn", "tolerance")
    if (finest := remember.get("surface", names)) is not None:
        yield finest
        return
    for surface in compute():
        finest = surface
        yield surface
    remember.store("surface", names, finest)
