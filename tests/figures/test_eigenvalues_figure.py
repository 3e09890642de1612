"""Eigenvalues as bars with errors, signs and a gap."""

from typing import Any, cast

import numpy as np
import pytest

from landscapes import figures
from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.figures.palette import BLUE, GREY, VERMILLION
from tests.figures.scenes import layout, traces


def spectrum(values, errors, dim, bottom) -> Spectrum:
    none, count = np.zeros((0, 0)), len(values)
    return Spectrum(
        np.array(values),
        np.array(errors),
        np.ones(count, bool),
        none,
        none,
        np.zeros(count),
        dim=dim,
        scale=max(map(abs, values)),
        method="dense",
        products=0,
        bottom=bottom,
    )


@pytest.mark.parametrize("scale", ["linear", "symlog"])
def test_eigenvalues_have_errors_and_signs(scale):
    result = spectrum([-2.0, -0.01, 0.5, 40.0], [0.1, 0.1, 0.1, 0.1], 100, 2)
    (bars,) = traces(figures.eigenvalues(result, scale=scale))
    assert list(bars.text) == ["negative", "undetermined", "positive", "positive"]
    assert list(bars.marker.color) == [VERMILLION, GREY, BLUE, BLUE]
    np.testing.assert_array_equal(bars.customdata[:, 0], [1, 2, 99, 100])
    transform = (lambda x: x) if scale == "linear" else (lambda x: np.arcsinh(x / 0.1) / np.log(10))
    values = np.array(result.eigenvalues)
    np.testing.assert_allclose(bars.y, transform(values))
    np.testing.assert_allclose(bars.y + bars.error_y.array, transform(values + 0.1))
    np.testing.assert_allclose(bars.y - bars.error_y.arrayminus, transform(values - 0.1))


def test_gap_marks_eigenvalues_not_computed():
    partial = figures.eigenvalues(spectrum([1.0, 2.0, 3.0, 4.0], [0.0] * 4, 10, 1))
    np.testing.assert_array_equal(traces(partial)[0].x, [0, 2, 3, 4])
    assert list(layout(partial).xaxis.ticktext) == ["1", "d−2", "d−1", "d"]
    assert layout(partial).xaxis.title.text == "rank among d = 10"
    (gap,) = [note for note in layout(partial).annotations if note.text == "⋯"]
    assert gap.x == 1
    full = figures.eigenvalues(spectrum([1.0, 2.0], [0.0] * 2, 2, 1))
    np.testing.assert_array_equal(traces(full)[0].x, [0, 1])
    with pytest.raises(ValueError, match="neither 'linear' nor 'symlog'"):
        figures.eigenvalues(spectrum([1.0], [0.1], 1, 0), scale=cast(Any, "log"))
