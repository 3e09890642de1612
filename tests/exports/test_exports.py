"""What leaves the program can be read back: the same numbers and recipe, and the caption with every picture."""

import csv
import html
import io
import json
import re
import struct
import threading
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import jax.numpy as jnp
import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from landscapes import exports, figures
from landscapes.curvature.spectrum import spectrum
from landscapes.exports import EXPORTS, Bundle, chrome, image
from landscapes.exports.image import HEIGHT, WIDTH, captioned, paper
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from landscapes.problem import Problem
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.sampling import SAMPLED
from landscapes.slices.projection import project_path
from landscapes.slices.surface import Surface, evaluate

CAPTION = 'x² + 10y of "a < b & c"; 3 × 5 grid, error ≤ 1e-07; seed 3, float32.'
DETAILS = {"Terms": "1 · loss", "Data": "a < b"}
RECIPE = Recipe(objective=Choice.of("rosenbrock", b=7.5), seed=3)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """x² + 10y on a 3 × 5 grid, with a path of 230 steps (more than there are snapshots) and two eigenvalues."""
    problem = Problem.from_loss(lambda p: p["x"] ** 2 + 10 * p["y"], {"x": jnp.ones(()), "y": jnp.zeros(())})
    directions = {"x": jnp.array([1.0, 0.0]), "y": jnp.array([0.0, 1.0])}
    plane = span(problem.params, directions)
    grid = evaluate(problem, plane, [np.linspace(-1, 1, 3), np.linspace(-0.3, 2, 5)])
    run = descend(problem, ("sgd", {"learning_rate": 0.001}), 230)
    paths = {"sgd, slow": project_path(problem, plane, run)}
    figure = figures.surface(grid, paths, labels=("x", "y"), resolution=31)
    found = spectrum(problem, 0, top=1, bottom=1)
    return Bundle(figure, CAPTION, RECIPE, grid, paths, {"sgd, slow": run}, found, DETAILS)


@pytest.fixture(scope="module")
def holes() -> Surface:
    """Everything a float can be, in two terms on a 2 × 3 grid of which one point is not evaluated."""
    a = np.array([[0.1, np.nan, np.inf], [-np.inf, 5e-324, np.nan]])
    b = np.array([[1 / 3, -0.0, 1e308], [np.float32(0.1), 2.0**-40, np.nan]])
    evaluated = np.array([[True, True, True], [True, True, False]])
    axes = (np.array([-1.0, np.pi]), np.array([0.1, 0.2, 0.30000000000000004]))
    return Surface(axes, {"loss": a, "l2": b}, evaluated, {"loss": 1.0, "l2": 0.5}, {"loss": 0.1, "l2": 0.2}, 6)


def _read(data: bytes) -> dict[str, list[str]]:
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    return {name: list(column) for name, *column in zip(*rows, strict=True)}


def _floats(column: list[str]) -> np.ndarray:
    return np.array([float(text) for text in column])


def _same(left: np.ndarray, right: np.ndarray) -> None:
    """Bit for bit, and the sign of zero and NaN alike."""
    np.testing.assert_array_equal(
        np.asarray(left, np.float64).view(np.int64), np.asarray(right, np.float64).view(np.int64)
    )


def test_a_surface_comes_back_from_csv(bundle):
    table = _read(EXPORTS["csv"].encode(bundle))
    assert list(table) == ["x", "y", "loss", "error", "term.loss"]
    grid = bundle.surface
    _same(_floats(table["x"]).reshape(3, 5)[:, 2], grid.axes[0])
    _same(_floats(table["y"]).reshape(3, 5)[1], grid.axes[1])
    _same(_floats(table["loss"]).reshape(3, 5), grid.loss)
    # The coordinates are distances from the origin (1, 0).
    x, y, loss = map(_floats, (table["x"], table["y"], table["loss"]))
    np.testing.assert_allclose(loss, (1 + x) ** 2 + 10 * y, rtol=1e-5, atol=1e-5)
    assert set(_floats(table["error"])) == {grid.error}


def test_csv_tells_what_is_not_finite_from_what_is_not_evaluated(bundle, holes):
    data = EXPORTS["csv"].encode(replace(bundle, surface=holes))
    table = _read(data)
    assert table["term.loss"] == ["0.1", "nan", "inf", "-inf", "5e-324", ""]
    assert table["loss"][5] == table["term.l2"][5] == ""
    for name in ("loss", "l2"):
        _same(_floats(table[f"term.{name}"][:5]), holes.terms[name].ravel()[:5])
    _same(_floats(table["y"]), np.tile(holes.axes[1], 2))
    assert data.count(b"\r\n") == 7
    assert data.endswith(b"\r\n")


