"""What the numbers and sides of lessons on differential equations have to equal; see test_sentences."""

from typing import Any

from landscapes.recipes import catalog
from tests.lessons.lesson_values import (
    record,
    setting,
    side,
)

CLAIMS: dict[str, dict[str, Any]] = {
    "convection": {
        "0": lambda: [0, 0, 0],
        "1": lambda: [setting("convection", "objective", "speed")],
        "0.01": lambda: [record("convection").final_loss < 0.01],
        "30": lambda: [setting("convection", "objective", "speed", True)],
        "0.35": lambda: [record("convection", True).final_loss > 0.35],
        "½": lambda: [catalog.references(side("convection", True))["u = 0"]],
    }
}

WORDS: dict[str, dict[str, Any]] = {
    "convection": {
        "left": lambda: setting("convection", "objective", "speed") == 1,
        "right": lambda: setting("convection", "objective", "speed", True) == 30,
    }
}

POINTS: dict[str, dict[str, Any]] = {}
