"""A real Chromium against a real server. Without a browser these tests are skipped, except where CI=true."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--enable-unsafe-swiftshader",  # WebGL where there is no graphics card
)
# Software rendering on a busy machine takes seconds for what a graphics card does in milliseconds.
PATIENCE = 150_000
START = 120.0
# Its first compilations are most of what a server of a test does; what it computes is tested elsewhere.
QUICK = os.environ | {"XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0"}
QUICK["LANDSCAPES_COMPUTE_AHEAD"] = "off"  # it would compete with the browser for the processor
QUICK["BROWSER"] = "true"  # the command of that name: a server that opens the page opens nothing

Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    result = next(filter(None, map(shutil.which, BROWSERS)), None)
    if result is None:
        message = f"none of {', '.join(BROWSERS)} is installed; install Debian's chromium to run browser tests"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=result, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Serve:
    """Runs `python …`, or another program, on a free port in a with statement, and gives the address.

    "PORT" at the end of an argument stands for the port. The servers share what they compile.
    """
    environment = QUICK | {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.05",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }

    @contextmanager
    def served(*arguments: str, program: str = sys.executable) -> Iterator[str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        log = tmp_path_factory.mktemp("server") / "log"
        command = [program, *(re.sub("PORT$", port, argument) for argument in arguments)]
        with log.open("w") as output:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START
        try:
            while not _healthy(address):
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the server did not start:\n{log.read_text()}")
                time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)

    return served


def _healthy(address: str) -> bool:
    try:
        with urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except (URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="session")
def contexts() -> dict[float, BrowserContext]:
    """One for each scale, because pages of a context share what Chromium has compiled of their scripts."""
    return {}


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """The open ones, in the order in which they were opened."""
    return []


@pytest.fixture(autouse=True)
def _close_pages_of_a_test(pages: list[Page]) -> Iterator[None]:
    """An open page computes on. The pages of a module's fixtures are open before those of a test."""
    kept = len(pages)
    yield
    while len(pages) > kept:
        pages.pop().close()


@pytest.fixture(scope="module")
def open_page(
    chromium: Browser, contexts: dict[float, BrowserContext], pages: list[Page]
) -> Iterator[Callable[..., Page]]:
    """Opens pages of a test or a module; an error in a page's script fails the module.

    A page has a quarter of a screen's pixels unless `scale` is 1: nothing else of it changes, and every pixel is
    computed by the processor.
    """
    errors: list[str] = []

    def opened(
        address: str,
        *,
        scheme: Literal["light", "dark"] = "light",
        width: int = 1440,
        height: int = 900,
        scale: float = 0.5,
    ) -> Page:
        if scale not in contexts:
            contexts[scale] = chromium.new_context(device_scale_factor=scale)
            contexts[scale].set_default_timeout(PATIENCE)
        page = contexts[scale].new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield opened
    while pages:
        pages.pop().close()
    assert not errors


@pytest.fixture(scope="session")
def demo_url(serve: Serve) -> Iterator[str]:
    """The server of stage_demo.py."""
    with serve("-m", "tests.browser.stage_server", "PORT") as address:
        yield address


@pytest.fixture(scope="session")
def app_url(serve: Serve) -> Iterator[str]:
    """The program's own server."""
    with serve("app.py", "--port", "PORT", "--no-browser") as address:
        yield address
