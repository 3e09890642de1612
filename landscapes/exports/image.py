"""PNG: the figure with its caption below it, at a chosen resolution."""

from __future__ import annotations

import plotly.graph_objects as go

from landscapes.exports.bundle import Bundle, Export
from landscapes.figures import paper
from landscapes.figures.palette import theme_of

PRESET = "neurips"
BACKGROUNDS = {"light": "#FFFFFF", "dark": "#0F1216"}


def png(bundle: Bundle) -> bytes:
    """The image of `dpi` pixels per inch. Its text "Description" holds the caption with its details, "Recipe" the
    recipe."""
    settings, recipe = bundle.settings, bundle.recipe
    sheet = paper.draw(bundle.light_figure, preset=settings.preset or PRESET, caption=bundle.caption)
    return paper.encode(
        sheet,
        "png",
        title=bundle.title,
        description=bundle.description,
        dpi=settings.dpi,
        recipe="" if recipe is None else recipe.to_json(),
    )


def background_color(figure: go.Figure) -> str:
    """The background color for a figure: figures are transparent."""
    return BACKGROUNDS[theme_of(figure)]


EXPORTS = {"png": Export("Image (PNG)", ".png", "image/png", png, paper.missing)}
