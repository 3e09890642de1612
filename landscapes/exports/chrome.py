"""Images of figures, rendered by a Chrome or Chromium that starts on first use and keeps running."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from concurrent.futures import CancelledError, Future
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

LOG = logging.getLogger("landscapes.exports")

MISSING_BROWSER = (
    "PNG needs Chrome or Chromium on the machine that computes, and none is found there; install one "
    "(`.venv/bin/plotly_get_chrome` does), name one in BROWSER_PATH, or save the picture from the page itself."
)
MISSING_PACKAGE = (
    "PNG needs the package kaleido on the machine that computes, and it is not installed there; "
    '`pip install "landscapes[export]"` brings it, or save the picture from the page itself.'
)
TIMEOUT_SECONDS = 90.0  # for one image; a surface takes 2 to 8 seconds without a GPU
_lock = threading.Lock()
_browser: _Browser | None = None


def missing() -> str:
    """What images need that this machine has not, with the remedy, or ""."""
    if find_spec("kaleido") is None:
        return MISSING_PACKAGE
    return "" if find_browser() is not None else MISSING_BROWSER


def find_browser() -> Path | None:
    """The browser: BROWSER_PATH, else one downloaded by plotly_get_chrome or installed, else None. It is found by
    Kaleido, which is optional."""
    from choreographer.browsers.chromium import Chromium

    path = Chromium.find_browser(skip_local=False)
    return Path(path) if path and Path(path).is_file() else None


def render(figure: go.Figure, kind: str, width: int, height: int, scale: float = 1.0) -> bytes:
    """The figure as "png", "svg" or "pdf". Any thread may call; one image is rendered at a time.

    Raises:
        ValueError: if there is no browser or it fails.
    """
    global _browser
    with _lock:
        if reason := missing():
            raise ValueError(reason)
        try:
            _browser = _browser or _Browser()
            return _browser.render(figure, {"format": kind, "width": width, "height": height, "scale": scale})
        except _browser_errors() as error:
            LOG.warning("drawing an image failed", exc_info=error)
            _close()
            raise ValueError(
                f"the browser that draws images failed ({type(error).__name__}); try again, or save the HTML"
            ) from error


def close_browser() -> None:
    """Closes the browser; the next image starts another one."""
    with _lock:
        _close()


@cache
def _browser_errors() -> tuple[type[BaseException], ...]:
    from choreographer.errors import BrowserClosedError, BrowserFailedError, DevtoolsProtocolError
    from kaleido.errors import KaleidoError

    broken = (BrowserClosedError, BrowserFailedError, DevtoolsProtocolError, KaleidoError)
    return (*broken, CancelledError, OSError, RuntimeError, TimeoutError)


def _close() -> None:
    global _browser
    browser, _browser = _browser, None
    if browser is not None:
        browser.close()


class _Browser:
    """Kaleido in an event loop on its own thread.

    `kaleido.start_sync_server` does not serve here: it may return the image of one concurrent caller to another,
    and it waits forever if its browser does not start.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kaleido", daemon=True)
        self._thread.start()
        self._kaleido: Any = None
        try:
            self._run(self._open())
        except BaseException:
            self._stop()
            raise

    def render(self, figure: go.Figure, options: dict[str, Any]) -> bytes:
        return self._run(self._kaleido.calc_fig(figure.to_dict(), opts=options))

    def close(self) -> None:
        try:
            self._run(self._kaleido.close())
        except _browser_errors() as error:  # it may have crashed already
            LOG.warning("the browser that draws images did not close", exc_info=error)
        finally:
            self._stop()

    async def _open(self) -> None:
        import kaleido

        # MathJax would be loaded from the network.
        self._kaleido = kaleido.Kaleido(n=1, timeout=TIMEOUT_SECONDS, mathjax=False)
        await self._kaleido.open()

    def _run(self, coroutine: Any) -> Any:
        future: Future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(TIMEOUT_SECONDS + 10)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


atexit.register(close_browser)
