"""Marks on a picture."""

import numpy as np

from landscapes import figures
from tests.figures.scenes import asymmetric, layout, role, value
from tests.figures.test_surface_figure import RAW


def test_known_minima_outside_are_left_out():
    figure = figures.surface(
        asymmetric(), minima=[(0.0, -1.0), (9.0, 9.0)], critical={"saddle": [(2.0, 0.0)]}, **RAW
    )
    known, saddle = role(figure, "marks")
    meta = layout(figure).meta
    lift = (meta["lift"] + meta["stand"]) * np.ptp(layout(figure).scene.zaxis.range)
    np.testing.assert_allclose(known.z - lift, [value(0, -1)], atol=1e-5)
    np.testing.assert_allclose(saddle.z - lift, [value(2, 0)], atol=1e-5)