def test_a_line_and_a_game_come_back_from_csv(bundle, holes):
    line = replace(
        holes,
        axes=holes.axes[1:],
        terms={name: grid[0] for name, grid in holes.terms.items()},
        evaluated=holes.evaluated[0],
    )
    table = _read(EXPORTS["csv"].encode(replace(bundle, surface=line)))
    assert list(table) == ["x", "loss", "error", "term.loss", "term.l2"]
    _same(_floats(table["x"]), line.axes[0])
    game = replace(line, game=True)
    assert list(_read(EXPORTS["csv"].encode(replace(bundle, surface=game)))) == ["x", "term.loss", "term.l2"]
    sampled = replace(line, terms={"loss": line.terms["loss"], SAMPLED: line.terms["l2"]}, weights={"loss": 1.0})
    read = list(_read(EXPORTS["csv"].encode(replace(bundle, surface=sampled))))
    assert read == ["x", "loss", "term.loss", f"term.{SAMPLED}"]


def test_paths_come_back_from_csv_with_every_step(bundle):
    table = _read(EXPORTS["paths"].encode(bundle))
    run, path = bundle.trajectories["sgd, slow"], bundle.paths["sgd, slow"]
    assert set(table["path"]) == {"sgd, slow"}
    assert [int(step) for step in table["step"]] == list(range(231))
    _same(_floats(table["training_loss"]), run.loss)
    _same(_floats(table["gradient_norm"]), run.gradient_norm)
    drawn = [i for i, text in enumerate(table["x"]) if text]
    np.testing.assert_array_equal(drawn, path.steps)
    assert len(drawn) < 231, "steps between snapshots have curves and no place"
    for column, values in (
        ("x", path.coordinates[:, 0]),
        ("y", path.coordinates[:, 1]),
        ("distance", path.distance),
        ("loss", path.loss),
        ("plane_loss", path.plane_loss),
    ):
        _same(_floats([table[column][i] for i in drawn]), values)


def test_columns_of_paths_off_the_plane_are_told_apart(bundle):
    """No two columns are alike, with a loss and in a game."""
    (label, path), (run,) = next(iter(bundle.paths.items())), bundle.trajectories.values()
    columns = np.arange(5.0 * len(path.steps)).reshape(5, -1)
    terms, plane_terms = ({name: columns[k] + add for name, add in (("a", 0.25), ("b", 0.5))} for k in (3, 4))
    off = replace(
        path,
        coordinates=columns[:2].T,
        distance=columns[2],
        loss=columns[3],
        plane_loss=columns[4],
        terms=terms,
        plane_terms=plane_terms,
    )
    table = _read(EXPORTS["paths"].encode(replace(bundle, paths={label: off})))
    for name, values in zip(("x", "y", "distance", "loss", "plane_loss"), columns, strict=True):
        np.testing.assert_array_equal(_floats([table[name][step] for step in path.steps]), values)
    grid = bundle.surface.terms["loss"]
    game = replace(bundle.surface, terms={"a": grid, "b": grid}, game=True)
    told = replace(run, terms={"a": run.loss + 7, "b": run.loss + 8})
    table = _read(
        EXPORTS["paths"].encode(replace(bundle, surface=game, paths={label: off}, trajectories={label: told}))
    )
    for name in ("a", "b"):
        np.testing.assert_array_equal(_floats(table[f"training_term.{name}"]), told.terms[name])
        for column, values in ((f"term.{name}", terms[name]), (f"plane_term.{name}", plane_terms[name])):
            np.testing.assert_array_equal(_floats([table[column][step] for step in path.steps]), values)
    np.testing.assert_array_equal(_floats(table["gradient_norm"]), run.gradient_norm)


def test_eigenvalues_come_back_from_csv(bundle):
    table = _read(EXPORTS["eigenvalues"].encode(bundle))
    _same(_floats(table["eigenvalue"]), bundle.spectrum.eigenvalues)
    _same(_floats(table["error"]), bundle.spectrum.errors)
    np.testing.assert_allclose(_floats(table["eigenvalue"]), [0, 2], atol=1e-5)


def test_tables_of_nothing_have_their_header(bundle):
    bare = Bundle(bundle.figure, CAPTION, RECIPE, bundle.surface)
    assert EXPORTS["eigenvalues"].encode(bare) == b"eigenvalue,error,converged\r\n"
    assert EXPORTS["paths"].encode(bare).count(b"\r\n") == 1


