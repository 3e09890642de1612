"""From the server's answer to the picture on a new machine: `python -m tests.benchmarks.opening`.

A new server with an empty compilation cache is opened in Chromium. Seconds count from the websocket of a page,
with which the program answers, to the figure's arrival in the browser, to its sketch, and to the drawn picture,
which is rendered without a graphics card. `--live` leaves the scenes that travel with the program aside.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from statistics import median

from playwright.sync_api import Browser, WebSocket, sync_playwright

from landscapes.lessons import LESSONS
from landscapes.openings.files import VARIABLE
from tests.browser.conftest import BROWSERS, FLAGS, ROOT, _healthy

FIGURE = b'"layout":'
# Notes when the first stage is sketched and drawn, in the page itself, which may be too busy to answer when asked.
WATCH = """new MutationObserver((changes) => {
    for (const { target, attributeName } of changes) {
        if (!target.matches('[class*=st-key-stage-home] .stage, [class*=st-key-stage-picture] .stage')) continue;
        (window.times ??= {})[attributeName.slice(5)] ??= (performance.timeOrigin + performance.now()) / 1000;
    }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-sketched', 'data-drawn'] })"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds from the server's answer to the picture.")
    parser.add_argument("--live", action="store_true", help="compute every scene")
    parser.add_argument("--lessons", nargs="*", default=list(LESSONS), metavar="NAME")
    options = parser.parse_args()
    pages = {"Home": "/", "first page of Explore": "/explore"}
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        result = timed(browser, pages, options.live)
        lessons = timed(browser, {name: f"/explore?lesson={name}" for name in options.lessons}, options.live)
        browser.close()
    for name, (arrived, sketched, drawn) in (result | lessons).items():
        print(f"{name:24s} figure {arrived:6.2f} s, sketched {sketched:6.2f} s, drawn {drawn:6.2f} s")
    for k, what in enumerate(("figure", "sketched", "drawn")):
        times = [row[k] for row in lessons.values()]
        low, middle, high = min(times), median(times), max(times)
        print(f"{len(times)} lessons, {what}: {low:.2f}, {middle:.2f}, {high:.2f} s (min, median, max)")


def timed(browser: Browser, pages: dict[str, str], live: bool) -> dict[str, tuple[float, float, float]]:
    """For each page the seconds to the figure's arrival, to its sketch and to the picture, on one new server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as empty:
        environment = os.environ | {"XDG_CACHE_HOME": empty, "JAX_COMPILATION_CACHE_DIR": empty}
        environment |= {VARIABLE: "off"} if live else {}
        command = [sys.executable, "app.py", "--port", port, "--no-browser"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            while not _healthy(address):
                time.sleep(0.02)
            return {name: time_of(browser, f"{address}{path}") for name, path in pages.items()}
        finally:
            server.terminate()
            server.wait(20)


def time_of(browser: Browser, address: str) -> tuple[float, float, float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(180_000)
    page = context.new_page()
    times: dict[str, float] = {}

    def watch(connection: WebSocket) -> None:
        times.setdefault("answer", time.time())
        connection.on("framereceived", receive)

    def receive(frame: bytes | str) -> None:
        if isinstance(frame, bytes) and FIGURE in frame:
            times.setdefault("figure", time.time())

    page.on("websocket", watch)
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.times?.drawn")
    times |= page.evaluate("() => window.times")
    context.close()
    figure, sketched, drawn = (times[event] - times["answer"] for event in ("figure", "sketched", "drawn"))
    return figure, sketched, drawn


if __name__ == "__main__":
    main()
