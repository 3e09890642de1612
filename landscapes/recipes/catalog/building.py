"""Problems built from recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import PyTree

import landscapes.models as models
from landscapes.arguments import check_arguments
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.recipes.binding import Forward, FunctionOfTwo, ModelUnderObjective
from landscapes.recipes.catalog.completion import SAME, complete
from landscapes.recipes.catalog.offers import default_weights, is_function, load
from landscapes.recipes.catalog.own_function import function_entry, limit_programs
from landscapes.recipes.catalog.own_loss import loss_terms
from landscapes.recipes.catalog.own_problems import PROBLEMS
from landscapes.recipes.recipe import Choice, Recipe


@check_arguments
def build(recipe: Recipe) -> Problem:
    """The problem at its initial parameters, over the examples that `recipe.split` names.

    Building the same recipe with another seed, another numeric knob or other weights gives a problem of equal
    structure, for which nothing is compiled again.

    Raises:
        ValueError: as `complete` does.
    """
    recipe = complete(recipe)
    for choice in (recipe.objective, recipe.drawn):
        if "text" in choice.settings:
            limit_programs(str(choice.settings["text"]))
    dtype = jnp.dtype(recipe.precision)
    key = jax.random.key(recipe.seed)
    with jax.enable_x64(dtype == jnp.float64):
        every = partial(jax.tree.map, partial(cast, dtype=dtype))
        if is_function(recipe):
            function = function_entry(recipe.objective)
            numeric, static = _by_kind(recipe.objective.settings)
            return Problem(
                params=jnp.asarray(function.start, dtype),
                data=None,
                key=key,
                state=None,
                weights={"value": jnp.ones((), dtype)},
                objective=FunctionOfTwo(function.f, static, every(numeric)),
            )
        if own_problem := PROBLEMS.get(recipe.objective.name):
            problem = own_problem.build(recipe.objective.settings, seed=recipe.seed, split=recipe.split)
            return replace(
                problem,
                params=every(problem.params),
                data=every(problem.data),
                state=every(problem.state),
                weights=every({term: np.float64(weight) for term, weight in recipe.weights}),
                key=key,
            )
        model = MODELS[recipe.model.name]
        data = load(recipe.data, recipe.seed)
        objective = OBJECTIVES[recipe.objective.name]
        shape = data.input_shape
        graph, params, state = _initialize(recipe.model, shape, objective.fits.outputs(data), recipe.seed)
        return Problem(
            params=every(params),
            data=every(getattr(data, recipe.split)),
            key=key,
            state=every(state),
            weights=every({term: np.float64(weight) for term, weight in recipe.weights}),
            objective=_bound(recipe.objective, Forward(models.apply, graph), dtype),
            filter_axes=models.filter_axes(model, params),
        )


def drawn_problem(recipe: Recipe, problem: Problem) -> Problem:
    """The problem whose surface a complete recipe draws: the trained one, or that of another objective on the same
    parameters."""
    if recipe.drawn == SAME:
        return problem
    dtype = dtype_of(problem.params)
    weights = default_weights(recipe.drawn.name, recipe.data.name)
    with precision(problem.params):
        return replace(
            problem,
            objective=_bound(recipe.drawn, problem.objective.forward, dtype),
            weights={term: jnp.asarray(weight, dtype) for term, weight in weights.items()},
        )


def training_problem(problem: Problem) -> Problem:
    """The problem in training mode: BatchNorm uses the statistics of each batch."""
    if not _has_statistics(problem):
        return problem
    return replace(
        problem, objective=replace(problem.objective, forward=replace(problem.objective.forward, train=True))
    )


def center_problem(problem: Problem, params: PyTree) -> Problem:
    """The problem at `params`, with normalization statistics collected there once, over its own data.

    The statistics are the same at every point of the picture. For models without BatchNorm only the parameters
    change.
    """
    problem = replace(problem, params=params)
    if not _has_statistics(problem):
        return problem
    with precision(params):
        graph = problem.objective.forward.graph
        return replace(problem, state=_collect(graph, params, problem.state, problem.data["x"]))


def _has_statistics(problem: Problem) -> bool:
    """Whether the state holds statistics of BatchNorm; that of an own problem is its own affair."""
    if not isinstance(problem.objective, ModelUnderObjective):
        return False
    return models.has_statistics(problem.objective.forward.graph, problem.params, problem.state)


_collect = jax.jit(models.collect_statistics, static_argnums=0)


def _bound(choice: Choice, forward: Forward, dtype: Any) -> ModelUnderObjective:
    entry = OBJECTIVES[choice.name]
    numeric, static = _by_kind(choice.settings)
    shares = tuple((name, tuple(weights.items())) for name, weights in (entry.players or {}).items())
    every = partial(jax.tree.map, partial(cast, dtype=dtype))
    return ModelUnderObjective(loss_terms(choice), forward, static, entry.sense, every(numeric), shares)


def dimension(recipe: Recipe) -> int:
    """How many parameters a complete recipe has."""
    if is_function(recipe):
        return len(function_entry(recipe.objective).start)
    if recipe.objective.name in PROBLEMS:
        return build(recipe).dim
    data = load(recipe.data, recipe.seed)
    outputs = OBJECTIVES[recipe.objective.name].fits.outputs(data)
    _, params, _ = _initialize(recipe.model, data.input_shape, outputs, recipe.seed)
    return sum(int(np.size(leaf)) for leaf in jax.tree.leaves(params))


@lru_cache(maxsize=64)
def _initialize(model: Choice, shape: tuple[int, ...], outputs: int, seed: int) -> tuple[Any, Any, Any]:
    """Always in float32, so that both precisions start from the same numbers."""
    numeric, static = _by_kind(model.settings)
    with jax.enable_x64(False):
        initial, graphs = _initializer(model.name, static, shape, outputs)
        params, state = initial(jax.random.key(seed), numeric)
        return graphs[-1], params, state


@lru_cache(maxsize=256)
def _initializer(
    name: str, static: tuple[tuple[str, Any], ...], shape: tuple[int, ...], outputs: int
) -> tuple[Callable[..., tuple[Any, Any]], list[Any]]:
    """The arrays of a new module as one program, and a list that holds its graph once that has run. One by one,
    each shape of kernel would be a program of its own: 1.1 s for three of them instead of 0.2."""
    graphs = []

    def initial(key: Any, numeric: Mapping[str, Any]) -> tuple[Any, Any]:
        module = MODELS[name].build(shape, outputs, nnx.Rngs(key), **dict(static), **numeric)
        graph, params, state = models.split(module)
        graphs.append(graph)
        return params, state

    return jit_with_fast_compile(initial), graphs


def _by_kind(settings: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
    """Numeric knobs, which are traced, and the others, which are static."""
    numeric = {name: np.float64(value) for name, value in settings.items() if type(value) is float}
    static = tuple((name, value) for name, value in settings.items() if type(value) is not float)
    return numeric, static


def cast(leaf: Any, dtype: Any) -> Any:
    """Floating-point arrays in `dtype`, integers as JAX holds them."""
    if isinstance(leaf, np.ndarray | np.generic):  # JAX would compile one program for each shape
        is_floating = jnp.issubdtype(leaf.dtype, jnp.floating)
        return jax.device_put(np.asarray(leaf, dtype) if is_floating else leaf, may_alias=False)
    leaf = jnp.asarray(leaf)
    return leaf.astype(dtype) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf
