"""Measures of sharpness at rescaled parameters."""

import numpy as np

from landscapes import figures
from landscapes.curvature.sharpness_measures import MEASURES, Measure, Rescaling, Sharpness
from tests.figures.scenes import layout, role


def measured(factor: float) -> Sharpness:
    """Every measure is 2·factor ± 0.1·factor, except the one that is invariant under rescaling."""
    measures = {
        name: Measure(2.0, 0.1, "standard error")
        if definition.invariant
        else Measure(2 * factor, 0.1 * factor, "error bar")
        for name, definition in MEASURES.items()
    }
    return Sharpness(measures, 0.5, 0.05, 0.01, 8, np.zeros(3))


def test_sharpness_measures_are_relative_with_errors():
    result = Rescaling(np.array([0.5, 1.0, 4.0]), (measured(3.0), measured(1.0), None))
    figure = figures.sharpness(result, 0.5)
    for trace in role(figure, "measure"):
        flat = MEASURES[trace.meta["label"]].invariant
        np.testing.assert_allclose(trace.y, [1 if flat else 3, 1, np.nan])
        np.testing.assert_allclose(trace.error_y.array[:2], [0.05 if flat else 0.15, 0.05])
    assert layout(figure).xaxis.type == layout(figure).yaxis.type == "log"
    assert list(layout(figure).xaxis.ticktext) == ["1/2", "1", "4"]
    assert layout(figure).shapes[0].x0 == 0.5
