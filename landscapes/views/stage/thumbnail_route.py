"""The route of the lessons' small pictures."""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from landscapes.lessons import thumbnail
from landscapes.views.stage.plotly_route import CACHE_ONE_YEAR

NAME = "thumbnails"


def thumbnail_url(name: str, theme: str) -> str:
    """The path on this server of a lesson's small picture, or "" if there is none. It ends in its version,
    so browsers may cache it."""
    file = thumbnail.path(name, theme)
    if not file.exists():
        return ""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + base if base else ''}/{NAME}/{file.name}?{file.stat().st_mtime_ns:x}"


def thumbnail_route() -> Route:
    """The route for `st.App(routes=[thumbnail_route()])`, under any base path."""
    return Route(f"/{{base:path}}{NAME}/{{file}}", _thumbnail)


async def _thumbnail(request: Request) -> Response:
    # The folder's own listing decides, so that no path from the address is opened.
    files = {file.name: file for file in thumbnail.FOLDER.glob("*.webp")}
    file = files.get(request.path_params["file"])
    if file is None:
        return Response(status_code=404)
    return FileResponse(file, media_type="image/webp", headers={"Cache-Control": CACHE_ONE_YEAR})
