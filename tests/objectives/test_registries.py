"""Every objective with every compatible model and dataset, at tiny size. A new entry is tested by being there."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import jax
import numpy as np
import pytest
from flax import nnx
from jax.tree_util import register_dataclass

import landscapes.models as models
from landscapes import Problem, evaluate, span
from landscapes.knobs import knobs
from landscapes.models import MODELS
from landscapes.objective import Sense
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
from landscapes.recipes import catalog
from tests.small_recipes import small

# The number of outputs depends on the data alone, and loading them for every question takes a dozen seconds.
LOADED = {data: dataset.load(0) for data, dataset in DATASETS.items()}


def asking(model, data, outputs=None):
    """The objectives that fit a model and data, and those outputs where they are given."""
    names = catalog.objectives_for(data, model)
    return [name for name in names if outputs is None or OBJECTIVES[name].fits.outputs(LOADED[data]) == outputs]


# Objectives that ask a model for as many outputs are compiled together.
GROUPS = [
    (model, data, outputs)
    for data in DATASETS
    for model in catalog.models_for(data)
    for outputs in sorted(
        {OBJECTIVES[name].fits.outputs(LOADED[data]) for name in asking(model, data)}, reverse=True
    )
]


def covering():
    """The first pairs of an objective and a group in which every objective, every model and all data occur."""
    met = set()
    for group in GROUPS:
        for name in asking(*group):
            if not met.issuperset({name, *group[:2]}):
                met |= {name, *group[:2]}
                yield name, group


# An objective sees a model only through its outputs, so what holds of it with one model holds with the others.
FIRST = frozenset(covering())
STEP = 1e-6
traces = []


@partial(register_dataclass, data_fields=[], meta_fields=["graph", "names", "targets"])
@dataclass(frozen=True)
class Together:
    """All terms of the named objectives of one model, as one objective."""

    graph: Any
    names: tuple[str, ...]
    targets: str

    sense: ClassVar[Sense] = "minimize"
    players: ClassVar[None] = None

    def __call__(self, params, state, batch, key):
        traces.append(self.graph)
        terms = {}
        for name in self.names:
            result = OBJECTIVES[name].terms(partial(models.apply, self.graph), params, state, batch, key)
            assert set(result) == set(OBJECTIVES[name].weights_for(self.targets))
            terms |= {f"{name}: {term}": value for term, value in result.items()}
        return terms


@pytest.fixture(scope="module", autouse=True)
def unoptimized():
    """Compiled for one use each, so an optimized program would cost twice what it saves."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


def losses(problem):
    return problem.terms(problem.params)


@jax.jit
def gradients(problem):
    """The terms, and the gradient of their weighted sum."""

    def weighted(params):
        terms = problem.terms(params)
        return sum(problem.weights[name] * value for name, value in terms.items()), terms

    return jax.grad(weighted, has_aux=True)(problem.params)[::-1]


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
    result = DATASETS[data].load(0, **small(data).settings)
    wide = {k: v.astype(np.float64) if np.issubdtype(v.dtype, np.floating) else v for k, v in result.train.items()}
    return result, wide


@pytest.mark.parametrize(("model", "data", "outputs"), GROUPS)
def test_losses_gradients_and_surfaces_agree(model, data, outputs):
    """Losses of every objective with every model on all data are numbers in double precision. Where an objective,
    a model or data come first: the loss is finite, the middle of a surface is the loss, its ends, a millionth
    apart, give the slope, and another seed traces nothing."""
    result, batch = loaded(data)
    names = asking(model, data, outputs)
    first = tuple(name for name in names if (name, (model, data, outputs)) in FIRST)
    rest = tuple(name for name in names if name not in first)
    (outputs,) = {OBJECTIVES[name].fits.outputs(result) for name in names}
    graph, params, state = split(model, result.input_shape, outputs, 0)
    with jax.enable_x64(True):
        if rest:
            for value in jax.eval_shape(losses, together(data, rest, params, batch, state, graph)).values():
                assert value.shape == ()
                assert value.dtype == np.float64
        if first:
            problem = together(data, first, params, batch, state, graph)
            line = random_line(params)
            surface = evaluate(problem, line, [np.array([-STEP, 0.0, STEP])])
            assert_gradients_match(problem, line, surface)
            before = len(traces)
            again, others, state = split(model, result.input_shape, outputs, 1)
            rebuilt = together(data, first, others, batch, state, again)
            shifted = evaluate(rebuilt, replace(line, origin=others), surface.axes)
            assert any(np.any(shifted.terms[term] != surface.terms[term]) for term in problem.weights)
            here = gradients(rebuilt)[0]
            assert_says_what_it_depends_on(rebuilt, here, first, model, DATASETS[data].whole or bool(state))
            assert len(traces) == before


