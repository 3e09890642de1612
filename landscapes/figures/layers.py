"""The spectrum of every layer's block of the Hessian, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, size, template, text_color
from landscapes.figures.symlog import Symlog

if TYPE_CHECKING:
    from landscapes.curvature.layer_blocks import Block

LOG_DECADES = 5  # below the largest eigenvalue; the axis is linear near zero


def layers(blocks: Sequence[Block], *, theme: Theme = "light", presenter: bool = False) -> go.Figure:
    """One row per block, from its smallest to its largest eigenvalue, on a symmetric logarithmic axis.

    The thick bar contains the middle 90 % of the eigenvalues, and the diamond is their mean, trace/size. Error
    bars point outward, because Ritz values lie between the extreme eigenvalues that they estimate.

    Raises:
        ValueError: if there is no block.
    """
    if not blocks:
        raise ValueError("there is no block to draw; compute them with blocks(problem, key)")
    ends = np.array([block.ends for block in blocks])
    errors = np.array([block.errors for block in blocks])
    middle = np.array([[block.quantile(0.05), block.quantile(0.95)] for block in blocks])
    means = np.array([block.trace[0] / block.size for block in blocks])
    scale = Symlog((float(np.max(np.abs(ends))) or 1.0) * 10.0**-LOG_DECADES)
    rows = [f"{block.name} ({block.size:,})" for block in blocks]
    positive = SKY if theme == "dark" else BLUE
    traces: list[Any] = [
        _bars(rows, scale(ends), 3 if presenter else 2, text_color(theme, 0.55)),
        _bars(rows, scale(middle), 14 if presenter else 10, text_color(theme, 0.3)),
    ]
    for end_index, name in ((0, "smallest"), (1, "largest")):
        values, bar = ends[:, end_index], errors[:, end_index]
        color = np.where(values > bar, positive, np.where(values < -bar, VERMILLION, GREY))
        traces.append(
            go.Scatter(
                x=scale(values),
                y=rows,
                mode="markers",
                marker={"symbol": "circle", "size": 12 if presenter else 9, "color": color},
                error_x={
                    "array": (scale(values + bar) - scale(values)) * end_index,
                    "arrayminus": (scale(values) - scale(values - bar)) * (1 - end_index),
                    "color": text_color(theme, 0.8),
                    "thickness": 1.5,
                    "width": 4,
                },
                customdata=np.column_stack([values, bar]),
                hovertemplate=f"{name} λ = %{{customdata[0]:.4g}} ± %{{customdata[1]:.1g}}<extra>%{{y}}</extra>",
                showlegend=False,
                meta={"role": name},
            )
        )
    traces.append(
        go.Scatter(
            x=scale(means),
            y=rows,
            mode="markers",
            marker={"symbol": "diamond-open", "size": 11 if presenter else 8, "color": text_color(theme)},
            customdata=np.array([block.trace for block in blocks]).reshape(-1, 2),
            hovertemplate="trace %{customdata[0]:.4g} ± %{customdata[1]:.1g}<extra>%{y}</extra>",
            name="mean",
            showlegend=False,
            meta={"role": "mean"},
        )
    )
    low, high = float((ends - errors).min()), float((ends + errors).max())
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {
                "title": {"text": f"eigenvalues λ of each block, as asinh(λ / {scale.threshold:.1g})"},
                "zeroline": True,
                "zerolinecolor": text_color(theme, 0.5),
                **scale.ticks(low, high),
            },
            "yaxis": {"autorange": "reversed", "type": "category", "showgrid": False},
            "margin": {"t": size(presenter)},
            "meta": {"kind": "layers", "terms": {}, "weights": {}},
        },
    )


def _bars(rows: list[str], spans: np.ndarray, width: int, color: str) -> go.Scatter:
    """A horizontal line per row, from the first to the second number of its span."""
    x = np.column_stack([spans, np.full(len(spans), np.nan)]).ravel()
    y = [name for row in rows for name in (row, row, row)]
    line = {"color": color, "width": width}
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", showlegend=False, meta={"role": "span"})
