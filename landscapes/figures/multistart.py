"""The end points of one optimizer from many starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, SKY, VERMILLION, Theme, size, template

if TYPE_CHECKING:
    from landscapes.optimization.multistart import Ends


@check_arguments
def waterfall(ends: Ends, *, value: str = "loss", theme: Theme = "light", presenter: bool = False) -> go.Figure:
    """The loss at the end of each run, sorted from low to high: a waterfall plot, whose steps are the minima that
    were found. Runs that diverged are crosses. Of a game, which has no single loss, the norm of its field."""
    is_game = not np.isfinite(ends.loss).any()
    heights, title = (ends.gradient_norm, "norm of the field") if is_game else (ends.loss, value)
    order = np.argsort(heights, kind="stable")
    ranks = np.arange(1, len(order) + 1)
    blue = SKY if theme == "dark" else BLUE
    traces = []
    for name, color, symbol, chosen in (
        ("finished", blue, "circle", ~ends.diverged[order]),
        ("diverged", VERMILLION, "x", ends.diverged[order]),
    ):
        if not chosen.any():
            continue
        rows = order[chosen]
        traces.append(
            go.Scatter(
                x=ranks[chosen],
                y=heights[rows],
                customdata=np.stack([rows, ends.steps[rows], ends.gradient_norm[rows]], axis=-1),
                mode="markers",
                marker={"color": color, "symbol": symbol, "size": 10 if presenter else 6},
                name=name,
                hovertemplate=f"start %{{customdata[0]}}, {name}<br>{title} %{{y:.5g}} after %{{customdata[1]}} "
                "steps<br>gradient norm %{customdata[2]:.2g}<extra></extra>",
                meta={"role": "ends", "label": name},
            )
        )
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "runs by the value at their end"}},
            "yaxis": {"title": {"text": title}},
            "showlegend": len(traces) > 1,
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 3 * size(presenter)},
            "meta": {"kind": "waterfall", "terms": {}, "weights": {}},
        },
    )
