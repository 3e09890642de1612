"""The claims of lessons on language models: see `test_sentences`."""

from typing import Any

import numpy as np

from landscapes.recipes import catalog
from tests.lessons.lesson_values import best, built, drawn, record, setting, side, weight


def is_lower_at_the_end(right):
    return record("adapters", right).final_loss < record("adapters", right).loss[0]


def fullest(right=False):
    """The share of the tokens that the fullest expert of the first block reads, at each step that is shown."""
    behaviors = drawn("experts", right).behaviors
    assert behaviors is not None
    return np.max(behaviors.displays["adam"].total, axis=1)


CLAIMS: dict[str, dict[str, Any]] = {
    "normalizer": {
        "0.1": lambda: [weight("normalizer", "z-loss")],
        "0": lambda: [round(abs(float(built("normalizer").terms(best("normalizer"))["z-loss"])), 9)],
    },
    "adapters": {
        "3.55": lambda: [record("adapters").loss[0]],
        "2.64": lambda: [catalog.references(side("adapters"))["uniform, ln V"]],
        "2": lambda: [setting("adapters", "model", "rank")],
        "636": lambda: [catalog.dimension(side("adapters"))] * 2,
        "1.15": lambda: [record("adapters").final_loss],
        "1.31": lambda: [catalog.references(side("adapters"))["best bigram, H(next | this)"]],
        "3758": lambda: [catalog.dimension(side("adapters", True))],
        "0.25": lambda: [record("adapters", True).final_loss],
    },
    "experts": {
        "four": lambda: [setting("experts", "model", "experts")],
        "0.1": lambda: [weight("experts", "balance")],
        "0.26": lambda: [fullest()[-1]],
        "0.44": lambda: [fullest(True)[-1]],
        "0.59": lambda: [max(fullest(True)[: len(fullest(True)) // 10])],
        "0.11": lambda: [record("experts").terms["next-token"][-1]],
        "0.12": lambda: [record("experts", True).terms["next-token"][-1]],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "normalizer": {
        "left": lambda: side("normalizer").mix == (),
        "right": lambda: dict(side("normalizer", True).mix) == {"z-loss": 0.0},
    },
    "adapters": {
        "left": lambda: side("adapters").model.name == "lora-transformer",
        "right": lambda: (
            side("adapters", True).model.name == "transformer" and setting("adapters", "model", "tied", True)
        ),
        "falls": lambda: is_lower_at_the_end(True),
    },
    "experts": {
        "left": lambda: weight("experts", "balance") == 0.1,
        "right": lambda: weight("experts", "balance", True) == 0,
    },
}

POINTS: dict[str, dict[str, Any]] = {}
