"""What the numbers and sides of the lesson on a graph network have to equal; see test_sentences."""

import math
from typing import Any

import numpy as np

from tests.lessons.lesson_values import built, path_on_picture, setting, side


def losses(right: bool = False) -> np.ndarray:
    """Of the members that are for testing, along the path."""
    assert side("friends", right).split == "test"
    return np.asarray(path_on_picture("friends", right).loss, float)


CLAIMS: dict[str, dict[str, Any]] = {
    "friends": {
        "34": lambda: [built("friends").data["x"].shape[1]],
        "4": lambda: [setting("friends", "data", "examples")],
        "14": lambda: [len(built("friends").data["x"])],
        "two": lambda: [len(set(np.asarray(built("friends").data["y"]).tolist()))],
        "0.73": lambda: [losses()[0]],
        "0.23": lambda: [losses()[-1]],
        "0.68": lambda: [losses(right=True)[0]],
        "0.70": lambda: [losses(right=True)[-1]],
        "0.69": lambda: [math.log(2)],
    },
}


WORDS: dict[str, dict[str, Any]] = {
    "friends": {
        "left": lambda: side("friends").model.name == "graph-network",
        "right": lambda: side("friends", True).model.name == "softmax",
        "falls": lambda: losses()[-1] < losses()[0],
    },
}

POINTS: dict[str, dict[str, Any]] = {}
