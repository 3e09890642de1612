"""From a changed knob to the first picture, from Cancel to its word: `python -m tests.benchmarks.latency`.

Starts the program, opens it in Chromium and changes one knob at a time. For each it prints the seconds from the
key press to the first new picture on the stage (the sketch, which WebGL's first frame replaces), to that frame,
and to the finished picture: first on a server that has never computed such a thing (cold), and then again with
values that it has not seen (warm: the median and the slowest of them). Then it cancels long trainings. The
milliseconds are counted in the page itself.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

from playwright.sync_api import Page, sync_playwright

from landscapes.objectives import FUNCTIONS
from tests.browser.conftest import BROWSERS, FLAGS, ROOT, _healthy

STAGE = ".st-key-stage-picture .stage"
WATCH = """selector => {
    const stage = document.querySelector(selector), { sketched, drawn } = stage.dataset, times = {};
    addEventListener('keydown', ({ key }) => key === 'Enter' && (times.began ??= performance.now()), true);
    new MutationObserver(() => {
        if (times.began === undefined) return;
        if (stage.dataset.drawn !== drawn) times.drawn ??= performance.now();
        if (stage.dataset.sketched !== sketched || times.drawn) times.seen ??= performance.now();
    }).observe(stage, { attributes: true });
    window.landscapesTimes = times;
}"""
LONG = "data=digits&model=mlp&mlp.width=256&mlp.depth=4&steps=5000&objective=squared-error"
CANCEL = """() => new Promise(done => {
    const button = [...document.querySelectorAll('button')].find(found => found.innerText.includes('Cancel'));
    const began = performance.now();
    let answered;
    new MutationObserver((_, watcher) => {
        const words = document.querySelector('.st-key-status')?.innerText ?? '';
        if (/[Cc]ancell/.test(words)) answered ??= performance.now() - began;
        if (!words.includes('cancelled')) return;
        watcher.disconnect();
        done([answered, performance.now() - began]);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
    button.click();
})"""


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "app.py", "--port", port, "--no-browser"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while not _healthy(address):
            time.sleep(0.1)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=next(filter(None, map(shutil.which, BROWSERS))), args=list(FLAGS)
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(180_000)
            report(page, address)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def report(page: Page, root: str) -> None:
    address = f"{root}/explore"
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(f"{STAGE}[data-drawn]")
    print(f"first page, first picture {time.perf_counter() - began:6.2f} s")
    finished(page)
    print(f"first page, finished      {time.perf_counter() - began:6.2f} s")
    events = ("seen", "drawn", "finished")
    columns = [f"{kind}: {event}" for kind in ("cold", "median", "slowest") for event in events]
    print(" ".join([f"{'changed knob':26s}", *(f"{column:>17s}" for column in columns)]))
    show("digits MLP, learning rate", page, address, "adam.learning_rate", ("0.011", "0.012", "0.013", "0.014"))
    show("digits MLP, seed", page, address, "seed", ("1", "2", "3", "4", "5", "6"))
    show("digits MLP, extent", page, address, "extent", ("1.1", "1.2", "1.3", "1.4"))
    for name in FUNCTIONS:
        show(name, page, f"{address}?objective={name}", "sgd.learning_rate", ("1e-5", "2e-5", "3e-5"))
    texts = [f"(x^2 - {k})^2 + a*y^2 + sin({k}*x)" for k in range(1, 5)]
    show("own function, text", page, f"{address}?objective=formula", "formula.text", texts)
    times = [time_to_cancel(page, f"{address}?{LONG}&seed={seed}") for seed in range(5)]
    print("Cancel, until the page says so and until it has stopped:", end=" ")
    print(", ".join(f"{answered:.0f} and {stopped:.0f} ms" for answered, stopped in times))


def show(label: str, page: Page, address: str, key: str, values: Sequence[str]) -> None:
    page.goto(address)
    page.wait_for_selector(f"{STAGE}[data-drawn]")
    finished(page)
    cold, *warm = [time_of(page, key, value) for value in values]
    rows = [cold, *(tuple(map(over, zip(*warm, strict=True))) for over in (median, max))]
    print(" ".join([f"{label:26s}", *(f"{seconds:15.2f} s" for row in rows for seconds in row)]), flush=True)


def time_to_cancel(page: Page, address: str) -> tuple[float, float]:
    """Milliseconds in the page from the click on Cancel to the words "Cancelling…" and "cancelled", while a
    network trains."""
    page.goto(address)
    page.get_by_role("button", name="Cancel").wait_for()
    page.wait_for_timeout(5000)
    return page.evaluate(CANCEL)


def time_of(page: Page, key: str, value: str) -> tuple[float, float, float]:
    """Seconds until the first new picture is seen, until one is drawn, and until nothing is computed any more."""
    page.wait_for_timeout(1500)  # the finished picture of the value before comes in a run of its own
    field = page.locator(f".st-key-{key.replace('.', '-')} input")
    if not field.is_visible():
        opener = "SGD" if key.startswith("sgd") else "Adam" if key.startswith("adam") else "Picture"
        page.locator("[data-testid=stSidebar]").get_by_text(opener, exact=True).last.click()
        page.wait_for_timeout(1000)  # a field that has just been shown takes its own value a moment later
    page.evaluate(WATCH, STAGE)
    field.fill(value)
    field.press("Enter")
    page.wait_for_function("() => window.landscapesTimes.drawn")
    finished(page)
    times = page.evaluate("() => ({ ...window.landscapesTimes, now: performance.now() })")
    seen, drawn, last = ((times[event] - times["began"]) / 1000 for event in ("seen", "drawn", "now"))
    return seen, drawn, last


def finished(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('.progress')")


if __name__ == "__main__":
    main()
