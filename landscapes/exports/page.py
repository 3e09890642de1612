"""Interactive HTML that opens without a network: a page, and a snippet for a web page."""

from __future__ import annotations

import json
from typing import Any

from landscapes.exports.bundle import Bundle, Export
from landscapes.figures import behavior
from landscapes.figures.behavior_data import behavior_data
from landscapes.figures.stage.page import STAGE_NAME, Panel, inline, stage_page
from landscapes.figures.stage.snippet import snippet
from landscapes.recipes import catalog

# What the model does. A module of its own, because the scripts share names.
PANEL_SCRIPT = """<script type="application/json" id="behavior">{data}</script>
<script type="module">
{script}
const data = new TextEncoder().encode(document.getElementById("behavior").textContent);
showBehavior({{ data, parentElement: document.body }});
</script>
"""


def page(bundle: Bundle) -> bytes:
    """The figure on the stage of the app, which turns, zooms and plays it, with what the model does beside it if
    that is computed, and caption and details below. The element "recipe" holds the recipe as JSON. The page loads
    and uploads nothing."""
    recipe = None if bundle.recipe is None else json.loads(bundle.recipe.to_json())
    return stage_page(bundle.figure, recipe=recipe, **_parts(bundle)).encode()


def embedded(bundle: Bundle) -> bytes:
    """The same as one <div> to paste into a web page, several times if wanted."""
    return snippet(bundle.figure, **_parts(bundle)).encode()


def _parts(bundle: Bundle) -> dict[str, Any]:
    return {
        "title": f"Landscapes: {bundle.caption.split(';')[0]}",
        "caption": bundle.caption,
        "details": bundle.details,
        "filename": bundle.stem,
        "panel": _panel(bundle),
    }


def _panel(bundle: Bundle) -> Panel | None:
    """The panel that shows what the model does at the step of the stage; None if that is not computed."""
    if bundle.behaviors is None:
        return None
    examples = "examples" if bundle.recipe is None else catalog.examples(bundle.recipe)
    data = json.dumps(behavior_data(bundle.behaviors, examples=examples))
    options = json.dumps({"stage": STAGE_NAME, "presenter": False})
    scripts = PANEL_SCRIPT.format(data=f"{options}\n{inline(data)}", script=behavior.SCRIPT)
    return Panel(behavior.STYLE, behavior.HTML, scripts)


EXPORTS = {
    "html": Export("Interactive page (HTML)", ".html", "text/html", page, volume=True),
    "snippet": Export("Snippet for a web page (HTML, 2 MB)", ".snippet.html", "text/html", embedded, volume=True),
}
