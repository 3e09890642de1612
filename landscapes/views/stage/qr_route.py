"""The route of QR codes. This server draws them, so no address is sent to another one."""

from __future__ import annotations

import io

import segno
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

NAME = "qr-code.svg"
# Of the text. A code of version 20 holds them: 97 modules on a side, each 9 pixels wide at 1080p.
MAX_CHARACTERS = 858


def qr_url() -> str:
    """The path on this server of the code of the text in `?text=`."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + base if base else ''}/{NAME}"


def qr_route() -> Route:
    """The route for `st.App(routes=[qr_route()])`, under any base path."""
    return Route(f"/{{base:path}}{NAME}", _code)


def qr_code(text: str) -> bytes:
    """A QR code as SVG, black on white, at the highest level of error correction that its size allows.

    Raises:
        ValueError: if the text is empty or longer than `MAX_CHARACTERS` bytes.
    """
    if not 0 < len(text.encode()) <= MAX_CHARACTERS:
        raise ValueError(f"a QR code takes 1 to {MAX_CHARACTERS} characters; this text has {len(text)}")
    picture = io.BytesIO()
    segno.make_qr(text, error="l").save(picture, kind="svg", light="white", svgclass=None, omitsize=True)
    return picture.getvalue()


async def _code(request: Request) -> Response:
    try:
        # A large code takes 0.1 s; in a thread it delays no other viewer.
        picture = await run_in_threadpool(qr_code, request.query_params.get("text", ""))
    except ValueError as error:
        return Response(f"{error}", status_code=400)
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})
