"""What the numbers and sides of lessons on generative models have to equal; see test_sentences."""

from typing import Any

from landscapes.recipes import catalog
from tests.lessons.lesson_values import (
    record,
    setting,
    side,
)

CLAIMS: dict[str, dict[str, Any]] = {
    "noise": {
        "200": lambda: [setting("noise", "data", "examples")],
        "16": lambda: [setting("noise", "objective", "levels")],
        "0.81": lambda: [record("noise").final_loss],
        "0.75": lambda: [next(iter(catalog.references(side("noise")).values()))],
        "0.45": lambda: [max(record("noise").final_terms.values())],
    },
}

WORDS: dict[str, dict[str, Any]] = {}

POINTS: dict[str, dict[str, Any]] = {}
