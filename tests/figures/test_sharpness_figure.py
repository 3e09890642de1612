"""Figures of sharpness, stability, connections and bands."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.connectivity.barrier import Profile
from landscapes.connectivity.connection import Connection
from landscapes.connectivity.curve import control_weights
from landscapes.curvature.edge_of_stability import Stability
from landscapes.curvature.sharpness_measures import MEASURES, Measure, Rescaling, Sharpness
from landscapes.directions.line_bands import RANDOM_KINDS, Band
from landscapes.figures.palette import VERMILLION
from landscapes.optimization.trajectory import Outcome
from tests.figures.scenes import asymmetric, layout, path, role, traces


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
    found = Rescaling(np.array([0.5, 1.0, 4.0]), (measured(3.0), measured(1.0), None))
    figure = figures.sharpness(found, 0.5)
    for trace in role(figure, "measure"):
        flat = MEASURES[trace.meta["label"]].invariant
        np.testing.assert_allclose(trace.y, [1 if flat else 3, 1, np.nan])
        np.testing.assert_allclose(trace.error_y.array[:2], [0.05 if flat else 0.15, 0.05])
    assert layout(figure).xaxis.type == layout(figure).yaxis.type == "log"
    assert list(layout(figure).xaxis.ticktext) == ["1/2", "1", "4"]
    assert layout(figure).shapes[0].x0 == 0.5


def curvature(values, limits=4.0, loss=(4.0, 2.0, 1.0, 0.5, 0.25), **settings) -> Stability:
    steps = np.array([0, 2, 4])
    given = {"optimizer": "sgd", "formula": "2/η", "is_preconditioned": False} | settings
    return Stability(
        **given,
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


T = np.linspace(0, 1, 5)
CORNERS = np.array([[-0.5, -1.0], [0.5, 2.0], [1.5, 0.0]])


def between() -> Connection:
    curve = np.column_stack(control_weights("bezier", T)) @ CORNERS
    return Connection(
        straight_profile=Profile(T, np.array([1.0, 5.0, 2.0, 2.0, 3.0]), 0.01),
        curve_profile=Profile(T, np.array([1.0, 1.1, 1.2, 2.0, 3.0]), 0.01),
        control_points=CORNERS,
        path=curve,
        surface=asymmetric(),
    )


def test_connection_marks_only_barriers():
    figure = figures.connection(between())
    assert [trace.name for trace in role(figure, "way")] == ["straight line", "trained curve"]
    (mark,) = role(figure, "barrier")
    assert (mark.x[0], mark.y[0]) == (0.25, 5.0)
    assert mark.text[0] == "+3"  # above the mean 2 of the ends 1 and 3; it is 3.5 above the line between them
    assert len(traces(figures.connection(Connection()))) == 0


@pytest.mark.parametrize("solid", [False, True])
def test_trained_curve_lies_on_its_plane(solid):
    figure = figures.connection_plane(between(), solid=solid)
    curve = next(trace for trace in role(figure, "way") if trace.name == "trained curve")
    np.testing.assert_allclose(np.column_stack([curve.x, curve.y])[[0, -1]], CORNERS[[0, 2]])
    if solid:
        assert np.nanmin(np.asarray(curve.z) - curve.x**2 - 10 * curve.y) > 0  # above the surface, not in it
    line = next(trace for trace in role(figure, "way") if trace.name == "straight line")
    np.testing.assert_allclose([line.x[0], line.x[-1]], [-0.5, 1.5])
    marks = {trace.name: len(trace.x) for trace in role(figure, "marks")}
    assert marks == {"solution": 2, "bend": 1}
    with pytest.raises(ValueError, match="no surface yet; wait until its curve has been trained"):
        figures.connection_plane(replace(between(), surface=None))


def test_bands_show_medians_and_quartiles():
    t = np.linspace(-1, 1, 3)
    losses = np.outer(np.arange(1.0, 22.0), t**2)
    found = {kind: Band(kind, t, losses + 10 * place, 0.0, 1) for place, kind in enumerate(RANDOM_KINDS)}
    figure = figures.bands(found)
    for place, kind in enumerate(RANDOM_KINDS):
        median = next(trace for trace in role(figure, "median") if trace.meta["label"] == kind)
        np.testing.assert_allclose(median.y, [11 + 10 * place, 10 * place, 11 + 10 * place])
        edges = [trace for trace in role(figure, "quartile") if trace.meta["label"] == kind]
        np.testing.assert_allclose([edge.y[0] for edge in edges], [6 + 10 * place, 16 + 10 * place])
        assert [edge.fill for edge in edges] == ["none", "tonexty"]
    panels = layout(figure)
    assert panels.yaxis2.matches == panels.yaxis3.matches == "y"
    ends = [panels[name].domain for name in ("xaxis", "xaxis2", "xaxis3")]
    assert all(left[1] < right[0] for left, right in itertools.pairwise(ends))
    titles = {
        "gaussian": "no normalization",
        "layer-normalized": "layer-normalized",
        "filter-normalized": "filter-normalized",
    }
    for note in panels.annotations:
        axes = {trace.xaxis for trace in role(figure, "median") if titles[trace.meta["label"]] == note.text}
        low, high = panels[axes.pop().replace("x", "xaxis")].domain
        assert note.x == pytest.approx((low + high) / 2)
    assert len(panels.annotations) == 3


def test_off_plane_shows_distance_and_losses():
    drifting = path(drift=0.5)
    figure = figures.off_plane({"adam": drifting})
    distance, true, plane = role(figure, "curve")
    np.testing.assert_array_equal(distance.y, drifting.distance)
    np.testing.assert_array_equal(true.y, drifting.loss)
    np.testing.assert_array_equal(plane.y, drifting.plane_loss)
    assert (true.yaxis, plane.line.dash) == ("y2", "dot")
    assert layout(figure).yaxis2.type is None  # these losses go below zero
