"""The loss from above, on axes that share a scale."""

from dataclasses import replace

from landscapes import figures
from tests.figures.scenes import X, Y, asymmetric, layout


def test_contour_is_isometric_up_to_ratio_three():
    assert layout(figures.contour(asymmetric())).yaxis.scaleanchor == "x"
    long = replace(asymmetric(), axes=(100 * X, Y))
    assert layout(figures.contour(long)).yaxis.scaleanchor is None
    assert layout(figures.surface(long)).scene.aspectratio.x == layout(figures.surface(long)).scene.aspectratio.y
