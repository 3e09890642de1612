"""The figure of a scene, with the view and the scale of its recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.camera import best_viewpoint
from landscapes.figures.contour_figure import contour
from landscapes.figures.line_figure import RESOLUTION as LINE_RESOLUTION
from landscapes.figures.line_figure import line
from landscapes.figures.palette import Theme
from landscapes.figures.picture import RESOLUTION, Picture
from landscapes.figures.step_data import step_data
from landscapes.figures.surface_figure import surface
from landscapes.games.player_losses import player_path, player_surface
from landscapes.recipes import catalog
from landscapes.scenes.placement import stays_in_plane
from landscapes.scenes.scene import Scene
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

# Points per axis while the surface is still being refined, because the figure will soon be drawn again.
REFINING_RESOLUTION = 61
# Two pictures share a scale only if the shared range is at most this many times the range of each.
MAX_RANGE_RATIO = 10.0


def picture(
    scene: Scene,
    *,
    theme: Theme = "light",
    presenter: bool = False,
    marks: Mapping[str, Sequence[Any]] | None = None,
    viewpoint: int | None = None,
    span: Sequence[float] = (),
) -> go.Figure:
    """The scene as a surface, a contour plot or a line; for another view of it see `scenes.view.with_view`.

    Args:
        marks: more points to mark, by kind.
        viewpoint: index of the initial viewpoint of a surface; see `figures.surface`.
        span: values that the scale must also contain.
    """
    recipe = scene.recipe
    drawn_surface, term, bounds, paths = _drawn_quantity(scene)
    name = "known equilibrium" if scene.surface.game else "known optimum"
    optimum = scene.known_optimum
    optimum_marks = {} if optimum is None else {name: [optimum.coordinates]}
    is_line = scene.dim == 1
    draw = line if is_line else {"3d": surface, "contour": contour}[recipe.view]
    extra: dict[str, Any] = (
        {"draws": None if term or recipe.mix else scene.draws} if is_line else {"flow": scene.flow}
    )
    if not is_line and recipe.view == "3d":
        extra["viewpoint"] = viewpoint
    figure = draw(
        drawn_surface,
        paths,
        labels=scene.labels,
        value=catalog.height(recipe),
        scale="log" if recipe.scale == "log" else "linear",
        theme=theme,
        presenter=presenter,
        minima=() if is_line else catalog.minima(recipe),
        critical={**optimum_marks, **(marks or {})},
        term=term,
        bounds=bounds,
        span=span,
        resolution=_resolution(scene),
        **extra,
    )
    if optimum is not None:
        hover_text = f"{name}<br>{optimum.distance:.3g} off the picture<extra></extra>"
        figure.update_traces({"hovertemplate": hover_text}, lambda trace: (trace.meta or {}).get("label") == name)
    if stays_in_plane(recipe):
        space = "line" if is_line else "plane"
        figure.for_each_trace(
            lambda trace: trace.update(name=f"{trace.name}, in this {space} only", showlegend=True),
            lambda trace: (trace.meta or {}).get("role") == "path",
        )
    if figure.layout.meta["terms"]:
        # The stage writes the height's name anew when the sliders change the weights.
        height_names = {
            "sum": catalog.of_examples("{sum}", recipe),
            "symbols": {t: catalog.symbol(t) for t in drawn_surface.terms},
        }
        figure.update_layout(meta={**figure.layout.meta, **height_names})
    if recipe.one_step and scene.steps:
        side = max(high - low for low, high in figure.layout.meta["box"])
        trained_recipe = catalog.as_trained(recipe)
        is_descended = trained_recipe == recipe and not scene.surface.game
        sense = "minimize" if catalog.is_function(recipe) else catalog.drawn_entry(trained_recipe).sense
        own_axes = catalog.is_function(recipe) or stays_in_plane(recipe)
        steps = step_data(scene.steps, paths, side=side, model=is_descended, sense=sense, own_axes=own_axes)
        figure.update_layout(meta={**figure.layout.meta, "steps": steps})
    if recipe.mix:
        # The sliders stay centered at the weights of the training run.
        figure.update_layout(meta={**figure.layout.meta, "trained": dict(scene.surface.weights)})
    return figure


def shared_viewpoint(scenes: Sequence[Scene]) -> int | None:
    """The best common viewpoint of scenes shown side by side; None if none of them is a plane with paths."""
    planes = [scene for scene in scenes if scene.paths and scene.dim == 2]
    pictures = [(_picture(scene), drawn_paths(scene)) for scene in planes]
    return best_viewpoint(*pictures) if pictures else None


def shared_span(scenes: Sequence[Scene]) -> tuple[tuple[float, float] | tuple[()], str]:
    """The (low, high) that pictures of the same quantity on the same scale share, and an empty sentence.

    () if the pictures show different quantities or scales. () and a sentence with the reason if one of them would
    be too flat on the shared range.
    """
    if len(scenes) < 2 or len({(catalog.quantity(s.recipe), s.recipe.scale, s.surface.sense) for s in scenes}) > 1:
        return (), ""
    # Resampling can exceed the evaluated values slightly, so the ranges are those of the resampled grids.
    scales = [_picture(scene).scale for scene in scenes]
    spans = [(scale.low, scale.high) for scale in scales]
    sizes = [high - low for low, high in spans]
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    if min(sizes) * MAX_RANGE_RATIO < high - low:
        range_ratio = max(sizes) / min(sizes) if min(sizes) > 0 else np.inf
        reason = (
            f"one spans {range_ratio:.3g} times as much as the other"
            if range_ratio > MAX_RANGE_RATIO
            else "they are far apart"
        )
        return (), f"Each picture has heights and colors of its own: {reason}."
    return (low, high), ""


def _resolution(scene: Scene) -> int:
    return LINE_RESOLUTION if scene.dim == 1 else REFINING_RESOLUTION if scene.missing else RESOLUTION


def _picture(scene: Scene) -> Picture:
    """The scene's picture, ready to draw."""
    drawn_surface, term, bounds, _ = _drawn_quantity(scene)
    scale = "log" if scene.recipe.scale == "log" else "linear"
    axes, resolution = scene.dim, _resolution(scene)
    return Picture.of(drawn_surface, scale, axes=axes, term=term, bounds=bounds, resolution=resolution)


