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
    """What a section computed, whole or partial, and what it was computed from; every word about it is made from
    that, whatever the page asks for by now."""

    value: T
    recipe: Recipe
    knobs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Obstacle:
    """Why a section has nothing to show of a recipe.

    Attributes:
        reason: a clause without a full stop.
        remedy: what a button says that takes the obstacle away; "" where there is no way but another section or
            objective.
        settings: what that button sets, by the keys of the widgets.
    """

    reason: str
    remedy: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


Given = Mapping[str, Any]


def no_obstacle(recipe: Recipe, given: Given) -> Obstacle | None:
    """Of a section that has something to show of every recipe."""
    return None


@dataclass(frozen=True)
class Section:
    """One picture, or one group of pictures, with what computes it.

    Attributes:
        title: what the row over the page calls it.
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
        draw: `draw(result, **knobs)` puts a `Result`, whole or partial, on the page with figures from
            `landscapes.figures`. Its keywords with defaults are knobs too, which change only what is seen.
        question: what the picture answers, a short line that stands over it. Markdown with LaTeX.
        page: the page that offers it.
        plane: whether the result depends on the directions that span the picture, so that the page offers them.
        obstacle: `obstacle(recipe, knobs)`, why there is nothing to show of a complete recipe, or None. A section
            without a remedy is not offered. It is asked in every run of the page, so it computes nothing.
        hidden: knobs without a widget of their own, set with `widgets.set_setting("name.knob", value)` by `draw`,
            such as the coordinates of a click, or by `controls`.
        controls: `controls(recipe, **knobs)` draws widgets for the hidden knobs of `compute` above the result. It
            is given what the page asks for, which the result may not show yet.
    """

    title: str
    compute: Compute
    draw: Draw
    question: str = ""
    page: Literal["curvature", "compare"] = "curvature"
    plane: bool = False
    obstacle: Callable[[Recipe, Given], Obstacle | None] = no_obstacle
    hidden: frozenset[str] = frozenset()
    controls: Callable[..., None] | None = None


def uncurved(recipe: Recipe, given: Given) -> Obstacle | None:
    """Of a section on the Hessian of what is drawn."""
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


def one_loss(recipe: Recipe, given: Given) -> Obstacle | None:
    """Of a section on one loss in the parameters of a network."""
    if catalog.is_game(recipe.objective.name):
        return Obstacle("a game has no single loss")
    return None


def another_optimizer(recipe: Recipe, count: int) -> tuple[str, dict[str, Any]]:
    """A remedy for too few optimizers: those of the recipe and the first others that can move its objective."""
    names = [choice.name for choice in recipe.optimizers]
    usual = [choice.name for choice in catalog.opening_of(recipe.objective.name).optimizers]
    others = [name for name in (*usual, *catalog.optimizers_for(recipe.objective.name)) if name not in names]
    added = list(dict.fromkeys(others))[: count - len(names)]
    return f"Add {' and '.join(map(widgets.title, added))}", {"optimizers": [*names, *added]}


def bent(place: Placement) -> Problem:
    """The problem of a place, if second derivatives say anything there.

    Raises:
        ValueError: with the reason, where they do not.
    """
    if reason := why_flat(place.recipe, place.problem):
        raise ValueError(f"{reason.rstrip('.')}; choose another objective to see its curvature")
    return place.problem


def within(progress: Report, low: float, high: float, note: str = "") -> Callable[[float, Any], None]:
    """The progress of one step of several, which takes the bar from `low` to `high` and publishes nothing."""
    return lambda fraction, partial: progress(low + (high - low) * fraction, None, note)
