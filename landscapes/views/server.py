"""The server of the pages: an ASGI application around Streamlit, and the arguments with which it starts."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.health_route import health_route
from landscapes.views.page_head import PageHead
from landscapes.views.pages import home
from landscapes.views.picture_redirect import PictureRedirect
from landscapes.views.stage.plotly_route import compressed, plotly_route
from landscapes.views.stage.qr_route import qr_route
from landscapes.views.stage.thumbnail_route import thumbnail_route
from landscapes.views.worker import warm
from landscapes.views.worker.jobs import SERVICE
from landscapes.views.worker.news_route import news_route
from landscapes.views.worker.priority import read_options_without_lock, switch_often

VIEWS = Path(__file__).parent
PAGES = VIEWS / "pages" / "main.py"
ROUTES = [plotly_route(), thumbnail_route(), qr_route(), health_route(), news_route()]
MIDDLEWARE = [Middleware(PictureRedirect), Middleware(PageHead)]

# Streamlit reads .streamlit/config.toml from the folder of the script that starts it. The file lies at the top
# of a checkout, where `streamlit run app.py` finds it, and in this folder once installed.
_FOLDER = next(folder for folder in (VIEWS, VIEWS.parents[1]) if (folder / ".streamlit").is_dir())
SCRIPT = str(_FOLDER / "app.py")
config._main_script_path = config._main_script_path or SCRIPT


def lifespan_from(*first: Recipe, address: str = "") -> Callable[[st.App], AbstractAsyncContextManager[None]]:
    """The lifespan of a server that first computes these pictures, and that prints its address with this path."""

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[None]:
        """Start to compute the first pictures with the server, and stop all computations with it."""
        # A progress bar may ask for a run of its fragment after that has been replaced. Streamlit logs it; it
        # is harmless.
        logging.getLogger("streamlit.runtime.app_session").addFilter(
            lambda record: "The fragment with id" not in record.getMessage()
        )
        switch_often()
        read_options_without_lock()
        asyncio.get_running_loop().run_in_executor(None, compressed)  # for the first viewer
        warm.start(*first)
        if config._server_mode != "asgi-server":  # an external server such as uvicorn prints its own address
            print(f"Landscapes is at {_url(address)} (Ctrl+C stops it)", flush=True)
        try:
            yield
        finally:
            SERVICE.shutdown()

    return lifespan


FIRST = (home.RECIPE, Recipe())  # what Home and Explore show
lifespan = lifespan_from(*FIRST)


def application(*first: Recipe, address: str = "") -> st.App:
    """The pages as an ASGI application that computes these pictures first, at this part of its address."""
    return st.App(PAGES, lifespan=lifespan_from(*first, address=address), routes=ROUTES, middleware=MIDDLEWARE)


def address_of(first: Recipe) -> str:
    """The part of a recipe's address behind that of the server."""
    query = urlencode(catalog.to_query(catalog.complete(first)), doseq=True)
    return f"/explore?{query}" if query else "/explore"


def parser(program: str) -> argparse.ArgumentParser:
    """The arguments of a server."""
    argument_parser = argparse.ArgumentParser(program, description="A browser laboratory for training objectives.")
    argument_parser.add_argument(
        "--port", type=int, default=8501, help="where the pages are served (default 8501)"
    )
    argument_parser.add_argument(
        "--host", default="127.0.0.1", help="0.0.0.0 lets other machines in (default: this one)"
    )
    argument_parser.add_argument(
        "--base-path", default="", help="of the address behind a proxy, such as landscapes"
    )
    argument_parser.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        default=_has_display(),
        help="open the page in a browser (default: where there is a display)",
    )
    return argument_parser


def serve(app: st.App, options: argparse.Namespace, address: str = "") -> None:
    """Serves the application until it is interrupted, and opens a browser at this part of its address.

    Raises:
        SystemExit: with one sentence, if the server cannot listen at this address.
    """
    if problem := _bind_error(options.host, options.port):
        sys.exit(problem)
    settings = {"server.port": options.port, "server.address": options.host}
    if base := options.base_path.strip("/"):
        settings["server.baseUrlPath"] = base
        address = f"/{base}{address}"
    sys.argv = [SCRIPT]  # the pages must not read the arguments, and Streamlit takes the script from here
    if options.browser:
        webbrowser.open(f"http://{_browser_host(options.host)}:{options.port}{address}")
    with suppress(KeyboardInterrupt):  # Ctrl+C stops the server; uvicorn raises it again after the shutdown
        app.run(config=settings)


def _bind_error(host: str, port: int) -> str:
    """Why the server cannot listen at this address, with the remedy; empty if it can."""
    if not 1 <= port <= 65535:
        return f"Port {port} does not exist; choose one from 1024 to 65535, as in `make app PORT=8502`."
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":  # on Windows this option allows a port that another program listens on
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if isinstance(error, socket.gaierror):
            return f"There is no host {host!r} here; 127.0.0.1 serves this machine and 0.0.0.0 all others."
        return (
            f"Port {port} of {host} cannot be used ({os.strerror(error.errno or 0)}); "
            f"stop what uses it, or choose another, as in `make app PORT={port + 1}`."
        )
    return ""


def _url(address: str) -> str:
    host, port = config.get_option("server.address"), config.get_option("server.port")
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"http://{_browser_host(host)}:{port}{'/' + base if base else ''}{address}"


def _browser_host(host: str | None) -> str:
    return "localhost" if host in (None, "", "0.0.0.0", "127.0.0.1", "::") else host


def _has_display() -> bool:
    # Without a display, webbrowser would start a text browser in this terminal.
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
