"""The data that the stage sends to the browser, and the route of plotly.js."""

import asyncio
import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from starlette.requests import Request
from starlette.routing import Match
from streamlit import config
from streamlit.testing.v1 import AppTest

from landscapes.views.stage.plotly_route import plotly_route, plotly_url


def script(z: float, status: str) -> None:
    import plotly.graph_objects as go

    from landscapes.views.stage import stage

    stage(go.Figure(go.Surface(z=[[z, 1], [2, 3]])), key="picture", status=status, height=400, pick=True)


def sent(z: float = 0.0, status: str = "") -> tuple[dict, go.Figure]:
    page = AppTest.from_function(script, kwargs={"z": z, "status": status}).run()
    assert not page.exception
    header, figure = page.get("bidi_component")[0].proto.bytes.split(b"\n")
    return json.loads(header), go.Figure(json.loads(figure))


def test_a_stage_sends_its_settings_and_a_plain_figure():
    options, figure = sent(z=7.0)
    assert (options["name"], options["height"], options["pick"]) == ("picture", "400px", True)
    assert options["plotly"] == plotly_url()
    assert figure.to_plotly_json()["data"][0]["z"][0][0] == 7


def test_the_id_depends_only_on_the_figure():
    (before, _), (busy, _), (other, _) = sent(), sent(status="refining"), sent(z=1.0)
    assert before["id"] == busy["id"] != other["id"]
    assert busy["status"] == "refining"


@pytest.fixture
def base_path():
    yield lambda path: config.set_option("server.baseUrlPath", path)
    config.set_option("server.baseUrlPath", "")


@pytest.mark.parametrize(("path", "prefix"), [("", ""), ("lab", "/lab"), ("/deep/lab/", "/deep/lab")])
def test_plotly_is_served_under_the_base_path(base_path, path, prefix):
    base_path(path)
    assert plotly_url() == f"{prefix}/plotly-{get_plotlyjs_version()}.min.js"
    match, _ = plotly_route().matches({"type": "http", "method": "GET", "path": plotly_url()})
    assert match == Match.FULL


def answer(encoding: str):
    headers = [(b"accept-encoding", encoding.encode())]
    request = Request({"type": "http", "method": "GET", "path": plotly_url(), "headers": headers})
    # In a thread of its own: a worker that ran browser tests before has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(plotly_route().endpoint(request))).result()


def test_plotly_is_compressed_once_and_cached():
    packed, plain = answer("gzip, br"), answer("identity")
    assert gzip.decompress(packed.body) == plain.body == get_plotlyjs().encode()
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert len(packed.body) < 0.4 * len(plain.body)
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert answer("gzip").body is packed.body


def drawn(recipe: str) -> None:
    import plotly.graph_objects as go
    import streamlit as st

    from landscapes.views.stage import stage
    from landscapes.views.stage.drawing import drawing

    def make() -> go.Figure:
        st.session_state["made"] = st.session_state.get("made", 0) + 1
        return go.Figure(layout={"title": {"text": recipe}})

    stage(drawing("picture", (recipe, {"theme": "dark"}), make), key="picture", height=400)


def test_a_polling_panel_builds_each_figure_once():
    page = AppTest.from_function(drawn, kwargs={"recipe": "first"}).run().run()
    first = page.get("bidi_component")[0].proto.bytes
    assert page.session_state["made"] == 1
    page = AppTest.from_function(drawn, kwargs={"recipe": "second"})
    page.session_state["drawing picture"] = ("first", {"theme": "dark"}), None
    assert page.run().get("bidi_component")[0].proto.bytes != first
    assert page.session_state["made"] == 1
