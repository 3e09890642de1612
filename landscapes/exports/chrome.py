"""A Chrome or Chromium that draws figures as images, started on first use and kept for the next."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import kaleido
import plotly.graph_objects as go
from choreographer.browsers.chromium import Chromium
from choreographer.errors import BrowserClosedError, BrowserFailedError, DevtoolsProtocolError
from kaleido.errors import KaleidoError

LOG = logging.getLogger("landscapes.exports")

MISSING = (
    "PNG, SVG and PDF need Chrome or Chromium on the machine that computes, and none is found there; install one "
    "(`.venv/bin/plotly_get_chrome` does), name one in BROWSER_PATH, or save the picture from the page itself."
)
TIMEOUT = 90.0  # seconds for one image; a surface takes 2 to 8 where there is no GPU
FAILURES = (
    BrowserClosedError,
    BrowserFailedError,
    CancelledError,
    DevtoolsProtocolError,
    KaleidoError,
    OSError,
    RuntimeError,
    TimeoutError,
)

_lock = threading.Lock()
_browser: _Browser | None = None


def find() -> Path | None:
    """The browser that would be used: BROWSER_PATH, one fetched by plotly_get_chrome, or an installed one."""
    path = Chromium.find_browser(skip_local=False)
    return Path(path) if path and Path(path).is_file() else None


def draw(figure: go.Figure, kind: str, width: int, height: int, scale: float = 1.0) -> bytes:
    """The figure as "png", "svg" or "pdf". Callable from any thread; one image is drawn at a time.

    Raises:
        ValueError: one sentence, if there is no browser or it fails.
    """
    global _browser
    with _lock:
        if find() is None:
            raise ValueError(MISSING)
        try:
            _browser = _browser or _Browser()
            return _browser.draw(figure, {"format": kind, "width": width, "height": height, "scale": scale})
        except FAILURES as error:
            LOG.warning("drawing an image failed", exc_info=error)
            _close()
            raise ValueError(
                f"the browser that draws images failed ({type(error).__name__}); try again, or save the HTML"
            ) from error


def close() -> None:
    """End the browser; the next image starts another."""
    with _lock:
        _close()


def _close() -> None:
    global _browser
    browser, _browser = _browser, None
    if browser is not None:
        browser.close()


class _Browser:
    """Kaleido in an event loop of its own.

    Not `kaleido.start_sync_server`: it hands the images of concurrent callers to whichever asks first, and
    waits for ever when its browser does not start.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kaleido", daemon=True)
        self._thread.start()
        self._kaleido: Any = None
        try:
            self._do(self._open())
        except BaseException:
            self._stop()
            raise

    def draw(self, figure: go.Figure, options: dict[str, Any]) -> bytes:
        return self._do(self._kaleido.calc_fig(figure.to_dict(), opts=options))

    def close(self) -> None:
        try:
            self._do(self._kaleido.close())
        except FAILURES as error:  # it may have crashed before
            LOG.warning("the browser that draws images did not close", exc_info=error)
        finally:
            self._stop()

    async def _open(self) -> None:
        # Without MathJax, which it would fetch from the network.
        self._kaleido = kaleido.Kaleido(n=1, timeout=TIMEOUT, mathjax=False)
        await self._kaleido.open()

    def _do(self, coroutine: Any) -> Any:
        future: Future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(TIMEOUT + 10)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


atexit.register(close)
