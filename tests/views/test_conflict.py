"""The caption of a map of gradient conflict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes.recipes import catalog
from landscapes.views.sections.conflict import _describe
from tests.figures.test_conflict_figure import cosines
from tests.small_recipes import TINY

# Of seven points one is not evaluated, two conflict, and at three the sign is unknown.
COSINES = cosines([-0.5, -0.25, 0.75, np.nan, 1e-9, -1e-9, np.nan])
COSINES = replace(COSINES, evaluated=np.array([True, True, True, True, True, True, False]))


def test_caption_counts_conflicts_among_evaluated_points():
    recipe = catalog.complete(replace(TINY, seed=7))
    text = _describe(COSINES, recipe)
    assert text.startswith("At 33% of 6 points a small step down one gradient climbs the other term")
    assert "; undetermined at 50%, where a gradient vanishes" in text
    assert text.endswith(f"{catalog.title(recipe)[1:]}, seed 7.")
    assert "undetermined" not in _describe(cosines([-0.5, 0.5]), recipe)
