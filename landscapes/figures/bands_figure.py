"""The loss along many random directions, one panel per normalization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, SKY, Theme, size, template, text_color

if TYPE_CHECKING:
    from landscapes.directions.line_bands import Band

TITLES = {
    "gaussian": "no normalization",
    "layer-normalized": "layer-normalized",
    "filter-normalized": "filter-normalized",
}
# Space between panels, as a share of the figure's width.
GAP = 0.03


@check_arguments
def bands(
    bands_by_kind: Mapping[str, Band], *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """One panel per kind of direction: the median of the losses, the band between their quartiles, and each line.

    All panels have the same axes.
    """
    points = size(presenter)
    hue = SKY if theme == "dark" else BLUE
    count = max(len(bands_by_kind), 1)
    width = (1 - (count - 1) * GAP) / count
    layout: dict[str, object] = {
        "template": template(theme, presenter),
        "showlegend": True,
        "legend": {"y": 1.1, "yanchor": "bottom"},
        "margin": {"t": 4 * points},
        "meta": {"kind": "bands", "terms": {}, "weights": {}},
    }
    traces = []
    for panel, (kind, band) in enumerate(bands_by_kind.items()):
        suffix = "" if panel == 0 else str(panel + 1)
        low = panel * (width + GAP)
        layout[f"xaxis{suffix}"] = {
            "domain": [low, min(low + width, 1.0)],
            "title": {"text": "distance"},
            "zeroline": False,
            "anchor": f"y{suffix}",
        }
        y_axis_options = {"matches": "y", "showticklabels": False} if panel else {"title": {"text": value}}
        layout[f"yaxis{suffix}"] = {"anchor": f"x{suffix}", **y_axis_options}
        axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        line_options = {**axes, "mode": "lines", "hoverinfo": "skip"}
        first = panel == 0
        # All lines are one trace, separated by NaN.
        separators = np.full((len(band.losses), 1), np.nan)
        rows = np.where(np.isfinite(band.losses), band.losses, np.nan)
        traces.append(
            go.Scatter(
                x=np.tile(np.append(band.t, np.nan), len(rows)),
                y=np.hstack([rows, separators]).ravel(),
                line={"color": text_color(theme, 0.22), "width": 0.8},
                name=f"{len(rows)} lines",
                legendgroup="lines",
                showlegend=first,
                meta={"role": "lines", "label": kind},
                **line_options,
            )
        )
        quartiles = [_finite(band.quantile(share)) for share in (0.25, 0.75)]
        for edge, fill in zip(quartiles, ("none", "tonexty"), strict=True):
            traces.append(
                go.Scatter(
                    x=band.t,
                    y=edge,
                    line={"width": 0},
                    fill=fill,
                    fillcolor=_with_opacity(hue, 0.3),
                    name="quartiles",
                    legendgroup="quartiles",
                    showlegend=first and fill != "none",
                    meta={"role": "quartile", "label": kind},
                    **line_options,
                )
            )
        traces.append(
            go.Scatter(
                x=band.t,
                y=_finite(band.quantile(0.5)),
                line={"color": hue, "width": 4 if presenter else 2.5},
                name="median",
                legendgroup="median",
                showlegend=first,
                mode="lines",
                customdata=np.column_stack(quartiles),
                hovertemplate="distance %{x:.3g}<br>median %{y:.4g}"
                "<br>quartiles %{customdata[0]:.4g} to %{customdata[1]:.4g}<extra></extra>",
                meta={"role": "median", "label": kind},
                **axes,
            )
        )
    figure = go.Figure(traces, layout)
    for panel, kind in enumerate(bands_by_kind):
        position = {"x": panel * (width + GAP) + width / 2, "xanchor": "center", "y": 1, "yanchor": "bottom"}
        figure.add_annotation(
            **{"xref": "paper", "yref": "paper", **position},
            text=TITLES.get(kind, kind),
            showarrow=False,
            font={"size": points, "color": text_color(theme, 0.8)},
        )
    return figure


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _with_opacity(color: str, share: float) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"