def together(data, names, params, batch, state, graph):
    targets = DATASETS[data].targets
    weights = {f"{name}: {term}": np.ones(()) for name in names for term in OBJECTIVES[name].weights_for(targets)}
    return Problem(params, batch, jax.random.key(0), state, weights, Together(graph, names, targets))


def random_line(params):
    rng = np.random.default_rng(0)
    return span(params, jax.tree.map(lambda leaf: rng.normal(size=(1, *leaf.shape)), params))


def assert_gradients_match(problem, line, surface):
    """The value and gradient of every term by itself are those of its surface."""
    assert set(surface.terms) == set(problem.weights)
    nothing = dict.fromkeys(problem.weights, np.zeros(()))
    for term, (behind, middle, ahead) in surface.terms.items():
        values, gradient = gradients(replace(problem, weights=nothing | {term: np.ones(())}))
        assert np.isfinite(values[term])
        assert values[term].dtype == surface.terms[term].dtype == np.float64
        np.testing.assert_allclose(middle, values[term], rtol=1e-9, atol=1e-12)
        # An estimate of a gradient is not the derivative of what is drawn; its family's own tests hold it.
        if OBJECTIVES[term.partition(":")[0]].gradient != "estimate":
            (slope,) = line.components(gradient)
            np.testing.assert_allclose((ahead - behind) / (2 * STEP), slope, rtol=1e-5, atol=1e-7)


def assert_says_what_it_depends_on(problem, here, names, model, is_joined):
    """Another key moves the terms of a stochastic objective and of no other. The terms of all examples are the
    means of those of two halves, unless the objective, the model or the data join their examples."""

    def is_moved(name, values):
        own = [term for term in here if term.startswith(f"{name}: ")]
        return any(abs(values[term] - here[term]) > 1e-9 * abs(here[term]) for term in own)

    another = gradients(replace(problem, key=jax.random.key(7)))[0]
    for name in names:
        is_drawn = OBJECTIVES[name].stochastic
        # Only the gradient of the one draws, and the generator of a point reads no noise.
        assert is_moved(name, another) == (
            is_drawn and name != "contrastive-divergence" and "dirac" not in model
        ), name
    count = len(problem.data["x"])
    if is_joined or count % 2:
        return
    halves = [np.tile(rows, 2) for rows in np.split(np.arange(count), 2)]
    first, second = (
        gradients(replace(problem, data={key: values[rows] for key, values in problem.data.items()}))[0]
        for rows in halves
    )
    mean = {term: (first[term] + second[term]) / 2 for term in here}
    for name in names:
        if not OBJECTIVES[name].stochastic:
            assert is_moved(name, mean) == OBJECTIVES[name].coupled, name


@pytest.mark.parametrize("name", MODELS)
def test_every_model_serves_some_dataset(name):
    assert any(model == name for model, *_ in GROUPS)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_says_what_it_is_and_serves_some_dataset(name):
    entry = OBJECTIVES[name]
    assert entry.title
    assert "exact" not in entry.title.lower()  # of no value in floating point
    assert entry.page.formula
    assert entry.page.source
    assert any(entry.weights.values())
    assert catalog.datasets_for(name)
    if entry.gradient != "none":
        opened = catalog.complete(catalog.opening_of(name))
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
            assert knob.choices or knob.kind in (bool, str) or (knob.low is not None and knob.high is not None)
            assert knob.check(knob.default) == knob.default


def test_names_are_unique_across_what_a_recipe_can_name():
    assert not set(OBJECTIVES) & set(FUNCTIONS)


def test_references_grow_with_the_weights():
    """They are drawn beside the weighted sum. Where a value is known for one weight alone, there is none."""
    for name, entry in OBJECTIVES.items():
        if entry.known.references is None or entry.players is not None:
            continue
        recipe = catalog.complete(catalog.opening_of(name))
        once, twice = (
            list(
                catalog.references(replace(recipe, weights=tuple((t, k * w) for t, w in recipe.weights))).values()
            )
            for k in (1, 2)
        )
        np.testing.assert_allclose(twice, 2 * np.array(once)[: len(twice)], rtol=1e-6, err_msg=name)
