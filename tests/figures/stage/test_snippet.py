"""A snippet is one <div> that holds the whole page and states its size."""

import base64
import gzip
import re
from html.parser import HTMLParser

from plotly.offline import get_plotlyjs

from landscapes import figures
from landscapes.figures.stage.snippet import PLACE, packed_plotly, snippet
from tests.figures.scenes import asymmetric

HOSTILE = "</div><script>alert(1)</script> -->"


class _Elements(HTMLParser):
    """The elements at the top, and the addresses that are loaded."""

    def __init__(self):
        super().__init__()
        self.depth, self.tops, self.loads = 0, [], []

    def handle_starttag(self, tag, attrs):
        self.tops += [tag] if not self.depth else []
        self.loads += [value for name, value in attrs if name in ("src", "href", "srcdoc")]
        self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= 1


def test_snippet_is_one_element_and_holds_page_and_plotly():
    figure = figures.surface(asymmetric(), resolution=5, labels=(HOSTILE, PLACE))
    text = snippet(figure, title=HOSTILE, caption=HOSTILE, details={"a": HOSTILE}, height=300)
    result = _Elements()
    result.feed(text)
    assert (result.tops, result.depth, result.loads) == (["div"], 0, [])
    assert HOSTILE not in text
    assert "height: 300px" in text
    (size,) = re.findall(r"([\d.]+) MB with plotly\.js", text)
    assert abs(float(size) - len(text) / 1e6) < 0.06
    page, plotly = (gzip.decompress(base64.b64decode(each)).decode() for each in re.findall(r', "([^"]+)"', text))
    assert plotly == get_plotlyjs()
    # The script puts plotly.js into the place, which no text of the page can have.
    assert page.count(f"<script>{PLACE}") == 1
    assert "showStage" in page


def test_same_figure_gives_same_bytes():
    figure = figures.surface(asymmetric(), resolution=5)
    assert snippet(figure, title="", caption="") == snippet(figure, title="", caption="")
    assert packed_plotly() is packed_plotly()
