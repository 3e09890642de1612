"""Section: the largest Hessian eigenvalue along one run, against its limit of stability."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.edge_of_stability import STABILITY_LIMITS, Stability, stability
from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.placement import TRAINING, Memory, run_race
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    curvature_obstacle,
    step_progress,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

HEIGHT = "clamp(320px, calc(100vh - {}px), 900px)"
SURROUNDING_PIXELS, PRESENTER_SURROUNDING_PIXELS = 375, 425  # height of all that is above and below a picture


@dataclass(frozen=True, eq=False)
class EdgeResult:
    """One optimizer's run.

    Attributes:
        recipe: of this run only.
        speed: its learning rate over that of the page's recipe.
        stability: the curvature along it, None until it is computed.
        scene: the surface with its path, None until it is computed.
    """

    recipe: Recipe
    speed: float
    stability: Stability | None = None
    scene: Scene | None = None


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    optimizer: Annotated[
        Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion"],
        "optimizer whose limit of stability is drawn",
    ] = "sgd",
    speed: Annotated[float, Interval(gt=0, le=1000), "factor on the learning rate of the recipe"] = 3.0,
    snapshots: Annotated[
        int, Interval(ge=5, le=200), "number of points of the run at which λmax is computed"
    ] = 40,
) -> EdgeResult:
    """One optimizer's run at a scaled learning rate, the curvature along it, and its surface."""
    recipe = _run_alone(recipe, optimizer, speed)
    start = catalog.training_problem(catalog.build(replace(recipe, split="train")))
    optimizer_choice = recipe.optimizers[0]
    remember = Memory(recipe, memory)
    report = step_progress(progress, 0.0, 0.2, "Training")
    run = remember("runs", TRAINING, lambda: run_race(recipe, start, report))[optimizer_choice.name]
    edge = EdgeResult(recipe, speed)

    def report_stability(fraction: float, partial: Stability | None) -> None:
        nonlocal edge
        if partial is not None and partial is not edge.stability:
            edge = replace(edge, stability=partial)
        progress(0.2 + 0.4 * fraction, edge if edge.stability else None, "Computing the curvature along the run")

    def compute_stability() -> Stability:
        return stability(
            start,
            run,
            (optimizer_choice.name, optimizer_choice.settings),
            key=jax.random.fold_in(start.key, 6),
            steps=recipe.steps,
            schedule=(recipe.schedule.name, recipe.schedule.settings),
            snapshots=snapshots,
            progress=report_stability,
        )

    edge = replace(edge, stability=remember(f"stability {snapshots}", TRAINING, compute_stability))

    def report_scene(fraction: float, scene: Scene | None) -> None:
        nonlocal edge
        if scene is not None and scene is not edge.scene:
            edge = replace(edge, scene=scene)
        progress(0.6 + 0.4 * fraction, edge, "Computing the surface")

    return replace(edge, scene=compute_scene(recipe, memory=memory, progress=report_scene))


def _run_alone(recipe: Recipe, name: str, speed: float) -> Recipe:
    """The recipe with only this optimizer, its learning rate times `speed`, from the initial point."""
    configured = next((choice for choice in recipe.optimizers if choice.name == name), None)
    single = catalog.complete(
        replace(recipe, optimizers=(configured or Choice(name),), start="initial", eigenvalues=1)
    )
    settings = single.optimizers[0].settings
    rate = float(settings["learning_rate"]) * speed
    # A plane of solutions needs three points, and one run has two.
    directions = Choice("principal") if recipe.directions.name == "solutions" else recipe.directions
    faster = Choice.of(name, **{**settings, "learning_rate": rate})
    return catalog.complete(replace(single, optimizers=(faster,), directions=directions))


def draw(
    result: Result[EdgeResult],
    *,
    view: Literal["contour", "3d"] = "contour",
    scale: Annotated[Literal["linear", "log"], "of the loss over the plane"] = "log",
) -> None:
    edge, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    height = HEIGHT.format(PRESENTER_SURROUNDING_PIXELS if presenting else SURROUNDING_PIXELS)
    left, right = st.columns([0.47, 0.53], gap="medium")
    with left:
        if edge.stability is not None:
            figure = figures.stability(
                edge.stability,
                value=catalog.height(catalog.as_trained(edge.recipe)),
                theme=look,
                presenter=presenting,
            )
            stage(figure, key="stage stability", height=height, link="edge")
            st.caption(_describe(edge.stability, edge.recipe, edge.speed))
    with right:
        if edge.scene is None:
            st.container(height=420, border=True).caption("Computing the surface …")
            return
        scene = with_view(edge.scene, replace(edge.scene.recipe, view=view, scale=scale))
        surface_figure = picture(scene, theme=look, presenter=presenting)
        stage(surface_figure, key="stage edge surface", height=height, link="edge", mix=False)
        if recipe.directions.name == "solutions":
            st.caption(
                "With one run there is no plane of solutions; shown: the two principal components of the run."
            )
        instruments.caption(scene)


def _describe(run_stability: Stability, recipe: Recipe, speed: float) -> str:
    """A caption that compares the run with its limit of stability."""
    ends = run_stability.eigenvalues[-1], run_stability.errors[-1], run_stability.limits[-1]
    matrix = "P^{-1/2}HP^{-1/2}" if run_stability.is_preconditioned else "H"
    rate = float(recipe.optimizers[0].settings["learning_rate"])
    times = "" if speed == 1 else f" = {speed:g} × its own {rate / speed:.3g}"
    text = (
        f"{recipe.optimizers[0].name}, η = {rate:.3g}{times}: $\\lambda_{{\\max}}({matrix})$ ends at "
        f"{ends[0]:.4g} ± {ends[1]:.1g}; a quadratic is stable up to {run_stability.formula} = {ends[2]:.4g}. "
        f"Above the limit in {int(np.sum(run_stability.is_unstable))} of {len(run_stability.steps)} snapshots. "
    )
    if run_stability.is_preconditioned:
        name = recipe.optimizers[0].name
        divisor = STABILITY_LIMITS[name].preconditioner
        text += f"$P=\\mathrm{{diag}}({divisor})$ is {widgets.title(name)}'s own. "
    if run_stability.outcome.kind == "diverged":
        return text + run_stability.outcome.note.capitalize()
    return text + "Play the path: both pictures show the same step."


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    # The section shows the curvature of the trained objective, not of the drawn one.
    if (flat := curvature_obstacle(replace(recipe, drawn=catalog.SAME), settings)) is not None:
        return flat
    if recipe.batch_size:
        return Obstacle(
            "the edge of stability is that of the full batch, and minibatches are chosen",
            "Train on all examples",
            {"batch_size": 0},
        )
    return None


SECTION = Section(
    "Edge of stability",
    compute,
    draw,
    r"How sharp can the loss become before training turns unstable? Gradient descent: $\lambda_{\max}\le 2/\eta$",
    plane=True,
    obstacle=obstacle,
)
