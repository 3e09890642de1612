"""Next-token prediction with z-loss, a penalty on the normalizer Z of the softmax.

The softmax does not change when one number is added to all logits, so that cross-entropy has a flat direction at
every position. The z-loss is curved along it, with the least value where the logits are log probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .language import bigram_counts, conditional_entropy, mean_cross_entropy, nearest_optimum
from .next_tokens import next_tokens
from .supervised import penalties

Forward = Callable[..., Float[Array, "N T V"]]
Terms = dict[str, Float[Array, ""]]

WEIGHTS = {"next-token": 1.0, "z-loss": 0.1, "l2": 0.0}


def next_token_with_z_loss(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any
) -> Terms:
    """The cross-entropy of `next_token`, in nats per token, and z-loss (1/M) Σ log² Z with Z = Σ_v exp f(x)_{t,v},
    over the M positions that have a target (Chowdhery et al. 2022, arXiv:2204.02311, section 5).

    Where all logits of a position are shifted by s, log Z becomes log Z + s and the cross-entropy stays. The
    z-loss is 0 where the logits are log probabilities, and ln² V where they are 0. l2 = ½Σθ² over all parameters
    with two axes or more.
    """
    y = batch["y"]
    logits = forward(params, state, batch["x"])
    log_partition = jax.nn.logsumexp(logits, axis=-1)
    return {
        "next-token": mean_cross_entropy(logits, y, y >= 0),
        "z-loss": jnp.mean(log_partition**2, where=y >= 0),
        "l2": penalties(params)["l2"],
    }


def _references(data: Any, weights: Mapping[str, float] = WEIGHTS) -> dict[str, float]:
    """The weighted loss at logits 0, and the least of a bigram table, whose z-loss is 0; none under a penalty."""
    if weights["l2"]:
        return {}
    uniform = math.log(data.classes)
    return {
        "logits 0": weights["next-token"] * uniform + weights["z-loss"] * uniform**2,
        "best bigram, H(next | this)": weights["next-token"] * conditional_entropy(bigram_counts(data)),
    }


def _optimum(params: PyTree, data: Any, weights: Mapping[str, float]) -> PyTree | None:
    """The bigram table log p(b|a), whose rows have log Z = 0: the only optimum under the z-loss. None where
    next-token prediction has none."""
    nearest = nearest_optimum(params, data, weights)
    if nearest is None or not (weights["next-token"] > 0 and weights["z-loss"] > 0):
        return nearest
    counts = bigram_counts(data)
    return {"logits": {"embedding": np.log(counts / counts.sum(axis=1, keepdims=True))}}


OBJECTIVES = {
    "next-token-z": Entry(
        "Next-token cross-entropy with z-loss",
        next_token_with_z_loss,
        WEIGHTS,
        Page(
            r"-\frac1M\sum_{n,t}\log\mathrm{softmax}(f_{n,t})_{x_{n,t+1}}+"
            r"\frac\lambda M\sum_{n,t}\log^2\sum_v e^{f_{n,t,v}}",
            "Chowdhery et al. 2022 (PaLM), arXiv:2204.02311",
            "Draw the sum without the z-loss: the bowl becomes a trough, because cross-entropy does not change "
            "when one number is added to all logits. PaLM has λ = 10⁻⁴.",
            family="Language",
        ),
        Fits({"tokens"}, {"tokens"}, {"language model"}),
        Opening(
            {
                "data": "markov-chain",
                "model": "bigram",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.1",
                "momentum.learning_rate": "1",
            },
            {"extent": "2.5"},
        ),
        Known(_references, _optimum),
        behavior=next_tokens,
    ),
}
