"""Caption, details and recipe of the exported bundle, and a comparison of bits."""

import numpy as np

from landscapes.recipes.recipe import Choice, Recipe

CAPTION = 'x² + 10y of "a < b & c"; 3 × 5 grid, error ≤ 1e-07; seed 3, float32.'
DETAILS = {"Terms": "1 · loss", "Data": "a < b"}
RECIPE = Recipe(objective=Choice.of("rosenbrock", b=7.5), seed=3)


def same_bits(left: np.ndarray, right: np.ndarray) -> None:
    """Equality of bits, with the sign of zero and NaN."""
    np.testing.assert_array_equal(
        np.asarray(left, np.float64).view(np.int64), np.asarray(right, np.float64).view(np.int64)
    )
