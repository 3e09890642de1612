"""Hoisted and plain evaluation agree on everything that is registered."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe, catalog
from landscapes.hoisting import hoist
from landscapes.knobs import knobs
from landscapes.plane import span
from landscapes.problem import precision
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES
from tests.recipes import fitting

QUICK = {"xla_backend_optimization_level": 0}  # halves the time to compile; the numbers are what counts here
SMALL = {"width": 5, "depth": 1, "channels": 3, "blocks": 1}


def model(name, floats):
    """A small model under the first objective that it serves, on the first dataset that it can be fitted to."""
    data, objective = next(
        (data, served)
        for data in DATASETS
        if name in catalog.models_for(data)
        for served in catalog.trainable(catalog.objectives_for(data, name))
    )
    settings = {knob: size for knob, size in SMALL.items() if knob in knobs(MODELS[name].build)}
    return Recipe(
        model=Choice.of(name, **settings),
        data=Choice.of(data, examples=24) if "examples" in catalog.knobs_of(data) else Choice(data),
        objective=Choice(objective),
        precision=floats,
    )


@partial(jax.jit, compiler_options=QUICK)
def both(problem, plane, points):
    hoisted = hoist(problem.terms, plane)
    return jax.lax.map(hoisted, points, batch_size=3), jax.lax.map(lambda c: problem.terms(plane.point(c)), points)


def misses(recipe):
    """The largest difference between the two ways over a plane, by term, relative to the term's range."""
    problem = catalog.build(recipe)
    rng = np.random.default_rng(5)
    with precision(problem.params):
        draws = jax.tree.map(lambda p: jnp.asarray(rng.normal(size=(2, *p.shape)), p.dtype), problem.params)
        plane = span(problem.params, draws)
        reach = 1 + sum(float(jnp.sum(p**2)) for p in jax.tree.leaves(problem.params)) ** 0.5
        points = jnp.asarray(rng.uniform(-reach, reach, (9, 2)), recipe.precision).at[0].set(0)
        ours, plain = both(problem, plane, points)
    assert ours.keys() == plain.keys()
    return {name: off(np.asarray(ours[name]), np.asarray(plain[name])) for name in plain}


def off(ours, plain):
    """In units of the range; one rounding is none. The loss of a table varies here by so few of them (a float32
    near 2.6 is as good as 5e-6 of the range) that no two ways of summing it would agree."""
    difference = np.abs(ours - plain)
    return np.max(difference, where=difference > np.spacing(np.max(np.abs(plain))), initial=0) / np.ptp(plain)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("floats", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_models(name, floats, tolerance):
    assert max(misses(model(name, floats)).values()) < tolerance


@pytest.mark.parametrize("name", catalog.trainable(OBJECTIVES))
def test_objectives(name):
    assert max(misses(replace(fitting(name), precision="float64")).values()) < 1e-12


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    assert max(misses(Recipe(objective=Choice(name), precision="float64")).values()) < 1e-12
