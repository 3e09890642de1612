"""The loss along paths between two solutions."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.connectivity.barrier import Profile
from landscapes.connectivity.connection import Connection
from landscapes.connectivity.curve import control_weights
from tests.figures.scenes import asymmetric, role, traces

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
    marks = {trace.name: np.column_stack([trace.x, trace.y]).tolist() for trace in role(figure, "marks")}
    assert marks == {"solution": CORNERS[[0, 2]].tolist(), "bend": [CORNERS[1].tolist()]}
    with pytest.raises(ValueError, match="no surface yet; wait until its curve has been trained"):
        figures.connection_plane(replace(between(), surface=None))
