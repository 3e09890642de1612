"""Hoisted and plain evaluation agree on everything that is registered in double precision, and on every model in
single precision."""

import math
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.curvature.float64 import to_float64
from landscapes.evaluation.hoisting import hoist
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
from landscapes.plane import span
from landscapes.precision import precision
from landscapes.recipes import catalog
from tests.small_recipes import fitting

QUICK = {"xla_backend_optimization_level": 0}  # halves the time to compile; the numbers are what counts here


def served(model):
    """A small model under the first objective that it serves, on the first dataset that it can be fitted to."""
    data, objective = next(
        (data, served)
        for data in DATASETS
        if model in catalog.models_for(data)
        for served in catalog.trainable_objectives(catalog.objectives_for(data, model))
    )
    return fitting(objective, data, model)


# Every objective with the first model that fits it, then the models that none of them has used.
RECIPES = {name: fitting(name) for name in catalog.trainable_objectives(OBJECTIVES)}
USED = {recipe.model.name for recipe in RECIPES.values()}
RECIPES |= {name: served(name) for name in MODELS if name not in USED}
RECIPES |= {name: Recipe(objective=Choice(name)) for name in FUNCTIONS}

# Compiling takes nearly all of the time. An objective sees a model only through its outputs, and how a program is
# split does not depend on precision. In single precision the first objective of each model stands for the others.
FIRST = {
    recipe.model.name: name for name, recipe in reversed(RECIPES.items()) if recipe.objective.name not in FUNCTIONS
}
SINGLE = frozenset(FIRST.values())


@partial(jax.jit, compiler_options=QUICK)
def both(problem, plane, points):
    hoisted = hoist(problem.terms, plane, min_saving=-math.inf)  # what hardly helps, too
    plain = jax.lax.map(lambda c: problem.terms(plane.point(c)), points)
    return jax.lax.map(hoisted, points, batch_size=3), plain, hoisted.finite


def evaluated(problem, plane, points):
    with precision(plane.origin):
        ours, plain, finite = both(problem, plane, points)
    assert finite  # or its surfaces would be evaluated plainly
    assert ours.keys() == plain.keys()
    return [
        {name: np.asarray(values, float) for name, values in path_trace.items()} for path_trace in (ours, plain)
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_agreement(name):
    problem = catalog.build(replace(RECIPES[name], precision="float32"))
    rng = np.random.default_rng(5)
    with precision(problem.params):  # a test function computes in double precision whatever is asked
        draws = jax.tree.map(lambda p: jnp.asarray(rng.normal(size=(2, *p.shape)), p.dtype), problem.params)
        plane = span(problem.params, draws)
    reach = 1 + sum(float(np.sum(p**2)) for p in map(np.asarray, jax.tree.leaves(problem.params))) ** 0.5
    points = rng.uniform(-reach, reach, (9, 2)).astype(plane.scale.dtype)
    points[0] = 0
    wide = evaluated(to_float64(problem), to_float64(plane), points.astype(np.float64))
    for term, exact in wide[1].items():
        size, spread = np.max(np.abs(exact)), np.ptp(exact)
        # In float64 neighbouring numbers may lie further apart than 1e-12 of the range.
        assert np.max(np.abs(wide[0][term] - exact)) <= max(1e-12 * spread, np.spacing(size))
    if name in SINGLE:
        ours, plain = evaluated(problem, plane, points)
        for term, exact in wide[1].items():
            assert np.max(np.abs(ours[term] - plain[term])) <= 1e-5 * np.ptp(exact)
