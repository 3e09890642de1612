"""The claims of lessons on survival: see `test_sentences`."""

from typing import Any

from tests.lessons.lesson_values import (
    built,
    eigenvalues_at,
    setting,
)


def least_eigenvalue() -> float:
    problem = built("risks")
    return float(eigenvalues_at(problem, problem.params)[0])


CLAIMS: dict[str, dict[str, Any]] = {
    "risks": {
        "150": lambda: [setting("risks", "data", "examples")],
        "three": lambda: [built("risks").data["x"].shape[1]],
        "0": lambda: [least_eigenvalue()],
    }
}
WORDS: dict[str, dict[str, Any]] = {}
POINTS: dict[str, dict[str, Any]] = {}
