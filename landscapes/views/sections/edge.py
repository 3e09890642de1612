"""Section: the edge of stability."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.edge_of_stability import Stability, stability
from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.placement import TRAINING, Memory, run_race
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Given, Obstacle, Result, Section, uncurved, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

HEIGHT = "clamp(320px, calc(100vh - {}px), 900px)"
AROUND, PRESENTING = 375, 425  # what stands around a picture, in pixels; presented, it is larger


@dataclass(frozen=True, eq=False)
class Found:
    """The recipe of the run alone, how many times its optimizer's own learning rate it takes, the curvature along
    it, and the surface with it; None is not there yet."""

    recipe: Recipe
    speed: float
    stability: Stability | None = None
    scene: Scene | None = None


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    optimizer: Literal["sgd", "momentum", "nesterov", "adam"] = "sgd",
    speed: Annotated[float, Interval(gt=0, le=1000), "learning rate, over the recipe's own"] = 3.0,
    snapshots: Annotated[int, Interval(ge=5, le=200), "points of the run at which λmax is computed"] = 40,
) -> Found:
    """One optimizer's run at a learning rate of its own, the curvature along it, and the surface beneath."""
    recipe = _run_alone(recipe, optimizer, speed)
    start = catalog.training_problem(catalog.build(replace(recipe, split="train")))
    chosen = recipe.optimizers[0]
    remember = Memory(recipe, memory)
    told = within(progress, 0.0, 0.2, "Training")
    run = remember("runs", TRAINING, lambda: run_race(recipe, start, told))[chosen.name]
    found = Found(recipe, speed)

    def curved(fraction: float, partial: Stability | None) -> None:
        nonlocal found
        if partial is not None and partial is not found.stability:
            found = replace(found, stability=partial)
        progress(0.2 + 0.4 * fraction, found if found.stability else None, "Computing the curvature along the run")

    def along() -> Stability:
        return stability(
            start,
            run,
            (chosen.name, chosen.settings),
            key=jax.random.fold_in(start.key, 6),
            steps=recipe.steps,
            schedule=(recipe.schedule.name, recipe.schedule.settings),
            snapshots=snapshots,
            progress=curved,
        )

    found = replace(found, stability=remember(f"stability {snapshots}", TRAINING, along))

    def seen(fraction: float, scene: Scene | None) -> None:
        nonlocal found
        if scene is not None and scene is not found.scene:
            found = replace(found, scene=scene)
        progress(0.6 + 0.4 * fraction, found, "Computing the surface")

    return replace(found, scene=compute_scene(recipe, memory=memory, progress=seen))


def _run_alone(recipe: Recipe, name: str, speed: float) -> Recipe:
    """The recipe with this optimizer alone, at so many times its own learning rate, from the initial point."""
    own = next((choice for choice in recipe.optimizers if choice.name == name), None)
    alone = catalog.complete(replace(recipe, optimizers=(own or Choice(name),), start="initial", eigenvalues=1))
    settings = alone.optimizers[0].settings
    rate = float(settings["learning_rate"]) * speed
    # Three points make a plane of solutions; one run has two.
    directions = Choice("principal") if recipe.directions.name == "solutions" else recipe.directions
    faster = Choice.of(name, **{**settings, "learning_rate": rate})
    return catalog.complete(replace(alone, optimizers=(faster,), directions=directions))


def draw(
    result: Result[Found],
    *,
    view: Literal["contour", "3d"] = "contour",
    scale: Annotated[Literal["linear", "log"], "of the loss over the plane"] = "log",
) -> None:
    found, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    height = HEIGHT.format(PRESENTING if presenting else AROUND)
    left, right = st.columns([0.47, 0.53], gap="medium")
    with left:
        if found.stability is not None:
            figure = figures.stability(
                found.stability,
                value=catalog.height(catalog.as_trained(found.recipe)),
                theme=look,
                presenter=presenting,
            )
            stage(figure, key="stage stability", height=height, link="edge")
            st.caption(_said(found.stability, found.recipe, found.speed))
    with right:
        if found.scene is None:
            st.container(height=420, border=True).caption("Computing the surface …")
            return
        scene = with_view(found.scene, replace(found.scene.recipe, view=view, scale=scale))
        drawn = picture(scene, theme=look, presenter=presenting)
        stage(drawn, key="stage edge surface", height=height, link="edge", mix=False)
        if recipe.directions.name == "solutions":
            st.caption(
                "With one run there is no plane of solutions; shown: the two principal components of the run."
            )
        instruments.caption(scene)


def _said(found: Stability, recipe: Recipe, speed: float) -> str:
    """The run against its limit, in words."""
    ends = found.eigenvalues[-1], found.errors[-1], found.limits[-1]
    matrix = "P^{-1/2}HP^{-1/2}" if found.is_preconditioned else "H"
    rate = float(recipe.optimizers[0].settings["learning_rate"])
    times = "" if speed == 1 else f" = {speed:g} × its own {rate / speed:.3g}"
    text = (
        f"{recipe.optimizers[0].name}, η = {rate:.3g}{times}: $\\lambda_{{\\max}}({matrix})$ ends at "
        f"{ends[0]:.4g} ± {ends[1]:.1g}; a quadratic is stable up to {found.formula} = {ends[2]:.4g}. "
        f"Above the limit in {int(np.sum(found.is_unstable))} of {len(found.steps)} snapshots. "
    )
    if found.is_preconditioned:
        text += "$P=\\mathrm{diag}(\\sqrt{\\hat v}+\\varepsilon)$ is Adam's own. "
    if found.outcome.kind == "diverged":
        return text + found.outcome.note.capitalize()
    return text + "Play the path: both pictures show the same step."


def obstacle(recipe: Recipe, given: Given) -> Obstacle | None:
    # It is that of what is trained, whatever is drawn.
    if (found := uncurved(replace(recipe, drawn=catalog.SAME), given)) is not None:
        return found
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
