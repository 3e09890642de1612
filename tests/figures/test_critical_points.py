"""The losses of critical points by their share of negative eigenvalues."""

import numpy as np

from landscapes import figures
from tests.figures.scenes import hover_text, layout, role
from tests.views.test_critical import POINTS


def test_points_are_placed_by_negative_eigenvalues_and_loss():
    figure = figures.critical_values(POINTS, value="reward")
    minimum, saddle = role(figure, "points")
    assert [trace.name for trace in (minimum, saddle)] == ["minimum", "saddle"]
    assert (list(minimum.x), list(minimum.y)) == ([0], [-7])
    np.testing.assert_allclose([saddle.x[0], saddle.y[0]], [0.5, 0], atol=1e-12)
    assert hover_text(saddle, 0) == "saddle, point 1<br>reward 1e-15<br>eigenvalues from -4 ± 0.3 to 6 ± 0.04"
    assert layout(figure).yaxis.title.text == "reward"
