"""Sends the address of a picture without the name of its page, `/?lesson=ravine`, to the page Explore.

The page Home would do so too, but its own address would stay in the browser's history, so that going back would
lead to the picture again.
"""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from landscapes.views.controls import lessons


class PictureRedirect:
    """ASGI middleware around the application."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = (
            RedirectResponse(target, 307) if scope["type"] == "http" and (target := target_of(scope)) else None
        )
        await (answer or self.app)(scope, receive, send)


def target_of(scope: Scope) -> str:
    """Where the request of a page is sent, relative to its own address; "" if it stays."""
    base = "/" + str(st.get_option("server.baseUrlPath") or "").strip("/")
    query = scope["query_string"].decode("latin-1")
    if scope["path"].rstrip("/") != base.rstrip("/") or lessons.is_list_only(
        parse_qs(query, keep_blank_values=True)
    ):
        return ""
    name = base.rstrip("/").rpartition("/")[2]
    return f"{'' if scope['path'].endswith('/') else name + '/'}explore?{query}"
