"""Adds to the head of every page what a browser needs before the page runs: plotly.js, the code of components, and
the address of the server.

Streamlit's page asks for each of them only after the answer to the one before. It looks for its server at the
page's own address first, as in /explore/_stcore/health, and there are two errors 404 in the browser's console.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

from landscapes.views.stage.plotly_route import plotly_url

# A proxy may take a part of the address away. The browser then knows more of it, and looks for the server itself.
SCRIPT = (
    "<script>if (location.pathname === {path}) "
    "window.__streamlit = {{BACKEND_BASE_URL: location.origin + {base}}}</script>"
)
# Not run before the first picture is sketched, which needs the processor more.
PLOTLY = '<link rel="preload" as="script" href="{url}">'
CODE = '<link rel="modulepreload" crossorigin href="{base}/static/js/{name}">'
LAZY = ("BidiComponent",)  # scripts of Streamlit that every page needs and that it loads late
VALIDATORS = (b"etag", b"last-modified")  # of the page without this head


class PageHead:
    """ASGI middleware around the application."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        parts: list[bytes] = []

        async def send_with_head(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                if message["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                    start = message
                    return
            if not start:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = with_head(b"".join(parts), scope["path"])
            headers = MutableHeaders(raw=[each for each in start["headers"] if each[0] not in VALIDATORS])
            headers["content-length"] = str(len(body))
            await send({**start, "headers": headers.raw})
            await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": plain}, receive, send_with_head)


def with_head(page: bytes, path: str) -> bytes:
    """The page at this path of the server with the additions in its head."""
    return page.replace(b"<head>", b"<head>" + head(path).encode(), 1)


def head(path: str) -> str:
    """The additions to the page at this path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    base = f"/{base}" if base else ""
    script = SCRIPT.format(path=json.dumps(quote(path)), base=json.dumps(base))
    codes = (CODE.format(base=base, name=name) for name in _lazy_scripts())
    return "".join([script, PLOTLY.format(url=plotly_url()), *codes])


@cache
def _lazy_scripts() -> tuple[str, ...]:
    folder = Path(file_util.get_static_dir(), "static", "js")
    return tuple(path.name for name in LAZY for path in folder.glob(f"{name}.*.js"))
