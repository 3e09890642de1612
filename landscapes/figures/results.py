"""The figure of each type of result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from landscapes.curvature.minibatch_noise import GradientNoise
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
from landscapes.figures.gradient_noise_figure import gradient_noise
from landscapes.figures.jacobian_figure import jacobian
from landscapes.figures.layers import layers
from landscapes.figures.multistart import waterfall
from landscapes.figures.offplane import off_plane
from landscapes.figures.pareto_figure import pareto
from landscapes.figures.persistence_figure import persistence_diagram
from landscapes.figures.saved_figure import draw_surface, saved_history, saved_picture
from landscapes.figures.scene import picture
from landscapes.figures.sharpness_figure import sharpness
from landscapes.figures.stability_figure import stability
from landscapes.games.game_flow import Flow
from landscapes.games.game_jacobian import Jacobian
from landscapes.optimization.multistart import Ends
from landscapes.optimization.trajectory import Trajectory
from landscapes.scenes.scene import Scene
from landscapes.slices.persistent_minima import Persistence
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface
from landscapes.storage import SavedResults
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath
from landscapes.tradeoffs.pareto import ParetoFront


def figure_of(result: Any, **options: Any) -> go.Figure:
    """The figure of a result.

    Raises:
        ValueError: for a type without a figure.
    """
    if (kind := drawn_type(result)) is None:
        raise ValueError(f"a {type(result).__name__} has no figure; print it")
    return FIGURES[kind](result, **options)


def drawn_type(result: Any) -> type | None:
    """The type by which a result is drawn; None if it has no figure."""
    return next((kind for kind in type(result).__mro__ if kind in FIGURES), None)


def _convexity(convexity_map: ConvexityMap, **options: Any) -> go.Figure:
    return (curvature_line if len(convexity_map.axes) == 1 else state_map)(convexity_map, **options)


def _flow(flow: Flow, **options: Any) -> go.Figure:
    """Arrows along the motion over a contour plot of its speed in the plane."""
    speed = Surface.from_grid(*flow.axes, np.linalg.norm(flow.motion, axis=-1), name="speed in the plane")
    return contour(speed, flow=flow, **{"value": "speed in the plane", **options})


def _saved(results: SavedResults, **options: Any) -> go.Figure:
    """The surface with its paths, or what there is without one."""
    if results.surface is not None:
        return saved_picture(results, **options)
    if results.trajectories:
        return saved_history(results.trajectories, **options)
    if results.paths:
        return off_plane(results.paths, **options)
    result = next(each for each in (results.spectrum, results.jacobian, results.flow) if each is not None)
    return figure_of(result, **options)


FIGURES: dict[type, Callable[..., go.Figure]] = {
    Surface: draw_surface,
    Projection: lambda path, label="path", **options: off_plane({label: path}, **options),
    Trajectory: lambda run, label="path", **options: saved_history({label: run}, **options),
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
    Persistence: persistence_diagram,
    GradientNoise: gradient_noise,
    Flow: _flow,
    Jacobian: jacobian,
    Scene: picture,
    SavedResults: _saved,
}
