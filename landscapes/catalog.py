"""From a recipe to a problem: the one place that knows models, objectives and data.

What fits together is decided by kinds, never by a list of pairs: a dataset has a kind of inputs and of targets, a
model says which inputs it reads, an objective which targets it scores.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import PyTree

import models
import objectives
from landscapes.binding import Forward, FunctionOfTwo, ModelUnderObjective
from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, check_knobs, knobs
from landscapes.optimizers import OPTIMIZERS, SCHEDULES
from landscapes.problem import Problem, precision
from landscapes.recipe import Choice, Recipe
from landscapes.settings import SETTINGS, WEIGHT
from landscapes.symmetry import Units
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES


def complete(recipe: Recipe) -> Recipe:
    """The same recipe, checked, with every knob written out in its own type: equal pictures, equal recipes.

    Raises:
        ValueError: one sentence that names what is wrong and what would be right.
    """
    plain = {name: knob.check(getattr(recipe, name)) for name, knob in SETTINGS.items()}
    objective = _complete("objective", FUNCTIONS | OBJECTIVES, recipe.objective)
    optimizers = tuple(
        _complete("optimizer", OPTIMIZERS, _with_rate(objective, choice)) for choice in recipe.optimizers
    )
    names = [choice.name for choice in optimizers]
    if len(set(names)) < len(names):
        raise ValueError(f"optimizers are named twice in {', '.join(names)}; name each once")
    directions = _complete("kind of directions", DIRECTIONS, recipe.directions)
    found = replace(
        recipe,
        **plain,
        objective=objective,
        optimizers=optimizers,
        schedule=_complete("schedule", SCHEDULES, recipe.schedule),
        directions=directions,
        weights=(),
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
        )
    if DIRECTIONS[directions.name].needs_paths and not optimizers:
        raise ValueError(f"{directions.name} directions need a path; choose at least one optimizer")
    data = _complete("dataset", DATASETS, recipe.data)
    kinds = DATASETS[data.name]
    model = _complete("model", MODELS, recipe.model)
    entry = objectives.check(OBJECTIVES, found.objective.name, data.name, kinds)
    models.check(MODELS, model.name, data=data.name, inputs=kinds.inputs, targets=kinds.targets)
    given = dict(recipe.weights)
    for term, weight in given.items():
        if term not in entry.weights:
            raise ValueError(f"{found.objective.name} has no term {term!r}; it has {', '.join(entry.weights)}")
        replace(WEIGHT, name=f"weight.{term}").check(weight)
    weights = tuple((term, float(given.get(term, usual))) for term, usual in entry.weights.items())
    if not any(weight for _, weight in weights):
        raise ValueError("all term weights are 0, so there is no loss; give one of them a weight")
    return replace(
        found, model=model, data=data, weights=weights, center=found.center if optimizers else "initial"
    )


# Shares of a test function's own scale that make a default learning rate: of its rate for methods that follow the
# gradient's length, of its box's width for those that set the length of a step themselves.
GRADIENT_SCALED = {"sgd": 1.0, "momentum": 0.2, "nesterov": 0.2}
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


def _with_rate(objective: Choice, optimizer: Choice) -> Choice:
    rate = default_rate(objective, optimizer.name) if optimizer.name in OPTIMIZERS else None
    return (
        optimizer if rate is None else Choice.of(optimizer.name, **{"learning_rate": rate, **optimizer.settings})
    )


def brief(recipe: Recipe) -> Recipe:
    """The same recipe with every knob left out that has its default: what a URL needs to say."""

    def without(choice: Choice) -> Choice:
        usual = {name: knob.default for name, knob in knobs_of(choice.name).items()}
        if choice.name in OPTIMIZERS:
            usual |= _with_rate(recipe.objective, Choice(choice.name)).settings
        return Choice.of(choice.name, **{k: v for k, v in choice.knobs if k not in usual or v != usual[k]})

    if is_function(recipe):
        recipe = replace(recipe, model=Recipe().model, data=Recipe().data, precision="float32", eigenvalues=5)
        recipe = replace(recipe, directions=Recipe().directions)
        usual: Mapping[str, float] = {}
    else:
        usual = OBJECTIVES[recipe.objective.name].weights
    return replace(
        recipe,
        objective=without(recipe.objective),
        model=without(recipe.model),
        data=without(recipe.data),
        schedule=without(recipe.schedule),
        directions=without(recipe.directions),
        optimizers=tuple(map(without, recipe.optimizers)),
        weights=tuple((term, weight) for term, weight in recipe.weights if usual.get(term) != weight),
    )


def is_function(recipe: Recipe) -> bool:
    """Whether the recipe is about a test function of two variables."""
    return recipe.objective.name in FUNCTIONS


def box(recipe: Recipe) -> tuple[tuple[float, float], ...]:
    """A test function's usual box, (low, high) per variable."""
    return FUNCTIONS[recipe.objective.name].box


def minima(recipe: Recipe) -> tuple[tuple[float, float], ...]:
    """A test function's known minimizers, at the recipe's own knobs; none for a network."""
    return FUNCTIONS[recipe.objective.name].minimizers(**recipe.objective.settings) if is_function(recipe) else ()


def models_for(data: str) -> list[str]:
    """The models that read this dataset's inputs and predict its targets."""
    return models.compatible(MODELS, inputs=DATASETS[data].inputs, targets=DATASETS[data].targets)


def objectives_for(data: str) -> list[str]:
    """The objectives that score this dataset's targets."""
    return objectives.compatible(OBJECTIVES, DATASETS[data])


