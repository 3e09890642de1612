"""PDF and SVG for print, with title, caption and width."""

import html
from dataclasses import replace
from typing import Any

import pytest

from landscapes import figures
from landscapes.exports import EXPORTS, paper_figure
from landscapes.exports.paper_figure import caption_of_print, charts
from landscapes.exports.settings import ExportSettings
from tests.exports.export_data import CAPTION
from tests.figures.paper.paper_files import count_images, pdf_metadata, size_mm, svg_elements, svg_texts


@pytest.fixture(scope="module")
def flat(bundle):
    return replace(bundle, figure=figures.contour(bundle.surface, bundle.paths, labels=("x", "y"), resolution=31))


def test_contour_of_page_is_vector_with_title_and_caption(flat):
    data = EXPORTS["pdf"].encode(flat)
    assert size_mm(data)[0] == pytest.approx(82.55, abs=0.01)
    assert count_images(data) == 0
    assert pdf_metadata(data)["/Title"] == "rosenbrock"
    assert pdf_metadata(data)["/Subject"] == flat.description
    drawing = EXPORTS["svg"].encode(replace(flat, settings=ExportSettings("nature")))
    assert not svg_elements(drawing, "image")
    assert "sgd, slow" in svg_texts(drawing)
    assert html.escape(flat.description, quote=False) in drawing.decode()
    assert 'width="252.283' in drawing.decode()  # 89 mm in points


def test_caption_of_scene_says_what_is_an_image(bundle, flat):
    assert caption_of_print(bundle) == f"{CAPTION} The surface is an image of 600 dpi; " + (
        "axes, paths and text are drawn as vectors."
    )
    assert caption_of_print(flat) == CAPTION


def test_panels_show_picture_and_charts(flat, monkeypatch):
    kinds = [[trace["type"] for trace in chart.to_dict()["data"]] for chart in charts(flat)]
    assert len(kinds) == 3
    assert "bar" in kinds[-1]
    data = EXPORTS["panels"].encode(flat)
    assert size_mm(data)[0] == pytest.approx(139.7, abs=0.01)
    with monkeypatch.context() as patch:
        patch.setattr(paper_figure, "_encoded", lambda bundle, kind, drawn, preset: drawn)
        drawn: Any = paper_figure.panels(flat)
    assert [drawn[0], len(drawn)] == [flat.light_figure, 4]
    still = charts(replace(flat, trajectories={}))
    assert [[trace["type"] for trace in chart.to_dict()["data"]] for chart in still] == kinds[1:]
    assert len(charts(replace(flat, paths={}))) == 2
    assert len(charts(replace(flat, surface=replace(flat.surface, game=True)))) == 2


def test_paper_is_light_though_the_page_is_dark(flat):
    dark = figures.contour(flat.surface, theme="dark", resolution=31)
    arguments = replace(flat, figure=dark, draw_light=lambda: flat.figure)
    assert EXPORTS["svg"].encode(arguments) == EXPORTS["svg"].encode(flat)


def test_absent_matplotlib_disables_paper_figures(flat, monkeypatch):
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)
    assert not EXPORTS["pdf"].is_available()
    with pytest.raises(ValueError, match="need the package matplotlib"):
        EXPORTS["svg"].encode(flat)
