"""Recipes made whole: checked, and every knob written out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from landscapes.arguments import check_arguments
from landscapes.directions import DIRECTIONS
from landscapes.knobs import check_knobs, nearest
from landscapes.objectives import OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS, mismatch
from landscapes.optimization.plateau import schedule_mismatch
from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes.catalog.behaviors import shows_behavior
from landscapes.recipes.catalog.datasets import DATASETS
from landscapes.recipes.catalog.fitting import (
    SAME,
    attempt,
    data_and_model,
    directions_mismatch,
    registered,
    term_mapping,
    term_weights,
)
from landscapes.recipes.catalog.offers import (
    default_weights,
    drawable_objectives,
    is_function,
    is_game,
    knobs_of,
    offers_test,
)
from landscapes.recipes.catalog.openings import opening_of
from landscapes.recipes.catalog.own_function import ALL_FUNCTIONS, function_entry
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.settings import SETTINGS


@check_arguments
def complete(recipe: Recipe) -> Recipe:
    """The same recipe, checked, with every knob written out in its own type: equal pictures, equal recipes.

    Raises:
        ValueError: one sentence that names what is wrong and what would be right.
    """
    result, faults = repair(recipe)
    if faults:
        raise ValueError(faults[0])
    return result


@check_arguments
def repair(recipe: Recipe) -> tuple[Recipe, list[str]]:
    """The complete recipe with what its objective opens with in place of whatever is not valid, and a sentence on
    each fault."""
    faults: list[str] = []
    known = ALL_FUNCTIONS | OBJECTIVES
    base = opening_of(recipe.objective.name if recipe.objective.name in known else Recipe().objective.name)
    plain = {
        name: attempt(faults, partial(knob.check, getattr(recipe, name)), getattr(base, name))
        for name, knob in SETTINGS.items()
    }
    objective = registered("objective", known, recipe.objective, base.objective, faults)
    if objective.name in OBJECTIVES and OBJECTIVES[objective.name].gradient == "none":
        return _train_another(replace(recipe, objective=objective), faults)
    optimizers = _optimizers(recipe.optimizers, objective, base, faults)
    wanted = recipe.directions
    if is_game(objective.name) and wanted.name == Recipe().directions.name:
        wanted = Choice("players")  # no loss says which solution of a game is the best
    directions = registered("kind of directions", DIRECTIONS, wanted, base.directions, faults)
    schedule = registered("schedule", SCHEDULES, recipe.schedule, base.schedule, faults)
    if fault := schedule_mismatch(schedule.name, is_game(objective.name)):
        faults.append(fault)
        schedule = registered("schedule", SCHEDULES, Recipe().schedule, base.schedule, faults)
    result = replace(
        recipe, **plain, objective=objective, optimizers=optimizers, schedule=schedule, weights=(), mix=()
    )
    if result.dimension == 1 or not optimizers:
        result = replace(result, one_step=False)
    if is_function(result):
        # Two variables: the picture is the whole space, and there is nothing to train on.
        return replace(
            result,
            model=Choice("none"),
            data=Choice("none"),
            precision="float64",
            directions=registered(
                "kind of directions", DIRECTIONS, Choice("coordinates"), base.directions, faults
            ),
            split="train",
            batch_size=0,
            eigenvalues=1,
            space="plane",
            draws=1,
            drawn=SAME,
            term="",
            behavior=False,
        ), faults
    if fault := directions_mismatch(objective.name, directions.name):
        faults.append(fault)
        directions = registered("kind of directions", DIRECTIONS, base.directions, base.directions, faults)
    if DIRECTIONS[directions.name].needs_paths and not optimizers:
        faults.append(f"{directions.name} directions need a path; choose at least one optimizer")
        optimizers = _optimizers(base.optimizers, objective, base, faults)
    data, model = data_and_model(recipe, objective.name, base, faults)
    entry = OBJECTIVES[objective.name]
    weights = term_weights(recipe.weights, objective.name, data.name, faults)
    drawn = SAME
    if recipe.drawn.name not in (SAME.name, objective.name):
        drawn = registered("objective", OBJECTIVES, recipe.drawn, SAME, faults)
    if drawn != SAME and drawn.name not in (fits := drawable_objectives(objective.name, data, model.name)):
        faults.append(
            f"{drawn.name} cannot be drawn for what {objective.name} trains; "
            f"choose {', '.join(fits) or 'nothing else'}"
        )
        drawn = SAME
    drawn_entry = entry if drawn == SAME else OBJECTIVES[drawn.name]
    # A game has no one loss: each picture is about what one player pays, or about one term.
    shown = objective.name if drawn == SAME else drawn.name
    heights = [*(drawn_entry.players or ()), *default_weights(shown, data.name)]
    term = result.term
    if term and term not in heights:
        hint = nearest(term, heights, f"there are {', '.join(heights)}")
        faults.append(f"there is no term {term!r} to draw; {hint}")
        term = ""
    mine = dict(weights) if drawn == SAME else default_weights(shown, data.name)
    mix = term_mapping("mix", recipe.mix, shown, data.name, faults)
    if not offers_test(data.name):
        result = replace(result, split="train")
    return replace(
        result,
        model=model,
        data=data,
        behavior=result.behavior and shows_behavior(replace(result, model=model, data=data)),
        weights=weights,
        directions=directions,
        optimizers=optimizers,
        drawn=drawn,
        draws=result.draws
        if result.dimension == 1
        and drawn_entry.players is None
        and (drawn_entry.stochastic or (result.batch_size and not DATASETS[data.name].whole))
        else 1,
        term=term or next(iter(drawn_entry.players or ("",))),
        # One term alone, or what a player pays, is not mixed.
        mix=() if term or drawn_entry.players else tuple((t, w) for t, w in mix.items() if w != mine[t]),
        center=result.center if optimizers else "initial",
        **({"batch_size": 0} if DATASETS[data.name].whole else {}),
    ), faults


def computed(recipe: Recipe) -> Recipe:
    """The complete recipe without what changes no number: view, scale, term, mix and what stands beside. Recipes
    for which it is the same share one computation."""
    return replace(complete(recipe), view="3d", scale="linear", term="", mix=(), beside=())


def as_trained(recipe: Recipe) -> Recipe:
    """The recipe of the picture that shows what a complete recipe's optimizers descend: their own objective, its
    whole sum, over the training examples."""
    return replace(recipe, drawn=SAME, term="", mix=(), split="train")


def same_numbers(first: Recipe, second: Recipe) -> bool:
    """Whether two valid recipes are views of the same computed numbers."""
    return computed(first) == computed(second)


def _train_another(recipe: Recipe, faults: list[str]) -> tuple[Recipe, list[str]]:
    """The recipe of a piecewise constant objective, drawn over one that can be trained in its place."""
    name = recipe.objective.name
    faults.append(
        f"{name} is piecewise constant, so that nothing descends it; "
        "train another objective and draw this one beside it"
    )
    result, more = repair(
        replace(recipe, objective=Recipe().objective, drawn=recipe.objective, weights=(), mix=())
    )
    return result, faults + more


def _optimizers(
    wanted: tuple[Choice, ...], objective: Choice, base: Recipe, faults: list[str]
) -> tuple[Choice, ...]:
    """Those of the optimizers that can move the objective, each once; those with which it opens where none can."""
    optimizers: dict[str, Choice] = {}
    for choice in wanted:
        if choice.name not in OPTIMIZERS:
            faults.append(f"there is no optimizer named {choice.name!r}; {nearest(choice.name, OPTIMIZERS)}")
        elif choice.name not in optimizers:
            optimizers[choice.name] = registered(
                "optimizer", OPTIMIZERS, with_rate(objective, choice), choice, faults
            )
    names = [choice.name for choice in wanted]
    if any(names.count(name) > 1 for name in optimizers):
        faults.append(f"optimizers are named twice in {', '.join(names)}; name each once")
    for name in list(optimizers):
        if wrong := mismatch(name, is_game(objective.name)):
            faults.append(wrong)
            del optimizers[name]
    if wanted and not optimizers:
        return tuple(
            registered("optimizer", OPTIMIZERS, with_rate(objective, choice), choice, faults)
            for choice in base.optimizers
        )
    return tuple(optimizers.values())


# Shares of a test function's own scale that make a default learning rate: of its rate for methods that follow the
# gradient's length, of its box's width for those that set the length of a step themselves.
GRADIENT_SCALED = {"sgd": 1.0, "momentum": 0.2, "nesterov": 0.2, "sam": 1.0}
FINDS_ITS_RATE = frozenset({"lbfgs", "prodigy"})
STEP_SCALED = {"adagrad": 0.05, "lion": 0.0025, "rmsprop": 0.0025}


def default_rate(objective: Choice, optimizer: str) -> float | None:
    """The learning rate of an optimizer on an objective unless told otherwise. Test functions differ in scale by
    five orders of magnitude, and some losses of networks are steeper than cross-entropy. None where the
    optimizer's own default holds: for other losses of networks, for line searches, and for Prodigy, whose rate is
    a factor of its own estimate."""
    if objective.name in OBJECTIVES:
        return OBJECTIVES[objective.name].opening.rates.get(optimizer)
    if (
        objective.name not in ALL_FUNCTIONS
        or "learning_rate" not in knobs_of(optimizer)
        or optimizer in FINDS_ITS_RATE
    ):
        return None
    function = function_entry(objective)
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
