"""The progress bar, the keys of Undo, and the stage as a widget."""

from __future__ import annotations

from typing import Any

from landscapes import figures
from tests.figures.scenes import asymmetric
from tests.scripts.stage_pages import OPTIONS, SIZES, looks, small_paths

BAR = (
    '<div class="progress"><div class="progress-note" role="status"></div><div class="progress-track" '
    'role="progressbar" aria-valuemin="0" aria-valuemax="100"><div></div></div>'
    '<button type="button">Cancel</button></div>'
)
BUTTONS = (
    '<div class="st-key-settings-undo"><button class="undo">Undo</button></div>'
    '<div class="st-key-settings-redo"><button class="redo">Redo</button></div>'
    '<input class="typed" type="text"><input class="scrubbed" type="range">'
)


def pages() -> list[dict[str, Any]]:
    """All of them; the steps are those of steps.js."""
    surface = figures.surface(asymmetric(), small_paths(), **looks())
    bar = {"fraction": 0.333, "note": "Training <b>", "work": "a", "follow": ""}
    widget = {"options": OPTIONS, "figure": surface.to_json()}
    return [
        {"name": "progress", "script": "progress", "html": BAR, "data": bar, "steps": ["PROGRESS"]},
        {"name": "undo", "script": "undo", "html": BUTTONS, "steps": ["UNDO"]},
        {
            "name": "widget",
            "script": "widget",
            "html": "<div></div>",
            "sizes": SIZES,
            "data": widget,
            "quiet": True,
            "steps": ["WIDGET"],
        },
    ]
