"""Every objective with every compatible model and dataset, at tiny size. A new entry is tested by being there."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import models
from landscapes import catalog, evaluate, span
from landscapes.directions import gaussian
from landscapes.knobs import knobs
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES
from tests.recipes import fitting, small


def asking(model, data, outputs=None):
    """The objectives that fit a model and data, and those outputs where they are given."""
    loaded = DATASETS[data].load(0)
    names = catalog.objectives_for(data, model)
    return [name for name in names if outputs is None or OBJECTIVES[name].outputs(loaded) == outputs]


# Objectives that ask a model for as many outputs are compiled together.
GROUPS = [
    (model, data, outputs)
    for data in DATASETS
    for model in catalog.models_for(data)
    for outputs in sorted({OBJECTIVES[name].outputs(DATASETS[data].load(0)) for name in asking(model, data)})
]
STEP = 1e-6
traces = []


# Compiled for one use each, so an optimized program would cost twice what it saves.
@partial(
    jax.jit,
    static_argnums=(0, 1),
    compiler_options={"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True},
)
def evaluated(graph, names, weights, params, state, batch):
    """All terms of the named objectives ["T"], and the gradient of their weighted sum."""
    traces.append(graph)

    def weighted(params):
        terms = {}
        for name in names:
            found = OBJECTIVES[name].terms(partial(models.apply, graph), params, state, batch, jax.random.key(0))
            assert set(found) == set(OBJECTIVES[name].weights)
            terms |= {(name, term): value for term, value in found.items()}
        stacked = jnp.stack(list(terms.values()))
        assert stacked.shape == weights.shape
        assert stacked.dtype == weights.dtype
        return jnp.sum(weights * stacked), stacked

    return jax.grad(weighted, has_aux=True)(params)[::-1]


def split(model, shape, outputs, seed):
    """The model with random numbers for parameters, biases included: at a bias of 0, ReLUs whose inputs are
    all 0 sit exactly at their kink, where there is no gradient to compare with."""
    build = MODELS[model].build
    graph, *shapes = models.split(
        nnx.eval_shape(lambda: build(shape, outputs, nnx.Rngs(seed), **small(model).settings))
    )
    rng = np.random.default_rng(seed)
    return graph, *jax.tree.map(lambda leaf: rng.normal(0.1, 0.5, leaf.shape), shapes)


def loaded(data):
    """The data and its training examples in float64."""
    found = DATASETS[data].load(0, **small(data).settings)
    wide = {k: v.astype(np.float64) if np.issubdtype(v.dtype, np.floating) else v for k, v in found.train.items()}
    return found, wide


@pytest.mark.parametrize(("model", "data", "outputs"), GROUPS)
def test_losses_are_finite_gradients_match_and_rebuilding_retraces_nothing(model, data, outputs):
    found, batch = loaded(data)
    names = [
        n for n in catalog.objectives_for(data, model) if OBJECTIVES[n].outputs(DATASETS[data].load(0)) == outputs
    ]
    (outputs,) = {OBJECTIVES[name].outputs(found) for name in names}
    # An estimate of a gradient is not the derivative of what is drawn; its family's own tests hold it.
    names = tuple(name for name in names if OBJECTIVES[name].gradient != "estimate")
    if not names:
        names = tuple(catalog.objectives_for(data, model))
    exact = OBJECTIVES[names[0]].gradient != "estimate"
    graph, params, state = split(model, found.input_shape, outputs, 0)
    rng = np.random.default_rng(0)
    direction = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), params)
    length = np.sqrt(sum(np.sum(leaf**2) for leaf in jax.tree.leaves(direction)))
    count = sum(len(OBJECTIVES[name].weights) for name in names)
    ahead, behind = (
        jax.tree.map(lambda p, d, step=step: p + step * d, params, direction)
        for step in (STEP / length, -STEP / length)
    )
    with jax.enable_x64(True):
        rise, fall = (evaluated(graph, names, np.ones(count), at, state, batch)[0] for at in (ahead, behind))
        slopes = np.asarray(rise - fall) / (2 * STEP)
        for term in range(count):
            values, gradient = evaluated(graph, names, np.eye(count)[term], params, state, batch)
            assert np.all(np.isfinite(values))
            slope = sum(np.sum(g * d) for g, d in zip(*map(jax.tree.leaves, (gradient, direction)), strict=True))
            if exact:
                np.testing.assert_allclose(slope / length, slopes[term], rtol=1e-5, atol=1e-7)
        before = len(traces)
        again, others, state = split(model, found.input_shape, outputs, 1)
        assert np.any(evaluated(again, names, np.ones(count), others, state, batch)[0] != values)
        assert len(traces) == before


@pytest.mark.parametrize("name", catalog.trainable(OBJECTIVES))
def test_the_middle_of_a_surface_is_the_loss(name):
    problem = catalog.build(fitting(name))
    plane = span(problem.params, gaussian(problem, (), jax.random.key(1), 1))
    terms = jax.jit(lambda problem: problem.terms(problem.params))(problem)
    surface = evaluate(problem, plane, [np.array([-0.1, 0.0, 0.1])])
    for term, value in terms.items():
        np.testing.assert_allclose(surface.terms[term][1], value, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_serves_some_dataset(name):
    assert any(model == name for model, *_ in GROUPS)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_says_what_it_is_and_serves_some_dataset(name):
    entry = OBJECTIVES[name]
    assert entry.title
    assert entry.formula
    assert entry.source
    assert any(entry.weights.values())
    assert catalog.datasets_for(name)
    if entry.gradient != "none":
        opened = catalog.complete(catalog.usual(name))
        assert opened.objective.name == name
        assert catalog.complete(catalog.from_query(catalog.to_query(opened))) == opened
        assert set(catalog.to_query(opened)) <= {"objective"}


def test_every_knob_has_a_range_and_a_sentence():
    owners = [entry.build for entry in MODELS.values()]
    owners += [entry.load for entry in DATASETS.values()]
    owners += [entry.terms for entry in OBJECTIVES.values()]
    owners += [entry.f for entry in FUNCTIONS.values()]
    for owner in owners:
        for knob in knobs(owner).values():
            assert knob.doc, (owner, knob.name)
            assert knob.choices or knob.kind is bool or (knob.low is not None and knob.high is not None)
            assert knob.check(knob.default) == knob.default


def test_names_are_unique_across_what_a_recipe_can_name():
    assert not set(OBJECTIVES) & set(FUNCTIONS)
