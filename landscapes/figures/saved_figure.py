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
from landscapes.figures.volume_figure import volume
from landscapes.games.player_losses import player_path, player_surface
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
        term: the term to draw instead of the sum, or of a game a player, whose loss is drawn; of a game the first
            of `saved_heights` if not given.
        weights: other weights of the terms than those that were saved.

    Raises:
        ValueError: without a surface, and for an unknown view, scale or term.
    """
    if (saved_surface := results.surface) is None:
        raise ValueError("these results have no surface; save one with landscapes.save(path, surface=…)")
    if saved_surface.game and not term:
        term = saved_heights(results)[0]
    drawn_surface, own_paths = saved_surface.reweighted(weights or {}), drawn_paths(results, term, weights)
    own_options: dict[str, Any] = {"labels": results.labels} if results.labels else {}
    if len(saved_surface.axes) == 2:
        own_options |= {"flow": results.flow}
    name = symbol(term) if term else results.value or height_name(drawn_surface)
    if weights and not term:
        name = weighted_sum(drawn_surface.weights)
    if saved_surface.game and term and (player_terms := player_weights(results).get(term)):
        drawn_surface, name = player_surface(saved_surface, term, player_terms), f"{symbol(term)}'s loss"
    figure = draw_surface(
        drawn_surface, own_paths, view=view, scale=scale, term=term, value=name, **{**own_options, **options}
    )
    meta = dict(figure.to_dict()["layout"]["meta"])
    if meta["terms"]:
        # The stage names the height anew, and centers the sliders at the saved weights.
        meta |= {"sum": "{sum}", "symbols": {each: symbol(each) for each in drawn_surface.terms}}
        meta |= {"trained": dict(saved_surface.weights)}
        figure.update_layout(meta=meta)
    return figure


def player_weights(results: SavedResults) -> Mapping[str, Mapping[str, float]]:
    """Each player's weights over the terms, as the runs of a game were saved with; {} without such runs."""
    return next((run.player_weights for run in results.trajectories.values() if run.player_weights), {})


def saved_heights(results: SavedResults) -> list[str]:
    """What the surface can show: "" for the weighted sum, or a term. In a game: the loss of each player if the
    runs say what it is, and every term that is not already such a loss."""
    assert results.surface is not None
    terms = list(results.surface.terms)
    if not results.surface.game:
        return ["", *terms]
    players = player_weights(results)
    losses = {next(iter(own)) for own in players.values() if set(own.values()) == {1.0} and len(own) == 1}
    return [*players, *(term for term in terms if term not in losses)]


def drawn_paths(
    results: SavedResults, term: str | None = None, weights: Mapping[str, float] | None = None
) -> dict[str, Projection]:
    """The paths with the drawn quantity as their loss, without those whose terms were not saved.

    Args:
        term, weights: as in `saved_picture`.
    """
    assert results.surface is not None
    term_weights = player_weights(results).get(term or "")
    if term and term_weights is None:
        return {label: path.of_term(term) for label, path in results.paths.items() if term in path.terms}
    if not (term or weights):
        return dict(results.paths)
    mixed = term_weights or results.surface.reweighted(weights or {}).weights
    needed_terms = {name for name, weight in mixed.items() if weight}
    return {
        label: player_path(path, mixed) for label, path in results.paths.items() if needed_terms <= set(path.terms)
    }


def saved_history(trajectories: Mapping[str, Trajectory], **options: Any) -> go.Figure:
    """The loss and the gradient norm by step; of a game, each player's loss, or each term if it is not known. The
    loss is on a logarithmic scale if it is positive."""
    losses = np.concatenate([run.loss[np.isfinite(run.loss)] for run in trajectories.values()])
    if not losses.size:
        first = next(iter(trajectories.values()))
        options.pop("legend", None)
        return players(
            trajectories, first.player_weights or {name: {name: 1.0} for name in first.terms}, **options
        )
    return history(trajectories, **{"scale": "log" if np.all(losses > 0) else "linear", **options})


def draw_surface(
    drawn_surface: Surface, paths: Mapping[str, Projection] | None = None, *, view: View = "3d", **options: Any
) -> go.Figure:
    """A surface or contour plot over a plane, a curve over a line, or a volume. A game shows
    its first term unless another is given."""
    if view not in ("3d", "contour"):
        raise ValueError(f"view = {view!r} is neither '3d' nor 'contour'")
    if drawn_surface.game:
        options.setdefault("term", next(iter(drawn_surface.terms)))
    options.setdefault("value", symbol(options["term"]) if options.get("term") else height_name(drawn_surface))
    if len(drawn_surface.axes) == 3:
        draw = volume
    else:
        draw = line if len(drawn_surface.axes) == 1 else {"3d": surface, "contour": contour}[view]
    return draw(drawn_surface, paths, **options)


def height_name(drawn_surface: Surface) -> str:
    """What the height of a surface is called: its only term, or "loss"."""
    names = list(drawn_surface.terms)
    return symbol(names[0]) if len(names) == 1 else "loss" if drawn_surface.sense == "minimize" else "objective"
