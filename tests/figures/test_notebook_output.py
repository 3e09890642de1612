"""A figure with the options of its result as the output of a cell, for HTML and for a PDF of the notebook."""

import re
from typing import Any

import pytest

from landscapes import figures
from landscapes.figures.notebook import HTML, PDF, PNG, SVG
from landscapes.slices import Surface
from tests.figures.scenes import asymmetric, path


def test_result_is_shown_with_the_options_of_its_figure():
    surface: Surface = asymmetric()
    shown = figures.show(surface, paths={"adam": path()}, view="contour", labels=("a", "b"))
    figure: Any = shown.figure
    assert figure.layout.meta["kind"] == "contour"
    assert "adam" in [trace.name for trace in figure.data]
    assert "Surface: " in repr(shown)
    found = shown._repr_mimebundle_(exclude=[PDF, SVG])
    assert list(found) == [HTML, PNG]
    assert "Surface: " in re.sub(r"(?s)<script.*?</script>", "", found[HTML])


def test_figure_is_shown_as_it_is_with_its_caption():
    drawn = figures.contour(asymmetric())
    shown = figures.show(drawn, caption="x² + 10y")
    assert shown.figure is drawn
    assert "x² + 10y" in shown._repr_mimebundle_(include=[HTML])[HTML]
    with pytest.raises(ValueError, match="scale: the figure is already drawn"):
        figures.show(drawn, scale="log")
    with pytest.raises(ValueError, match="has no figure"):
        figures.show(3)
