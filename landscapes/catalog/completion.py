"""Recipes made whole: checked, and every knob written out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import models
import objectives
from landscapes.catalog.offers import directions_for, drawable, function_of, is_function, is_game, knobs_of
from landscapes.directions import DIRECTIONS
from landscapes.knobs import check_knobs
from landscapes.optimizers import OPTIMIZERS, misfit
from landscapes.recipe import Choice, Recipe
from landscapes.schedules import SCHEDULES
from landscapes.settings import SETTINGS, WEIGHT
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES

SAME = Choice("same")


def complete(recipe: Recipe) -> Recipe:
    """The same recipe, checked, with every knob written out in its own type: equal pictures, equal recipes.

    Raises:
        ValueError: one sentence that names what is wrong and what would be right.
    """
    plain = {name: knob.check(getattr(recipe, name)) for name, knob in SETTINGS.items()}
    objective = _complete("objective", FUNCTIONS | OBJECTIVES, recipe.objective)
    optimizers = tuple(
        _complete("optimizer", OPTIMIZERS, with_rate(objective, choice)) for choice in recipe.optimizers
    )
    names = [choice.name for choice in optimizers]
    if len(set(names)) < len(names):
        raise ValueError(f"optimizers are named twice in {', '.join(names)}; name each once")
    for choice in optimizers:
        if wrong := misfit(choice.name, is_game(objective.name)):
            raise ValueError(wrong)
    wanted = recipe.directions
    if is_game(objective.name) and wanted.name == Recipe().directions.name:
        wanted = Choice("players")  # no loss says which solution of a game is the best
    directions = _complete("kind of directions", DIRECTIONS, wanted)
    found = replace(
        recipe,
        **plain,
        objective=objective,
        optimizers=optimizers,
        schedule=_complete("schedule", SCHEDULES, recipe.schedule),
        directions=directions,
        weights=(),
        mix=(),
    )
    if is_function(recipe):
        # Two variables: the picture is the whole space, and there is nothing to train on.
        return replace(
            found,
            model=Choice("none"),
            data=Choice("none"),
            precision="float64",
            directions=_complete("kind of directions", DIRECTIONS, Choice("coordinates")),
            split="train",
            batch_size=0,
            eigenvalues=1,
            space="plane",
            draws=1,
            drawn=SAME,
            term="",
        )
    _check_directions(objective.name, directions.name)
    if DIRECTIONS[directions.name].needs_paths and not optimizers:
        raise ValueError(f"{directions.name} directions need a path; choose at least one optimizer")
    data = _complete("dataset", DATASETS, recipe.data)
    kinds = DATASETS[data.name]
    model = _complete("model", MODELS, recipe.model)
    entry = _fitting(found.objective.name, data.name, model.name)
    if entry.gradient == "none":
        raise ValueError(
            f"{found.objective.name} is piecewise constant, so that nothing descends it; "
            "train another objective and draw this one beside it"
        )
    given = _weights("weight", recipe.weights, found.objective.name)
    for term, weight in given.items():
        if weight * entry.signs.get(term, 0) <= 0 and term in entry.signs:
            side = "above" if entry.signs[term] > 0 else "below"
            raise ValueError(f"weight.{term} = {weight:g} is on the wrong side of 0; give a number {side} 0")
    weights = tuple((term, float(given.get(term, own))) for term, own in entry.weights.items())
    if not any(weight for _, weight in weights):
        raise ValueError("all term weights are 0, so there is no loss; give one of them a weight")
    drawn = SAME
    if recipe.drawn.name not in (SAME.name, found.objective.name):
        drawn = _complete("objective", OBJECTIVES, recipe.drawn)
        if drawn.name not in drawable(found.objective.name, data, model.name):
            fits = ", ".join(drawable(found.objective.name, data, model.name)) or "nothing else"
            raise ValueError(f"{drawn.name} cannot be drawn for what {found.objective.name} trains; choose {fits}")
    shown = entry if drawn == SAME else OBJECTIVES[drawn.name]
    # A game has no one loss: each picture is about what one player pays, or about one term.
    heights = [*(shown.players or ()), *shown.weights]
    if found.term and found.term not in heights:
        raise ValueError(f"there is no term {found.term!r} to draw; there are {', '.join(heights)}")
    mine = dict(weights) if drawn == SAME else dict(shown.weights)
    mix = _weights("mix", recipe.mix, found.objective.name if drawn == SAME else drawn.name)
    return replace(
        found,
        model=model,
        data=data,
        weights=weights,
        drawn=drawn,
        draws=found.draws if found.dimension == 1 and shown.stochastic and shown.players is None else 1,
        term=found.term or next(iter(shown.players or ("",))),
        # One term alone, or what a player pays, is not mixed.
        mix=() if found.term or shown.players else tuple((t, w) for t, w in mix.items() if w != mine[t]),
        center=found.center if optimizers else "initial",
        **({"split": "train", "batch_size": 0} if kinds.whole else {}),
    )


def computed(recipe: Recipe) -> Recipe:
    """The complete recipe without what changes no number: view, scale, term, mix and what stands beside. Recipes
    for which it is the same share one computation."""
    return replace(complete(recipe), view="3d", scale="linear", term="", mix=(), beside=())


def _weights(what: str, weights: Iterable[tuple[str, float]], objective: str) -> dict[str, float]:
    """The weights by term, in the order of their names, each a term of the objective and finite.

    Raises:
        ValueError: naming the term and what would be right.
    """
    known = OBJECTIVES[objective].weights
    for term, weight in weights:
        if term not in known:
            raise ValueError(f"{objective} has no term {term!r}; it has {', '.join(known)}")
        replace(WEIGHT, name=f"{what}.{term}").check(weight)
    return {term: float(weight) for term, weight in sorted(weights)}


def _check_directions(objective: str, directions: str) -> None:
    """Raises a ValueError for directions that this objective does not have."""
    fits = directions_for(objective)
    if directions in fits:
        return
    if is_game(objective):
        raise ValueError(
            f"{directions} directions need a Hessian, which the game {objective} has not, since its players "
            "descend different losses; the eigenvalues of its field's Jacobian stand beside the picture, and for "
            f"directions choose {_either(fits)}"
        )
    raise ValueError(
        f"{directions} directions are those of a game, and {objective} is none; choose {_either(fits)}"
    )


def _fitting(objective: str, data: str, model: str) -> objectives.Entry:
    """The objective's entry, if the data and the model fit it.

    Raises:
        ValueError: for what does not fit, with what would.
    """
    kinds = DATASETS[data]
    entry = objectives.check(OBJECTIVES, objective, data, kinds)
    models.check(
        MODELS,
        model,
        data=data,
        inputs=kinds.inputs,
        targets=kinds.targets,
        objective=objective,
        needs=entry.needs,
    )
    return entry


# Shares of a test function's own scale that make a default learning rate: of its rate for methods that follow the
# gradient's length, of its box's width for those that set the length of a step themselves.
GRADIENT_SCALED = {"sgd": 1.0, "momentum": 0.2, "nesterov": 0.2, "sam": 1.0}
STEP_SCALED = {"adagrad": 0.05, "lion": 0.0025, "rmsprop": 0.0025}


def default_rate(objective: Choice, optimizer: str) -> float | None:
    """The learning rate of an optimizer on a test function unless told otherwise; functions differ in scale by
    five orders of magnitude. None where the optimizer's own default holds: for networks, and for line searches."""
    if objective.name not in FUNCTIONS or "learning_rate" not in knobs_of(optimizer) or optimizer == "lbfgs":
        return None
    function = FUNCTIONS[objective.name]
    if optimizer in GRADIENT_SCALED:
        settings = check_knobs(objective.name, function.f, objective.settings)
        return float(f"{GRADIENT_SCALED[optimizer] * function.rate(**settings):.3g}")
    low, high = function.box[0]
    return float(f"{STEP_SCALED.get(optimizer, 0.005) * (high - low):.3g}")


def with_rate(objective: Choice, optimizer: Choice) -> Choice:
    rate = default_rate(objective, optimizer.name) if optimizer.name in OPTIMIZERS else None
    return (
        optimizer if rate is None else Choice.of(optimizer.name, **{"learning_rate": rate, **optimizer.settings})
    )


def _complete(what: str, registry: Mapping[str, Any], choice: Choice) -> Choice:
    if choice.name not in registry:
        close = difflib.get_close_matches(choice.name, registry, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose {_either(registry)}"
        raise ValueError(f"there is no {what} named {choice.name!r}; {hint}")
    function = function_of(registry[choice.name])
    return Choice.of(choice.name, **check_knobs(choice.name, function, choice.settings))


def _either(names: Iterable[str]) -> str:
    *most, last = list(names)
    return f"{', '.join(most)} or {last}" if most else last
