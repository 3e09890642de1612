"""A page with the stage: HTML that contains plotly.js, turns, zooms and plays a figure, and loads nothing."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from landscapes.figures.description import describe
from landscapes.figures.palette import FONT, page_color, text_color, theme_of
from landscapes.figures.stage import HTML, SCRIPT, STYLE

# The colors of the themes in .streamlit/config.toml.
COLORS = {
    "light": {"primary": "#0B6BA8", "secondary-background": "#F4F6F8", "border": "#DDE1E6"},
    "dark": {"primary": "#4798D8", "secondary-background": "#1A1F26", "border": "#2C333C"},
}
# The figure fills the window above the caption and the details, at least 360 pixels high; then the page scrolls.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
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
.stage-picture {{ flex: 1 0 auto; min-height: 360px; }}
.stage-canvas {{ min-height: 0; }}
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
{caption}{details}</figure>
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
DETAILS = """<details>
<summary>Details</summary><dl>{rows}</dl>
</details>
"""


STAGE_NAME = "figure"


class Panel(NamedTuple):
    """The panel beside the stage: a style sheet, an element, and the scripts that fill it."""

    style: str
    element: str
    scripts: str


def stage_page(
    figure: go.Figure,
    *,
    title: str,
    caption: str,
    with_caption: bool = True,
    details: Mapping[str, str] | None = None,
    recipe: Any = None,
    filename: str = "landscape",
    panel: Panel | None = None,
    plotly: str | None = None,
) -> str:
    """The page of one figure, in the theme of its text.

    Args:
        title: of the browser's tab.
        caption: what the picture shows; it also describes the picture to screen readers.
        with_caption: whether the page shows the caption.
        details: further facts by name, folded below the caption.
        recipe: in the element "recipe" as JSON.
        filename: of pictures saved in the browser, without extension.
        panel: what stands beside the stage.
        plotly: the script that defines `Plotly`; plotly.js if not given.
    """
    plot: Any = go.Figure(figure)  # Plotly's figures carry no types
    # Without sliders the grids of the terms are not needed; the caption names the drawn weights.
    plot.update_layout(meta={**(plot.layout.meta or {}), "terms": {}})
    theme = theme_of(plot)
    colors = {**COLORS[theme], "background": page_color(theme), "text": text_color(theme)}
    variables = [f"--st-{name}-color: {color};" for name, color in colors.items()]
    text = plot.to_json()
    header = stage_options(plot, caption, filename)
    return PAGE.format(
        title=html.escape(title),
        theme=theme,
        variables=" ".join([*variables, f"--st-font: {FONT};"]),
        style=STYLE if panel is None else f"{STYLE}\n{panel.style}",
        plotly=get_plotlyjs() if plotly is None else plotly,
        stage=HTML,
        panel="" if panel is None else f"{panel.element}\n",
        panel_script="" if panel is None else panel.scripts,
        caption=f"<figcaption>{html.escape(caption)}</figcaption>\n" if with_caption else "",
        details=details_html(details or {}),
        figure=f"{inline(json.dumps(header))}\n{inline(text)}",
        recipe=inline(json.dumps(recipe)),
        script=SCRIPT,
    )


def stage_options(figure: go.Figure, caption: str, filename: str) -> dict[str, Any]:
    """The options of a stage that has no server behind it."""
    return {
        "id": "figure",
        "name": STAGE_NAME,
        "height": "auto",
        "transport": True,
        "presenter": False,
        "pick": False,
        "mix": False,
        "link": "",
        "status": "",
        "filename": filename,
        "description": f"{caption} {describe(figure)}",
    }


def details_html(details: Mapping[str, str]) -> str:
    """The details as folded HTML, or "" without any."""
    rows = [f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>" for name, words in details.items()]
    return DETAILS.format(rows="".join(rows)) if rows else ""


def inline(text: str) -> str:
    """JSON for a script element, with "<" escaped: "</script>" would end the element."""
    return text.replace("<", "\\u003c")