def test_everything_comes_back_from_npz(bundle):
    with np.load(io.BytesIO(EXPORTS["npz"].encode(bundle)), allow_pickle=False) as arrays:
        found = dict(arrays)
    grid, path = bundle.surface, bundle.paths["sgd, slow"]
    run = bundle.trajectories["sgd, slow"]
    for name, expected in {
        "axis/0": grid.axes[0],
        "axis/1": grid.axes[1],
        "term/loss": grid.terms["loss"],
        "loss": grid.loss,
        "evaluated": grid.evaluated,
        "path/sgd, slow/steps": path.steps,
        "path/sgd, slow/coordinates": path.coordinates,
        "path/sgd, slow/plane_loss": path.plane_loss,
        "run/sgd, slow/loss": run.loss,
        "run/sgd, slow/gradient_norm": run.gradient_norm,
        "eigenvalues": bundle.spectrum.eigenvalues,
        "eigenvalue_errors": bundle.spectrum.errors,
    }.items():
        assert found[name].dtype == expected.dtype, name
        assert found[name].tobytes() == expected.tobytes(), name
    assert found["term/loss"].shape == (3, 5)
    assert found["weight/loss"] == 1
    assert found["error/loss"] == grid.errors["loss"]
    assert found["evaluations"] == grid.evaluations
    assert str(found["caption"]) == f"{CAPTION}\nTerms: 1 · loss\nData: a < b"
    assert Recipe.from_json(str(found["recipe"])) == RECIPE


def test_npz_keeps_what_is_not_finite(bundle, holes):
    with np.load(io.BytesIO(EXPORTS["npz"].encode(replace(bundle, surface=holes)))) as found:
        for name in ("loss", "l2"):
            _same(found[f"term/{name}"], holes.terms[name])
        np.testing.assert_array_equal(found["evaluated"], holes.evaluated)


def test_a_recipe_comes_back_from_json(bundle):
    assert Recipe.from_json(EXPORTS["json"].encode(bundle).decode()) == RECIPE


class _Page(HTMLParser):
    """The addresses that a page loads, the text of its caption, its figure and its recipe."""

    def __init__(self):
        super().__init__()
        self.loads: list[str] = []
        self.within = ""
        self.texts = {"figcaption": "", "figure": "", "recipe": "", "dd": ""}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.loads += [str(given[name]) for name in ("src", "href", "data", "action") if name in given]
        self.within = given["id"] or tag if tag == "script" and "id" in given else tag

    def handle_endtag(self, tag):
        self.within = ""

    def handle_data(self, data):
        if self.within in self.texts:
            self.texts[self.within] += data


def test_html_stands_alone(bundle):
    strange = replace(bundle, recipe=replace(RECIPE, view="</script><script>"))
    text = EXPORTS["html"].encode(strange).decode()
    page = _Page()
    page.feed(text)
    assert page.loads == [], "it needs no network"
    assert page.texts["figcaption"] == CAPTION
    assert page.texts["dd"] == "1 · lossa < b"
    assert Recipe.from_json(page.texts["recipe"]) == strange.recipe
    assert re.search(r"plotly\.js v\d", text), "plotly.js is inside"
    # What the app's stage reads: its options, and the figure without the grids that only sliders need.
    options, drawn = (json.loads(line) for line in page.texts["figure"].strip().split("\n"))
    assert options["description"].startswith(CAPTION)
    assert not options["pick"]
    assert drawn["layout"]["meta"]["kind"] == "surface"
    assert "sgd, slow" in [trace.get("name") for trace in drawn["data"]]
    assert {"surface", "scatter3d"} <= {trace["type"] for trace in drawn["data"]}


def test_html_of_several_terms_offers_no_weights(bundle, holes):
    terms = {"loss": np.arange(6.0).reshape(2, 3), "l2": np.ones((2, 3))}
    figure = figures.surface(replace(holes, terms=terms), resolution=None, labels=("a </script>", "b"))
    assert set(figure.to_dict()["layout"]["meta"]["terms"]) == {"loss", "l2"}
    page = _Page()
    page.feed(EXPORTS["html"].encode(replace(bundle, figure=figure)).decode())
    _, drawn = (json.loads(line) for line in page.texts["figure"].strip().split("\n"))
    assert drawn["layout"]["meta"]["terms"] == {}
    assert drawn["layout"]["meta"]["labels"] == ["a </script>", "b"]
    assert set(figure.to_dict()["layout"]["meta"]["terms"]) == {"loss", "l2"}, (
        "the picture on the page keeps its own"
    )


