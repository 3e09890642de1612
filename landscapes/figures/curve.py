"""The training of a curve of low loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import GREEN, Theme, template

if TYPE_CHECKING:
    from landscapes.connectivity.curve import Curve


@check_arguments
def training_curve(
    curve: Curve, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """The mean loss along the curve at every training step."""
    return go.Figure(
        go.Scatter(
            x=np.arange(len(curve.objective)),
            y=curve.objective,
            mode="lines",
            line={"color": GREEN, "width": 4 if presenter else 2.5},
            name=curve.kind,
            hovertemplate=f"step %{{x}}<br>mean {value} %{{y:.5g}}<extra></extra>",
            meta={"role": "curve", "label": curve.kind},
        ),
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "step"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": f"mean {value} along the curve"}},
            "meta": {"kind": "history", "terms": {}, "weights": {}},
        },
    )
