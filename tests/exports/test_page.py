"""The exported page is self-contained and escapes its texts."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from landscapes import figures
from landscapes.exports import EXPORTS
from landscapes.recipes.recipe import Recipe
from tests.exports.export_data import CAPTION, RECIPE, fits_of


class _Page(HTMLParser):
    """The URLs that a page loads, and the text of its caption, figure and recipe."""

    def __init__(self):
        super().__init__()
        self.loads: list[str] = []
        self.within = ""
        self.texts = {"figcaption": "", "figure": "", "recipe": "", "dd": "", "behavior": ""}

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.loads += [str(attributes[name]) for name in ("src", "href", "data", "action") if name in attributes]
        self.within = attributes["id"] or tag if tag == "script" and "id" in attributes else tag

    def handle_endtag(self, tag):
        self.within = ""

    def handle_data(self, data):
        if self.within in self.texts:
            self.texts[self.within] += data


def test_page_is_self_contained(bundle):
    hostile = replace(bundle, recipe=replace(RECIPE, view="</script><script>"))
    text = EXPORTS["html"].encode(hostile).decode()
    page = _Page()
    page.feed(text)
    assert page.loads == [], "the page loads nothing"
    assert page.texts["figcaption"] == CAPTION
    assert page.texts["dd"] == "1 · lossa < b"
    assert Recipe.from_json(page.texts["recipe"]) == hostile.recipe
    assert re.search(r"plotly\.js v\d", text), "plotly.js is inside"
    # The script reads its options, and the figure without the grids that only sliders need.
    options, drawn = (json.loads(line) for line in page.texts["figure"].strip().split("\n"))
    assert options["description"].startswith(CAPTION)
    assert not options["pick"]
    assert drawn["layout"]["meta"]["kind"] == "surface"
    assert "sgd, slow" in [trace.get("name") for trace in drawn["data"]]
    assert {"surface", "scatter3d"} <= {trace["type"] for trace in drawn["data"]}


def test_page_omits_grids_of_terms(bundle, holes):
    terms = {"loss": np.arange(6.0).reshape(2, 3), "l2": np.ones((2, 3))}
    figure = figures.surface(replace(holes, terms=terms), resolution=None, labels=("a </script>", "b"))
    assert set(figure.to_dict()["layout"]["meta"]["terms"]) == {"loss", "l2"}
    page = _Page()
    page.feed(EXPORTS["html"].encode(replace(bundle, figure=figure)).decode())
    _, drawn = (json.loads(line) for line in page.texts["figure"].strip().split("\n"))
    assert drawn["layout"]["meta"]["terms"] == {}
    assert drawn["layout"]["meta"]["labels"] == ["a </script>", "b"]
    assert set(figure.to_dict()["layout"]["meta"]["terms"]) == {"loss", "l2"}, "the figure itself is not changed"


def test_markup_in_caption_is_escaped(bundle):
    markup = 'a<b>c</b> & "d" <i onclick="x">e</i>'
    hostile = replace(bundle, caption=f"{markup}; 3 × 5 grid", details={f"1 {markup}": f"2 {markup}"})
    text = EXPORTS["html"].encode(hostile).decode()
    escaped = html.escape(markup)
    assert f"<title>Landscapes: {escaped}</title>" in text
    assert f"<figcaption>{escaped}; 3 × 5 grid</figcaption>" in text
    assert f"<dt>1 {escaped}</dt><dd>2 {escaped}</dd>" in text
    assert markup not in text


def test_page_holds_what_the_model_does_where_it_is_computed(bundle):
    page, plain = _Page(), EXPORTS["html"].encode(bundle).decode()
    assert "showBehavior" not in plain
    assert 'class="behavior"' not in plain
    shown = replace(bundle, behaviors=fits_of(["sgd, </script>"], [0, 4, 8]))
    page.feed(EXPORTS["html"].encode(shown).decode())
    options, data = (json.loads(line) for line in page.texts["behavior"].strip().split("\n"))
    stage = json.loads(page.texts["figure"].strip().split("\n")[0])
    assert options["stage"] == stage["name"]  # whose steps it follows
    assert data["kind"] == "fit"
    assert data["paths"]["sgd, </script>"]["steps"] == [0, 4, 8]
    assert page.loads == []
