"""The distance of paths from their plane."""

import numpy as np

from landscapes import figures
from tests.figures.scenes import layout, path, role


def test_off_plane_shows_distance_and_losses():
    drifting = path(drift=0.5)
    figure = figures.off_plane({"adam": drifting})
    distance, true, plane = role(figure, "curve")
    np.testing.assert_array_equal(distance.y, drifting.distance)
    np.testing.assert_array_equal(true.y, drifting.loss)
    np.testing.assert_array_equal(plane.y, drifting.plane_loss)
    assert (true.yaxis, plane.line.dash) == ("y2", "dot")
    assert layout(figure).yaxis2.type is None  # these losses go below zero
