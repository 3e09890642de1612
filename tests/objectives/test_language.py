"""Next-token prediction: ln V, conditional entropy, zero modes, and positions that count for nothing."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes import Choice, Recipe
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture

OBJECTIVE = OBJECTIVES["next-token"]
CHAIN = DATASETS["markov-chain"].load(0, examples=200, vocabulary=4)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def loss_of(table, batch):
    """The loss of a bigram table V × V."""
    graph, _, _ = models.split(nnx.eval_shape(lambda: MODELS["bigram"].build((3,), len(table), nnx.Rngs(0))))
    params = {"logits": {"embedding": table}}
    return OBJECTIVE.terms(partial(models.apply, graph), params, {}, batch, None)["next-token"]


def entropy(*columns):
    """The entropy of the joint frequencies of some columns, in nats."""
    _, counts = np.unique(np.stack(columns), axis=1, return_counts=True)
    share = counts / counts.sum()
    return -np.sum(share * np.log(share))


@pytest.mark.parametrize("name", ["bigram", "transformer"])
def test_a_uniform_predictor_costs_exactly_ln_v(name):
    data = DATASETS["text"].load(0, examples=20)
    build = partial(MODELS[name].build, data.input_shape, 14)
    graph, shapes, state = models.split(nnx.eval_shape(lambda: build(nnx.Rngs(0))))
    params = jax.tree.map(lambda leaf: np.random.default_rng(0).normal(size=leaf.shape), shapes)
    last = params["logits" if name == "bigram" else "output"]
    last.update(jax.tree.map(np.zeros_like, last))
    terms = jax.jit(partial(OBJECTIVE.terms, partial(models.apply, graph)))(params, state, data.train, None)
    np.testing.assert_allclose(terms["next-token"], np.log(14), rtol=1e-14)
    assert OBJECTIVE.known.references is not None
    assert OBJECTIVE.known.references(data)["uniform, ln V"] == np.log(14)
    assert OBJECTIVE.known.references(data, {"next-token": 2.0, "l2": 0.0})["uniform, ln V"] == 2 * np.log(14)
    assert OBJECTIVE.known.references(data, {"next-token": 1.0, "l2": 0.1}) == {}


def test_the_best_bigram_attains_the_conditional_entropy():
    """H(next|this) = H(this, next) − H(this); nearest to the parameters given, and with no gradient left."""
    this, following = CHAIN.train["x"].ravel(), CHAIN.train["y"].ravel()
    expected = entropy(this, following) - entropy(this)
    assert OBJECTIVE.known.references is not None
    assert OBJECTIVE.known.optimum is not None
    assert abs(OBJECTIVE.known.references(CHAIN)["best bigram, H(next | this)"] - expected) < 1e-12
    twice = OBJECTIVE.known.references(CHAIN, {"next-token": 2.0, "l2": 0.0})
    assert abs(twice["best bigram, H(next | this)"] - 2 * expected) < 1e-12
    start = np.random.default_rng(0).normal(size=(4, 4))
    best = OBJECTIVE.known.optimum({"logits": {"embedding": start}}, CHAIN, {"next-token": 1.0, "l2": 0.0})
    table = best["logits"]["embedding"]
    value, slope = jax.jit(jax.value_and_grad(loss_of))(jnp.asarray(table), CHAIN.train)
    assert abs(value - expected) < 1e-12
    np.testing.assert_allclose(slope, 0, atol=1e-14)
    np.testing.assert_allclose(table.mean(1), start.mean(1), rtol=1e-12)
    for row in range(4):  # any other optimum differs by one number in a row, and lies further away
        shift = np.zeros((4, 4))
        shift[row] = 0.3
        assert abs(loss_of(jnp.asarray(table + shift), CHAIN.train) - expected) < 1e-12
        assert np.linalg.norm(table + shift - start) > np.linalg.norm(table - start)


def test_where_a_pair_never_occurs_the_conditional_entropy_is_a_limit():
    data = DATASETS["text"].load(0, examples=40)
    assert OBJECTIVE.known.optimum is not None
    assert OBJECTIVE.known.references is not None
    limit = OBJECTIVE.known.references(data)["best bigram, H(next | this)"]
    zeros = {"logits": {"embedding": np.zeros((14, 14))}}
    weights = {"next-token": 1.0, "l2": 0.0}
    assert OBJECTIVE.known.optimum(zeros, data, weights) is None
    counts = np.zeros((14, 14))
    np.add.at(counts, (data.train["x"], data.train["y"]), 1)
    values = [float(loss_of(jnp.log(counts + rest), data.train)) - limit for rest in (1e-2, 1e-4, 1e-9)]
    assert values[0] > values[1] > values[2] > 0
    assert values[2] < 1e-6
    four = {"logits": {"embedding": np.zeros((4, 4))}}
    assert OBJECTIVE.known.optimum(four, CHAIN, weights) is not None
    assert OBJECTIVE.known.optimum(four, CHAIN, {"next-token": 1.0, "l2": 0.1}) is None
    assert OBJECTIVE.known.optimum({"tokens": {}, "output": {}}, CHAIN, weights) is None


def test_t27_a_bigram_table_has_a_zero_mode_per_context():
    """One per row, since adding one number to all logits of a row changes nothing; convex everywhere else."""
    table = jnp.asarray(np.random.default_rng(1).normal(size=(4, 4)))
    hessian = jax.jit(jax.hessian(lambda t: loss_of(t, CHAIN.train)))(table).reshape(16, 16)
    eigenvalues = np.linalg.eigvalsh(hessian)
    assert np.sum(np.abs(eigenvalues) < 1e-12) == 4
    assert np.sum(eigenvalues > 1e-4) == 12
    rows = np.kron(np.eye(4), np.ones((4, 1)))
    np.testing.assert_allclose(hessian @ rows, 0, atol=1e-14)


def test_positions_that_are_not_asked_for_count_for_nothing():
    """The mean is over what is asked for, and what a model says elsewhere has no influence."""
    rng = np.random.default_rng(2)
    logits, y = rng.normal(size=(5, 3, 4)), rng.integers(0, 4, (5, 3))
    is_asked = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 1], [1, 0, 0], [0, 1, 0]], bool)
    batch = {"x": y, "y": np.where(is_asked, y, -1)}

    def loss(logits):
        return OBJECTIVE.terms(lambda params, *_: params, logits, {}, batch, None)["next-token"]

    surprise = [np.log(np.exp(row).sum()) - row[t] for row, t in zip(logits[is_asked], y[is_asked], strict=True)]
    np.testing.assert_allclose(loss(jnp.asarray(logits)), np.mean(surprise), rtol=1e-12)
    np.testing.assert_allclose(loss(jnp.asarray(np.where(is_asked[..., None], logits, 1e3))), np.mean(surprise))
    assert np.all(np.asarray(jax.jit(jax.grad(loss))(jnp.asarray(logits)))[~is_asked] == 0)


def test_the_optimum_is_marked_for_the_bigram_on_a_markov_chain():
    recipe = catalog.complete(
        Recipe(
            objective=Choice("next-token"),
            model=Choice("bigram"),
            data=Choice.of("markov-chain", examples=200, vocabulary=4),
            precision="float64",
        )
    )
    problem = catalog.build(recipe)
    best = catalog.optimum(recipe, problem)
    references = catalog.references(recipe)
    assert abs(float(problem.loss(best)) - references["best bigram, H(next | this)"]) < 1e-12
    assert catalog.height(recipe) == "training cross-entropy, nats per token"
    assert catalog.examples(recipe) == "training sequences"
    # A path under way has it in the picture; one that has just begun is not made small for it.
    for steps, observed_values in ((100, True), (3, False)):
        place = place_picture(replace(recipe, steps=steps))
        (low, high), goal = np.transpose(place.extent), np.asarray(place.plane.project(best)[0])
        assert np.all((low < goal) & (goal < high)) == observed_values


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "model=linear&data=text",
            "linear needs completions, image or vector inputs, but text has tokens inputs; choose bigram",
        ),
        ("model=linear&data=sine", "next-token needs tokens, but sine has real targets; choose squared-error"),
        ("objective=squared-error&data=text", "but text has tokens; choose next-token, masked-token"),
        (
            "model=transformer&data=text&transformer.heads=0",
            "heads = 0 is out of range; give a whole number from 1",
        ),
    ],
)
def test_what_does_not_fit_gets_one_sentence(query, sentence):
    with pytest.raises(ValueError, match=sentence):
        catalog.complete(catalog.from_query(query if "objective" in query else f"objective=next-token&{query}"))


def test_too_small_data_is_refused_where_it_is_built_and_not_by_what_is_offered():
    recipe = catalog.from_query("objective=next-token&data=modular-addition&modular-addition.modulus=97")
    complete_recipe = catalog.complete(recipe)
    assert catalog.drawable_objectives("next-token", complete_recipe.data, complete_recipe.model.name) == []
    with pytest.raises(ValueError, match="a vocabulary of 97 is larger than the data, which has 80 to predict"):
        catalog.build(complete_recipe)
