"""What a recipe's picture is about, in words and known answers."""

from __future__ import annotations

import re
from functools import partial
from inspect import signature
from typing import Any, NamedTuple

import jax
from jaxtyping import PyTree

from landscapes.curvature.symmetries import Units
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES, Function
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.recipes.catalog.building import cast
from landscapes.recipes.catalog.completion import SAME, complete
from landscapes.recipes.catalog.datasets import DATASETS, is_table
from landscapes.recipes.catalog.offers import entry_of, is_function, load, players
from landscapes.recipes.catalog.own_function import FORMULA, function_entry, read
from landscapes.recipes.catalog.own_loss import LOSS, loss_latex, read_loss
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.words import symbol, weighted_sum
from landscapes.tables import Reference

# What the examples of each split are called.
SPLITS = {"train": "training", "test": "test"}
PENALTIES = ("l1", "l2")
# First words of titles that keep their capital within a sentence.
PROPER_NAMES = (
    *(
        "Poisson",
        "Huber",
        "Dirac",
        "Markov",
        "Gaussian",
        "Wasserstein",
        "Bradley–Terry",
        "Iris",
        "Brier",
        "Barlow",
    ),
    *("Cox", "Dice", "Deep", "Vision"),
)


def box(recipe: Recipe) -> tuple[tuple[float, float], ...]:
    """A test function's default box, (low, high) per variable."""
    return function_entry(recipe.objective).box


def minima(recipe: Recipe) -> tuple[tuple[float, float], ...]:
    """A test function's known minimizers, at the recipe's own knobs; none for a network."""
    if not is_function(recipe):
        return ()
    return function_entry(recipe.objective).minimizers(**recipe.objective.settings)


def drawn_entry(recipe: Recipe) -> Any:
    """The entry of what a complete recipe draws: a training objective or a test function."""
    if is_function(recipe):
        return function_entry(recipe.objective)
    return OBJECTIVES[(recipe.objective if recipe.drawn == SAME else recipe.drawn).name]


def height(recipe: Recipe) -> str:
    """What the height of a complete recipe's picture is called, such as "test cross-entropy + 0.01·L2": losses of
    different examples never share a name."""
    if is_function(recipe):
        return "f(x, y)" if recipe.objective.name == FORMULA else drawn_entry(recipe).title
    entry = drawn_entry(recipe)
    if recipe.term in (entry.players or ()):
        return f"{recipe.term}'s loss"
    name = (
        quantity(recipe) if recipe.term or _reweighted(recipe) or entry.page.value == "loss" else entry.page.value
    )
    return of_examples(name, recipe)


def of_examples(name: str, recipe: Recipe) -> str:
    """A quantity's name with the examples that it is of, "test cross-entropy"; a penalty is of the parameters
    alone."""
    has_no_split = DATASETS[recipe.data.name].whole or recipe.term in PENALTIES
    return name if has_no_split else f"{SPLITS[recipe.split]} {name}"


def quantity(recipe: Recipe) -> str:
    """What a complete recipe's picture is of, whatever the examples: the objective by its name, under weights that
    are not its own their sum, "cross-entropy + 0.01·L2", or one term."""
    if recipe.term:
        return (
            f"{recipe.term}'s loss" if recipe.term in (drawn_entry(recipe).players or ()) else symbol(recipe.term)
        )
    if weights := _reweighted(recipe):
        return weighted_sum(weights)
    return symbol((recipe.objective if recipe.drawn == SAME else recipe.drawn).name)


def is_whole(recipe: Recipe) -> bool:
    """Whether a complete recipe draws its objective itself, and no single term or sum under other weights."""
    return not recipe.term and not _reweighted(recipe)


class Titles(NamedTuple):
    """What the pages call the parts of a recipe."""

    objective: str
    drawn: str
    model: str
    data: str


def titles(recipe: Recipe) -> Titles:
    """The titles of a complete recipe's parts, that of the data without what it adds in parentheses."""
    trained = OBJECTIVES[recipe.objective.name].title
    data = data_title(recipe.data)
    return Titles(trained, drawn_entry(recipe).title, MODELS[recipe.model.name].title, data)


def data_title(data: Choice) -> str:
    """The title of data without what it adds in parentheses; a table goes by the name of its file."""
    if is_table(data.name) and (text := str(data.settings.get("table", ""))):
        return Reference.parse(text).name
    return DATASETS[data.name].title.partition(" (")[0]


def _data_in_sentence(recipe: Recipe) -> str:
    name = data_title(recipe.data)
    return name if is_table(recipe.data.name) else in_sentence(name)


def entry_title(name: str) -> str:
    """The title of a registered name, without what it adds in parentheses; optimizers and schedules go by name."""
    return getattr(entry_of(name), "title", name).partition(" (")[0]


def in_sentence(title: str) -> str:
    """A title within a sentence: without what it adds in parentheses, and without the capital of a plain word."""
    title = title.partition(" (")[0]
    first = re.split(r"[ -]", title)[0]
    plain = first == "A" or (first[1:].islower() and first not in PROPER_NAMES)
    return title[:1].lower() + title[1:] if plain else title


def _reweighted(recipe: Recipe) -> dict[str, float]:
    """The weights of the sum that a complete recipe draws, where they are not its objective's own; {} where they
    are, and in a game, which has no sum."""
    if is_function(recipe) or drawn_entry(recipe).players is not None:
        return {}
    defaults = drawn_entry(recipe).weights_for(DATASETS[recipe.data.name].targets)
    weights = defaults | (dict(recipe.weights) if recipe.drawn == SAME else {}) | dict(recipe.mix)
    return {} if weights == defaults else weights


