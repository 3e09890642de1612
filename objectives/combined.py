"""Combined objectives: a main task and an auxiliary one on shared parameters, as terms of one weighted sum.

Where the terms' gradients point against each other they conflict (`landscapes.tradeoffs.gradient_conflict`), and
between the minima of the two terms lies their Pareto front (`landscapes.tradeoffs.pareto`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Opening, Page
from .softmax import log_softmax
from .supervised import penalties

Terms = dict[str, Float[Array, ""]]


def classification_and_reconstruction(
    forward: Callable[..., Any], params: PyTree, state: PyTree, batch: dict[str, Array], key: Any
) -> Terms:
    """The two losses of a classifier f and a decoder g on shared features h(x): cross-entropy
    −(1/n)Σᵢ log softmax(f(h(xᵢ)))_yᵢ in nats, and reconstruction (1/n)Σᵢ ‖g(h(xᵢ)) − xᵢ‖², summed over pixels.

    Reconstruction needs features that distinguish examples, classification only features that distinguish classes.
    L1 and L2 as for supervised objectives.
    """
    outputs, reconstruction = forward(params, state, batch["x"])
    x = batch["x"].reshape(len(batch["x"]), -1)
    right = jnp.take_along_axis(log_softmax(outputs), batch["y"][:, None], axis=-1)
    return {
        "cross-entropy": -jnp.mean(right),
        "reconstruction": jnp.mean(jnp.sum((reconstruction - x) ** 2, axis=-1)),
        **penalties(params),
    }


OBJECTIVES = {
    "classify-reconstruct": Entry(
        "Classification + reconstruction loss",
        classification_and_reconstruction,
        {"cross-entropy": 1.0, "reconstruction": 0.3, "l1": 0.0, "l2": 0.0},
        Page(
            r"-\frac1n\sum_i\log\mathrm{softmax}(f(h(x_i)))_{y_i} + \frac wn\sum_i\lVert g(h(x_i))-x_i\rVert^2",
            "Caruana 1997 (multitask learning); Le et al. 2018, NeurIPS (supervised autoencoders)",
            "The page Compare shows where the gradients of the two tasks conflict, and their Pareto front.",
            family="Combined",
        ),
        Fits({"classes"}, needs={"classifier+decoder"}),
        Opening(
            {
                "data": "digits",
                "model": "classifier-decoder",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.01",
                "steps": "300",
            }
        ),
    ),
}