def test_markup_in_captions_and_details_is_text(bundle):
    markup = 'a<b>c</b> & "d" <i onclick="x">e</i>'
    strange = replace(bundle, caption=f"{markup}; 3 × 5 grid", details={f"1 {markup}": f"2 {markup}"})
    text = EXPORTS["html"].encode(strange).decode()
    escaped = html.escape(markup)
    assert f"<title>Landscapes: {escaped}</title>" in text
    assert f"<figcaption>{escaped}; 3 × 5 grid</figcaption>" in text
    assert f"<dt>1 {escaped}</dt><dd>2 {escaped}</dd>" in text
    assert markup not in text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_caption_stands_below_the_picture(bundle, theme):
    for figure in (
        figures.surface(bundle.surface, theme=theme),
        figures.contour(bundle.surface, theme=theme),
    ):
        before = figure.to_json()
        copy, height = captioned(figure, CAPTION * 9)
        assert figure.to_json() == before, "the original is kept"
        layout = copy.to_dict()["layout"]
        (caption,) = [note for note in layout["annotations"] if note.get("name") == "caption"]
        assert caption["text"].count("<br>") >= 3
        assert "a &lt; b &amp; c" in caption["text"]
        assert height > HEIGHT
        assert layout["margin"]["b"] >= -caption["yshift"] > 15 * caption["text"].count("<br>")
        assert layout["paper_bgcolor"] == paper(figure) == {"light": "#FFFFFF", "dark": "#0F1216"}[theme]


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + data), kind
        chunks.append((kind, data))
        at += 12 + length
    return chunks


def test_images_are_drawn_with_their_caption(bundle, monkeypatch):
    """In three threads at once: each gets its own."""
    monkeypatch.setattr(image, "SCALE", 1)  # a quarter of the time where there is no GPU
    drawn: dict[str, bytes] = {}
    flat = replace(bundle, figure=go.Figure(bundle.figure.data[-1:], layout={"height": 300}))
    jobs = [("png", bundle), ("svg", flat), ("pdf", flat)]
    threads = [
        threading.Thread(target=lambda name=name, of=of: drawn.update({name: EXPORTS[name].encode(of)}))
        for name, of in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chrome.close()

    assert drawn["png"].startswith(b"\x89PNG\r\n\x1a\n")
    chunks = _chunks(drawn["png"])
    width, height = struct.unpack(">II", chunks[0][1][:8])
    assert (width, height) == (WIDTH, captioned(bundle.figure, CAPTION)[1])
    assert chunks[-1][0] == b"IEND"
    picture = Image.open(io.BytesIO(drawn["png"])).convert("RGB").resize((200, 149))
    assert len(set(picture.get_flattened_data())) > 500, "a shaded surface has many colors"
    texts = dict(data.split(b"\0\0\0\0\0", 1) for kind, data in chunks if kind == b"iTXt")
    assert texts[b"Description"].decode() == bundle.description
    assert Recipe.from_json(texts[b"Recipe"].decode()) == RECIPE

    root = ElementTree.fromstring(drawn["svg"])
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{space}svg"
    assert root.findtext(f"{space}desc") == bundle.description
    assert any("x² + 10y" in "".join(text.itertext()) for text in root.iter(f"{space}text"))

    assert drawn["pdf"].startswith(b"%PDF-")
    assert drawn["pdf"].rstrip().endswith(b"%%EOF")


def test_without_chrome_the_others_remain(bundle, monkeypatch, tmp_path):
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "no browser"))
    available = {name for name, export in EXPORTS.items() if export.available()}
    assert available == set(EXPORTS) - {"png", "svg", "pdf"}
    for name in ("png", "svg", "pdf"):
        with pytest.raises(ValueError, match="install one") as caught:
            EXPORTS[name].encode(bundle)
        assert str(caught.value).count(". ") == 0
    assert EXPORTS["html"].encode(bundle)


def test_a_browser_that_fails_gets_one_sentence(bundle, monkeypatch, tmp_path):
    chrome.close()
    broken = tmp_path / "chrome"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(broken))
    with pytest.raises(ValueError, match="the browser that draws images failed"):
        EXPORTS["png"].encode(bundle)


def test_every_export_has_its_own_extension():
    extensions = [export.extension for export in EXPORTS.values()]
    assert len(set(extensions)) == len(extensions)
    assert all(extension.startswith(".") for extension in extensions)
    assert set(exports.__all__) == {"EXPORTS", "Bundle", "Export"}
