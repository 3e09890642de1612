"""What each player of a game pays, step by step, and the norm of the field they step against."""

from __future__ import annotations

from collections.abc import Mapping
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
) -> go.Figure:
    """One panel for each player's own loss, and below them the norm of the field, over the same steps; its axis is
    logarithmic where it spans several powers of ten.

    Args:
        player_weights: each player's weights over the terms.
        references: values to compare with; the name of each begins with that of its player.
    """
    panels: dict[str, dict[str, np.ndarray]] = {
        f"{name}'s loss": {label: np.asarray(player_run(run, weights).loss) for label, run in trajectories.items()}
        for name, weights in player_weights.items()
    }
    panels["norm of the field"] = {label: np.asarray(run.gradient_norm) for label, run in trajectories.items()}
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
        layout[f"yaxis{axis}"] |= _decades(list(curves.values())) if last else {}
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
        for name, level in (references or {}).items():
            if not last and name.startswith(title.removesuffix("'s loss")):
                traces.append(_level(name, level, longest, f"y{axis}", theme))
    return go.Figure(traces, layout)


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
