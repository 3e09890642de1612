"""The figure of each type of result, and its view in notebooks."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from landscapes.connectivity.barrier import Profile
from landscapes.connectivity.connection import Connection
from landscapes.connectivity.curve import Curve
from landscapes.curvature.convexity import ConvexityMap
from landscapes.curvature.critical_point_search import CriticalPoints
from landscapes.curvature.edge_of_stability import Stability
from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.curvature.layer_blocks import Block
from landscapes.curvature.sharpness_measures import Rescaling
from landscapes.directions.line_bands import Band
from landscapes.figures.bands_figure import bands
from landscapes.figures.conflict_figure import conflict, conflict_path
from landscapes.figures.connection_figure import connection
from landscapes.figures.contour_figure import contour
from landscapes.figures.convexity import curvature_line, state_map
from landscapes.figures.critical_points import critical_values
from landscapes.figures.curve import training_curve
from landscapes.figures.eigenvalues_figure import best_scale, eigenvalues
from landscapes.figures.history_figure import history
from landscapes.figures.jacobian_figure import jacobian
from landscapes.figures.layers import layers
from landscapes.figures.line_figure import line
from landscapes.figures.multistart import waterfall
from landscapes.figures.offplane import off_plane
from landscapes.figures.pareto_figure import pareto
from landscapes.figures.players_figure import players
from landscapes.figures.scene import picture
from landscapes.figures.sharpness_figure import sharpness
from landscapes.figures.stability_figure import stability
from landscapes.figures.surface_figure import surface
from landscapes.games.game_flow import Flow
from landscapes.games.game_jacobian import Jacobian
from landscapes.optimization.multistart import Ends
from landscapes.optimization.trajectory import Trajectory
from landscapes.recipes.words import symbol
from landscapes.scenes.captions import caption
from landscapes.scenes.scene import Scene
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface
from landscapes.storage import SavedResults
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath
from landscapes.tradeoffs.pareto import ParetoFront

HEIGHT_PX = 480

PAGE = """<figure style="margin: 0">
{figure}
<figcaption style="padding: 4px 8px">{caption}</figcaption>
</figure>"""


def figure_of(result: Any, **options: Any) -> go.Figure:
    """The figure of a result.

    Raises:
        ValueError: for a type without a figure.
    """
    kind = next((kind for kind in type(result).__mro__ if kind in FIGURES), None)
    if kind is None:
        raise ValueError(f"a {type(result).__name__} has no figure; print it")
    return FIGURES[kind](result, **options)


def html_of(result: Any) -> str:
    """The figure above the result's caption, on white, because a figure for a light page has dark text. Plotly
    escapes "<" in the figure's texts."""
    figure = figure_of(result)
    figure.update_layout(paper_bgcolor="white")
    text = caption(result) if isinstance(result, Scene) else f"{type(result).__name__}: {result.summary}"
    drawn = figure.to_html(full_html=False, include_plotlyjs=True, default_height=HEIGHT_PX)
    return PAGE.format(figure=drawn, caption=html.escape(text))


def height_name(drawn: Surface, term: str | None = None) -> str:
    """What the height of a surface is called: the drawn term, or its only term, or "loss"."""
    names = [term] if term else list(drawn.terms)
    return symbol(names[0]) if len(names) == 1 else "loss" if drawn.sense == "minimize" else "objective"


def _surface(
    drawn: Surface,
    paths: Mapping[str, Projection] | None = None,
    *,
    view: Literal["3d", "contour"] = "3d",
    **options: Any,
) -> go.Figure:
    """A surface or contour plot over a plane, a curve over a line. Of a game, its first term unless another is
    given."""
    if view not in ("3d", "contour"):
        raise ValueError(f"view = {view!r} is neither '3d' nor 'contour'")
    if drawn.game:
        options.setdefault("term", next(iter(drawn.terms)))
    options.setdefault("value", height_name(drawn, options.get("term")))
    draw = line if len(drawn.axes) == 1 else {"3d": surface, "contour": contour}[view]
    return draw(drawn, paths, **options)


def _trajectory(run: Trajectory, label: str = "path", **options: Any) -> go.Figure:
    """The loss and the gradient norm by step; of a game, each term. The loss is on a logarithmic scale if it is
    positive."""
    if not np.isfinite(run.loss).any():
        return players({label: run}, {name: {name: 1.0} for name in run.terms}, **options)
    positive = bool(np.all(run.loss[np.isfinite(run.loss)] > 0))
    return history({label: run}, **{"scale": "log" if positive else "linear", **options})


def _convexity(convexity_map: ConvexityMap, **options: Any) -> go.Figure:
    return (curvature_line if len(convexity_map.axes) == 1 else state_map)(convexity_map, **options)


def _flow(flow: Flow, **options: Any) -> go.Figure:
    """Arrows along the motion over a contour plot of its speed in the plane."""
    speed = Surface.from_grid(*flow.axes, np.linalg.norm(flow.motion, axis=-1), name="speed in the plane")
    return contour(speed, flow=flow, **{"value": "speed in the plane", **options})


def _saved(results: SavedResults, **options: Any) -> go.Figure:
    """The surface with its paths, or what there is without one."""
    if (surface := results.surface) is not None:
        known: dict[str, Any] = {"labels": results.labels} if results.labels else {}
        known |= {"value": results.value} if results.value else {}
        known |= {"flow": results.flow} if len(surface.axes) == 2 else {}
        return _surface(surface, dict(results.paths), **{**known, **options})
    if results.trajectories:
        return history(results.trajectories, **options)
    if results.paths:
        return off_plane(results.paths, **options)
    found = next(each for each in (results.spectrum, results.jacobian, results.flow) if each is not None)
    return figure_of(found, **options)


FIGURES: dict[type, Callable[..., go.Figure]] = {
    Surface: _surface,
    Projection: lambda path, label="path", **options: off_plane({label: path}, **options),
    Trajectory: _trajectory,
    Ends: waterfall,
    Spectrum: lambda spectrum, **options: eigenvalues(spectrum, **{"scale": best_scale(spectrum), **options}),
    ConvexityMap: _convexity,
    CriticalPoints: critical_values,
    Stability: stability,
    Rescaling: sharpness,
    Block: lambda block, **options: layers([block], **options),
    Band: lambda band, **options: bands({band.kind: band}, **options),
    Profile: lambda profile, **options: connection(Connection(straight_profile=profile), **options),
    Connection: connection,
    Curve: training_curve,
    ConflictMap: conflict,
    ConflictPath: lambda path, label="path", **options: conflict_path({label: path}, **options),
    ParetoFront: pareto,
    Flow: _flow,
    Jacobian: jacobian,
    Scene: picture,
    SavedResults: _saved,
}
