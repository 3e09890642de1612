"""A real Chromium against a real server. Without a browser these tests are skipped, except where CI=true."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

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
QUICK["BROWSER"] = "true"  # the command of that name: a server that opens the page opens nothing

Serve = Callable[..., str]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = f"none of {', '.join(BROWSERS)} is installed; install Debian's chromium to run browser tests"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Iterator[Serve]:
    """Starts `python …`, or another program, on a free port and returns the address. "PORT" at the end of an
    argument stands for the port. The servers share what they compile."""
    environment = QUICK | {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.05",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    running: list[subprocess.Popen] = []

    def start(*arguments: str, program: str = sys.executable) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        log = tmp_path_factory.mktemp("server") / "log"
        command = [program, *(re.sub("PORT$", port, argument) for argument in arguments)]
        with log.open("w") as output:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        running.append(server)
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START
        while not _healthy(address):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.2)
        return address

    yield start
    for server in running:
        server.terminate()
        server.wait(timeout=20)


def _healthy(address: str) -> bool:
    try:
        with urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except (URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="module")
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages of a module's own; an error in a page's script fails the module.

    A page has a quarter of a screen's pixels unless `scale` is 1: nothing else of it changes, and every pixel is
    computed by the processor.
    """
    contexts, errors = [], []

    def opened(
        address: str,
        *,
        scheme: Literal["light", "dark"] = "light",
        width: int = 1440,
        height: int = 900,
        scale: float = 0.5,
    ) -> Page:
        viewport = ViewportSize(width=width, height=height)
        context = chromium.new_context(viewport=viewport, device_scale_factor=scale, color_scheme=scheme)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture(scope="session")
def demo_url(serve: Serve) -> str:
    """The server of stage_demo.py."""
    return serve("-m", "tests.browser.stage_server", "PORT")


@pytest.fixture(scope="session")
def app_url(serve: Serve) -> str:
    """The program's own server."""
    return serve("app.py", "--port", "PORT", "--no-browser")
