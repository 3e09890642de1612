"""The picture of a scene, in the view and on the scale that its recipe names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from landscapes.figures.camera import best_seat
from landscapes.figures.contour import contour
from landscapes.figures.line import RESOLUTION as LINE
from landscapes.figures.line import line
from landscapes.figures.palette import Theme
from landscapes.figures.picture import RESOLUTION, Picture
from landscapes.figures.surface import surface
from landscapes.games.payoffs import path_of, stakes_of, surface_of
from landscapes.recipes import catalog
from landscapes.scenes.placement import stays_in_plane
from landscapes.scenes.scene import Scene
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

# While a picture is still being refined it is drawn on fewer points, because it will be drawn again at once.
PASSING = 61


def picture(
    scene: Scene,
    *,
    theme: Theme = "light",
    presenter: bool = False,
    marks: Mapping[str, Sequence[Any]] | None = None,
    seat: int | None = None,
) -> go.Figure:
    """The scene as a surface, a contour plot or a line; for another view of it see `scene.with_view`.

    Args:
        marks: more points to mark, by kind.
        seat: from where a scene is first seen; as of `figures.surface`.
    """
    recipe = scene.recipe
    drawn, term, bounds, paths = _seen(scene)
    name = "known equilibrium" if scene.surface.game else "known optimum"
    optimum = scene.known_optimum
    known = {} if optimum is None else {name: [optimum.coordinates]}
    flat = scene.plane.dim == 1
    draw = line if flat else {"3d": surface, "contour": contour}[recipe.view]
    moving: dict[str, Any] = (
        {"draws": None if term or recipe.mix else scene.draws} if flat else {"flow": scene.flow}
    )
    if not flat and recipe.view == "3d":
        moving["seat"] = seat
    figure = draw(
        drawn,
        paths,
        labels=scene.labels,
        value=catalog.height(recipe),
        scale="log" if recipe.scale == "log" else "linear",
        theme=theme,
        presenter=presenter,
        minima=() if flat else catalog.minima(recipe),
        critical={**known, **(marks or {})},
        term=term,
        bounds=bounds,
        resolution=LINE if flat else PASSING if scene.missing else RESOLUTION,
        **moving,
    )
    if optimum is not None:
        words = f"{name}<br>{optimum.distance:.3g} off the picture<extra></extra>"
        figure.update_traces({"hovertemplate": words}, lambda trace: (trace.meta or {}).get("label") == name)
    if stays_in_plane(recipe):
        flatly = "line" if flat else "plane"
        figure.for_each_trace(
            lambda trace: trace.update(name=f"{trace.name}, in this {flatly} only"),
            lambda trace: (trace.meta or {}).get("role") == "path",
        )
    if recipe.mix:
        # Where the sliders' middles stay: the weights that were trained with.
        figure.update_layout(meta={**figure.layout.meta, "trained": dict(scene.surface.weights)})
    return figure


def seat_of(scenes: Sequence[Scene]) -> int | None:
    """The one seat from which scenes side by side are best seen; None where no plane with paths is among them."""
    pictures = []
    for scene in scenes:
        if not scene.paths or scene.plane.dim != 2:
            continue
        drawn, term, bounds, paths = _seen(scene)
        scale = "log" if scene.recipe.scale == "log" else "linear"
        pictures.append((Picture.of(drawn, scale, term=term, bounds=bounds), paths))
    return best_seat(*pictures) if pictures else None


def _seen(scene: Scene) -> tuple[Surface, str | None, str, dict[str, Projection]]:
    """What is drawn of a scene: the surface, the one term that is drawn of it, the term that it bounds, and the
    paths."""
    recipe = scene.recipe
    term = recipe.term if recipe.term in scene.surface.terms else None
    drawn = scene.surface
    if (weights := stakes_of(scene.problem).get(recipe.term)) is not None:
        drawn = surface_of(drawn, recipe.term, weights)
    if recipe.mix:
        drawn = drawn.reweighted(dict(recipe.mix))
    weighed = tuple(drawn.weights.items())
    return drawn, term, catalog.bounds(replace(recipe, weights=weighed)), paths_of(scene)


def paths_of(scene: Scene) -> dict[str, Projection]:
    """The scene's paths with what is drawn in place of the loss: a term, a mix, or what a player pays."""
    recipe = scene.recipe
    if (weights := stakes_of(scene.problem).get(recipe.term)) is not None:
        return {name: path_of(path, weights) for name, path in scene.paths.items()}
    if recipe.mix:
        weights = scene.surface.reweighted(dict(recipe.mix)).weights
        return {name: path_of(path, weights) for name, path in scene.paths.items()}
    term = recipe.term if recipe.term in scene.surface.terms else None
    return {name: path.of_term(term) if term else path for name, path in scene.paths.items()}
