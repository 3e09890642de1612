"""Plotly's text and colors as Matplotlib's."""

import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes.figures.paper import plotly_looks as looks


def test_markup_becomes_text():
    assert looks.plain("λ<sub>max</sub>(P<sup>−½</sup>)") == "λ$_{max}$(P$^{−½}$)"
    assert looks.plain("a<br>b &lt; c") == "a\nb < c"
    assert looks.plain("<script>alert(1)</script> for 3 $") == r"<script>alert(1)</script> for 3 \$"


def test_notes_are_taken_out_of_titles():
    title = 'step<br><span style="font-size:11px">2 of 9 lie outside</span>'
    assert looks.split_notes(title) == ("step", ["2 of 9 lie outside"])
    assert looks.split_notes(None) == ("", [])


def test_colors_and_opacities_are_kept():
    assert looks.color("rgba(255, 0, 51, 0.5)") == pytest.approx((1, 0, 0.2, 0.5))
    assert looks.color("#ff0033", 0.25) == pytest.approx((1, 0, 0.2, 0.25))
    assert looks.color(None)[3] == 0


def test_viridis_gives_way_and_other_scales_stay():
    written = go.Heatmap(z=[[1]], colorscale="Viridis").colorscale
    assert looks.colormap(written).name == "viridis"
    assert looks.colormap(written, "cividis").name == "cividis"
    hues = looks.colormap([[0, "#000000"], [1, "rgba(255,0,0,1)"]], "cividis")
    np.testing.assert_allclose(hues(1.0), (1, 0, 0, 1))
    np.testing.assert_allclose(hues(0.0), (0, 0, 0, 1))


def test_symbols_say_whether_they_are_filled():
    assert looks.symbol("diamond-open") == ("D", False)
    assert looks.symbol(None) == ("o", True)


def test_arrays_of_read_figures_are_decoded():
    grid = np.arange(6.0).reshape(2, 3)
    read = go.Figure(go.Figure(go.Heatmap(z=grid)).to_dict())
    trace = looks.decoded(read).data[0]
    np.testing.assert_array_equal(np.asarray(trace["z"]), grid)
