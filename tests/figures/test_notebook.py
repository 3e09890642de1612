"""A notebook shows every result as the stage, and has the paper figure for what shows no HTML."""

import base64
import gzip
import io
import re

import pytest
from PIL import Image

from landscapes import display
from landscapes.curvature import Spectrum
from landscapes.figures import notebook
from landscapes.figures.notebook import HTML, PDF, PNG, SVG, mimebundle
from landscapes.slices import Surface
from tests.figures.paper.paper_files import count_images, svg_texts
from tests.figures.test_results import DRAWN, HOSTILE, RESULTS, SOLUTION


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.__name__)
def test_notebook_view_escapes_what_users_call_things(kind):
    text = DRAWN[kind]._repr_html_()
    assert HOSTILE not in text
    assert f"{kind.__name__}: " in text.partition("<figcaption")[2]
    page = gzip.decompress(base64.b64decode(re.findall(r', "([^"]+)"', text)[0])).decode()
    assert HOSTILE not in page
    assert '"kind":"' in page.replace(" ", "")


def test_notebook_view_shows_hostile_name_as_text():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in RESULTS[Surface]._repr_html_().partition("<figcaption")[2]


def test_bundle_has_stage_and_paper_figure_with_its_caption(monkeypatch):
    result = RESULTS[Spectrum]
    output = result._repr_mimebundle_()
    assert list(output) == [HTML, PNG, PDF, SVG]
    assert Image.open(io.BytesIO(base64.b64decode(output[PNG]))).width > 700
    assert count_images(base64.b64decode(output[PDF])) == 0
    assert "2 of 70 eigenvalues" in " ".join(svg_texts(output[SVG].encode()))
    assert sum(len(output[kind]) for kind in (PNG, PDF, SVG)) < 300_000
    assert list(mimebundle(result, include=[SVG])) == [SVG]
    # nbconvert would make a missing PDF of the SVG by Inkscape.
    monkeypatch.setattr(notebook, "MAX_VECTOR_BYTES", 1)
    assert list(mimebundle(result, exclude=[HTML])) == [PNG]
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)
    assert list(mimebundle(result)) == [HTML]


def test_bundle_of_scene_has_one_image():
    assert list(mimebundle(RESULTS[Surface], exclude=[HTML])) == [PNG]
    assert mimebundle(RESULTS[Surface], include=[SVG]) == {}


def test_result_without_figure_leaves_notebook_its_repr():
    assert isinstance(SOLUTION, display.Display)
    assert SOLUTION._repr_html_() is None
    assert SOLUTION._repr_mimebundle_() == {}
