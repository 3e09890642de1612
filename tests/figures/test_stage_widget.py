"""The Python side of the widget: what the browser gets, and what a click and a step call."""

import gzip
import json
from typing import Any

import pytest
import traitlets
from plotly.offline import get_plotlyjs

from landscapes import figures
from tests.figures.scenes import asymmetric, path


@pytest.fixture
def widget(monkeypatch) -> Any:
    made: Any = figures.widget(asymmetric(), paths={"adam": path()}, height=400)
    made.sent = []
    monkeypatch.setattr(made, "send", lambda content, buffers=None: made.sent.append((content, buffers)))
    return made


def test_click_calls_its_callbacks_with_coordinates(widget):
    places = []
    assert widget.on_click(places.append) is widget
    widget._handle_custom_msg({"type": "click", "coordinates": [0.5, -1]}, [])
    assert places == [(0.5, -1.0)]
    widget.on_click(places.append, remove=True)
    widget._handle_custom_msg({"type": "click", "coordinates": [0, 0]}, [])
    assert len(places) == 1


def test_plotly_is_sent_when_asked_for(widget):
    assert widget.sent == []
    widget._handle_custom_msg({"type": "plotly"}, [])
    ((content, (packed,)),) = widget.sent
    assert content == {"type": "plotly"}
    assert gzip.decompress(packed).decode() == get_plotlyjs()


def test_figure_and_options_travel_and_another_picture_keeps_their_name(widget):
    state = widget.get_state()
    before = state["_options"]
    assert json.loads(state["_figure"])["layout"]["meta"]["kind"] == "surface"
    assert (before["height"], before["pick"]) == ("400px", True)
    assert before["description"].startswith("Surface: ")
    assert widget.show(figures.contour(asymmetric(), resolution=5)) is widget
    after = widget.get_state()["_options"]
    assert after["name"] == before["name"]
    assert after["id"] != before["id"]


def test_step_is_synchronized_and_not_negative(widget):
    widget.set_state({"step": 3})
    assert (widget.step, widget.sent) == (3, [])
    widget.step = 5
    assert widget.sent == [({"type": "seek", "step": 5}, None)]
    with pytest.raises(traitlets.TraitError, match="step"):
        widget.step = -1


def test_converted_notebook_shows_paper_figure(widget):
    data, _ = widget._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png"} <= set(data)
