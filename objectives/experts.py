"""Next-token prediction by a mixture of experts, with a term that balances the use of the experts.

It needs a "mixture of experts" (`models.experts`). Routing is an argmax, so that the loss jumps where a token
changes its expert, and the gradient is that of the values between the jumps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .entry import Entry, Fits, Opening, Page
from .language import mean_cross_entropy
from .supervised import penalties

Forward = Callable[..., Any]
Terms = dict[str, Float[Array, ""]]

WEIGHTS = {"next-token": 1.0, "balance": 0.1, "l2": 0.0}


class Experts(NamedTuple):
    """For each token the share of its places that go to each expert of the first block, the same over all places,
    and how many of all targets are the likeliest token."""

    shares: Float[Array, "V E"]
    total: Float[Array, "E"]
    right: Int[Array, ""]


def balance(probabilities: Float[Array, "... E"]) -> Float[Array, ""]:
    """E·Σᵢ fᵢPᵢ with fᵢ the share of tokens that go to expert i and Pᵢ the mean of its probability (Fedus et al.
    2022, arXiv:2101.03961, equation 4, without the factor α).

    1 at equal probabilities, whatever the shares are, and E where one expert has all tokens with certainty. The
    gradient is that of the Pᵢ: the shares are piecewise constant.
    """
    experts = probabilities.shape[-1]
    flat = probabilities.reshape(-1, experts)
    return experts * jnp.sum(shares_of_experts(flat) * jnp.mean(flat, axis=0))


def shares_of_experts(probabilities: Float[Array, "M E"]) -> Float[Array, "E"]:
    """The share of the rows whose largest entry, the first of those that tie, is each column."""
    return jnp.mean(_chosen(probabilities), axis=0)


def _chosen(probabilities: Float[Array, "M E"]) -> Float[Array, "M E"]:
    return jax.nn.one_hot(jnp.argmax(probabilities, axis=-1), probabilities.shape[-1], dtype=probabilities.dtype)


def mixture_of_experts(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any
) -> Terms:
    """The cross-entropy of `next_token` and `balance` at all places, its mean over the blocks. l2 = ½Σθ² over all
    parameters with two axes or more."""
    y = batch["y"]
    logits, routes = forward(params, state, batch["x"], method="predict_and_route")
    return {
        "next-token": mean_cross_entropy(logits, y, y >= 0),
        "balance": jnp.mean(jax.vmap(balance)(routes)),
        "l2": penalties(params)["l2"],
    }


def show_experts(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Experts:
    """Which tokens each expert reads; see `Experts`."""
    x, y = inputs["x"], inputs["y"]
    logits, routes = forward(params, state, x, method="predict_and_route")
    chosen = _chosen(routes[0].reshape(-1, routes.shape[-1]))
    tokens = jax.nn.one_hot(x.ravel(), logits.shape[-1], dtype=chosen.dtype)
    counts = tokens.T @ chosen
    shares = counts / jnp.maximum(jnp.sum(counts, axis=1, keepdims=True), 1)
    right = jnp.sum((y >= 0) & (jnp.argmax(logits, axis=-1) == y))
    return Experts(shares, jnp.mean(chosen, axis=0), right)


def routed_tokens(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a mixture of experts."""
    examples = getattr(data, split)
    x, y = examples["x"], examples["y"]
    drawn = {"names": dataset.token_names(data.classes or 0), "targets": int(np.sum(y >= 0))}
    return Behavior(show_experts, {"x": x, "y": y}, drawn)


OBJECTIVES = {
    "mixture-of-experts": Entry(
        "Next-token cross-entropy with load balancing",
        mixture_of_experts,
        WEIGHTS,
        Page(
            r"-\frac1M\sum_{n,t}\log\mathrm{softmax}(f_{n,t})_{x_{n,t+1}}+"
            r"\alpha E\sum_{i=1}^E f_i\,P_i",
            "Fedus et al. 2022 (Switch), arXiv:2101.03961; Shazeer et al. 2017, arXiv:1701.06538",
            "The loss jumps where a token changes its expert. Without the balance one expert may take all tokens; "
            "Switch has α = 0.01.",
            family="Language",
        ),
        Fits({"tokens"}, {"tokens"}, {"mixture of experts"}),
        Opening(
            {
                "data": "text",
                "text.examples": "32",
                "model": "moe-transformer",
                "optimizers": "adam",
                "adam.learning_rate": "0.01",
                "steps": "120",
                "tolerance": "0.05",
                "behavior": "true",
            }
        ),
        coupled=True,
        behavior=routed_tokens,
    ),
}
