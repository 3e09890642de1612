"""Segmentation of a picture: pixels of a small disc against many of the background."""

from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .data import Data, Dataset, standardized
from .entry import Entry, Fits, Opening, Page
from .softmax import log_softmax, softmax
from .supervised import penalties

Terms = dict[str, Float[Array, ""]]
CENTER = (0.35, -0.25)  # of the disc, in the square [−1, 1]²


def disc(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=16, le=4096), "pixels, rounded down to a square"] = 576,
    radius: Annotated[float, Interval(gt=0.05, le=0.6), "of the disc, in a square of side 2"] = 0.3,
    noise: Annotated[float, Interval(ge=0, le=0.5), "share of the pixels whose label is reversed"] = 0.02,
) -> Data:
    """The pixels of a square picture by their position. Class 1 is a disc, which covers π·radius²/4 of it; the
    test pixels lie at random."""
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(examples))
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)

    def labelled(x: np.ndarray) -> dict[str, np.ndarray]:
        inside = np.hypot(*(x - np.array(CENTER)).T) < radius
        return {"x": x, "y": (inside ^ (rng.random(len(x)) < noise)).astype(np.int32)}

    return standardized(labelled(grid), labelled(rng.uniform(-1, 1, grid.shape)), 2)


def dice(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """1 − mean over the classes but the first of (2Σ p·t + 1)/(Σp + Σt + 1), p the predicted probability and t
    whether the label is this class (Milletari et al. 2016, 1606.04797, with p + t in place of p² + t²).

    Between 0 and 1 whatever the share of the class. It is no mean over examples, so minibatches give a biased
    estimate. Cross-entropy is a term of weight 0.
    """
    outputs = forward(params, state, batch["x"])
    labels = jax.nn.one_hot(batch["y"], outputs.shape[-1], dtype=outputs.dtype)
    p = softmax(outputs)
    overlap = (2 * jnp.sum(p * labels, axis=0) + 1) / (jnp.sum(p, axis=0) + jnp.sum(labels, axis=0) + 1)
    return {
        "dice": 1 - jnp.mean(overlap[1:]),
        "cross-entropy": -jnp.mean(jnp.sum(labels * log_softmax(outputs), axis=-1)),
        **penalties(params),
    }


OBJECTIVES = {
    "dice": Entry(
        "Dice loss",
        dice,
        {"dice": 1.0, "cross-entropy": 0.0, "l1": 0.0, "l2": 0.0},
        Page(
            r"1-\frac{2\sum_ip_it_i+1}{\sum_ip_i+\sum_it_i+1}",
            "Milletari et al. 2016, arXiv:1606.04797",
            "A plateau lies where nothing is predicted inside; small classes count as much as large ones.",
        ),
        Fits({"classes"}),
        Opening(
            {
                "data": "disc",
                "model": "mlp",
                "steps": "300",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.02",
                "momentum.learning_rate": "0.2",
                "behavior": "true",
            }
        ),
        coupled=True,
    ),
}

DATASETS = {
    "disc": Dataset(disc, "vector", "classes", "Disc in a picture", "generated", unit="pixels"),
}
