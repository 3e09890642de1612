"""What the panel beside the stage needs to draw what the model does at each step of each path."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes.figures.palette import styles
from landscapes.scenes.behaviors import MAX_EXACT_NUMBERS

if TYPE_CHECKING:
    from landscapes.scenes.behaviors import Behaviors

KINDS = {
    "regions": "Decision regions of the model over its two inputs.",
    "images": "Images with the class that the model predicts.",
    "confusion": "Confusion matrix: how many examples of each class are predicted as each class.",
    "fit": "The examples and the curve that the model predicts.",
    "predictions": "The model's predictions against the targets.",
    "reconstructions": "Images, what the autoencoder makes of each, and images that it generates.",
    "samples": "The data, and points that the model generates.",
    "adversaries": "The data, points that the generator generates, and the discriminator over the plane.",
    "duel": "The generator's output on a line, and the discriminator's logit along it.",
    "histogram": "The density of the data and that of the model.",
    "pictures": "Images that the generator generates.",
    "tokens": "The probability of each token in some contexts.",
    "experts": "The share of each token that goes to each expert.",
    "moves": "The probability of each move in each cell of the world.",
    "arms": "The probability of each arm.",
    "pushes": "The likelier push of the cart, by the pole's angle and its velocity.",
    "scores": "The completions, by their true reward and what was learned about them.",
    "curve": "The solution of a differential equation along an interval, by the network and exact.",
    "spacetime": "The solution of a differential equation over space and time, by the network and exact.",
    "similarities": "The similarity of the embeddings of examples, in the order of their classes.",
    "classcosines": "The cosine between the embeddings of examples and the axis of each class.",
}


def behavior_data(behaviors: Behaviors, *, examples: str = "examples") -> dict[str, Any]:
    """For each path its color, the shown steps and the arrays of the display; the same for a point of the plane;
    and what is drawn at every step.

    Args:
        examples: what the examples are called, such as "training examples", unless the display has a unit.
    """
    colors = styles(behaviors.steps)
    point = None
    if behaviors.point is not None:
        point = {
            "values": _values(behaviors.point),
            "coordinates": [float(f"{c:.5g}") for c in behaviors.coordinates],
            "place": behaviors.place,
        }
    return {
        "kind": behaviors.kind,
        "description": KINDS[behaviors.kind],
        "examples": behaviors.drawn.get("unit", examples),
        "drawn": {name: _plain(value) for name, value in behaviors.drawn.items()},
        "paths": {
            label: {
                "color": colors[label].color,
                "steps": behaviors.steps[label].tolist(),
                "values": _values(behaviors.displays[label]),
            }
            for label in behaviors.steps
        },
        "point": point,
        "last": max((int(steps[-1]) for steps in behaviors.steps.values()), default=0),
    }


def _values(display: Any) -> dict[str, Any]:
    return {name: packed(rows) for name, rows in display._asdict().items()}


def _plain(value: Any) -> Any:
    return packed(value) if isinstance(value, np.ndarray) else value


def packed(array: np.ndarray) -> dict[str, Any]:
    """An array as base64 of its smallest type. Large rows of real numbers are shades and have one byte a number:
    `low` and `high` are the values of 0 and 255."""
    array, value_range = np.asarray(array), {}
    shape: Mapping[str, Any] = {"shape": ", ".join(map(str, array.shape))}
    if array.dtype.kind == "f":
        if array.size // max(1, len(array)) <= MAX_EXACT_NUMBERS:
            array, name = array.astype("<f4"), "f4"
        else:
            finite = array[np.isfinite(array)]
            low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
            share = (np.nan_to_num(array, nan=low, posinf=high, neginf=low) - low) / ((high - low) or 1.0)
            array, name, value_range = np.round(255 * share).astype("u1"), "u1", {"low": low, "high": high}
    else:
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        name = "u1" if low >= 0 and high < 2**8 else "i2" if low >= -(2**15) and high < 2**15 else "i4"
        array = array.astype(f"<{name}")
    return {"dtype": name, "bdata": base64.b64encode(array.tobytes()).decode(), **shape, **value_range}
