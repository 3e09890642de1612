"""The largest eigenvalue along a run and its limit."""

import numpy as np

from landscapes import figures
from landscapes.curvature.edge_of_stability import Stability
from landscapes.figures.palette import VERMILLION
from landscapes.optimization.trajectory import Outcome
from tests.figures.scenes import layout, role


def curvature(values, limits=4.0, loss=(4.0, 2.0, 1.0, 0.5, 0.25), **settings) -> Stability:
    steps = np.array([0, 2, 4])
    arguments = {"optimizer": "sgd", "formula": "2/η", "is_preconditioned": False} | settings
    return Stability(
        **arguments,
        steps=steps,
        eigenvalues=np.asarray(values, float),
        errors=np.full(3, 0.5),
        limits=np.full(3, limits),
        loss=np.asarray(loss, float),
        outcome=Outcome("finished", 4, ""),
    )


def test_stability_curves_share_steps():
    figure = figures.stability(curvature([3.0, 4.4, 6.0]))
    (points,), (edge,), (loss,) = (role(figure, name) for name in ("sharpness", "limit", "curve"))
    np.testing.assert_array_equal(points.x, [0, 2, 4])
    np.testing.assert_array_equal(points.y, [3, 4.4, 6])
    np.testing.assert_array_equal(points.error_y.array, 0.5)
    # 4.4 ± 0.5 is not certainly above 4.
    assert [color == VERMILLION for color in points.marker.color] == [False, False, True]
    np.testing.assert_array_equal(edge.y, 4)
    np.testing.assert_array_equal(loss.x, np.arange(5))
    assert (loss.yaxis, points.yaxis) == ("y2", None)
    assert layout(figure).yaxis2.type == "log"
    assert layout(figure).meta["kind"] == "history"  # so that the stage plays it with the path beside it


def test_distant_stability_limit_makes_axis_logarithmic():
    low, high = layout(figures.stability(curvature([-2.0, 1.0, 1.0]))).yaxis.range
    assert low < -2
    assert high > 4
    far = figures.stability(curvature([1.0, 2.0, 3.0], limits=100.0))
    assert layout(far).yaxis.type == "log"
    negative = figures.stability(curvature([1.0, 2.0, np.nan], loss=[1.0, -1.0, 0.0, 0.0, 0.0]))
    assert layout(negative).yaxis2.type is None
    assert (
        "P<sup>−½</sup>"
        in role(figures.stability(curvature([1, 2, 3], is_preconditioned=True)), "sharpness")[0].name
    )
