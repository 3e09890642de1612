"""Caption, details, recipe and behavior of the exported bundle, and a comparison of bits."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from landscapes.objectives.predictions import Fit
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.behaviors import Behaviors

CAPTION = 'x² + 10y of "a < b & c"; 3 × 5 grid, error ≤ 1e-07; seed 3, float32.'
DETAILS = {"Terms": "1 · loss", "Data": "a < b"}
RECIPE = Recipe(objective=Choice.of("rosenbrock", b=7.5), seed=3)


def fits_of(labels: Sequence[str], steps: Sequence[int]) -> Behaviors:
    """A line whose slope is the step, for every path."""
    rows: Any = np.outer(steps, np.linspace(-1, 1, 5))
    curves = Fit(rows)
    points = {"points": np.zeros(2), "targets": np.ones(2), "box": [[-1.0, 1.0], [-9.0, 9.0]], "examples": 2}
    at = np.asarray(steps)
    return Behaviors("fit", points, dict.fromkeys(labels, at), dict.fromkeys(labels, curves))


def same_bits(left: np.ndarray, right: np.ndarray) -> None:
    """Equality of bits, with the sign of zero and NaN."""
    np.testing.assert_array_equal(
        np.asarray(left, np.float64).view(np.int64), np.asarray(right, np.float64).view(np.int64)
    )
