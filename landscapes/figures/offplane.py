"""The distance of the paths from the plane that they are projected on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.drawn_steps import drawn_paths
from landscapes.figures.history_figure import decades
from landscapes.figures.palette import Theme, size, styles, template, text_color

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection


@check_arguments
def off_plane(
    paths: Mapping[str, Projection], *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """Each path by step: its distance from the plane in the upper panel; in the lower, its true loss and, dotted,
    the loss at its projection."""
    looks, points = styles(paths), size(presenter)
    paths = drawn_paths(paths)
    width = 3 if presenter else 1.8
    traces = []
    for label, path in paths.items():
        curve_options = {"x": path.steps, "mode": "lines", "name": label, "legendgroup": label}
        color = looks[label].color
        for curve, axis, dash, description in (
            (path.distance, "y", looks[label].dash, "distance off the plane"),
            (path.loss, "y2", looks[label].dash, value),
            (path.plane_loss, "y2", "dot", f"{value} on the plane"),
        ):
            traces.append(
                go.Scatter(
                    y=np.where(np.isfinite(curve), curve, np.nan).astype(float),
                    yaxis=axis,
                    line={"color": color, "dash": dash, "width": width},
                    showlegend=axis == "y",
                    hovertemplate=f"<b>{label}</b> step %{{x}}<br>{description} %{{y:.4g}}<extra></extra>",
                    meta={"role": "curve", "label": label},
                    **curve_options,
                )
            )
    losses = [np.asarray(each, float) for path in paths.values() for each in (path.loss, path.plane_loss)]
    values = np.concatenate([*losses, []])
    values = values[np.isfinite(values)]
    log = bool(values.size and values.min() > 0)
    figure = go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "step"}, "anchor": "y2", "rangemode": "tozero"},
            "yaxis": {"domain": [0.56, 1], "rangemode": "tozero"},
            "yaxis2": {"domain": [0, 0.44]} | (decades(losses) if log else {}),
            "legend": {"y": 1.08, "yanchor": "bottom"},
            "margin": {"t": 3 * points},
            "meta": {"kind": "history", "terms": {}, "weights": {}},
        },
    )
    for text, y in (("distance off the plane", 1.0), (f"{value}; dotted: on the plane", 0.44)):
        figure.add_annotation(
            **{"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom"},
            text=text,
            showarrow=False,
            font={"size": points, "color": text_color(theme, 0.8)},
        )
    return figure
