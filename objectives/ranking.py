"""Ranking: scores that put the relevant documents of each query first.

Kind "relevance": x["Q·D F"], the documents of all queries, and `relevance["Q D"]`, whole numbers from 0.
"""

from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .entry import Entry, Fits, Opening, Page
from .predictions import MAX_DRAWN_EXAMPLES, Predictions, drawn_range
from .softmax import log_softmax, softplus

Terms = dict[str, Float[Array, ""]]
DOCUMENTS, GRADES = 8, 4  # of a query; grades of relevance


def documents(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=2, le=500), "queries, each with 8 documents"] = 30,
    noise: Annotated[float, Interval(ge=0, le=5), "standard deviation of the noise in the relevance"] = 0.5,
) -> Data:
    """Documents of two features. Their relevance 0, 1, 2 or 3 is the quartile, within the query, of
    x₁ + sin(2x₂) + noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((examples * DOCUMENTS, 2))
    value = x[:, 0] + np.sin(2 * x[:, 1]) + noise * rng.standard_normal(len(x))
    order = np.argsort(np.argsort(value.reshape(examples, DOCUMENTS), axis=1), axis=1)
    arrays = {"x": x.astype(np.float32), "relevance": (order * GRADES // DOCUMENTS).astype(np.int32)}
    for array in arrays.values():
        array.flags.writeable = False
    return Data(arrays, arrays, None)


def listnet(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """−mean over queries of Σ_d softmax(relevance)_d·log softmax(s)_d (Cao et al. 2007, top-one probabilities):
    convex in the scores, ln D at equal scores, the entropy of softmax(relevance) at best. NDCG is a term of
    weight 0."""
    scores, relevance = _scores(forward, params, state, batch)
    wanted = jax.nn.softmax(relevance)
    loss = -jnp.mean(jnp.sum(wanted * log_softmax(scores), axis=1))
    return {"listnet": loss, "ndcg": ndcg(scores, relevance)}


def lambdarank(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """Mean over queries of Σ over pairs with rel_i > rel_j of |ΔNDCG_ij|·log(1 + exp(s_j − s_i)), ΔNDCG_ij the
    change of NDCG if i and j swapped ranks (Burges et al. 2006; as a loss: Wang et al. 2018).

    The weights are constant between swaps, so the gradient is LambdaRank's; at a swap the value jumps.
    """
    scores, relevance = _scores(forward, params, state, batch)
    gain, discount = _gains(relevance), 1 / jnp.log2(2.0 + _ranks(scores).astype(scores.dtype))
    swap = jnp.abs((gain[:, :, None] - gain[:, None]) * (discount[:, :, None] - discount[:, None]))
    pairs = jnp.where(relevance[:, :, None] > relevance[:, None], swap, 0)
    loss = jnp.sum(pairs * softplus(scores[:, None] - scores[:, :, None]), axis=(1, 2))
    return {"lambdarank": jnp.mean(loss), "ndcg": ndcg(scores, relevance)}


def ndcg(scores: Float[Array, "Q D"], relevance: Float[Array, "Q D"]) -> Float[Array, ""]:
    """Mean over queries of Σ_d gain_d/log₂(1 + rank_d) with gain = (2^rel − 1)/(the largest such sum)."""
    return jnp.mean(jnp.sum(_gains(relevance) / jnp.log2(2.0 + _ranks(scores).astype(scores.dtype)), axis=1))


def _gains(relevance: Float[Array, "Q D"]) -> Float[Array, "Q D"]:
    gain = 2.0**relevance - 1
    best = -jnp.sort(-gain, axis=1) / jnp.log2(2.0 + jnp.arange(gain.shape[1], dtype=gain.dtype))[None]
    return gain / jnp.maximum(jnp.sum(best, axis=1, keepdims=True), 1e-9)


def _ranks(scores: Float[Array, "Q D"]) -> Array:
    """0 for the largest score of a query; of equal scores the first has the smaller rank."""
    return jnp.argsort(jnp.argsort(-scores, axis=1), axis=1)


def _scores(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array]) -> tuple[Array, Array]:
    relevance = batch["relevance"]
    scores = forward(params, state, batch["x"])[:, 0].reshape(relevance.shape)
    return scores, relevance.astype(scores.dtype)


def show_ranking(forward: Any, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Predictions:
    """The scores, shifted and scaled to the mean and deviation of the relevance, which changes no rank."""
    scores = forward(params, state, inputs["x"])[:, 0]
    scaled = (scores - jnp.mean(scores)) / (jnp.std(scores) + 1e-6)
    return Predictions((inputs["mean"] + inputs["deviation"] * scaled)[:MAX_DRAWN_EXAMPLES])


def ranking(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a ranking: scores against relevance."""
    relevance = data.train["relevance"].ravel().astype(np.float32)
    inputs = {"x": data.train["x"], "mean": relevance.mean(), "deviation": relevance.std()}
    box = [list(drawn_range(relevance)), list(drawn_range(relevance))]
    drawn = {"targets": relevance[:MAX_DRAWN_EXAMPLES], "examples": len(relevance), "box": box}
    return Behavior(show_ranking, inputs, drawn, is_on_examples=True)


_RANKED = Fits({"relevance"}, {"vector"}, outputs=lambda data: 1)
_SETTINGS = {"data": "documents", "steps": "200", "optimizers": "adam+sgd", "adam.learning_rate": "0.02"}
_FAMILY = "Ranking, survival, sequences"

OBJECTIVES = {
    "listnet": Entry(
        "ListNet",
        listnet,
        {"listnet": 1.0, "ndcg": 0.0},
        Page(
            r"-\frac1Q\sum_q\sum_d\mathrm{softmax}(r_q)_d\,\log\mathrm{softmax}(s_q)_d",
            "Cao et al. 2007, ICML",
            "Only differences of scores within a query count. NDCG, the aim, is piecewise constant beside it.",
            _FAMILY,
        ),
        _RANKED,
        Opening(_SETTINGS | {"model": "mlp", "sgd.learning_rate": "0.3", "beside": "term:ndcg"}),
        behavior=ranking,
    ),
    "lambdarank": Entry(
        "LambdaRank (as a loss)",
        lambdarank,
        {"lambdarank": 1.0, "ndcg": 0.0},
        Page(
            r"\frac1Q\sum_q\sum_{r_i>r_j}|\Delta\mathrm{NDCG}_{ij}|\,\log(1+e^{s_j-s_i})",
            "Burges et al. 2006, NeurIPS 19; Wang et al. 2018, CIKM",
            "The surface has small steps: where two documents swap ranks, the weights of their pairs change.",
            _FAMILY,
        ),
        _RANKED,
        Opening(_SETTINGS | {"model": "mlp", "sgd.learning_rate": "0.3", "scale": "log"}),
        behavior=ranking,
    ),
}

DATASETS = {
    "documents": Dataset(
        documents, "vector", "relevance", "Documents of queries", "generated", unit="documents", whole=True
    ),
}
