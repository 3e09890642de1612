"""The loss of critical points by their share of negative eigenvalues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.marks import SYMBOLS
from landscapes.figures.palette import GREEN, GREY, ORANGE, VERMILLION, Theme, size, template

if TYPE_CHECKING:
    from landscapes.curvature.critical_point_search import CriticalPoints

COLORS = {"minimum": GREEN, "saddle": ORANGE, "maximum": VERMILLION, "degenerate": GREY}


@check_arguments
def critical_values(
    critical_points: CriticalPoints, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """Each point's loss against its share of negative eigenvalues (Dauphin et al. 2014, arXiv:1406.2572), one
    trace per kind. The hover text has its smallest and its largest eigenvalue with their errors."""
    kinds = np.array(critical_points.kinds, dtype=object)
    dim = critical_points.points.shape[1]
    facts = np.stack(
        [
            np.arange(len(kinds)),
            critical_points.eigenvalues[:, 0],
            critical_points.errors[:, 0],
            critical_points.eigenvalues[:, -1],
            critical_points.errors[:, -1],
        ],
        axis=-1,
    )
    traces = []
    for kind in dict.fromkeys(critical_points.kinds):
        is_of_kind = kinds == kind
        traces.append(
            go.Scatter(
                x=critical_points.index[is_of_kind] / dim,
                y=critical_points.values[is_of_kind],
                customdata=facts[is_of_kind],
                mode="markers",
                name=kind,
                marker={"color": COLORS[kind], "symbol": SYMBOLS[kind], "size": 12 if presenter else 9},
                hovertemplate=f"{kind}, point %{{customdata[0]}}<br>{value} %{{y:.5g}}<br>eigenvalues from "
                "%{customdata[1]:.4g} ± %{customdata[2]:.1g} to %{customdata[3]:.4g} ± %{customdata[4]:.1g}"
                "<extra></extra>",
                meta={"role": "points", "label": kind},
            )
        )
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "share of negative eigenvalues"}, "range": [-0.05, 1.05]},
            "yaxis": {"title": {"text": value}},
            "showlegend": True,
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 3 * size(presenter)},
            "meta": {"kind": "critical points", "terms": {}, "weights": {}},
        },
    )
