"""What the panel beside a stage shows of every display: small arrays that differ in every direction."""

from __future__ import annotations

import json
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes.figures.behavior_data import behavior_data

SIZES = {".behavior": {"size": [330, 400], "place": [0, 0]}}
BOX = [[0.0, 4.0], [-1.0, 2.0]]
REAL, WHOLE = np.float32, np.int32
IMAGES = np.array([[[0, 0.5, 1], [1, 0, 0.25]], [[0.75, 0, 0], [0, 0, 1]]], REAL)
NAMES = ["red", "green", "blue"]


def ramp(*shape: int) -> np.ndarray:
    """Numbers between 0 and 1 that rise unevenly."""
    size = int(np.prod(shape))
    return ((np.arange(size) / size) ** 1.5).reshape(shape).astype(REAL)


def shares(rows: int, columns: int) -> np.ndarray:
    table = 0.1 + ramp(rows, columns)
    return table / table.sum(axis=1, keepdims=True)


# By kind: what is drawn at every step, and the arrays of one step, which differ in the next one.
DISPLAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "regions": (
        {
            "box": BOX,
            "points": np.array([[1, 0.5], [3, -0.5], [2, 1.5]], REAL),
            "labels": np.array([2, 0, 1], WHOLE),
            "examples": 3,
            "names": NAMES,
        },
        {
            "classes": np.array([0, 1, 1, 0, 2, 2, 0, 0, 2], WHOLE),
            "margin": ramp(9),
            "predicted": np.array([2, 1, 1], WHOLE),
            "wrong": 1,
        },
    ),
    "images": (
        {"images": IMAGES, "labels": np.array([4, 7], WHOLE), "examples": 20},
        {"predicted": np.array([4, 9], WHOLE), "wrong": 3},
    ),
    "confusion": ({"examples": 21}, {"counts": np.array([5, 2, 0, 1, 8, 0, 0, 2, 3], WHOLE)}),
    "fit": (
        {"box": BOX, "points": np.array([1, 2.5], REAL), "targets": np.array([0.5, -0.5], REAL), "examples": 2},
        {"curve": 2 * ramp(5) - 1},
    ),
    "predictions": (
        {"box": BOX, "targets": np.array([1, 3, 2], REAL), "examples": 3},
        {"predicted": np.array([0.5, 1.5, -0.5], REAL)},
    ),
    "reconstructions": ({"images": IMAGES}, {"reconstructed": 1 - IMAGES, "sampled": ramp(2, 2, 3)}),
    "samples": (
        {"box": BOX, "points": np.array([[1, 0.5], [3, -0.5]], REAL)},
        {"sampled": np.array([[2, 1], [0.5, 1.5]], REAL)},
    ),
    "adversaries": (
        {"box": BOX, "points": np.array([[1, 0.5]], REAL)},
        {"sampled": np.array([[2, 1]], REAL), "realness": ramp(9)},
    ),
    "duel": (
        {"box": BOX, "points": np.array([0.5], REAL)},
        {"sampled": np.array([5.5], REAL), "logits": 2 * ramp(4) - 1},
    ),
    "histogram": ({"box": [[0, 4], [0, 1]], "density": ramp(4)}, {"density": ramp(4)[::-1]}),
    "pictures": ({"shape": [2, 3]}, {"sampled": ramp(7, 6)}),
    "tokens": (
        {
            "names": ["a", "b", " "],
            "truth": np.array([1, 0], WHOLE),
            "targets": 9,
            "prompt": np.array([0, 2], WHOLE),
        },
        {
            "seen": np.array([[0, 1, 2], [1, -1, 0]], WHOLE),
            "at": np.array([1, 2], WHOLE),
            "probabilities": shares(2, 3),
            "text": np.array([2, 1, 0], WHOLE),
            "right": 5,
        },
    ),
    "experts": (
        {"names": ["a", "b"], "targets": 9},
        {"shares": shares(2, 3), "total": shares(1, 3)[0], "right": 4},
    ),
    "moves": ({"world": ["S.P", "#.G"]}, {"probabilities": shares(5, 4)}),
    "arms": ({"rewards": np.array([3, 1, 2.5], REAL)}, {"probabilities": shares(1, 3)[0]}),
    "pushes": ({"box": BOX}, {"classes": np.array([0, 1, 1, 0], WHOLE), "margin": ramp(4)}),
    "scores": (
        {"truth": np.array([1, 2, -1], REAL), "name": "learned reward", "whose": "policy"},
        {"score": np.array([5, 4, 7], REAL), "probability": shares(1, 3)[0]},
    ),
    "curve": (
        {"box": [[0, 1], [-1, 2]], "points": np.array([0.1, 0.7], REAL)},
        {"network": 2 * ramp(5) - 1, "exact": ramp(5)[::-1]},
    ),
    "spacetime": ({"across": 3, "down": 2, "box": BOX}, {"network": 2 * ramp(6) - 1, "exact": 1 - 2 * ramp(6)}),
    "similarities": ({"labels": np.array([3, 3, 7], WHOLE), "has_labels": True}, {"cosine": 2 * ramp(9) - 1}),
    "classcosines": ({"labels": np.array([0, 0, 1], WHOLE)}, {"cosine": 2 * ramp(6) - 1}),
}
MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "tokens": (
        {"names": NAMES, "truth": np.array([2], WHOLE), "targets": 4, "unit": "sentences"},
        {
            "seen": np.array([[0, -1, 2, 1]], WHOLE),
            "at": np.array([1], WHOLE),
            "probabilities": shares(1, 3),
            "text": np.zeros(0, WHOLE),
            "right": 1,
        },
    ),
    "scores": (
        {"truth": np.array([1, 2], REAL), "name": "log π/π_ref", "whose": "reference policy"},
        {"score": np.array([5, 4], REAL), "probability": shares(1, 2)[0]},
    ),
    "similarities": ({"labels": np.array([3, 7], WHOLE), "has_labels": False}, {"cosine": 2 * ramp(4) - 1}),
    "regions": (
        {"box": BOX, "points": np.zeros((0, 2), REAL), "names": NAMES, "sentence": "A sentence of its own."},
        {"classes": np.array([0, 1, 2, 0], WHOLE), "margin": ramp(4), "predicted": np.zeros(0, WHOLE), "wrong": 0},
    ),
}


