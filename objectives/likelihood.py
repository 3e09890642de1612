"""Maximum likelihood for a model with a density: −(1/n)Σᵢ log p(xᵢ), in nats per example.

Its expectation over the distribution q of the data is the entropy H(q) plus KL(q ‖ p), so that no model is below
the entropy on new examples, in expectation. On its own training examples a model can be: it then has learned them
by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .generation import generated_by

Forward = Callable[..., Any]


def maximum_likelihood(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any
) -> dict[str, Float[Array, ""]]:
    """−(1/n)Σᵢ log p(xᵢ)."""
    x = batch["x"].reshape(len(batch["x"]), -1)
    return {"nll": -jnp.mean(forward(params, state, x, method="log_density"))}


def draw(forward: Forward, params: PyTree, state: PyTree, x: Array, count: int, **_: Any) -> Float[Array, "S D"]:
    """Samples, from the same random numbers at every parameter vector."""
    return forward(params, state, jax.random.key(0), method="sample", count=count)


def references(data: Any, weights: Mapping[str, float]) -> dict[str, float]:
    """The entropy of the distribution of the data where it is known, and the loss of the best Gaussian, both times
    the weight of the term."""
    x = data.train["x"].reshape(len(data.train["x"]), -1).astype(np.float64)
    covariance = np.atleast_2d(np.cov(x.T, bias=True))
    sign, log_determinant = np.linalg.slogdet(covariance)
    known = {} if data.entropy is None else {"entropy of the distribution": data.entropy}
    if sign > 0 and np.linalg.cond(covariance) < 1e12:
        known["best Gaussian"] = float(0.5 * (x.shape[1] * np.log(2 * np.pi * np.e) + log_determinant))
    return {name: weights["nll"] * value for name, value in known.items()}


def size(data: Any) -> int:
    """One output for each value of an example."""
    return int(np.prod(data.input_shape))


FAMILY = "Likelihood and energy"

OBJECTIVES = {
    "maximum-likelihood": Entry(
        "Maximum likelihood",
        maximum_likelihood,
        {"nll": 1.0},
        Page(
            r"-\frac1n\sum_i\log p(x_i)",
            "Fisher 1922; Dinh et al. 2017, arXiv:1605.08803 (coupling flow)",
            "A loss below the entropy of the distribution is that of examples which were learned by heart.",
            FAMILY,
            "−log-likelihood, nats",
        ),
        Fits({"samples", "none"}, {"vector"}, {"density"}, size),
        Opening(
            {
                "data": "ring",
                "ring.examples": "500",
                "ring.noise": "0.15",
                "model": "autoregressive",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.005",
                "momentum.learning_rate": "0.01",
                "steps": "400",
                "scale": "log",
                "behavior": "true",
            }
        ),
        Known(references),
        behavior=generated_by(draw),
    ),
}
