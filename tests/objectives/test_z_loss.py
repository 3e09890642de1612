"""z-loss: its closed form, the flat direction that it curves, and its only optimum."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES

ENTRY: Any = OBJECTIVES["next-token-z"]
CHAIN = DATASETS["markov-chain"].load(0, examples=200, vocabulary=4)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def terms_of(logits, y):
    return ENTRY.terms(lambda params, *_: params, logits, {}, {"x": y, "y": y}, None)


def table_terms(table):
    graph, _, _ = models.split(nnx.eval_shape(lambda: MODELS["bigram"].build((3,), len(table), nnx.Rngs(0))))
    return ENTRY.terms(partial(models.apply, graph), {"logits": {"embedding": table}}, {}, CHAIN.train, None)


def test_z_loss_is_log_z_squared_and_a_shift_leaves_cross_entropy():
    """By sums in NumPy over the positions that have a target; s added to all logits adds s to log Z alone."""
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=(5, 3, 4)), rng.integers(0, 4, (5, 3))
    y[0, 1] = y[3, 2] = -1
    log_partition = np.log(np.exp(logits).sum(-1))[y >= 0]
    for shift in (0.0, 2.0, -30.0):
        terms = terms_of(jnp.asarray(logits + shift), y)
        np.testing.assert_allclose(terms["z-loss"], np.mean((log_partition + shift) ** 2), rtol=1e-12)
        np.testing.assert_allclose(terms["next-token"], terms_of(jnp.asarray(logits), y)["next-token"], rtol=1e-12)
    same = OBJECTIVES["next-token"].terms(lambda p, *_: p, jnp.asarray(logits), {}, {"x": y, "y": y}, None)
    np.testing.assert_array_equal(same["next-token"], terms_of(jnp.asarray(logits), y)["next-token"])
    normalized = jax.nn.log_softmax(jnp.asarray(logits))
    np.testing.assert_allclose(terms_of(normalized, y)["z-loss"], 0, atol=1e-30)
    np.testing.assert_allclose(terms_of(jnp.zeros((5, 3, 4)), y)["z-loss"], np.log(4) ** 2, rtol=1e-14)


def test_z_loss_curves_the_flat_direction_of_every_row():
    """Along the unit vector of a row, logits + t/√V: the curvature of the z-loss is 2f/V at every table, with f
    the share of the row, and that of the cross-entropy is 0."""
    table = jnp.asarray(np.random.default_rng(1).normal(size=(4, 4)))
    hessians = jax.jit(jax.hessian(table_terms))(table)
    share = np.bincount(CHAIN.train["x"].ravel()) / CHAIN.train["x"].size
    rows = np.kron(np.eye(4), np.ones((4, 1)) / 2)  # unit vectors
    for term, expected in (("next-token", 0 * share), ("z-loss", 2 * share / 4)):
        hessian = hessians[term].reshape(16, 16)
        np.testing.assert_allclose(np.diag(rows.T @ hessian @ rows), expected, atol=1e-14)


def test_optimum_is_the_table_of_log_probabilities():
    """Its z-loss is 0, so that its loss is the conditional entropy; the Hessian there is positive definite."""
    start = {"logits": {"embedding": np.random.default_rng(2).normal(size=(4, 4))}}
    weights = {"next-token": 1.0, "z-loss": 0.1, "l2": 0.0}
    table = jnp.asarray(ENTRY.known.optimum(start, CHAIN, weights)["logits"]["embedding"])
    references = ENTRY.known.references(CHAIN, weights)
    terms = table_terms(table)
    np.testing.assert_allclose(terms["z-loss"], 0, atol=1e-28)
    assert float(terms["next-token"]) == pytest.approx(references["best bigram, H(next | this)"], abs=1e-12)

    def loss(table):
        terms = table_terms(table)
        return terms["next-token"] + 0.1 * terms["z-loss"]

    np.testing.assert_allclose(jax.jit(jax.grad(loss))(table), 0, atol=1e-14)
    assert np.linalg.eigvalsh(jax.jit(jax.hessian(loss))(table).reshape(16, 16)).min() > 1e-3
    assert float(loss(jnp.zeros((4, 4)))) == pytest.approx(references["logits 0"], abs=1e-12)
    assert ENTRY.known.references(CHAIN, {**weights, "l2": 0.1}) == {}
    # Without the z-loss it is the nearest of many; where a pair of tokens never occurs there is none.
    plain = {**weights, "z-loss": 0.0}
    known: Any = OBJECTIVES["next-token"].known
    nearest = known.optimum(start, CHAIN, {"next-token": 1.0, "l2": 0.0})
    np.testing.assert_array_equal(
        ENTRY.known.optimum(start, CHAIN, plain)["logits"]["embedding"], nearest["logits"]["embedding"]
    )
    zeros = {"logits": {"embedding": np.zeros((14, 14))}}
    assert ENTRY.known.optimum(zeros, DATASETS["text"].load(0, examples=40), weights) is None
