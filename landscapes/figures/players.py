"""What each player of a game pays, step by step, and the norm of the field they step against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import Theme, ink, size, styles, template
from landscapes.games.player_losses import Weights, player_run

if TYPE_CHECKING:
    from landscapes.optimization.trajectory import Trajectory

POINTS = 2000  # of one curve: a column has no more pixels
GAP = 0.1  # between panels, as a share of the height


@check_arguments
def players(
    trajectories: Mapping[str, Trajectory],
    player_weights: Mapping[str, Weights],
    *,
    theme: Theme = "light",
    presenter: bool = False,
    references: Mapping[str, float] | None = None,
    beside: Sequence[tuple[Trajectory, Mapping[str, Weights]]] = (),
) -> go.Figure:
    """One panel for each player's own loss, and below them the norm of the field, over the same steps; its axis is
    logarithmic where it spans several powers of ten.

    Args:
        player_weights: each player's weights over the terms.
        references: values to compare with; the name of each begins with that of its player.
        beside: runs in a figure of the same players, each with its players' weights. The axes have room for them,
            so that both figures can be read against each other. Runs that did not diverge decide how far these
            axes go where there are any, and a panel's title names the runs that go beyond.
    """
    own = [(run, player_weights) for run in trajectories.values()]
    panels = {
        title: dict(zip(trajectories, curves, strict=True))
        for title, curves in _panels(own, player_weights).items()
    }
    every = [*own, *beside]
    room = _panels([each for each in every if each[0].outcome.kind != "diverged"] or every, player_weights)
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
                **{"text": title, "showarrow": False, "font": {"size": points, "color": ink(theme, 0.8)}},
            }
            for title, top in zip(panels, tops, strict=True)
        ],
    }
    looks, traces = styles(trajectories), []
    for k, (title, curves) in enumerate(panels.items()):
        axis = "" if k == 0 else str(k + 1)
        last = k == count - 1
        layout[f"yaxis{axis}"] = {"domain": [max(tops[k] - height, 0), tops[k]], "nticks": 4}
        levels = {} if last else _of_player(references or {}, title)
        layout[f"yaxis{axis}"] |= _decades(room[title]) if last else {}
        if beside:
            axes = layout[f"yaxis{axis}"]
            axes |= _span([*room[title], np.array([*levels.values()])], logarithmic="type" in axes)
            beyond = [label for label, curve in curves.items() if not _is_within(curve, axes)]
            layout["annotations"][k]["text"] += f"; out of range: {', '.join(beyond)}" if beyond else ""
        for label, curve in curves.items():
            keep = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), POINTS)).round().astype(int))
            look = looks[label]
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
    if beside:
        layout["xaxis"]["range"] = [0, max(len(run.gradient_norm) for run, _ in every) - 1]
    return go.Figure(traces, layout)


def _panels(
    runs: Sequence[tuple[Trajectory, Mapping[str, Weights]]], names: Iterable[str]
) -> dict[str, list[np.ndarray]]:
    """The curves of each panel, by its title."""
    panels = {
        f"{name}'s loss": [np.asarray(player_run(run, own[name]).loss) for run, own in runs] for name in names
    }
    return panels | {"norm of the field": [np.asarray(run.gradient_norm) for run, _ in runs]}


def _of_player(references: Mapping[str, float], title: str) -> dict[str, float]:
    """The values to compare a player's loss with."""
    player = title.removesuffix("'s loss")
    return {name: level for name, level in references.items() if name.startswith(player)}


def _span(curves: Sequence[np.ndarray], *, logarithmic: bool) -> dict[str, Any]:
    """The range of an axis that holds all these curves."""
    values = np.concatenate([*curves, []])
    values = values[np.isfinite(values) & ((values > 0) | (not logarithmic))]
    if not values.size:
        return {}
    low, high = (float(np.log10(end) if logarithmic else end) for end in (values.min(), values.max()))
    air = 0.04 * (high - low) or 0.5
    return {"range": [low - air, high + air]}


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
    """A line across a panel, named when it is pointed at, as a trace can be and a shape cannot."""
    return go.Scatter(
        x=[0, longest],
        y=[level, level],
        yaxis=axis,
        mode="lines",
        line={"color": ink(theme, 0.6), "width": 1.2, "dash": "dot"},
        name=name,
        showlegend=False,
        hovertemplate=f"{name}: {level:.5g}<extra></extra>",
        meta={"role": "reference", "label": name},
    )