def _drawn_quantity(scene: Scene) -> tuple[Surface, str | None, str, dict[str, Projection]]:
    """The surface to draw, its single term to draw or None, the term that the loss bounds or "", and the paths."""
    recipe = scene.recipe
    term = recipe.term if recipe.term in scene.surface.terms else None
    drawn_surface = scene.surface
    if (weights := scene.facts.player_weights.get(recipe.term)) is not None:
        drawn_surface = player_surface(drawn_surface, recipe.term, weights)
    if recipe.mix:
        drawn_surface = drawn_surface.reweighted(dict(recipe.mix))
    drawn_recipe = replace(recipe, weights=tuple(drawn_surface.weights.items()))
    return drawn_surface, term, catalog.bounded_term(drawn_recipe), drawn_paths(scene)


def drawn_surface(scene: Scene) -> Surface:
    """The surface whose loss is the drawn quantity: the total, a term, a mix or one player's loss."""
    surface, term, _, _ = _drawn_quantity(scene)
    if term is None:
        return surface
    one_term = {"terms": {term: surface.terms[term]}, "errors": {term: surface.errors[term]}}
    return replace(surface, **one_term, weights={term: 1.0}, game=False)


def drawn_paths(scene: Scene) -> dict[str, Projection]:
    """The scene's paths with the drawn quantity as their loss: the total, a term, a mix or one player's loss."""
    recipe = scene.recipe
    if (weights := scene.facts.player_weights.get(recipe.term)) is not None:
        return {name: player_path(path, weights) for name, path in scene.paths.items()}
    if recipe.mix:
        weights = scene.surface.reweighted(dict(recipe.mix)).weights
        return {name: player_path(path, weights) for name, path in scene.paths.items()}
    term = recipe.term if recipe.term in scene.surface.terms else None
    return {name: path.of_term(term) if term else path for name, path in scene.paths.items()}
