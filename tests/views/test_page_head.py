"""What is added to the head of every page."""

import asyncio
import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from streamlit import config

from landscapes.views.page_head import PageHead, head
from landscapes.views.stage.plotly_route import plotly_url

PAGE = "<!doctype html><html><head><title>Streamlit</title></head><body></body></html>"
HEADERS = {"etag": '"1"', "last-modified": "now"}


@pytest.fixture
def base_path():
    yield lambda path: config.set_option("server.baseUrlPath", path)
    config.set_option("server.baseUrlPath", "")


def answer(path: str, accept: str = "text/html,*/*") -> tuple[dict[str, str], bytes]:
    """The headers and the body of an application that compresses, behind the middleware."""
    page = Route("/explore", lambda request: HTMLResponse(PAGE, headers=HEADERS))
    other = Route("/data", lambda request: Response(b"<head>", media_type="text/plain", headers=HEADERS))
    app = Starlette(
        routes=[page, other], middleware=[Middleware(PageHead), Middleware(GZipMiddleware, minimum_size=1)]
    )
    names = [(b"accept", accept.encode()), (b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": names}
    messages = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        messages.append(message)

    # In a thread of its own: a worker that ran browser tests before has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return headers, b"".join(each.get("body", b"") for each in messages[1:])


def test_a_page_gets_its_head_and_everything_else_is_left_alone():
    headers, body = answer("/explore")
    assert body.decode() == PAGE.replace("<head>", "<head>" + head("/explore"))
    assert int(headers["content-length"]) == len(body)
    assert not {"etag", "last-modified", "content-encoding"} & set(headers)
    headers, body = answer("/data")
    assert (body, headers["etag"]) == (b"<head>", '"1"')
    headers, body = answer("/explore", accept="*/*")  # not a page that a browser opens
    assert gzip.decompress(body).decode() == PAGE
    assert headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(("base", "prefix"), [("", ""), ("/deep/lab/", "/deep/lab")])
def test_the_head_names_plotly_the_components_and_the_server(base_path, base, prefix):
    base_path(base)
    text = head(f"{prefix}/explore")
    assert f'<link rel="preload" as="script" href="{plotly_url()}">' in text
    assert f'location.pathname === "{prefix}/explore") window' in text
    assert f'location.origin + "{prefix}"' in text
    assert re.search(rf'href="{prefix}/static/js/BidiComponent\.\w+\.js"', text)


def test_an_address_cannot_write_into_the_page():
    assert "<i>" not in head('/explore</script><i>"')
