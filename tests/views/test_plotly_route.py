"""The route of plotly.js under the base path of the server."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from starlette.requests import Request
from starlette.routing import Match
from streamlit import config

from landscapes.views.stage.plotly_route import plotly_route, plotly_url


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
