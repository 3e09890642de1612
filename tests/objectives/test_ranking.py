"""ListNet, LambdaRank and NDCG: closed forms, scikit-learn's NDCG, and swaps."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import softmax
from sklearn.metrics import ndcg_score

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.ranking import ndcg

RELEVANCE = np.array([[0, 3, 1, 2, 1], [2, 0, 0, 1, 3]])
SCORES = np.random.default_rng(0).normal(size=RELEVANCE.shape)


@partial(jax.jit, static_argnums=0)
def terms(name, scores):
    batch = {"x": jnp.zeros((RELEVANCE.size, 1)), "relevance": jnp.asarray(RELEVANCE)}
    return OBJECTIVES[name].terms(lambda p, *_: p.reshape(-1, 1), scores, {}, batch, None)


def test_ndcg_is_that_of_scikit_learn():
    expected = ndcg_score(2.0**RELEVANCE - 1, SCORES)
    for name in ("listnet", "lambdarank"):
        np.testing.assert_allclose(terms(name, SCORES)["ndcg"], expected, rtol=1e-5)
    np.testing.assert_allclose(terms("listnet", RELEVANCE.astype(float))["ndcg"], 1, rtol=1e-5)


def test_listnet_is_least_at_the_relevance_and_ln_of_the_documents_at_equal_scores():
    p = softmax(RELEVANCE, axis=1)
    found, slope = jax.jit(jax.value_and_grad(lambda s: terms("listnet", s)["listnet"]))(
        RELEVANCE.astype(np.float32)
    )
    np.testing.assert_allclose(found, -(p * np.log(p)).sum(axis=1).mean(), rtol=1e-5)
    np.testing.assert_allclose(slope, 0, atol=1e-6)
    np.testing.assert_allclose(terms("listnet", np.zeros_like(SCORES))["listnet"], np.log(5), rtol=1e-6)


def test_lambdarank_weighs_each_pair_by_the_change_of_ndcg_when_its_scores_are_exchanged():
    expected, gain = 0.0, jax.jit(ndcg)
    for q, (scores, relevance) in enumerate(zip(SCORES, RELEVANCE, strict=True)):
        now = gain(scores[None], relevance[None].astype(float))
        for i in range(5):
            for j in range(5):
                if relevance[i] > relevance[j]:
                    swapped = scores.copy()
                    swapped[[i, j]] = scores[[j, i]]
                    change = gain(swapped[None], RELEVANCE[q : q + 1].astype(float)) - now
                    expected += abs(float(change)) * np.log1p(np.exp(scores[j] - scores[i])) / len(SCORES)
    np.testing.assert_allclose(terms("lambdarank", SCORES)["lambdarank"], expected, rtol=1e-4)


def test_shown_scores_have_the_mean_and_the_deviation_of_the_relevance_in_their_own_order():
    data = DATASETS["documents"].load(0)
    behavior = OBJECTIVES["listnet"].behavior(DATASETS["documents"], data, "train")
    assert behavior is not None
    relevance = data.train["relevance"].ravel()
    np.testing.assert_array_equal(behavior.drawn["targets"], relevance[: len(behavior.drawn["targets"])])
    scores = 7 - 0.01 * np.arange(len(relevance)) ** 1.5
    shown = behavior.show(lambda p, *_: p[:, None], jnp.asarray(scores), {}, behavior.inputs, None).predicted
    expected = (scores - scores.mean()) / scores.std() * relevance.std() + relevance.mean()
    np.testing.assert_allclose(shown, expected[: len(shown)], atol=1e-4)


def test_every_query_has_two_documents_of_each_grade():
    relevance = DATASETS["documents"].load(0).train["relevance"]
    assert relevance.shape == (30, 8)
    np.testing.assert_array_equal(np.sort(relevance, axis=1), np.tile([0, 0, 1, 1, 2, 2, 3, 3], (30, 1)))
