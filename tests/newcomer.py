"""What a session sees of the files that CONTRIBUTING.md adds, as JSON; run in a copy of the program with them."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path.cwd()))

from landscapes.views.pages import explore
from landscapes.views.worker import progress
from landscapes.views.worker.jobs import SERVICE

QUERY = (
    "objective=log-cosh&log-cosh.scale=0.5&data=parabola&parabola.examples=12&model=sines&sines.width=2"
    "&optimizers=signsgd&signsgd.learning_rate=0.02&steps=3&directions=signs&tolerance=0.1&section=steepness"
)


def settled(page: AppTest) -> AppTest:
    def at_work() -> bool:
        return any(part.proto.component_name == progress.NAME for part in page.get("bidi_component"))

    while at_work():
        time.sleep(0.05)
        page.run()
    assert not page.exception, page.exception
    assert not page.warning, page.warning[0].value
    return page


def turned(page: AppTest, name: str) -> AppTest:
    known = page._registered_pages.values()
    page._page_hash = next(one["page_script_hash"] for one in known if one.get("url_pathname") == name)
    page.query_params.clear()
    return settled(page.run())


def look() -> dict[str, Any]:
    page: Any = AppTest.from_file(str(Path(explore.__file__).with_name("main.py")), default_timeout=120)
    for key, values in parse_qs(QUERY).items():
        page.query_params[key] = values
    settled(page.run())
    kinds = ("selectbox", "multiselect", "number_input", "slider")
    observed_values: dict[str, Any] = {
        "address": dict(page.query_params),
        "widgets": {widget.key: widget.value for kind in kinds for widget in page.get(kind)},
        "exports": [button.label for button in page.get("download_button")],
        "formulas": [text.value for text in page.markdown if "$" in text.value],
    }
    turned(page, "curvature")
    observed_values["metrics"] = [metric.label for metric in page.metric]
    observed_values["address"] |= page.query_params
    turned(page, "")
    return observed_values | {"lessons": [link.label for link in page.page_link]}


if __name__ == "__main__":
    seen = look()
    SERVICE.shutdown()
    print(json.dumps(seen, default=str))
