"""Loss and gradient norm, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import Style, Theme, ink, size, styles, template
from landscapes.figures.scale import Kind, Scale

if TYPE_CHECKING:
    from landscapes.trajectory import Trajectory

# A curve of more points than a column has pixels shows no more; the last point is always kept.
POINTS = 2000


def history(
    trajectories: Mapping[str, Trajectory],
    *,
    value: str = "loss",
    scale: Kind = "log",
    theme: Theme = "light",
    presenter: bool = False,
    legend: bool = False,
    sense: str = "minimize",
) -> go.Figure:
    """The loss above, the norm of its gradient below, over the same steps. The gradient norm's axis is always
    logarithmic; the loss's is logarithmic where `scale` says so: plainly where every loss is positive, and as
    L − Lmin + ε where not, which its title then says.

    Raises:
        ValueError: for an unknown scale.
    """
    losses = [np.asarray(run.loss, np.float64) for run in trajectories.values()]
    shared = Scale.of(np.concatenate([*losses, []]), scale, sense)
    plain = scale == "linear" or shared.low > 0

    def drawn(loss: np.ndarray) -> np.ndarray:
        if plain:
            return loss
        return (loss - shared.low if sense == "minimize" else shared.high - loss) + shared.floor

    looks = styles(trajectories)
    traces = [
        trace
        for label, run in trajectories.items()
        for trace in _traces(label, run, looks[label], drawn, value, legend, presenter)
    ]
    norms = [np.asarray(run.gradient_norm, np.float64) for run in trajectories.values()]
    points = size(presenter)
    figure = go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "step"}, "anchor": "y2", "rangemode": "tozero"},
            "yaxis": {"domain": [0.56, 1]} | (decades([drawn(loss) for loss in losses]) if scale == "log" else {}),
            "yaxis2": {"domain": [0, 0.44]} | decades(norms),
            "legend": {"y": 1.06, "yanchor": "bottom"},
            "margin": {"t": points + 10},
            "meta": {"kind": "history", "scale": scale, "terms": {}, "weights": {}},
        },
    )
    for text, y in ((value if plain else f"{value}, as {shared.gap}", 1.0), ("gradient norm", 0.44)):
        figure.add_annotation(
            **{"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom"},
            text=text,
            showarrow=False,
            font={"size": points, "color": ink(theme, 0.8)},
        )
    return figure


def _traces(label, run, style: Style, drawn, value: str, legend: bool, presenter: bool) -> list[go.Scatter]:
    keep = kept(len(run.loss))
    loss = np.asarray(run.loss, np.float64)[keep]
    shared = {
        "x": keep,
        "mode": "lines",
        "name": label,
        "legendgroup": label,
        "meta": {"role": "curve", "label": label},
    }
    shared["line"] = {"color": style.color, "dash": style.dash, "width": 3 if presenter else 1.8}
    traces = [
        go.Scatter(
            y=drawn(loss),
            customdata=loss,
            hovertemplate=f"<b>{label}</b> step %{{x}}<br>{value} %{{customdata:.5g}}<extra></extra>",
            showlegend=legend,
            **shared,
        ),
        go.Scatter(
            y=np.asarray(run.gradient_norm, np.float64)[keep],
            yaxis="y2",
            hovertemplate=f"<b>{label}</b> step %{{x}}<br>gradient norm %{{y:.4g}}<extra></extra>",
            showlegend=False,
            **shared,
        ),
    ]
    finite = np.flatnonzero(np.isfinite(loss))
    if run.outcome.kind == "diverged" and len(finite):
        cross = go.Scatter(
            x=keep[finite[-1:]],
            y=drawn(loss[finite[-1:]]),
            mode="markers",
            marker={"symbol": "x", "size": 12 if presenter else 9, "color": style.color},
            hovertemplate=f"<b>{label}</b> diverged at step {run.outcome.step}<extra></extra>",
            showlegend=False,
            legendgroup=label,
            meta={"role": "stop", "label": label},
        )
        traces.append(cross)
    return traces


def kept(count: int) -> np.ndarray:
    """Which of `count` steps are drawn: all, or evenly spread ones, the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, POINTS)).round().astype(int))


def decades(curves: Sequence[np.ndarray]) -> dict[str, Any]:
    """A logarithmic axis labelled at powers of ten where it spans several, four labels at most."""
    together = np.concatenate([*curves, []])
    together = together[np.isfinite(together) & (together > 0)]
    span = np.log10(together.max() / together.min()) if together.size else 0.0
    return {"type": "log", "exponentformat": "power"} | ({"dtick": int(np.ceil(span / 4))} if span > 1.5 else {})
