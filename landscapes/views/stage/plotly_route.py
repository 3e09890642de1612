"""The route of plotly.js. The server sends the copy in the Python package, so no content network is needed."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import plotly
import streamlit as st
from plotly.offline import get_plotlyjs_version
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CACHE_ONE_YEAR = "public, max-age=31536000, immutable"


def plotly_url() -> str:
    """The path of plotly.js on this server. Streamlit does not prefix an app's own routes with
    `server.baseUrlPath`, so this function does. The path has the version, so browsers may cache it.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + base if base else ''}/{_name()}"


def plotly_route() -> Route:
    """The route for `st.App(routes=[plotly_route()])`, under any base path, because Streamlit reads its settings
    later."""
    return Route(f"/{{base:path}}{_name()}", _plotly)


def _name() -> str:
    return f"plotly-{get_plotlyjs_version()}.min.js"


async def _plotly(request: Request) -> Response:
    headers = {"Cache-Control": CACHE_ONE_YEAR, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(compressed(), media_type="text/javascript", headers=headers)
    return Response(_source(), media_type="text/javascript", headers=headers)


def _source() -> bytes:
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


@cache
def compressed() -> bytes:
    """plotly.js for browsers that unpack it. Packing these 5 MB takes 0.2 s, so it is done once per process."""
    return gzip.compress(_source(), compresslevel=6, mtime=0)
