"""Section: one entry in the row over a page of computed pictures, such as the spectrum on the page Curvature.

To add one, write a file beside this one that makes a `Section` called SECTION. Its tab, its knobs, its
address, its place in the worker's queue, progress and Cancel follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Placement
from landscapes.scenes.scene import why_flat
from landscapes.views.controls import widgets
from landscapes.views.worker.computation import Report

Compute = Callable[..., Any]
T = TypeVar("T")
Draw = Callable[..., None]


@dataclass(frozen=True, eq=False)
class Result(Generic[T]):
    """What a section computed, complete or partial, with the recipe and knobs that it was computed from. The
    section words its captions from these and not from the page's current settings."""

    value: T
    recipe: Recipe
    knobs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Obstacle:
    """Why a section has nothing to show of a recipe.

    Attributes:
        reason: a clause without a full stop.
        remedy: the label of a button that removes the obstacle; "" where only another section or objective helps.
        settings: the settings that this button changes, by widget key.
    """

    reason: str
    remedy: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


Settings = Mapping[str, Any]


def no_obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    """None, for a section that can show every recipe."""
    return None


@dataclass(frozen=True)
class Section:
    """One picture, or one group of pictures, with the function that computes it.

    Attributes:
        title: its label in the row over the page.
        compute: `compute(recipe, memory, progress, **knobs)`, a pure function that the worker runs.

            The recipe is complete; `placement.place_picture(recipe, memory=memory, progress=…)` is its problem,
            plane and extent, and shares the training run with every other picture. `memory` is the app's store of
            results: `placement.Memory` keeps a step in it under just those fields of the recipe that the step
            depends on.
            `progress(fraction, partial, note)` is called every 100 ms or less and may raise to cancel; a new
            `partial` is drawn, None keeps the last one.

            Keywords with defaults are the section's knobs, read as those of any registered function. A changed
            knob is another computation, and stands in the address as `name.knob`. A ValueError is one sentence
            with the remedy, which the page shows.
        draw: `draw(result, **knobs)` puts a `Result`, complete or partial, on the page with figures from
            `landscapes.figures`. Its keywords with defaults are knobs too, which change the drawing and compute
            nothing.
        question: the question that the picture answers, a short line above it. Markdown with LaTeX.
        page: the page that offers it.
        plane: whether the result depends on the directions of the plane. If so, the page offers them.
        obstacle: `obstacle(recipe, knobs)`, why there is nothing to show of a complete recipe, or None. A section
            without a remedy is not offered. Every run of the page calls it, so it computes nothing.
        hidden: knobs without a widget of their own, set with `widgets.set_setting("name.knob", value)` by `draw`,
            such as the coordinates of a click, or by `controls`.
        controls: `controls(recipe, **knobs)` draws widgets for the hidden knobs of `compute` above the result. It
            gets the page's current settings, which may be newer than those of the result.
    """

    title: str
    compute: Compute
    draw: Draw
    question: str = ""
    page: Literal["race", "curvature", "compare"] = "curvature"
    plane: bool = False
    obstacle: Callable[[Recipe, Settings], Obstacle | None] = no_obstacle
    hidden: frozenset[str] = frozenset()
    controls: Callable[..., None] | None = None


def curvature_obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    """Why the drawn objective has no Hessian to show, or None."""
    if catalog.is_game(recipe.objective.name):
        return Obstacle("a game has no Hessian, since its players descend different losses")
    if not catalog.is_flat(recipe):
        return None
    kind = catalog.drawn_entry(recipe).gradient
    reason = {
        "none": f"{catalog.drawn_entry(recipe).title} is piecewise constant, and its second derivatives are 0",
        "estimate": "only an estimate of the gradient is known here, and its derivative is not the Hessian",
    }[kind]
    if recipe.drawn == catalog.SAME:
        return Obstacle(reason)
    return Obstacle(reason, "Show the trained objective", {"drawn": catalog.SAME.name})


def single_loss_obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    """Why the recipe has no single loss, or None."""
    if catalog.is_game(recipe.objective.name):
        return Obstacle("a game has no single loss")
    return None


def optimizers_to_add(recipe: Recipe, count: int) -> tuple[str, dict[str, Any]]:
    """The label and the settings of a button that adds optimizers of this objective until there are `count`."""
    names = [choice.name for choice in recipe.optimizers]
    opening = [choice.name for choice in catalog.opening_of(recipe.objective.name).optimizers]
    available = [name for name in (*opening, *catalog.optimizers_for(recipe.objective.name)) if name not in names]
    added_optimizers = list(dict.fromkeys(available))[: count - len(names)]
    return f"Add {' and '.join(map(widgets.title, added_optimizers))}", {"optimizers": [*names, *added_optimizers]}


def curved_problem(placement: Placement) -> Problem:
    """The problem of a placement whose loss has second derivatives that are not all 0 by construction.

    Raises:
        ValueError: with the reason, for any other problem.
    """
    if reason := why_flat(placement.recipe, placement.problem):
        raise ValueError(f"{reason.rstrip('.')}; choose another objective to see its curvature")
    return placement.problem


def step_progress(progress: Report, low: float, high: float, note: str = "") -> Callable[[float, Any], None]:
    """A progress callback that moves the bar from `low` to `high` and publishes no partial result."""
    return lambda fraction, partial: progress(low + (high - low) * fraction, None, note)
