"""The heat map of a matrix."""

import numpy as np
import pytest

from landscapes.figures.matrix import matrix, thinning
from landscapes.figures.symlog import Symlog
from tests.figures.scenes import layout, role


def test_matrix_keeps_rows_signs_and_blocks():
    values = np.diag([1.0, -10.0, 0.001, 4.0])
    values[0, 3] = values[3, 0] = 2.0
    values[0, 1] = -3.0  # not symmetric, so that a transpose is detected
    figure = matrix(values, {"bias": 1, "kernel": 3})
    (drawn,) = role(figure, "matrix")
    np.testing.assert_allclose(drawn.customdata, values, rtol=1e-6)
    np.testing.assert_allclose(drawn.z, Symlog(0.01)(values), rtol=1e-6)
    np.testing.assert_allclose([drawn.zmin, drawn.zmax], Symlog(0.01)([-10, 10]))
    panel = layout(figure)
    assert panel.yaxis.range == (3.5, -0.5)  # the first row on top
    assert panel.yaxis.ticktext == ("bias", "kernel")
    np.testing.assert_array_equal(panel.yaxis.tickvals, [0, 2])
    assert {shape.x0 for shape in panel.shapes if shape.x0 == shape.x1} == {0.5}
    shared = role(matrix(values, limit=100.0), "matrix")[0]
    np.testing.assert_allclose(shared.zmax, Symlog(0.1)(100.0))
    with pytest.raises(ValueError, match="blocks have 3 parameters and the matrix 4"):
        matrix(values, {"bias": 3})


def test_thinned_matrix_keeps_largest_entries():
    values = np.zeros((1001, 1001))
    values[1000, 2], values[4, 5] = -7.0, 0.5
    figure = matrix(values)
    (drawn,) = role(figure, "matrix")
    assert thinning(1001) == 3
    assert drawn.z.shape == (334, 334)
    assert drawn.customdata[333, 0] == -7.0
    assert drawn.customdata[1, 1] == 0.5
    assert np.count_nonzero(drawn.customdata) == 2
    np.testing.assert_array_equal(drawn.x[:2], [1, 4])
    assert "1,001 in all" in layout(figure).xaxis.title.text
