"""The curvature along a run beside what its optimizer can stand, and its loss, over the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.history import decades, kept
from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, ink, size, template

if TYPE_CHECKING:
    from landscapes.curvature.edge_of_stability import Stability

FAR = 8.0  # limits over the largest curvature beyond which a linear axis would press the curvature flat


@check_arguments
def stability(
    found: Stability, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """λmax with its error bars and the limit of stability on the left axis, the loss on the right one, over the
    same steps. Points beyond the limit are vermillion. The curvature's axis is logarithmic where the limit is far
    above all of it."""
    name = "λ<sub>max</sub>(P<sup>−½</sup>HP<sup>−½</sup>)" if found.is_preconditioned else "λ<sub>max</sub>(H)"
    points, wide = size(presenter), 3 if presenter else 1.8
    calm = SKY if theme == "dark" else BLUE
    steps = kept(len(found.loss))
    loss = np.asarray(found.loss, np.float64)[steps]
    curves = [
        go.Scatter(
            x=steps,
            y=loss,
            yaxis="y2",
            mode="lines",
            line={"color": GREY, "width": wide},
            name=value,
            hovertemplate=f"step %{{x}}<br>{value} %{{y:.5g}}<extra></extra>",
            meta={"role": "curve", "label": "loss"},
        ),
        go.Scatter(
            x=found.steps,
            y=found.limits,
            mode="lines",
            line={"color": ink(theme, 0.85), "width": wide, "dash": "dash"},
            name=f"limit {found.formula}",
            hovertemplate=f"step %{{x}}<br>{found.formula} = %{{y:.5g}}<extra></extra>",
            meta={"role": "limit"},
        ),
        go.Scatter(
            x=found.steps,
            y=found.eigenvalues,
            error_y={"array": found.errors, "color": calm, "thickness": 1, "width": 2},
            mode="lines+markers",
            line={"color": calm, "width": wide},
            marker={
                "size": 9 if presenter else 6,
                "color": np.where(found.is_unstable, VERMILLION, calm),
            },
            name=name,
            customdata=np.column_stack([found.errors, found.limits]),
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
            "xaxis": {"title": {"text": "step"}, "range": [0, max(len(found.loss) - 1, 1)], "zeroline": False},
            "yaxis": {"title": {"text": "curvature"}} | _span(found),
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


def _span(found: Stability) -> dict[str, Any]:
    """The curvature's axis."""
    values, limits = (each[np.isfinite(each)] for each in (found.eigenvalues, found.limits))
    if values.size and limits.size and values.min() > 0 and limits.max() > FAR * values.max():
        return {"type": "log", "exponentformat": "power"}
    both = np.concatenate([values, limits])
    return {"range": [min(0.0, 1.1 * float(both.min(initial=0))), 1.12 * float(both.max(initial=0)) or 1.0]}