def panel_data(kind: str, drawn: dict[str, Any], values: dict[str, Any], *, point: bool = False) -> dict[str, Any]:
    """The data of a panel with two paths of two steps, the second of which has the arrays in another order."""
    Row = namedtuple("Row", values)

    def rows(*signs: int) -> Any:
        each = {
            name: [np.asarray(value)[::sign] if np.ndim(value) else value for sign in signs]
            for name, value in values.items()
        }
        return Row(
            **{
                name: np.stack([np.ravel(one) if np.ndim(one) else np.asarray(one) for one in pair])
                for name, pair in each.items()
            }
        )

    result: Any = SimpleNamespace(
        kind=kind,
        drawn=drawn,
        steps={"sgd <1>": np.array([0, 2]), "adam": np.array([0, 5])},
        displays={"sgd <1>": rows(-1, 1), "adam": rows(1, -1)},
        point=rows(1) if point else None,
        coordinates=(0.12345678, -2.0),
        place="picked",
    )
    return json.loads(json.dumps(behavior_data(result, examples="training examples")))


def pages() -> list[dict[str, Any]]:
    """A page for each display; those of one kind are one record."""
    options = {"stage": "stage picture", "presenter": False}
    made = []
    for kinds in (DISPLAYS, MORE):
        for kind, (drawn, values) in kinds.items():
            data = {"options": options, "panel": panel_data(kind, drawn, values)}
            chosen = kind == "arms"
            if chosen:
                data["point"] = panel_data(kind, drawn, values, point=True)["point"]
            html = '<section class="behavior" aria-label="What the model does"></section>'
            made.append(
                {
                    "name": f"behavior-{kind}",
                    "script": "behavior",
                    "html": html,
                    "sizes": SIZES,
                    "data": data,
                    "steps": ["PANEL", *(["CHOICES"] if chosen else [])],
                }
            )
    return made
