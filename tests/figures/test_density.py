"""Figures of spectral densities."""

import numpy as np
import pytest

from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.figures.density import density
from tests.figures.scenes import layout, role


def example_spectrum(nodes, weights, dim, eigenvalues=(-1.0, 3.0)) -> Spectrum:
    count = len(eigenvalues)
    ends = {"eigenvalues": np.array(eigenvalues), "errors": np.full(count, 0.01), "rounding": np.zeros(count)}
    return Spectrum(
        nodes=np.asarray(nodes, float),
        weights=np.asarray(weights, float),
        converged=np.full(count, True),
        dim=dim,
        scale=3.0,
        method="lanczos",
        products=1,
        bottom=1,
        **ends,
    )


def test_density_is_mean_of_probes_within_range():
    # 90 % of the first probe's mass is at −1, and 50 % of the second's.
    result = example_spectrum([[-1, 3], [-1, 3]], [[0.9, 0.1], [0.5, 0.5]], dim=1000)
    figure = density({"Hessian": result, "none": example_spectrum(np.zeros((1, 0)), np.zeros((1, 0)), 5)}, 0.05)
    (mean,) = role(figure, "density")
    assert mean.name == "Hessian, mean and range of 2 probes"
    np.testing.assert_allclose(np.trapezoid(mean.y, mean.x), 1, rtol=1e-3)
    low = np.asarray(mean.x) < 1
    np.testing.assert_allclose(np.trapezoid(mean.y[low], np.asarray(mean.x)[low]), 0.7, rtol=1e-3)
    below, above = role(figure, "spread")
    assert np.all(np.asarray(below.y) <= mean.y)
    assert np.all(mean.y <= np.asarray(above.y))
    red, green, blue = (int(mean.line.color[start : start + 2], 16) for start in (1, 3, 5))
    assert above.fillcolor == f"rgba({red},{green},{blue},0.25)"
    assert (below.fill, above.fill) == (None, "tonexty")
    np.testing.assert_allclose(np.trapezoid(above.y[low], np.asarray(mean.x)[low]), 0.9, rtol=1e-3)
    # σ is 5 % of the range of 4. One eigenvalue of 1000 has 1/1000 of the peak.
    peak = 1 / (0.2 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(np.max(mean.y), 0.7 * peak, rtol=1e-3)
    np.testing.assert_allclose(layout(figure).shapes[0].y0, peak / 1000)
    assert layout(figure).yaxis.type == "log"
    (note,) = layout(figure).annotations
    assert note.text == "one eigenvalue of 1,000"
    np.testing.assert_allclose(note.y, np.log10(peak / 1000))  # a text on a logarithmic axis has the logarithm
    assert "σ = 0.2" in layout(figure).xaxis.title.text
    (ticks,) = role(figure, "eigenvalues")
    np.testing.assert_array_equal(ticks.x, [-1, 3])
    np.testing.assert_array_equal(ticks.customdata, 0.01)


def test_exact_densities_have_no_range_and_share_axis():
    one = example_spectrum([[-1, 3]], [[0.5, 0.5]], dim=2)
    other = example_spectrum([[0, 9]], [[0.5, 0.5]], dim=2)
    figure = density({"Hessian": one, "Gauss–Newton": other}, 0.01)
    assert not role(figure, "spread")
    assert [trace.name for trace in role(figure, "density")] == ["Hessian, exact", "Gauss–Newton, exact"]
    first, second = role(figure, "density")
    np.testing.assert_array_equal(first.x, second.x)
    assert first.x[0] < -1
    assert first.x[-1] > 9
    with pytest.raises(ValueError, match="density=8"):
        density({}, 0.01)
    with pytest.raises(ValueError, match="positive"):
        density({"Hessian": one}, 0.0)