def title(recipe: Recipe) -> str:
    """What a complete recipe's picture is of, in a few words within a sentence, such as "hinge loss of softmax
    regression on Iris"."""
    if is_function(recipe):
        return drawn_entry(recipe).title
    over = "" if recipe.split == "train" else f", {examples(recipe)}"
    named = titles(recipe)
    what = in_sentence(named.drawn) if recipe.term in (drawn_entry(recipe).players or ()) else quantity(recipe)
    return f"{what} of {in_sentence(named.model)} on {_data_in_sentence(recipe)}{over}"


def examples(recipe: Recipe) -> str:
    """What the examples behind the picture are, such as "training examples"."""
    kinds = DATASETS[recipe.data.name]
    return kinds.unit if kinds.whole else f"{SPLITS[recipe.split]} {kinds.unit}"


def examples_of(recipe: Recipe) -> str:
    """The examples behind the picture, and of which data, such as "training examples of Iris"."""
    return f"{examples(recipe)} of {_data_in_sentence(recipe)}"


def data_in_words(recipe: Recipe, count: int) -> str:
    """A complete recipe's data and the count of the examples shown, such as "Iris, 20 test examples"; data that
    are one thing, such as a bandit, have no count."""
    name = _data_in_sentence(recipe)
    return name if count == 1 and DATASETS[recipe.data.name].whole else f"{name}, {count:,} {examples(recipe)}"


def references(recipe: Recipe) -> dict[str, float]:
    """Values to compare a complete recipe's loss with, by name; in a game a name begins with that of the player
    whose loss it is to be compared with."""
    if is_function(recipe) or recipe.drawn != SAME:
        return {}
    entry = OBJECTIVES[recipe.objective.name]
    if entry.known.references is None or (recipe.term and entry.players is None):
        return {}
    term_weights = dict(recipe.weights)
    if entry.players is not None and any(
        weight and term_weights[term] != weight for term, weight in entry.weights.items()
    ):
        return {}  # the players pay something else
    weighed = "weights" in signature(entry.known.references).parameters
    weights = {"weights": term_weights} if weighed else {}
    return entry.known.references(load(recipe.data, recipe.seed), **weights, **recipe.objective.settings)


def optimum(recipe: Recipe, problem: Problem) -> PyTree | None:
    """The parameters of the problem's known optimum, if there is one, in the tree and precision of its own."""
    if is_function(recipe) or (known := OBJECTIVES[recipe.objective.name].known).optimum is None:
        return None
    data, settings = load(recipe.data, recipe.seed), recipe.objective.settings
    params = known.optimum(problem.params, data, dict(recipe.weights), **settings)
    with precision(problem.params):
        return None if params is None else jax.tree.map(partial(cast, dtype=dtype_of(problem.params)), params)


def bounded_term(recipe: Recipe) -> str:
    """The term that the height of a complete recipe's picture is a bound of, "" where it bounds none."""
    if is_function(recipe) or recipe.drawn != SAME or recipe.term:
        return ""
    bounds = OBJECTIVES[recipe.objective.name].known.bounds
    return bounds(dict(recipe.weights)) if bounds is not None else ""


def formula(recipe: Recipe) -> str:
    """What is drawn, as Markdown: its title and its formula."""
    entry = drawn_entry(recipe)
    other = recipe.term not in players(recipe) if recipe.term else bool(_reweighted(recipe))
    suffix = f" · shown: {quantity(recipe)}" if other else ""
    formula = entry.formula if isinstance(entry, Function) else entry.page.formula
    if (chosen := recipe.objective if recipe.drawn == SAME else recipe.drawn).name == LOSS:
        formula = loss_latex(str(chosen.settings["text"]))
    return f"{entry.title} ${formula}${suffix}"


def formula_text(choice: Choice) -> str:
    """A formula with the values of its free names, such as "f(x, y) = a*x^2 + y with a = 2"."""
    settings = choice.settings
    text = str(settings["text"])
    names = (read if choice.name == FORMULA else read_loss)(text).names
    values = ", ".join(f"{name} = {settings[name]:g}" for name in names)
    what = f"f(x, y) = {text}" if choice.name == FORMULA else f"mean of {text}"
    return what + (f" with {values}" if values else "")


def statistics(recipe: Recipe) -> str:
    """Which statistics BatchNorm normalizes with in this picture, in words; "none" without BatchNorm."""
    settings = recipe.model.settings
    if settings.get("normalization") != "batch":
        return "none"
    if settings.get("statistics") == "collected":
        return "collected once at the centre, over the training examples"
    return "the shown examples' own, anew at every point"


def has_one_start(recipe: Recipe) -> bool:
    """Whether a complete recipe's initial parameters are the same under every seed."""
    return is_function(recipe) or MODELS[recipe.model.name].has_fixed_start(**recipe.model.settings)


def is_flat(recipe: Recipe) -> bool:
    """Whether second derivatives say nothing about what a complete recipe draws: it is piecewise constant, or only
    an estimate of its gradient is known."""
    return getattr(drawn_entry(recipe), "gradient", "exact") != "exact"


def units(recipe: Recipe, *, homogeneous: bool = False) -> tuple[Units, ...]:
    """The groups of a model's hidden units, from input to output.

    Args:
        homogeneous: only those that α rescales: ReLU units without normalization.

    Raises:
        ValueError: if there are none.
    """
    recipe = complete(recipe)
    if is_function(recipe):
        raise ValueError("a test function has no hidden units; choose a network")
    groups = [Units(*group) for group in MODELS[recipe.model.name].units(**recipe.model.settings)]
    if not groups:
        raise ValueError(
            f"the model {recipe.model.name} has no hidden units that may change places; choose an mlp"
        )
    if homogeneous and not groups[0].homogeneous:
        raise ValueError(
            "only a ReLU layer without normalization rescales; choose activation relu and normalization none"
        )
    return tuple(groups)
