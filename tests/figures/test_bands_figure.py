"""Quartiles of the loss along random lines."""

import itertools

import numpy as np
import pytest

from landscapes import figures
from landscapes.directions.line_bands import RANDOM_KINDS, Band
from tests.figures.scenes import layout, role


def test_bands_show_medians_and_quartiles():
    t = np.linspace(-1, 1, 3)
    losses = np.outer(np.arange(1.0, 22.0), t**2)
    result = {kind: Band(kind, t, losses + 10 * place, 0.0, 1) for place, kind in enumerate(RANDOM_KINDS)}
    figure = figures.bands(result)
    for place, kind in enumerate(RANDOM_KINDS):
        median = next(trace for trace in role(figure, "median") if trace.meta["label"] == kind)
        np.testing.assert_allclose(median.y, [11 + 10 * place, 10 * place, 11 + 10 * place])
        edges = [trace for trace in role(figure, "quartile") if trace.meta["label"] == kind]
        np.testing.assert_allclose([edge.y[0] for edge in edges], [6 + 10 * place, 16 + 10 * place])
        assert [edge.fill for edge in edges] == ["none", "tonexty"]
        (lines,) = [trace for trace in role(figure, "lines") if trace.meta["label"] == kind]
        each = np.reshape(lines.y, (21, 4))  # NaN ends a line
        np.testing.assert_array_equal(each[:, :3], losses + 10 * place)
        assert np.isnan(each[:, 3]).all()
        np.testing.assert_array_equal(np.reshape(lines.x, (21, 4))[:, :3], np.tile(t, (21, 1)))
        assert (lines.name, lines.showlegend) == ("21 lines", place == 0)
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
