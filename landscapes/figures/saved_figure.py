"""The figures of results from a file, with everything that the stage can do without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.contour_figure import contour
from landscapes.figures.history_figure import history
from landscapes.figures.line_figure import line
from landscapes.figures.players_figure import players
from landscapes.figures.scale import Kind
from landscapes.figures.surface_figure import surface
from landscapes.games.player_losses import player_path
from landscapes.optimization.trajectory import Trajectory
from landscapes.recipes.words import symbol, weighted_sum
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface
from landscapes.storage import SavedResults

View = Literal["3d", "contour"]


def saved_picture(
    results: SavedResults,
    *,
    view: View = "3d",
    scale: Kind = "linear",
    term: str | None = None,
    weights: Mapping[str, float] | None = None,
    **options: Any,
) -> go.Figure:
    """The surface of saved results with its paths.

    Args:
        term: the term to draw instead of the sum; of a game the first one if not given.
        weights: other weights of the terms than those that were saved.

    Raises:
        ValueError: without a surface, and for an unknown view, scale or term.
    """
    if (saved := results.surface) is None:
        raise ValueError("these results have no surface; save one with landscapes.save(path, surface=…)")
    if saved.game and not term:
        term = next(iter(saved.terms))
    drawn = saved.reweighted(weights or {})
    known: dict[str, Any] = {"labels": results.labels} if results.labels else {}
    if len(saved.axes) == 2:
        known |= {"flow": results.flow}
    name = symbol(term) if term else results.value or height_name(drawn)
    if weights and not term:
        name = weighted_sum(drawn.weights)
    paths = _paths(results.paths, term, drawn.weights if weights else None)
    figure = draw_surface(drawn, paths, view=view, scale=scale, term=term, value=name, **{**known, **options})
    meta = dict(figure.to_dict()["layout"]["meta"])
    if meta["terms"]:
        # The stage names the height anew, and centers the sliders at the saved weights.
        meta |= {"sum": "{sum}", "symbols": {each: symbol(each) for each in drawn.terms}}
        meta |= {"trained": dict(saved.weights)}
        figure.update_layout(meta=meta)
    return figure


def saved_history(trajectories: Mapping[str, Trajectory], **options: Any) -> go.Figure:
    """The loss and the gradient norm by step; of a game, each term. The loss is on a logarithmic scale if it is
    positive."""
    losses = np.concatenate([run.loss[np.isfinite(run.loss)] for run in trajectories.values()])
    if not losses.size:
        terms = next(iter(trajectories.values())).terms
        return players(trajectories, {name: {name: 1.0} for name in terms}, **options)
    return history(trajectories, **{"scale": "log" if np.all(losses > 0) else "linear", **options})


def draw_surface(
    drawn: Surface, paths: Mapping[str, Projection] | None = None, *, view: View = "3d", **options: Any
) -> go.Figure:
    """A surface or contour plot over a plane, a curve over a line. Of a game, its first term unless another is
    given."""
    if view not in ("3d", "contour"):
        raise ValueError(f"view = {view!r} is neither '3d' nor 'contour'")
    if drawn.game:
        options.setdefault("term", next(iter(drawn.terms)))
    options.setdefault("value", symbol(options["term"]) if options.get("term") else height_name(drawn))
    draw = line if len(drawn.axes) == 1 else {"3d": surface, "contour": contour}[view]
    return draw(drawn, paths, **options)


def height_name(drawn: Surface) -> str:
    """What the height of a surface is called: its only term, or "loss"."""
    names = list(drawn.terms)
    return symbol(names[0]) if len(names) == 1 else "loss" if drawn.sense == "minimize" else "objective"


def _paths(
    paths: Mapping[str, Projection], term: str | None, weights: Mapping[str, float] | None
) -> dict[str, Projection]:
    """The paths with the drawn quantity as their loss, without those whose terms were not saved."""
    if term:
        return {label: path.of_term(term) for label, path in paths.items() if term in path.terms}
    if weights:
        needed = {name for name, weight in weights.items() if weight}
        return {label: player_path(path, weights) for label, path in paths.items() if needed <= set(path.terms)}
    return dict(paths)
