"""LaTeX, captions and data of pgfplots."""

import re
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from landscapes import openings
from landscapes.exports import EXPORTS, Bundle
from landscapes.recipes import catalog
from landscapes.scenes.view import with_view
from tests.exports.export_data import CAPTION
from tests.figures.scenes import curve


def test_caption_and_details_are_written(bundle):
    text = EXPORTS["caption"].encode(bundle).decode()
    assert text.startswith(CAPTION)
    assert "600 dpi" in text.splitlines()[0]
    assert text.splitlines()[1:] == ["Terms: 1 · loss", "Data: a < b"]


def test_figure_includes_the_paper_figure(bundle):
    text = EXPORTS["latex"].encode(bundle).decode()
    assert r"\includegraphics{rosenbrock.pdf}" in text
    assert r"x$^{2}$ + 10y of" in text
    assert r"a $<$ b \& c" in text
    assert text.count("{") == text.count("}")


def test_table_has_every_point_of_the_grid(bundle):
    text = EXPORTS["pgfplots-data"].encode(bundle).decode()
    assert text.splitlines()[0] == "x y value"
    rows = np.array([line.split() for line in text.splitlines()[1:] if line], float)
    assert text.count("\n\n") == 2
    x, y = np.meshgrid(*bundle.surface.axes, indexing="ij")
    np.testing.assert_array_equal(rows, np.column_stack([x.ravel(), y.ravel(), bundle.surface.loss.ravel()]))


@pytest.mark.parametrize("settings", [{"objective": "minimax-gan"}, {"objective": "dpo", "term": "kl"}])
def test_table_and_mesh_have_the_term_or_loss_that_is_drawn(settings):
    """The sum of a game does not exist, and its first term is no player's loss."""
    opening, _ = catalog.repair(catalog.opening_of(settings["objective"]))
    scene = openings.read(opening)
    assert scene is not None
    drawn = Bundle.from_scene(with_view(scene, replace(opening, **settings | {"objective": opening.objective})))
    figure: Any = drawn.figure
    meta = figure.layout.meta
    rows = EXPORTS["pgfplots-data"].encode(drawn).decode().splitlines()[1:]
    values = np.array([line.split()[2] for line in rows if line], float)
    ends = (np.nanmin(values), np.nanmax(values))
    np.testing.assert_allclose(ends, (meta["low"], meta["high"]), atol=0.02 * np.ptp(ends))
    assert drawn.drawn_paths is not None
    for label, path in drawn.drawn_paths.items():
        assert np.isfinite(path.plane_loss).all(), label
    array = re.search(r'Name="value"[^>]*>([^<]*)<', EXPORTS["vtp"].encode(drawn).decode())
    assert array is not None
    mesh = np.array(array[1].split(), float)
    assert np.isfinite(mesh).all()
    assert meta["low"] - 0.1 * np.ptp(ends) <= mesh.min() <= mesh.max() <= meta["high"] + 0.1 * np.ptp(ends)


def test_line_has_table_of_two_columns(bundle):
    line = replace(bundle, surface=curve(), paths={})
    text = EXPORTS["pgfplots-data"].encode(line).decode()
    assert text.splitlines()[0] == "x value"
    assert len(text.splitlines()) == 4
    assert r"\addplot[thick, forget plot] table[x=x, y=value]" in EXPORTS["pgfplots"].encode(line).decode()


def test_plot_has_the_box_and_the_names_of_its_own_axes(bundle):
    """No two ends of the axes are alike."""

    def options(drawn):
        return dict(re.findall(r"^ +(\w+)=\{?([^{},]*)\}?,$", EXPORTS["pgfplots"].encode(drawn).decode(), re.M))

    axes = (np.array([-1.0, 0.5, 3.0]), np.array([-0.25, 2.0]))
    wide = replace(
        bundle.surface, axes=axes, terms={"loss": np.arange(6.0).reshape(3, 2)}, evaluated=np.ones((3, 2), bool)
    )
    plane = options(replace(bundle, surface=wide, labels=("along", "across"), value="error"))
    assert {"xmin": "-1", "xmax": "3", "ymin": "-0.25", "ymax": "2"}.items() <= plane.items()
    assert (plane["xlabel"], plane["ylabel"]) == ("along", "across")
    line = options(replace(bundle, surface=curve(), paths={}, labels=("along",), value="error"))
    assert {"xmin": "-1", "xmax": "2", "xlabel": "along", "ylabel": "error"}.items() <= line.items()
    assert "ymin" not in line


def test_plot_has_paths_in_their_colors(bundle):
    text = EXPORTS["pgfplots"].encode(bundle).decode()
    # An axis does not know a color that its own options define.
    assert text.index(r"\definecolor{landscapesa}{HTML}{56B4E9}") < text.index(r"\begin{axis}")
    assert r"\addlegendentry{sgd, slow}" in text
    path = bundle.paths["sgd, slow"].coordinates
    assert f"({path[1, 0]:.9g},{path[1, 1]:.9g},{bundle.surface.loss.max():.9g})" in text
    assert text.count("{") == text.count("}")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX here")
def test_snippet_and_plot_are_typeset(bundle, tmp_path):
    """A user's labels hold what pdfLaTeX does not know."""
    hostile = replace(bundle, caption="θ̇ ∈ ℝ²; 50 % of 价格_1", labels=("ẋ & y", "#2"), value="‖∇L‖²")
    (tmp_path / "rosenbrock.dat").write_bytes(EXPORTS["pgfplots-data"].encode(hostile))
    needed = r"\usepackage{pgfplots}\pgfplotsset{compat=1.18}\renewcommand{\includegraphics}[1]{}"
    parts = [EXPORTS[name].encode(hostile).decode("ascii") for name in ("latex", "pgfplots")]
    document = rf"\documentclass{{article}}{needed}\begin{{document}}{''.join(parts)}\end{{document}}"
    (tmp_path / "all.tex").write_text(document, "ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]


def test_points_of_a_path_that_are_not_finite_are_left_out(bundle):
    """Whichever of the two coordinates it is; of a line also where the loss is not."""
    (path,) = bundle.paths.values()
    broken = replace(path, coordinates=np.array([[0.25, 0.5], [np.nan, 1.5], [0.75, np.inf], [0.125, 2.0]]))
    text = EXPORTS["pgfplots"].encode(replace(bundle, paths={"sgd": broken})).decode()
    (drawn,) = re.findall(r"coordinates \{(.*)\}", text)
    assert re.findall(r"\(([^,]*),([^,]*),", drawn) == [("0.25", "0.5"), ("0.125", "2")]
    on_line = replace(path, coordinates=np.array([[0.25], [0.5]]), loss=np.array([np.inf, 3.5]))
    line = replace(bundle, surface=curve(), paths={"sgd": on_line})
    assert "coordinates {(0.5,3.5)}" in EXPORTS["pgfplots"].encode(line).decode()
