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
    "chains": {
        "30": lambda: [setting("chains", "objective", "steps")] * 2,
        "1.38": lambda: [min(record("chains").loss)],
        "0": lambda: [catalog.knobs_of(side("chains", True).schedule.name)["final"].default],
        "1.40": lambda: [record("chains", True).final_loss],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "chains": {
        "left": lambda: (
            side("chains").schedule.name == "constant"
            and record("chains").final_loss > min(record("chains").loss) + 1
        ),
        "right": lambda: side("chains", True).schedule.name == "cosine",
        "falls": lambda: catalog.knobs_of(side("chains", True).schedule.name)["final"].default == 0,
    },
}

POINTS: dict[str, dict[str, Any]] = {}
