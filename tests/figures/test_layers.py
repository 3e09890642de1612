"""The figure of the spectra of layers."""

import numpy as np
import pytest

from landscapes.curvature.layer_blocks import Block
from landscapes.figures.layers import layers
from landscapes.figures.palette import BLUE, GREY, VERMILLION
from landscapes.figures.symlog import Symlog
from tests.figures.scenes import role


def test_layers_are_rows_with_ends_quantiles_and_mean():
    values = np.arange(-4.0, 17.0)
    shares = np.full((1, 21), 1 / 21)
    exact = Block("first", 21, values[[0, -1]], np.array([0.5, 0.25]), values[None], shares, True)
    other = Block("second", 7, np.array([-0.001, 2.0]), np.full(2, 0.01), np.ones((1, 1)), np.ones((1, 1)), False)
    figure = layers([exact, other])
    scale = Symlog(16e-5)
    smallest, largest = role(figure, "smallest")[0], role(figure, "largest")[0]
    assert list(smallest.y) == ["first (21)", "second (7)"]
    np.testing.assert_allclose(smallest.x, scale([-4.0, -0.001]))
    np.testing.assert_allclose(largest.x, scale([16.0, 2.0]))
    # Vermillion below −error, blue above the error, grey between.
    assert list(smallest.marker.color) == [VERMILLION, GREY]
    assert list(largest.marker.color) == [BLUE, BLUE]
    # Error bars point outward only.
    np.testing.assert_allclose(smallest.error_x.arrayminus[0], scale(-4.0) - scale(-4.5))
    np.testing.assert_array_equal(smallest.error_x.array, 0)
    np.testing.assert_allclose(largest.error_x.array[0], scale(16.25) - scale(16.0))
    np.testing.assert_array_equal(largest.error_x.arrayminus, 0)
    _, middle = role(figure, "span")
    np.testing.assert_allclose(middle.x[:2], scale([-3.0, 15.0]))  # nine tenths of 21 eigenvalues
    np.testing.assert_allclose(role(figure, "mean")[0].x, scale([6.0, 1.0]))
    with pytest.raises(ValueError, match="no block"):
        layers([])
