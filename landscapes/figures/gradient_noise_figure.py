"""Hessian eigenvalues beside the variance of the gradient along their eigenvectors."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.curvature.minibatch_noise import GradientNoise
from landscapes.figures.palette import BLUE, SKY, VERMILLION, Theme, size, template


@check_arguments
def gradient_noise(noise: GradientNoise, *, theme: Theme = "light", presenter: bool = False) -> go.Figure:
    """The largest eigenvalues λₖ and vₖᵀΣvₖ against k, on a logarithmic axis without values that are not
    positive."""
    rank = np.arange(1, len(noise.eigenvalues) + 1)
    rows = (
        ("eigenvalue λ of the Hessian", noise.eigenvalues, SKY if theme == "dark" else BLUE, "circle"),
        ("variance vᵀΣv of the gradient along v", noise.variances, VERMILLION, "diamond"),
    )
    traces = [
        go.Scatter(
            x=rank,
            y=np.where(values > 0, values, np.nan),
            name=name,
            mode="lines+markers",
            line={"color": color, "width": 3 if presenter else 1.5},
            marker={"color": color, "symbol": symbol, "size": size(presenter) / 1.3},
            hovertemplate="rank %{x}: %{y:.4g}<extra></extra>",
            meta={"role": name.partition(" ")[0]},
        )
        for name, values, color, symbol in rows
    ]
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "rank of the eigenvalue"}, "dtick": 1},
            "yaxis": {"title": {"text": "λ and vᵀΣv"}, "type": "log", "exponentformat": "power"},
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": "gradient noise", "terms": {}, "weights": {}},
        },
    )
