"""A paper figure holds the levels, paths and ranges of the Plotly figure, as paths and text at its final size."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from landscapes import figures
from landscapes.figures import paper
from tests.figures.paper.paper_files import (
    count_images,
    drawing_operators,
    embedded_fonts,
    pdf_metadata,
    size_mm,
    svg_elements,
    svg_texts,
)
from tests.figures.scenes import asymmetric, curve, path, role
from tests.figures.test_results import DRAWN, RESULTS, Spectrum, Trajectory


@pytest.fixture(scope="module")
def plotly_contour() -> go.Figure:
    return figures.contour(asymmetric(), {"adam": path()}, labels=("u", "v"), resolution=21, minima=[(0.5, -1.5)])


def polylines(axes, hue=None):
    return [np.asarray(line.get_xydata()) for line in axes.lines if hue is None or line.get_color() == hue]


def test_contour_has_levels_paths_and_ranges_of_plotly(plotly_contour):
    drawn = paper.draw(plotly_contour, preset="icml")
    axes = drawn.axes[0]
    (loss,) = role(plotly_contour, "surface")
    (drawn_path,) = role(plotly_contour, "path")
    start, step = loss.contours.start, loss.contours.size
    expected = np.arange(start, loss.contours.end + 1e-9, step)
    filled, lines = (each for each in axes.collections if each.get_gid() in ("levels", "level lines"))
    inside = expected[(expected > loss.zmin) & (expected < loss.zmax)]
    np.testing.assert_allclose(filled.levels, [loss.zmin, *inside, loss.zmax])
    np.testing.assert_allclose(lines.levels, inside)
    assert filled.get_clim() == pytest.approx((loss.zmin, loss.zmax))
    expected_path = np.column_stack([drawn_path.x, drawn_path.y])
    assert any(np.array_equal(line, expected_path) for line in polylines(axes))
    assert axes.get_xlim() == pytest.approx((-1, 2))
    assert axes.get_ylim() == pytest.approx((-2, 2))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("u", "v")
    # A point of a level line has the level's loss, x² + 10y.
    paths = zip(lines.levels, lines.get_paths(), strict=True)
    level, line = next((level, line) for level, line in paths if len(line.vertices) > 5)
    u, v = np.asarray(line.vertices).T
    np.testing.assert_allclose(u**2 + 10 * v, level, atol=0.05)


def test_line_has_curve_and_ranges_of_plotly():
    plotly = figures.line(curve(), {"adam": path(dimension=1)}, labels=("u",))
    axes = paper.draw(plotly).axes[0]
    (loss,) = role(plotly, "surface")
    (path_trace,) = role(plotly, "path")
    drawn = polylines(axes)
    for trace in (loss, path_trace):
        expected = np.column_stack([trace.x, trace.y])
        assert any(line.shape == expected.shape and np.allclose(line, expected) for line in drawn)
    assert axes.get_xlim() == pytest.approx(tuple(plotly.to_dict()["layout"]["xaxis"]["range"]))
    assert axes.get_ylim() == pytest.approx(tuple(plotly.to_dict()["layout"]["yaxis"]["range"]))


@pytest.mark.parametrize("preset", ["icml", "ieee-wide", "nature"])
def test_page_has_width_of_preset_and_embedded_fonts(preset):
    data = paper.encode(paper.draw(curve(), preset=preset), "pdf", title="A title", description="λ is 3.")
    assert size_mm(data)[0] == pytest.approx(paper.PRESETS[preset].width_mm, abs=0.01)
    fonts = embedded_fonts(data)
    assert fonts
    assert all(fonts.values()), fonts
    is_serif = any("STIX" in name for name in fonts)
    assert is_serif == (paper.PRESETS[preset].family == "serif")
    assert count_images(data) == 0
    assert pdf_metadata(data)["/Title"] == "A title"
    assert pdf_metadata(data)["/Subject"] == "λ is 3."


def test_contour_is_paths_and_text_in_pdf_and_svg(plotly_contour):
    drawn = paper.draw(plotly_contour)
    data, image = paper.encode(drawn, "pdf"), paper.encode(drawn, "svg", title="A < b")
    assert count_images(data) == 0
    counts = drawing_operators(data)
    assert counts["l"] > 500
    assert counts.get("B", 0) + counts.get("f", 0) > 10, "filled bands"
    assert not svg_elements(image, "image")
    assert len(svg_elements(image, "path")) > 40
    texts = svg_texts(image)
    assert {"u", "v", "adam", "start", "known minimum"} <= set(texts)
    assert paper.encode(drawn, "pdf") == data, "the same bytes each time"


def test_scene_is_one_image_within_paths_and_text():
    drawn = paper.draw(figures.surface(asymmetric(), {"adam": path()}, labels=("u", "v"), resolution=15))
    data, drawing = paper.encode(drawn, "pdf"), paper.encode(drawn, "svg")
    assert count_images(data) == 1
    (image,) = svg_elements(drawing, "image")
    source = next(value for name, value in image.attrib.items() if name.endswith("href"))
    pixels = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).width
    assert pixels / (float(image.attrib["width"]) / 72) == pytest.approx(600, rel=0.02)
    texts = svg_texts(drawing)
    assert {"u", "v", "adam", "start"} <= set(texts)
    assert len(svg_elements(drawing, "path")) > 30


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.__name__)
def test_every_result_has_paper_figure_without_images(kind):
    drawn = paper.draw(DRAWN[kind])
    data = paper.encode(drawn, "svg")
    is_scene = any(each["type"] == "surface" for each in DRAWN[kind].figure().to_dict()["data"])
    assert len(svg_elements(data, "image")) == is_scene
    assert len(svg_elements(data, "path")) > 4
    assert svg_texts(data)


def test_panels_have_letters_and_lie_in_two_columns_of_wide_page(plotly_contour):
    drawn = paper.draw(plotly_contour, RESULTS[Trajectory], RESULTS[Spectrum], preset="neurips")
    letters = [text for part in drawn.subfigs for text in part.texts if text.get_text() in "abc"]
    assert [text.get_text() for text in letters] == ["a", "b", "c"]
    (a, b, c) = (part.bbox for part in drawn.subfigs)
    assert a.x1 <= b.x0 + 1
    assert c.y1 <= a.y0 + 1
    data = paper.encode(drawn, "pdf")
    assert size_mm(data)[0] == pytest.approx(139.7, abs=0.01)


def test_levels_color_map_and_type_are_arguments(plotly_contour):
    drawn = paper.draw(plotly_contour, levels=[-15.0, 0.0, 10.0], colormap="gray", family="sans", font_points=9.0)
    axes = drawn.axes[0]
    filled = next(each for each in axes.collections if each.get_gid() == "levels")
    assert list(filled.levels[1:-1]) == [-15, 0, 10]
    assert filled.get_cmap().name == "gray"
    assert axes.xaxis.label.get_fontsize() == 9
    assert "STIX" not in " ".join(embedded_fonts(paper.encode(drawn, "pdf")))
    lines = next(
        each
        for each in paper.draw(plotly_contour, levels=3).axes[0].collections
        if each.get_gid() == "level lines"
    )
    assert len(lines.levels) == 3


def test_figure_from_json_is_drawn_alike(plotly_contour):
    read = go.Figure(plotly_contour.to_dict())
    first, second = (paper.encode(paper.draw(each), "svg") for each in (plotly_contour, read))
    assert first == second


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"preset": "none"}, "there is no preset 'none'; there are icml, "),
        ({"colormap": "none"}, "there is no color map 'none'"),
        ({"family": "cursive"}, "neither 'serif' nor 'sans'"),
        ({"levels": 0}, "levels = 0 is not valid"),
        ({"font_points": 100.0}, "from 4 to 30 points"),
    ],
)
def test_wrong_arguments_get_one_sentence(plotly_contour, settings, words):
    with pytest.raises(ValueError, match=words):
        paper.draw(plotly_contour, **settings)


def test_absent_matplotlib_is_named(plotly_contour, monkeypatch):
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"`pip install \"landscapes\[export\]\"` brings it"):
        paper.draw(plotly_contour)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="no panel"):
        paper.draw()
