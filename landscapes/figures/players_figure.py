"""The loss of each player of a game and the norm of the game's vector field by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import Theme, size, styles, template, text_color
from landscapes.games.player_losses import Weights, player_run

if TYPE_CHECKING:
    from landscapes.optimization.trajectory import Trajectory

MAX_POINTS_PER_CURVE = 2000  # more than a column has pixels
GAP = 0.1  # space between panels, as a share of the figure's height


@check_arguments
def players(
    trajectories: Mapping[str, Trajectory],
    player_weights: Mapping[str, Weights],
    *,
    theme: Theme = "light",
    presenter: bool = False,
    references: Mapping[str, float] | None = None,
    axes_include: Sequence[tuple[Trajectory, Mapping[str, Weights]]] = (),
) -> go.Figure:
    """One panel per player with its loss by step, and below them the norm of the field, whose axis is logarithmic
    if it spans more than 1.5 decades.

    Args:
        player_weights: each player's weights over the terms.
        references: values drawn as horizontal lines; each name begins with that of its player.
        axes_include: (run, player weights) of a second figure of the same players. The axes contain them, so that
            both figures are comparable. The runs that did not diverge, if any, determine the range of the axes,
            and a panel's title lists the runs that leave it.
    """
    weighted_runs = [(run, player_weights) for run in trajectories.values()]
    panels = {
        title: dict(zip(trajectories, curves, strict=True))
        for title, curves in _panels(weighted_runs, player_weights).items()
    }
    all_runs = [*weighted_runs, *axes_include]
    not_diverged = [each for each in all_runs if each[0].outcome.kind != "diverged"]
    axis_curves = _panels(not_diverged or all_runs, player_weights)
    count, points = len(panels), size(presenter)
    height = (1 - GAP * (count - 1)) / count
    tops = [1 - k * (height + GAP) for k in range(count)]
    layout: dict[str, Any] = {
        "template": template(theme, presenter),
        "xaxis": {"title": {"text": "step"}, "anchor": f"y{count}", "rangemode": "tozero"},
        "margin": {"t": points + 10},
        "meta": {"kind": "history", "scale": "linear", "terms": {}, "weights": {}},
        "annotations": [
            {
                **{"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"},
                **{"text": title, "showarrow": False, "font": {"size": points, "color": text_color(theme, 0.8)}},
            }
            for title, top in zip(panels, tops, strict=True)
        ],
    }
    styles_by_label, traces = styles(trajectories), []
    for k, (title, curves) in enumerate(panels.items()):
        axis = "" if k == 0 else str(k + 1)
        last = k == count - 1
        layout[f"yaxis{axis}"] = {"domain": [max(tops[k] - height, 0), tops[k]], "nticks": 4}
        levels = {} if last else _references_of(references or {}, title)
        layout[f"yaxis{axis}"] |= _decades(axis_curves[title]) if last else {}
        if axes_include:
            axes = layout[f"yaxis{axis}"]
            axes |= _span([*axis_curves[title], np.array([*levels.values()])], logarithmic="type" in axes)
            out_of_range = [label for label, curve in curves.items() if not _is_within(curve, axes)]
            if out_of_range:
                layout["annotations"][k]["text"] += f"; out of range: {', '.join(out_of_range)}"
        for label, curve in curves.items():
            keep = np.unique(
                np.linspace(0, len(curve) - 1, min(len(curve), MAX_POINTS_PER_CURVE)).round().astype(int)
            )
            look = styles_by_label[label]
            line = {"color": look.color, "dash": look.dash, "width": 3 if presenter else 1.8}
            traces.append(
                go.Scatter(
                    x=keep,
                    y=curve[keep],
                    yaxis=f"y{axis}",
                    mode="lines",
                    line=line,
                    name=label,
                    legendgroup=label,
                    showlegend=False,
                    hovertemplate=f"<b>{label}</b> step %{{x}}<br>{title} %{{y:.5g}}<extra></extra>",
                    meta={"role": "curve", "label": label},
                )
            )
        longest = max((len(curve) for curve in curves.values()), default=0) - 1
        traces += [_level(name, level, longest, f"y{axis}", theme) for name, level in levels.items()]
    if axes_include:
        layout["xaxis"]["range"] = [0, max(len(run.gradient_norm) for run, _ in all_runs) - 1]
    return go.Figure(traces, layout)


def _panels(
    runs: Sequence[tuple[Trajectory, Mapping[str, Weights]]], names: Iterable[str]
) -> dict[str, list[np.ndarray]]:
    """The curves of each panel by its title."""
    panels = {
        f"{name}'s loss": [np.asarray(player_run(run, weights[name]).loss) for run, weights in runs]
        for name in names
    }
    return panels | {"norm of the field": [np.asarray(run.gradient_norm) for run, _ in runs]}


def _references_of(references: Mapping[str, float], title: str) -> dict[str, float]:
    """The references for the player whose panel has this title."""
    player = title.removesuffix("'s loss")
    return {name: level for name, level in references.items() if name.startswith(player)}


def _span(curves: Sequence[np.ndarray], *, logarithmic: bool) -> dict[str, Any]:
    """The range of an axis that contains all curves with a margin of 4 %; {} if there is no value."""
    values = np.concatenate([*curves, []])
    values = values[np.isfinite(values) & ((values > 0) | (not logarithmic))]
    if not values.size:
        return {}
    low, high = (float(np.log10(end) if logarithmic else end) for end in (values.min(), values.max()))
    margin = 0.04 * (high - low) or 0.5
    return {"range": [low - margin, high + margin]}


def _is_within(curve: np.ndarray, axis: Mapping[str, Any]) -> bool:
    """Whether every finite value of a curve lies in an axis' range."""
    if "range" not in axis:
        return True
    low, high = axis["range"]
    if "type" in axis:
        low, high = 10.0**low, 10.0**high
        curve = curve[curve > 0]
    curve = curve[np.isfinite(curve)]
    return bool(np.all((low <= curve) & (curve <= high)))


def _decades(curves: list[np.ndarray]) -> dict[str, Any]:
    values = np.concatenate([*curves, []])
    values = values[np.isfinite(values) & (values > 0)]
    span = float(np.log10(values.max() / values.min())) if values.size else 0.0
    if span < 1.5:
        return {"rangemode": "tozero"}
    return {"type": "log", "exponentformat": "power", "dtick": int(np.ceil(span / 3))}


def _level(name: str, level: float, longest: int, axis: str, theme: Theme) -> go.Scatter:
    """A horizontal line across a panel; it is a trace because Plotly's shapes have no hover text."""
    return go.Scatter(
        x=[0, longest],
        y=[level, level],
        yaxis=axis,
        mode="lines",
        line={"color": text_color(theme, 0.6), "width": 1.2, "dash": "dot"},
        name=name,
        showlegend=False,
        hovertemplate=f"{name}: {level:.5g}<extra></extra>",
        meta={"role": "reference", "label": name},
    )
