"""Interactive HTML: one file with plotly.js inside, which opens without a network."""

from __future__ import annotations

import html
import json

import plotly.graph_objects as go
import plotly.io as pio

from landscapes.exports.bundle import Bundle
from landscapes.exports.image import PAPER, paper, step_back
from landscapes.figures.palette import FONT, ink

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Landscapes: {title}</title>
<style>
html, body {{ height: 100%; margin: 0; background: {background}; color: {color}; font: 14px/1.45 {font}; }}
figure {{ display: flex; flex-direction: column; height: 100%; margin: 0; }}
figure > div {{ flex: 1; min-height: 320px; position: relative; }}
#figure {{ position: absolute; inset: 0; }}
figcaption, details {{ padding: 0 16px 10px; opacity: 0.85; }}
summary {{ cursor: pointer; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 6px 0 0; }}
dd {{ margin: 0; }}
</style>
</head>
<body>
<figure>
{figure}
<figcaption>{caption}</figcaption>
{details}</figure>
<script type="application/json" id="recipe">{recipe}</script>
</body>
</html>
"""

# Nothing is uploaded, and the camera goes back to where the figure had it, not to Plotly's own place.
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": True,
    "showSendToCloud": False,
    "modeBarButtonsToRemove": ["sendChartToCloud", "resetCameraDefault3d"],
}

# Plotly fits a picture again only when the window changes.
DETAILS = """<details ontoggle="window.dispatchEvent(new Event('resize'))">
<summary>Details</summary><dl>{rows}</dl>
</details>
"""


def page(bundle: Bundle) -> bytes:
    """The figure to turn and zoom, caption and details below it, and the recipe as JSON in element "recipe"."""
    figure = step_back(go.Figure(bundle.figure))
    figure.layout.meta = None  # the grids with which the app mixes the terms anew, as large as the picture
    background = paper(figure)
    drawn = pio.to_html(
        figure,
        full_html=False,
        include_plotlyjs=True,
        default_height="100%",
        div_id="figure",
        config=CONFIG,
    )
    # "</script>" within the JSON would end its element.
    recipe = json.dumps(json.loads(bundle.recipe.to_json())).replace("<", "\\u003c")
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>" for name, words in bundle.details.items()
    )
    text = PAGE.format(
        title=html.escape(bundle.caption.split(";")[0]),
        background=background,
        color=ink("dark" if background == PAPER["dark"] else "light"),
        font=FONT,
        figure=drawn,
        caption=html.escape(bundle.caption),
        details=DETAILS.format(rows=rows) if rows else "",
        recipe=recipe,
    )
    return text.encode()
