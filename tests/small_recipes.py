"""Recipes for tests: small ones that are quick to compute, and a strategy over everything that is registered."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import jax
import numpy as np
from hypothesis import strategies as st

from landscapes import Choice, Problem, Recipe
from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, knobs
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes import catalog
from landscapes.recipes.catalog import building
from landscapes.recipes.settings import SETTINGS

# A network of 31 parameters on 20 examples, and two short paths.
TINY = Recipe(
    model=Choice.of("mlp", width=3, depth=1),
    data=Choice.of("iris", examples=20),
    optimizers=(Choice("sgd"), Choice.of("momentum", learning_rate=0.1)),
    steps=6,
    tolerance=0.1,
    eigenvalues=2,
)
BOWL = Recipe(objective=Choice.of("bowl", condition=4.0), optimizers=(Choice("sgd"),), steps=6, tolerance=0.1)


# What makes anything registered small, by the name of its knob.
SMALL = {"width": 3, "depth": 1, "channels": 2, "blocks": 1, "heads": 1, "layers": 1, "latent": 2, "examples": 20}
SMALL |= {"side": 8}


def small(name: str) -> Choice:
    """A registered name with the knobs that decide its size turned down as far as they go and no further."""
    known = catalog.knobs_of(name)
    low = {knob: max(size, int(known[knob].low or 0)) for knob, size in SMALL.items() if knob in known}
    return Choice.of(name, **low)


def fitting(objective: str, data: str | None = None, model: str | None = None) -> Recipe:
    """A small model under any objective that is trained, on data that it can be fitted to; the tiny network on
    iris where that will do."""
    if data is None:
        data = "iris" if "iris" in catalog.datasets_for(objective) else catalog.opening_of(objective).data.name
    if model is None:
        fits = catalog.models_for(data, objective)
        model = "mlp" if "mlp" in fits else fits[0]
    return replace(TINY, objective=Choice(objective), data=small(data), model=small(model))


def opening(objective: str) -> Recipe:
    """An objective as it usually opens, small and quick to compute."""
    baseline = catalog.opening_of(objective)
    model, data = (
        Choice.of(one.name, **one.settings | small(one.name).settings) for one in (baseline.model, baseline.data)
    )
    return replace(baseline, model=model, data=data, steps=12, tolerance=0.1, eigenvalues=1)


def build_unfilled(recipe: Recipe) -> Problem:
    """The problem of a recipe with zeros for its parameters, for what depends on shapes alone: no program that
    draws them is compiled."""

    def zeros(model: Choice, shape: tuple[int, ...], outputs: int, seed: int) -> tuple[Any, Any, Any]:
        numeric, static = building._by_kind(model.settings)
        initial, graphs = building._initializer(model.name, static, shape, outputs)
        with jax.enable_x64(False):
            shapes = jax.eval_shape(inspect.unwrap(initial), jax.random.key(seed), numeric)
        params, state = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)
        return graphs[-1], params, state

    with patch.object(building, "_initialize", zeros):
        return catalog.build(recipe)


def turning(name: str) -> Recipe:
    """The tiny network, or a tiny game, whichever an optimizer or a kind of directions is for."""
    game = name not in (*catalog.optimizers_for("cross-entropy"), *catalog.directions_for("cross-entropy"))
    return fitting("minimax-gan") if game else TINY


def values(knob: Knob) -> st.SearchStrategy[Any]:
    """Every value that a knob accepts."""
    if knob.choices:
        return st.sampled_from(knob.choices)
    if knob.kind is bool:
        return st.booleans()
    if knob.kind is str:  # a term's name, which depends on the objective, or a formula
        return st.just(knob.default)
    if knob.kind is int:
        low = int(knob.low or 0)
        return st.integers(low, low + 1000 if knob.high is None else int(knob.high))
    return st.floats(knob.low, knob.high, exclude_min=knob.open_low, exclude_max=knob.open_high, allow_nan=False)


@st.composite
def choices(draw: st.DrawFn, registry: Any, names: Any = None) -> Choice:
    """A registered name with some of its knobs set."""
    name = draw(st.sampled_from(sorted(names if names is not None else registry)))
    known = knobs(catalog.function_of(registry[name]))
    chosen = draw(st.sets(st.sampled_from(sorted(known)))) if known else ()
    return Choice.of(name, **{knob: draw(values(known[knob])) for knob in sorted(chosen)})


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe that holds together, with any number of its settings and knobs away from their defaults."""
    plain = draw(st.fixed_dictionaries({}, optional={name: values(knob) for name, knob in SETTINGS.items()}))
    recipe = Recipe(**plain)

    def movers(objective: str) -> tuple[Choice, ...]:
        fits = choices(OPTIMIZERS, catalog.optimizers_for(objective))
        return tuple(draw(st.lists(fits, max_size=4, unique_by=lambda choice: choice.name)))

    if draw(st.booleans()):
        function = draw(choices(FUNCTIONS))
        return replace(
            recipe, objective=function, schedule=draw(choices(SCHEDULES)), optimizers=movers(function.name)
        )
    data = draw(choices(DATASETS))
    serving = [
        m
        for m in catalog.models_for(data.name)
        if catalog.trainable_objectives(catalog.objectives_for(data.name, m))
    ]
    model = draw(choices(MODELS, serving))
    fitting = catalog.trainable_objectives(catalog.objectives_for(data.name, model.name))
    objective = draw(choices(OBJECTIVES, fitting))
    terms = sorted(catalog.default_weights(objective.name, data.name))
    sizes = draw(st.dictionaries(st.sampled_from(terms), st.floats(0.125, 1e6)))
    weights = {term: OBJECTIVES[objective.name].signs.get(term, 1) * size for term, size in sizes.items()}
    optimizers = movers(objective.name)
    fits = catalog.directions_for(objective.name)
    kinds = [name for name in fits if optimizers or not DIRECTIONS[name].needs_paths]
    return replace(
        recipe,
        data=data,
        model=model,
        objective=objective,
        optimizers=optimizers,
        schedule=draw(choices(SCHEDULES, catalog.schedules_for(objective.name))),
        weights=tuple(sorted(weights.items())),
        mix=tuple(sorted(draw(st.dictionaries(st.sampled_from(terms), st.floats(-1e6, 1e6))).items())),
        directions=draw(choices(DIRECTIONS, kinds)),
    )
