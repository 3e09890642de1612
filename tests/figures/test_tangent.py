"""The figure of a loss and its tangent."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.tangent import tangent
from tests.figures.scenes import asymmetric, curve, layout, role


def test_loss_below_its_tangent_is_vermillion():
    # L = x² + 10 over −1, 0, 2 is below this tangent with slope −1 left of 0, and above it right of 0.
    figure = tangent(curve(), -1.0)
    loss, flat = role(figure, "loss")[0], role(figure, "tangent")[0]
    np.testing.assert_allclose([loss.y[0], loss.y[-1]], [11, 14], atol=1e-6)
    np.testing.assert_allclose([flat.y[0], flat.y[-1]], [11, 8], atol=1e-6)
    below, above = role(figure, "beyond the tangent")[0], role(figure, "difference")[0]
    x = np.asarray(below.x)
    inside = (x > -0.95) & (x < -0.05)
    assert np.all(below.y[inside] < 0)
    assert np.all(np.isnan(above.y[inside]))
    assert np.all(above.y[x > 0.05] > 0)
    assert np.all(np.isnan(below.y[x > 0.05]))
    # For a reward, values above the tangent violate concavity.
    reward = tangent(replace(curve(), sense="maximize"), -1.0)
    assert np.all(role(reward, "beyond the tangent")[0].y[x > 0.05] > 0)
    with pytest.raises(ValueError, match="2 axes make no line"):
        tangent(asymmetric(), 0.0)


def test_difference_within_error_is_not_vermillion():
    figure = tangent(replace(curve(), errors={"square": 5.0, "slope": 0.0}), -1.0)
    assert np.all(np.isnan(role(figure, "beyond the tangent")[0].y))
    band = layout(figure).shapes[0]
    assert (band.y0, band.y1) == (-5, 5)
    low, high = layout(figure).yaxis2.range
    assert low < -10
    assert high > 10
