"""The Brier score, and the calibration error beside it and cross-entropy."""

from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Opening, Page
from .softmax import log_softmax, softmax
from .supervised import penalties

Terms = dict[str, Float[Array, ""]]


def brier(
    forward: Any,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    bins: Annotated[int, Interval(ge=1, le=100), "bins of confidence of the calibration error"] = 15,
) -> Terms:
    """(1/n)Σᵢ ‖softmax(f(xᵢ)) − onehot(yᵢ)‖² (Brier 1950), at most 2: least where the probabilities are those of
    the labels, as is cross-entropy, but bounded and not convex in the outputs. Cross-entropy and the expected
    calibration error are terms of weight 0."""
    outputs = forward(params, state, batch["x"])
    labels = jax.nn.one_hot(batch["y"], outputs.shape[-1], dtype=outputs.dtype)
    p = softmax(outputs)
    return {
        "brier": jnp.mean(jnp.sum((p - labels) ** 2, axis=-1)),
        "cross-entropy": -jnp.mean(jnp.sum(labels * log_softmax(outputs), axis=-1)),
        "calibration-error": calibration_error(p, labels, bins),
        **penalties(params),
    }


def calibration_error(p: Float[Array, "N C"], labels: Float[Array, "N C"], bins: Any) -> Float[Array, ""]:
    """Σ over bins of equal width of |Σ (confidence − correctness)|/n, the confidence being the largest probability
    (Guo et al. 2017, 1706.04599). It jumps where an example changes its bin or its class."""
    confidence = jnp.max(p, axis=-1)
    right = jnp.take_along_axis(labels, jnp.argmax(p, axis=-1)[:, None], axis=-1)[:, 0]
    count = jnp.asarray(bins, p.dtype)
    place = jnp.minimum(jnp.floor(jax.lax.stop_gradient(confidence) * count), count - 1)
    same = (place[:, None] == jnp.arange(100, dtype=p.dtype)[None]).astype(p.dtype)  # the most bins there may be
    return jnp.sum(jnp.abs((confidence - right) @ same)) / len(p)


OBJECTIVES = {
    "brier": Entry(
        "Brier score",
        brier,
        {"brier": 1.0, "cross-entropy": 0.0, "calibration-error": 0.0, "l1": 0.0, "l2": 0.0},
        Page(
            r"\frac1n\sum_i\lVert\mathrm{softmax}(f(x_i))-\mathrm{onehot}(y_i)\rVert^2",
            "Brier 1950; calibration error: Guo et al. 2017, arXiv:1706.04599",
            "It is bounded, so confident errors lie on plateaus. The calibration error beside it jumps.",
        ),
        Fits({"classes"}),
        Opening(
            {
                "data": "moons",
                "moons.noise": "0.35",
                "optimizers": "adam+sgd",
                "adam.learning_rate": "0.02",
                "sgd.learning_rate": "0.5",
                "beside": "term:calibration-error",
            }
        ),
    ),
}
