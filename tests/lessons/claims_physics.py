"""What the numbers and sides of lessons on differential equations have to equal; see test_sentences."""

from typing import Any

from landscapes.recipes import catalog
from tests.lessons.lesson_values import (
    drawn,
    record,
    setting,
    side,
    variation,
    weight,
)


def largest_eigenvalue(right=False) -> float:
    spectrum = drawn("stiff", right).spectrum
    assert spectrum is not None
    return float(max(spectrum.eigenvalues))


def residual(right=False) -> float:
    return float(record("stiff", right).terms["residual"][-1])


CLAIMS: dict[str, dict[str, Any]] = {
    "convection": {
        "0": lambda: [0, 0, 0],
        "1": lambda: [setting("convection", "objective", "speed")],
        "0.01": lambda: [record("convection").final_loss < 0.01],
        "30": lambda: [setting("convection", "objective", "speed", True)],
        "0.35": lambda: [record("convection", True).final_loss > 0.35],
        "½": lambda: [catalog.references(side("convection", True))["u = 0"]],
    },
    "stiff": {
        "1": lambda: [weight("stiff", "initial")],
        "0.002": lambda: [residual()],
        "100": lambda: [weight("stiff", "initial", True) / weight("stiff", "residual", True)],
        "1317.9": lambda: [largest_eigenvalue(True)],
        "46.7": lambda: [largest_eigenvalue()],
        "0.049": lambda: [residual(True)],
        "0.01": lambda: [
            dict(variation("stiff", 0)[0].weights)["initial"],
            catalog.references(variation("stiff", 0)[0])["u = 0"],
        ],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "convection": {
        "left": lambda: setting("convection", "objective", "speed") == 1,
        "right": lambda: setting("convection", "objective", "speed", True) == 30,
    },
    "stiff": {
        "left": lambda: weight("stiff", "initial") == weight("stiff", "residual") == 1,
        "right": lambda: weight("stiff", "residual", True) == 1 and residual(True) > 20 * residual(),
    },
}

POINTS: dict[str, dict[str, Any]] = {}
