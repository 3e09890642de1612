"""The end points of optimizers from many starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, SKY, VERMILLION, Theme, size, styles, template

if TYPE_CHECKING:
    from landscapes.optimization.multistart import Ends


@check_arguments
def waterfall(
    ends: Ends | Mapping[str, Ends], *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """The loss at the end of each run, sorted from low to high: a waterfall plot, whose steps are the minima that
    were found. Runs that diverged are crosses. A game has no single loss and shows the norm of its field.

    Args:
        ends: of one optimizer, or of several by name, each in its color.
    """
    blue = SKY if theme == "dark" else BLUE
    traces = []
    if not isinstance(ends, Mapping):
        title = _heights(ends, value)[1]
        traces = _runs(ends, value, {"finished": blue, "diverged": VERMILLION}, presenter)
    else:
        looks, title = styles(ends), value
        for label, each in ends.items():
            color = looks[label].color
            title = _heights(each, value)[1]
            traces += _runs(each, value, {"finished": color, "diverged": color}, presenter, label)
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "runs by the value at their end"}},
            "yaxis": {"title": {"text": title}},
            "showlegend": sum(trace.showlegend is not False for trace in traces) > 1,
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 3 * size(presenter)},
            "meta": {"kind": "waterfall", "terms": {}, "weights": {}},
        },
    )


def _heights(ends: Ends, value: str) -> tuple[np.ndarray, str]:
    """What the ends are sorted by, and its name."""
    is_game = not np.isfinite(ends.loss).any()
    return (ends.gradient_norm, "norm of the field") if is_game else (ends.loss, value)


def _runs(ends: Ends, value: str, colors: Mapping[str, str], presenter: bool, label: str = "") -> list[go.Scatter]:
    """The runs that finished and those that diverged, as two traces at most."""
    heights, title = _heights(ends, value)
    order = np.argsort(heights, kind="stable")
    ranks = np.arange(1, len(order) + 1)
    traces: list[go.Scatter] = []
    for name, symbol, is_in_group in (
        ("finished", "circle", ~ends.diverged[order]),
        ("diverged", "x", ends.diverged[order]),
    ):
        if not is_in_group.any():
            continue
        rows = order[is_in_group]
        label_text = f"<b>{label}</b> " if label else ""
        traces.append(
            go.Scatter(
                x=ranks[is_in_group],
                y=heights[rows],
                customdata=np.stack([rows, ends.steps[rows], ends.gradient_norm[rows]], axis=-1),
                mode="markers",
                marker={"color": colors[name], "symbol": symbol, "size": 10 if presenter else 6},
                name=label or name,
                legendgroup=label or None,
                showlegend=None if not label else not traces,
                hovertemplate=f"{label_text}start %{{customdata[0]}}, {name}<br>{title} %{{y:.5g}} "
                "after %{customdata[1]} steps<br>gradient norm %{customdata[2]:.2g}<extra></extra>",
                meta={"role": "ends", "label": label or name},
            )
        )
    return traces
