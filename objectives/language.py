"""Language modelling: the cross-entropy of the next token, in nats per token.

It needs a "language model": `forward(params, state, x)` gives logits ["N T V"] for tokens x["N T"], and those at a
position depend on no later one. Targets of the kind "tokens" are y["N T"], the next token, or −1 at positions that
are left out of the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .next_tokens import next_tokens
from .softmax import log_softmax
from .supervised import penalties

Forward = Callable[..., Float[Array, "N T V"]]
Terms = dict[str, Float[Array, ""]]


def next_token(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """−(1/M) Σ log softmax(f(x)_t)_{y_t} over the M positions that have a target, in nats per token.

    ln V at equal logits. The smallest loss of a bigram table is the conditional entropy H(x_{t+1}|x_t) of the
    data. l2 = ½Σθ² over all parameters with two axes or more.
    """
    y = batch["y"]
    loss = mean_cross_entropy(forward(params, state, batch["x"]), y, y >= 0)
    return {"next-token": loss, "l2": penalties(params)["l2"]}


def mean_cross_entropy(
    logits: Float[Array, "N T V"], tokens: Int[Array, "N T"], has_target: Bool[Array, "N T"]
) -> Float[Array, ""]:
    """−log softmax(logits)_token, averaged over the positions that have a target."""
    truth = jax.nn.one_hot(tokens, logits.shape[-1], dtype=logits.dtype)
    losses = -jnp.sum(truth * log_softmax(logits), axis=-1)
    return jnp.mean(losses, where=has_target)


def bigram_counts(data: Any) -> Int[np.ndarray, "V V"]:
    """How often each token (column) is the target after each token (row) in the training sequences."""
    x, y = data.train["x"], data.train["y"]
    counts = np.zeros((data.classes, data.classes), np.int64)
    np.add.at(counts, (x[y >= 0], y[y >= 0]), 1)
    return counts


def conditional_entropy(counts: Int[np.ndarray, "V V"]) -> float:
    """H(column|row) = −Σ p(a, b) log p(b|a) of a table of counts, in nats."""
    within = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return float(-np.sum(counts * np.log(np.where(counts > 0, within, 1.0))) / counts.sum())


WEIGHTS = {"next-token": 1.0, "l2": 0.0}


def _references(data: Any, weights: Mapping[str, float] = WEIGHTS) -> dict[str, float]:
    """Reference values of the weighted loss; none under a penalty."""
    if weights["l2"]:
        return {}
    return {
        "uniform, ln V": weights["next-token"] * math.log(data.classes),
        "best bigram, H(next | this)": weights["next-token"] * conditional_entropy(bigram_counts(data)),
    }


def nearest_optimum(params: PyTree, data: Any, weights: Mapping[str, float]) -> PyTree | None:
    """The optimal bigram table nearest to `params`: log p(b|a) + c_a, where c_a keeps the mean of each row.

    None for another model, under a penalty, and where a pair of tokens never occurs: its optimal logit is −∞, so
    that no table attains the conditional entropy.
    """
    counts = bigram_counts(data)
    if list(params) != ["logits"] or weights.get("l2") or counts.min() == 0:
        return None
    rows = np.log(counts)
    table = np.asarray(params["logits"]["embedding"], np.float64)
    rows += np.mean(table - rows, axis=1, keepdims=True)
    return {"logits": {"embedding": rows}}


OBJECTIVES = {
    "next-token": Entry(
        "Next-token cross-entropy",
        next_token,
        WEIGHTS,
        Page(
            r"-\frac1M\sum_{n,t}\log\mathrm{softmax}\bigl(f(x_{n,\le t})\bigr)_{x_{n,t+1}}",
            "Radford et al. 2019 (GPT-2); Shannon 1951 for the bigram",
            "A loss below the bigram entropy shows that the model uses more context than the last token. The loss "
            "of the bigram table is convex.",
            family="Language",
            value="cross-entropy, nats per token",
        ),
        Fits({"tokens"}, {"tokens"}, {"language model"}),
        Opening({"data": "text", "model": "transformer", "optimizers": "adam+momentum", "steps": "200"}),
        Known(_references, nearest_optimum),
        behavior=next_tokens,
    ),
}
