"""plotly.js, served from the copy that Plotly itself ships: no build step, no content network, one version."""

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

FOREVER = "public, max-age=31536000, immutable"


def plotly_url() -> str:
    """The path of plotly.js on this server. Streamlit does not put `server.baseUrlPath` before routes of an
    app's own, so it stands here; the version makes the address safe to keep forever.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + base if base else ''}/{_name()}"


def plotly_route() -> Route:
    """The route for `st.App(routes=[plotly_route()])`, under any base path: the settings are not read yet."""
    return Route(f"/{{base:path}}{_name()}", _plotly)


def _name() -> str:
    return f"plotly-{get_plotlyjs_version()}.min.js"


async def _plotly(request: Request) -> Response:
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(_compressed(), media_type="text/javascript", headers=headers)
    return Response(_source(), media_type="text/javascript", headers=headers)


def _source() -> bytes:
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


@cache
def _compressed() -> bytes:
    # Once per process: the server would compress these 5 MB again for every viewer, 0.2 s each time.
    return gzip.compress(_source(), compresslevel=6, mtime=0)
