"""The picture of a scene, in the view and on the scale that its recipe names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from landscapes import catalog
from landscapes.figures.contour import contour
from landscapes.figures.line import RESOLUTION as LINE
from landscapes.figures.line import line
from landscapes.figures.palette import Theme
from landscapes.figures.picture import RESOLUTION
from landscapes.figures.surface import surface
from landscapes.recipe import Recipe
from landscapes.scene import Scene

# While a picture is still being refined it is drawn on fewer points, because it will be drawn again at once.
PASSING = 61


def picture(
    scene: Scene,
    recipe: Recipe | None = None,
    *,
    theme: Theme = "light",
    presenter: bool = False,
    marks: Mapping[str, Sequence[Any]] | None = None,
) -> go.Figure:
    """The scene as a surface, a contour plot or a line.

    Args:
        recipe: whose view, scale and term are meant; the scene's own if not given.
        marks: more points to mark, by kind.
    """
    recipe = recipe or scene.recipe
    term = recipe.term if recipe.term in scene.surface.terms else None
    paths = {name: path.of_term(term) if term else path for name, path in scene.paths.items()}
    known = {} if scene.optimum is None else {"known optimum": [scene.optimum.coordinates]}
    flat = scene.plane.dim == 1
    draw = line if flat else {"3d": surface, "contour": contour}[recipe.view]
    return draw(
        scene.surface,
        paths,
        labels=scene.labels,
        value=catalog.height(recipe),
        scale="log" if recipe.scale == "log" else "linear",
        theme=theme,
        presenter=presenter,
        minima=() if flat else catalog.minima(scene.recipe),
        critical={**known, **(marks or {})},
        term=term,
        resolution=LINE if flat else PASSING if scene.missing else RESOLUTION,
    )
