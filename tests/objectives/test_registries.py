"""Every objective with every compatible model and dataset, at tiny size. A new entry is tested by being there."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import models
import objectives
from landscapes.knobs import knobs
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES

TINY = {"width": 4, "channels": 2, "blocks": 1, "depth": 2}
PAIRS = [
    (model, data)
    for data, kinds in DATASETS.items()
    for model in models.compatible(MODELS, inputs=kinds.inputs, targets=kinds.targets)
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
            found = OBJECTIVES[name].terms(partial(models.apply, graph), params, state, batch, None)
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
    tiny = {name: size for name, size in TINY.items() if name in knobs(build)}
    graph, *shapes = models.split(nnx.eval_shape(lambda: build(shape, outputs, nnx.Rngs(seed), **tiny)))
    rng = np.random.default_rng(seed)
    return graph, *jax.tree.map(lambda leaf: rng.normal(0.1, 0.5, leaf.shape), shapes)


@pytest.mark.parametrize(("model", "data"), PAIRS)
def test_losses_are_finite_gradients_match_and_rebuilding_retraces_nothing(model, data):
    kinds = DATASETS[data]
    loaded = kinds.load(0, examples=20)
    names = tuple(objectives.compatible(OBJECTIVES, kinds))
    (outputs,) = {OBJECTIVES[name].outputs(loaded) for name in names}
    batch = {"x": loaded.train["x"].astype(np.float64), "y": loaded.train["y"]}
    graph, params, state = split(model, loaded.input_shape, outputs, 0)
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
            np.testing.assert_allclose(slope / length, slopes[term], rtol=1e-5, atol=1e-7)
        before = len(traces)
        again, others, state = split(model, loaded.input_shape, outputs, 1)
        assert np.any(evaluated(again, names, np.ones(count), others, state, batch)[0] != values)
        assert len(traces) == before


@pytest.mark.parametrize("name", MODELS)
def test_every_model_serves_some_dataset(name):
    assert any(model == name for model, _ in PAIRS)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_says_what_it_is_and_serves_some_dataset(name):
    entry = OBJECTIVES[name]
    assert entry.title
    assert entry.formula
    assert entry.source
    assert entry.weights[name] == 1
    assert any(name in objectives.compatible(OBJECTIVES, kinds) for kinds in DATASETS.values())


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
