"""The largest eigenvalue along a run, the stability limit of its optimizer, and the loss by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.history_figure import decades, drawn_steps
from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, size, template, text_color

if TYPE_CHECKING:
    from landscapes.curvature.edge_of_stability import Stability

# The axis is logarithmic if the largest limit exceeds the largest curvature by more than this factor.
MAX_LINEAR_RATIO = 8.0


@check_arguments
def stability(
    stability: Stability, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """λmax with error bars and the stability limit on the left axis, the loss on the right axis, by step.

    Points beyond the limit are vermillion. The left axis is logarithmic if the limit exceeds every λmax by more
    than a factor of 8.
    """
    name = (
        "λ<sub>max</sub>(P<sup>−½</sup>HP<sup>−½</sup>)" if stability.is_preconditioned else "λ<sub>max</sub>(H)"
    )
    points, width = size(presenter), 3 if presenter else 1.8
    stable_color = SKY if theme == "dark" else BLUE
    steps = drawn_steps(len(stability.loss))
    loss = np.asarray(stability.loss, np.float64)[steps]
    curves = [
        go.Scatter(
            x=steps,
            y=loss,
            yaxis="y2",
            mode="lines",
            line={"color": GREY, "width": width},
            name=value,
            hovertemplate=f"step %{{x}}<br>{value} %{{y:.5g}}<extra></extra>",
            meta={"role": "curve", "label": "loss"},
        ),
        go.Scatter(
            x=stability.steps,
            y=stability.limits,
            mode="lines",
            line={"color": text_color(theme, 0.85), "width": width, "dash": "dash"},
            name=f"limit {stability.formula}",
            hovertemplate=f"step %{{x}}<br>{stability.formula} = %{{y:.5g}}<extra></extra>",
            meta={"role": "limit"},
        ),
        go.Scatter(
            x=stability.steps,
            y=stability.eigenvalues,
            error_y={"array": stability.errors, "color": stable_color, "thickness": 1, "width": 2},
            mode="lines+markers",
            line={"color": stable_color, "width": width},
            marker={
                "size": 9 if presenter else 6,
                "color": np.where(stability.is_unstable, VERMILLION, stable_color),
            },
            name=name,
            customdata=np.column_stack([stability.errors, stability.limits]),
            hovertemplate=f"step %{{x}}<br>{name} = %{{y:.5g}} ± %{{customdata[0]:.2g}}"
            "<br>limit %{customdata[1]:.5g}<extra></extra>",
            meta={"role": "sharpness"},
        ),
    ]
    positive = loss[np.isfinite(loss)]
    log = bool(positive.size and positive.min() > 0)
    return go.Figure(
        curves,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "step"}, "range": [0, max(len(stability.loss) - 1, 1)], "zeroline": False},
            "yaxis": {"title": {"text": "curvature"}} | _span(stability),
            "yaxis2": {
                "title": {"text": value},
                "overlaying": "y",
                "side": "right",
                "showgrid": False,
                "zeroline": False,
            }
            | (decades([loss]) if log else {}),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 2 * points},
            "meta": {"kind": "history", "terms": {}, "weights": {}},
        },
    )


def _span(stability: Stability) -> dict[str, Any]:
    """Type and range of the curvature's axis."""
    values, limits = (each[np.isfinite(each)] for each in (stability.eigenvalues, stability.limits))
    if values.size and limits.size and values.min() > 0 and limits.max() > MAX_LINEAR_RATIO * values.max():
        return {"type": "log", "exponentformat": "power"}
    heights = np.concatenate([values, limits])
    low, high = float(heights.min(initial=0)), float(heights.max(initial=0))
    return {"range": [min(0.0, 1.1 * low), 1.12 * high or 1.0]}