def build(recipe: Recipe) -> Problem:
    """The problem at its initial parameters, over the examples that `recipe.split` names.

    Building the same recipe with another seed, another numeric knob or other weights gives a problem of equal
    structure, for which nothing is compiled again.

    Raises:
        ValueError: as `complete` does.
    """
    recipe = complete(recipe)
    dtype = jnp.dtype(recipe.precision)
    key = jax.random.key(recipe.seed)
    with jax.enable_x64(dtype == jnp.float64):
        cast = partial(jax.tree.map, partial(_cast, dtype=dtype))
        if is_function(recipe):
            function = FUNCTIONS[recipe.objective.name]
            numeric, static = _by_kind(recipe.objective.settings)
            return Problem(
                params=jnp.asarray(function.start, dtype),
                data=None,
                key=key,
                state=None,
                weights={"value": jnp.ones((), dtype)},
                objective=FunctionOfTwo(function.f, static, cast(numeric)),
            )
        model = MODELS[recipe.model.name]
        data = load(recipe.data, recipe.seed)
        objective = OBJECTIVES[recipe.objective.name]
        shape = data.train["x"].shape[1:]
        graph, params, state = _initialize(recipe.model, shape, objective.outputs(data), recipe.seed)
        numeric, static = _by_kind(recipe.objective.settings)
        forward = Forward(models.apply, graph)
        return Problem(
            params=cast(params),
            data=cast(getattr(data, recipe.split)),
            key=key,
            state=cast(state),
            weights=cast({term: np.float64(weight) for term, weight in recipe.weights}),
            objective=ModelUnderObjective(objective.terms, forward, static, objective.sense, cast(numeric)),
            filter_axes=models.filter_axes(model, params),
        )


@lru_cache(maxsize=64)
def load(data: Choice, seed: int) -> Any:
    """The examples, train and test, of a dataset with its knobs."""
    return DATASETS[data.name].load(seed, **data.settings)


def formula(recipe: Recipe) -> str:
    """What is drawn, as Markdown: its title and its formula."""
    entry = (FUNCTIONS | OBJECTIVES)[recipe.objective.name]
    return f"{entry.title} ${entry.formula}$"


def statistics(recipe: Recipe) -> str:
    """Which statistics BatchNorm normalizes with in this picture, in words; "none" without BatchNorm."""
    settings = recipe.model.settings
    if settings.get("normalization") != "batch":
        return "none"
    if settings.get("statistics") == "collected":
        return "collected once at the centre, over the training examples"
    return "the shown examples' own, anew at every point"


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
        raise ValueError(f"this {recipe.model.name} has no hidden units that may change places; choose an mlp")
    if homogeneous and not groups[0].homogeneous:
        raise ValueError(
            "only a ReLU layer without normalization rescales; choose activation relu and normalization none"
        )
    return tuple(groups)


def training(problem: Problem) -> Problem:
    """The problem as it is trained: BatchNorm takes each batch's own statistics, as in any training run."""
    if not jax.tree.leaves(problem.state):
        return problem
    return replace(
        problem, objective=replace(problem.objective, forward=replace(problem.objective.forward, train=True))
    )


def settle(problem: Problem, params: PyTree) -> Problem:
    """The problem centred at `params`, with normalization statistics collected there, once, over its own data.

    A landscape never updates them: they are the same at every point of the picture. Models without BatchNorm come
    back with their parameters replaced and nothing else.
    """
    problem = replace(problem, params=params)
    if not jax.tree.leaves(problem.state):
        return problem
    with precision(params):
        graph = problem.objective.forward.graph
        return replace(problem, state=_collect(graph, params, problem.state, problem.data["x"]))


_collect = jax.jit(models.collect_statistics, static_argnums=0)


def _complete(what: str, registry: Mapping[str, Any], choice: Choice) -> Choice:
    if choice.name not in registry:
        close = difflib.get_close_matches(choice.name, registry, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose {_either(registry)}"
        raise ValueError(f"there is no {what} named {choice.name!r}; {hint}")
    function = function_of(registry[choice.name])
    return Choice.of(choice.name, **check_knobs(choice.name, function, choice.settings))


def function_of(entry: Any) -> Callable[..., Any]:
    """The function whose signature carries a registry entry's knobs."""
    for attribute in ("build", "load", "terms", "f", "function"):
        if hasattr(entry, attribute):
            return getattr(entry, attribute)
    return entry


def knobs_of(name: str) -> dict[str, Knob]:
    """The knobs of a registered name, whatever it names; names are unique across the registries."""
    for registry in (OBJECTIVES, FUNCTIONS, MODELS, DATASETS, OPTIMIZERS, SCHEDULES, DIRECTIONS):
        if name in registry:
            return knobs(function_of(registry[name]))
    return {}


@lru_cache(maxsize=64)
def _initialize(model: Choice, shape: tuple[int, ...], outputs: int, seed: int) -> tuple[Any, Any, Any]:
    """Always in float32, so that both precisions start from the same numbers."""
    with jax.enable_x64(False):
        module = MODELS[model.name].build(shape, outputs, nnx.Rngs(seed), **model.settings)
        return models.split(module)


def _by_kind(settings: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
    """Numeric knobs, which are traced, and the others, which are static."""
    numeric = {name: np.float64(value) for name, value in settings.items() if type(value) is float}
    static = tuple((name, value) for name, value in settings.items() if type(value) is not float)
    return numeric, static


def _cast(leaf: Any, dtype: Any) -> Any:
    """Floating-point arrays in `dtype`, integers as JAX holds them."""
    leaf = jnp.asarray(leaf)
    return leaf.astype(dtype) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf


def _either(names: Iterable[str]) -> str:
    *most, last = list(names)
    return f"{', '.join(most)} or {last}" if most else last
