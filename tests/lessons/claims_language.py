"""The claims of lessons on language models: see `test_sentences`."""

from typing import Any

from tests.lessons.lesson_values import best, built, side, weight

CLAIMS: dict[str, dict[str, Any]] = {
    "normalizer": {
        "0.1": lambda: [weight("normalizer", "z-loss")],
        "0": lambda: [round(abs(float(built("normalizer").terms(best("normalizer"))["z-loss"])), 9)],
    },
}
WORDS: dict[str, dict[str, Any]] = {
    "normalizer": {
        "left": lambda: side("normalizer").mix == (),
        "right": lambda: dict(side("normalizer", True).mix) == {"z-loss": 0.0},
    },
}
POINTS: dict[str, dict[str, Any]] = {}
