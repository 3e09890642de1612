"""Sessions of Streamlit's AppTest, and what their pages show."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from landscapes.views.pages import explore
from landscapes.views.stage.component import NAME
from landscapes.views.worker import progress

MAIN = Path(explore.__file__).with_name("main.py")
SMALL = "data=iris&model=softmax&optimizers=sgd&optimizers=adam&steps=5&eigenvalues=1&tolerance=0.1"


def open_page(query: str = "", *, complete: bool = True) -> AppTest:
    """A session at this address, rerun until its picture is complete if `complete`."""
    page = turn_to_address(AppTest.from_file(str(MAIN), default_timeout=60), query)
    return settle(page) if complete else page


def turn_to_address(page: AppTest, query: str) -> AppTest:
    """The same session at another address, as by the browser's back button."""
    page.query_params.clear()
    for key, values in parse_qs(query, keep_blank_values=True).items():
        page.query_params[key] = values
    return page.run()


def settle(page: AppTest) -> AppTest:
    deadline = time.monotonic() + 60
    while is_working(page) and time.monotonic() < deadline:
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def is_working(page: AppTest) -> bool:
    """Whether the page shows progress, and offers to cancel."""
    return any(shown.proto.component_name == progress.NAME for shown in page.get("bidi_component"))


def stages(page: Any) -> list[str]:
    """The pictures on a page or in a column of it, as the JSON that each stage was sent."""
    shown = [part.proto for part in page.get("bidi_component")]
    return [part.bytes.decode() for part in shown if part.component_name == NAME]


def warnings(page: AppTest) -> list[str]:
    return [str(warning.value) for warning in page.warning]


def scenes(page: AppTest) -> list[dict]:
    """The figures in space on the page."""
    figures = [json.loads(each.partition("\n")[2]) for each in stages(page)]
    return [figure for figure in figures if "scene" in figure["layout"]]
