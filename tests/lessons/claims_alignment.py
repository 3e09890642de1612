"""The claims of lessons on learned rewards: see `test_sentences`."""

from typing import Any

import numpy as np

from tests.lessons.lesson_values import (
    change,
    mark,
    marked_snapshots,
    record,
    side,
    weight,
)


def lowest_reward_is_climbed():
    """All other rewards have weight 0, and the members are five."""
    from_members = [weight("ensemble", term) for term in ("mean-reward", "disagreement", "smallest-reward")]
    return from_members == [0, 0, 1] and side("ensemble").term == ""


CLAIMS: dict[str, dict[str, Any]] = {
    "ensemble": {
        "0.2": lambda: [record("ensemble").terms["true-reward"][-1]],
        "−1.3": lambda: [record("overoptimized").terms["true-reward"][-1]],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "ensemble": {
        "left": lowest_reward_is_climbed,
        "right": lambda: side("ensemble", True).term == "true-reward",
        "marked": lambda: 0 < mark("ensemble") < len(record("ensemble").steps) - 1,
        "falls": lambda: (
            change("ensemble", True) < 0 and np.max(record("overoptimized").terms["true-reward"]) > 0.5
        ),
    },
}

POINTS: dict[str, dict[str, Any]] = {"ensemble": {"marked": lambda: marked_snapshots("ensemble")}}
