"""Arrows along the motion of the players."""

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.flow import arrows
from landscapes.games.game_flow import Flow
from tests.figures.scenes import asymmetric, layout, role


def turning(x=(-1.0, 2.0), y=(-2.0, 2.0), speed=1.0) -> Flow:
    """Motion (−y, x): anticlockwise about the origin."""
    axes = np.linspace(x[0], x[1], 9), np.linspace(y[0], y[1], 9)
    a, b = np.meshgrid(*axes, indexing="ij")
    return Flow(axes, speed * np.stack([-b, a], axis=-1), np.ones(a.shape))


def test_arrows_follow_the_motion():
    curves = arrows(turning(), [(-1.0, 2.0), (-2.0, 2.0)])
    assert len(curves) == 15 * 15
    feet, heads = curves[:, 0], curves[:, -2]
    radii = np.hypot(*feet.T)
    far = radii > 0.5
    np.testing.assert_allclose(np.hypot(*heads[far].T), radii[far], rtol=0.02)  # along circles
    turned = feet[:, 0] * heads[:, 1] - feet[:, 1] * heads[:, 0]
    assert np.all(turned[far] > 0)


def test_arrow_length_grows_with_relative_speed():
    box = [(-1.0, 2.0), (-2.0, 2.0)]
    slow, fast = (arrows(turning(speed=speed), box) for speed in (1e-6, 1e6))
    np.testing.assert_allclose(slow, fast, rtol=1e-9)
    lengths = np.linalg.norm(np.diff(slow[:, :-3], axis=1) / [3, 4], axis=2).sum(axis=1)
    assert lengths.max() > 2 * lengths.min() > 0


def test_zero_or_nonfinite_field_has_no_arrows():
    still = Flow(turning().axes, np.zeros((9, 9, 2)), np.ones((9, 9)))
    assert len(arrows(still, [(-1.0, 2.0), (-2.0, 2.0)])) == 0
    broken = turning()
    motion = broken.motion.copy()
    motion[:4] = np.nan
    curves = arrows(Flow(broken.axes, motion, broken.share), [(-1.0, 2.0), (-2.0, 2.0)])
    assert 0 < len(curves) < 200
    assert np.all(np.isfinite(curves))


@pytest.mark.parametrize("draw", [figures.contour, figures.surface])
def test_arrows_lie_on_the_surface(draw):
    figure = draw(asymmetric(), flow=turning(), resolution=None)
    legend, drawn = role(figure, "flow")
    assert (legend.showlegend, drawn.showlegend) == (None, False)
    assert legend.legendgroup == drawn.legendgroup == "motion of the players"
    if draw is figures.surface:
        inside = np.isfinite(drawn.z)
        assert inside.any()
        low, high = layout(figure).scene.zaxis.range
        assert np.all((drawn.z[inside] >= low) & (drawn.z[inside] <= high + 0.02 * (high - low)))
    assert not role(draw(asymmetric()), "flow")


def test_barbs_lie_on_either_side_behind_the_head():
    """Along straight motion to the right, in a box of unequal sides: no arrow is a line, and none points back."""
    axes = np.linspace(-1.0, 2.0, 3), np.linspace(0.0, 10.0, 3)
    flow = Flow(axes, np.broadcast_to([2.0, 0.0], (3, 3, 2)), np.ones((3, 3)))
    curves = arrows(flow, [(-1.0, 2.0), (0.0, 10.0)]) / [3, 10]
    left, head, right = (curves[:, k] for k in (-3, -2, -1))
    np.testing.assert_allclose(left[:, 0], right[:, 0])
    assert np.all(left[:, 0] < head[:, 0])
    np.testing.assert_allclose(left[:, 1] - head[:, 1], head[:, 1] - right[:, 1], rtol=1e-9)
    assert np.all(left[:, 1] > head[:, 1])
    np.testing.assert_allclose((left - head)[:, 1] / (head - left)[:, 0], 0.55, rtol=1e-6)
    np.testing.assert_allclose(curves[:, 0, 1], head[:, 1])
