"""What the numbers and sides of lessons on representations have to equal; see test_sentences."""

from typing import Any

import numpy as np

from tests.lessons.lesson_values import (
    run,
    setting,
)


def weights(right=False):
    """w and p of the twins along the run, ["T"] each."""
    online = run("twins", right).params["online"]
    return (np.asarray(part).ravel() for part in (online["encoder"]["kernel"], online["predictor"]))


def difference(right=False):
    """p² − w² at the start, if it keeps to within 0.04 of it."""
    w, p = weights(right)
    assert np.ptp(p**2 - w**2) < 0.04
    return p[0] ** 2 - w[0] ** 2


def last_weight(right=False):
    return next(weights(right))[-1]


CLAIMS: dict[str, dict[str, Any]] = {
    "twins": {
        "0.27": lambda: [difference()],
        "0.87": lambda: [difference(True)],
        "0.58": lambda: [last_weight()],
        "0.01": lambda: [last_weight(True)],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "twins": {
        "left": lambda: setting("twins", "model", "predictor") == 1.4,
        "right": lambda: setting("twins", "model", "predictor", True) == 1.6,
    },
}

POINTS: dict[str, dict[str, Any]] = {}
