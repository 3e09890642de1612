"""The picture of a scene, in the view and on the scale that its recipe names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.camera import best_seat
from landscapes.figures.contour import contour
from landscapes.figures.line import RESOLUTION as LINE
from landscapes.figures.line import line
from landscapes.figures.palette import Theme
from landscapes.figures.picture import RESOLUTION, Picture
from landscapes.figures.surface import surface
from landscapes.games.player_losses import player_path, player_surface, player_weights
from landscapes.recipes import catalog
from landscapes.scenes.placement import stays_in_plane
from landscapes.scenes.scene import Scene
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

# While a picture is still being refined it is drawn on fewer points, because it will be drawn again at once.
PASSING = 61
# A picture that spans less than this part of the heights that it shares with another is too flat to be read.
FLATTEST = 10.0


def picture(
    scene: Scene,
    *,
    theme: Theme = "light",
    presenter: bool = False,
    marks: Mapping[str, Sequence[Any]] | None = None,
    seat: int | None = None,
    span: Sequence[float] = (),
) -> go.Figure:
    """The scene as a surface, a contour plot or a line; for another view of it see `scenes.view.with_view`.

    Args:
        marks: more points to mark, by kind.
        seat, span: from where a scene is first seen, and values that its scale must hold; as of `figures.surface`.
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
        span=span,
        resolution=_resolution(scene),
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
    if figure.layout.meta["terms"]:
        # What the height is called under other weights, which the sliders set.
        named = {
            "sum": catalog.of_examples("{sum}", recipe),
            "symbols": {t: catalog.symbol(t) for t in drawn.terms},
        }
        figure.update_layout(meta={**figure.layout.meta, **named})
    if recipe.mix:
        # Where the sliders' middles stay: the weights that were trained with.
        figure.update_layout(meta={**figure.layout.meta, "trained": dict(scene.surface.weights)})
    return figure


def seat_of(scenes: Sequence[Scene]) -> int | None:
    """The one seat from which scenes side by side are best seen; None where no plane with paths is among them."""
    planes = [scene for scene in scenes if scene.paths and scene.plane.dim == 2]
    pictures = [(_picture(scene), paths_of(scene)) for scene in planes]
    return best_seat(*pictures) if pictures else None


def shared_span(scenes: Sequence[Scene]) -> tuple[tuple[float, float] | tuple[()], str]:
    """The (low, high) that pictures side by side share where they are compared: the same quantity on the same
    scale. () where they are not, and where one would be too flat to be read; a sentence says the latter."""
    if len(scenes) < 2 or len({(catalog.quantity(s.recipe), s.recipe.scale, s.surface.sense) for s in scenes}) > 1:
        return (), ""
    # Of what is drawn: resampled, a surface goes a little beyond its own points.
    scales = [_picture(scene).scale for scene in scenes]
    spans = [(scale.low, scale.high) for scale in scales]
    sizes = [high - low for low, high in spans]
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    if min(sizes) * FLATTEST < high - low:
        many = max(sizes) / min(sizes) if min(sizes) > 0 else np.inf
        words = f"one spans {many:.3g} times as much as the other" if many > FLATTEST else "they are far apart"
        return (), f"Each picture has heights and colors of its own: {words}."
    return (low, high), ""


def _resolution(scene: Scene) -> int:
    return LINE if scene.plane.dim == 1 else PASSING if scene.missing else RESOLUTION


def _picture(scene: Scene) -> Picture:
    """The grids that are drawn of a scene."""
    drawn, term, bounds, _ = _seen(scene)
    scale = "log" if scene.recipe.scale == "log" else "linear"
    axes, resolution = scene.plane.dim, _resolution(scene)
    return Picture.of(drawn, scale, axes=axes, term=term, bounds=bounds, resolution=resolution)


def _seen(scene: Scene) -> tuple[Surface, str | None, str, dict[str, Projection]]:
    """What is drawn of a scene: the surface, the one term that is drawn of it, the term that it bounds, and the
    paths."""
    recipe = scene.recipe
    term = recipe.term if recipe.term in scene.surface.terms else None
    drawn = scene.surface
    if (weights := player_weights(scene.problem).get(recipe.term)) is not None:
        drawn = player_surface(drawn, recipe.term, weights)
    if recipe.mix:
        drawn = drawn.reweighted(dict(recipe.mix))
    weighed = tuple(drawn.weights.items())
    return drawn, term, catalog.bounded_term(replace(recipe, weights=weighed)), paths_of(scene)


def paths_of(scene: Scene) -> dict[str, Projection]:
    """The scene's paths with what is drawn in place of the loss: a term, a mix, or what a player pays."""
    recipe = scene.recipe
    if (weights := player_weights(scene.problem).get(recipe.term)) is not None:
        return {name: player_path(path, weights) for name, path in scene.paths.items()}
    if recipe.mix:
        weights = scene.surface.reweighted(dict(recipe.mix)).weights
        return {name: player_path(path, weights) for name, path in scene.paths.items()}
    term = recipe.term if recipe.term in scene.surface.terms else None
    return {name: path.of_term(term) if term else path for name, path in scene.paths.items()}
