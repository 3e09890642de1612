"""Interactive HTML: one file that contains plotly.js and the stage of the app, and opens without a network."""

from __future__ import annotations

import html
import json

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from landscapes.exports.bundle import Bundle, Export
from landscapes.exports.image import BACKGROUNDS, background_color
from landscapes.figures import behavior
from landscapes.figures.behavior_data import behavior_data
from landscapes.figures.description import describe
from landscapes.figures.palette import FONT, text_color
from landscapes.figures.stage import HTML, SCRIPT, STYLE
from landscapes.recipes import catalog

# The colors of the themes in .streamlit/config.toml.
COLORS = {
    "light": {"primary": "#0B6BA8", "secondary-background": "#F4F6F8", "border": "#DDE1E6"},
    "dark": {"primary": "#4798D8", "secondary-background": "#1A1F26", "border": "#2C333C"},
}
STAGE_NAME = "figure"
# The figure fills the window above the caption and the details, at least 360 pixels high; then the page scrolls.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Landscapes: {title}</title>
<style>
:root {{ color-scheme: {theme}; {variables} }}
{style}
html, body {{ height: 100%; margin: 0; }}
body {{ background: var(--st-background-color); color: var(--st-text-color); font: 14px/1.45 var(--st-font); }}
figure {{ display: flex; flex-direction: column; box-sizing: border-box; }}
figure {{ min-height: 100%; margin: 0; padding: 8px; }}
.picture {{ display: flex; flex: 1 0 auto; gap: 16px; }}
.stage {{ flex: 1; min-width: 0; }}
.behavior {{ flex: none; align-self: center; width: 30%; max-width: 420px; }}
@media (max-width: 760px) {{
  .picture {{ flex-direction: column; }}
  .stage {{ flex: 1 0 auto; }}
  .behavior {{ width: 100%; }}
}}
.stage-picture {{ flex: 1 0 auto; height: auto; min-height: 360px; }}
figcaption, details {{ padding: 4px 8px; }}
summary {{ cursor: pointer; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 6px 0 0; }}
dd {{ margin: 0; }}
</style>
<script>{plotly}</script>
</head>
<body>
<figure>
<div class="picture">
{stage}
{panel}</div>
<figcaption>{caption}</figcaption>
{details}</figure>
<script type="application/json" id="figure">{figure}</script>
<script type="application/json" id="recipe">{recipe}</script>
<script type="module">
{script}
const data = new TextEncoder().encode(document.getElementById("figure").textContent);
const ignore = () => {{}};
showStage({{ data, parentElement: document.body, setStateValue: ignore, setTriggerValue: ignore }});
</script>
{panel_script}</body>
</html>
"""
# What the model does. A module of its own, because the scripts share names.
PANEL_SCRIPT = """<script type="application/json" id="behavior">{data}</script>
<script type="module">
{script}
const data = new TextEncoder().encode(document.getElementById("behavior").textContent);
showBehavior({{ data, parentElement: document.body }});
</script>
"""
DETAILS = """<details>
<summary>Details</summary><dl>{rows}</dl>
</details>
"""


def page(bundle: Bundle) -> bytes:
    """The figure on the stage of the app, which turns, zooms and plays it, with what the model does beside it if
    that is computed, and caption and details below. The element "recipe" holds the recipe as JSON. The page loads
    and uploads nothing."""
    figure = go.Figure(bundle.figure)
    # Without sliders the grids of the terms are not needed; the caption names the drawn weights.
    figure.update_layout(meta={**(figure.layout.meta or {}), "terms": {}})
    background = background_color(figure)
    theme = "dark" if background == BACKGROUNDS["dark"] else "light"
    colors = {**COLORS[theme], "background": background, "text": text_color(theme)}
    variables = [f"--st-{name}-color: {color};" for name, color in colors.items()]
    options = {
        "id": "figure",
        "name": STAGE_NAME,
        "height": "auto",
        "transport": True,
        "presenter": False,
        "pick": False,
        "mix": False,
        "link": "",
        "status": "",
        "filename": bundle.stem,
        "description": f"{bundle.caption} {describe(figure)}",
    }
    text = figure.to_json()
    assert text is not None
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>" for name, words in bundle.details.items()
    )
    return PAGE.format(
        title=html.escape(bundle.caption.split(";")[0]),
        theme=theme,
        variables=" ".join([*variables, f"--st-font: {FONT};"]),
        style=STYLE if bundle.behaviors is None else f"{STYLE}\n{behavior.STYLE}",
        plotly=get_plotlyjs(),
        stage=HTML,
        panel="" if bundle.behaviors is None else f"{behavior.HTML}\n",
        panel_script=_panel_script(bundle),
        caption=html.escape(bundle.caption),
        details=DETAILS.format(rows=rows) if rows else "",
        figure=f"{_inline(json.dumps(options))}\n{_inline(text)}",
        recipe="null" if bundle.recipe is None else _inline(json.dumps(json.loads(bundle.recipe.to_json()))),
        script=SCRIPT,
    ).encode()


def _panel_script(bundle: Bundle) -> str:
    """The script that shows what the model does at the step of the stage; "" if that is not computed."""
    if bundle.behaviors is None:
        return ""
    examples = "examples" if bundle.recipe is None else catalog.examples(bundle.recipe)
    data = json.dumps(behavior_data(bundle.behaviors, examples=examples))
    options = json.dumps({"stage": STAGE_NAME, "presenter": False})
    return PANEL_SCRIPT.format(data=f"{options}\n{_inline(data)}", script=behavior.SCRIPT)


def _inline(text: str) -> str:
    """JSON for a script element, with "<" escaped: "</script>" would end the element."""
    return text.replace("<", "\\u003c")


EXPORTS = {"html": Export("Interactive page (HTML)", ".html", "text/html", page)}
