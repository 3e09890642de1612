"""A page with the stage has the theme of its figure, and the caption where it is wanted."""

import json

import pytest

from landscapes import figures
from landscapes.figures.stage.page import details_html, stage_page
from tests.figures.scenes import asymmetric


@pytest.mark.parametrize(("theme", "background"), [("light", "#ffffff"), ("dark", "#0f1216")])
def test_page_has_theme_of_figure_and_hidden_caption_describes_it(theme, background):
    figure = figures.contour(asymmetric(), theme=theme, resolution=5)
    text = stage_page(figure, title="a < b", caption="x² & y", with_caption=False, plotly="/* none */")
    assert f"color-scheme: {theme}; " in text
    assert f"--st-background-color: {background};" in text
    assert "<title>a &lt; b</title>" in text
    assert "<script>/* none */</script>" in text
    assert "&amp; y</figcaption>" not in text
    assert "<summary>Details" not in text
    header, drawn = text.partition('id="figure">')[2].partition("</script>")[0].split("\n")
    assert json.loads(header)["description"].startswith("x² & y Contour plot of loss")
    assert json.loads(drawn)["layout"]["meta"]["kind"] == "contour"


def test_details_are_folded_and_escaped():
    assert "<dt>a</dt><dd>&lt;b&gt;</dd>" in details_html({"a": "<b>"})
    assert details_html({}) == ""
