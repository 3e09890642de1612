"""Sequences without alignment: CTC.

Kind "transcripts": x["N·T F"], the frames of N utterances of T frames each, and `labels["N L"]`, the symbols of
each in order, from 1. `y["N·T"]` is the symbol that each frame was drawn from, 0 for none; the loss does not read
it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
import optax
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .entry import Entry, Fits, Opening, Page
from .predictions import predictions

Terms = dict[str, Float[Array, ""]]
SYMBOLS, LENGTH, FRAMES = 3, 3, 12  # kinds of symbols; symbols and frames of an utterance


def utterances(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=1, le=500), "utterances of 12 frames, each with 3 symbols"] = 24,
    noise: Annotated[float, Interval(ge=0, le=2), "standard deviation of a frame"] = 0.25,
) -> Data:
    """Utterances of three symbols. Each symbol lasts one to three frames near its point of the unit circle, and
    silence, near 0, lasts one frame at least between two symbols."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(1, SYMBOLS + 1, (examples, LENGTH))
    symbols = np.zeros((examples, FRAMES), np.int32)
    for row, said in zip(symbols, labels, strict=True):
        at = 0
        for symbol in said:
            row[at : at + rng.integers(1, FRAMES // LENGTH)] = symbol
            at += FRAMES // LENGTH
    angle = 2 * np.pi * symbols.ravel() / SYMBOLS
    center = np.where(symbols.ravel()[:, None] > 0, np.stack([np.cos(angle), np.sin(angle)], axis=1), 0.0)
    arrays = {
        "labels": labels.astype(np.int32),
        "x": (center + noise * rng.standard_normal(center.shape)).astype(np.float32),
        "y": symbols.ravel(),
    }
    for array in arrays.values():
        array.flags.writeable = False
    return Data(arrays, arrays, SYMBOLS + 1)


def ctc(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """−(1/N)Σ log P(labels), the sum over all alignments of the T frames to the labels, with blanks (class 0)
    between them (Graves et al. 2006). At equal outputs it is T·ln C − ln of the number of alignments."""
    labels = batch["labels"]
    outputs = forward(params, state, batch["x"])
    outputs = outputs.reshape(len(labels), -1, outputs.shape[-1])
    nothing = jnp.zeros(outputs.shape[:2], outputs.dtype)
    losses = optax.ctc_loss(outputs, nothing, labels, jnp.zeros(labels.shape, outputs.dtype))
    return {"ctc": jnp.mean(losses)}


def classified_frames(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of a predictor, whose examples are frames and not utterances."""
    shown = predictions(dataset, data, split)
    return None if shown is None else replace(shown, drawn={**shown.drawn, "unit": "frames"})


OBJECTIVES = {
    "ctc": Entry(
        "Connectionist temporal classification",
        ctc,
        {"ctc": 1.0},
        Page(
            r"-\frac1N\sum_n\log\sum_{a\in\mathcal A(\ell_n)}\prod_t\mathrm{softmax}(f(x_t))_{a_t}",
            "Graves et al. 2006, ICML",
            "The loss never sees which frame is which symbol; a plateau comes first, where all frames are blank.",
            "Ranking, survival, sequences",
        ),
        Fits({"transcripts"}, {"vector"}),
        Opening(
            {
                "data": "utterances",
                "model": "mlp",
                "steps": "200",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.02",
                "momentum.learning_rate": "0.02",
                "behavior": "true",
                "scale": "log",
            }
        ),
        behavior=classified_frames,
    ),
}

DATASETS = {
    "utterances": Dataset(
        utterances, "vector", "transcripts", "Utterances of symbols", "generated", unit="utterances", whole=True
    ),
}
