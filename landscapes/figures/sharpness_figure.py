"""The measures of sharpness of one function at rescaled parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.curvature.sharpness_measures import MEASURES
from landscapes.figures.palette import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    Theme,
    size,
    template,
    text_color,
)

if TYPE_CHECKING:
    from landscapes.curvature.sharpness_measures import Rescaling

# Color, dash and marker of each measure.
MEASURE_STYLES = {
    "largest": (VERMILLION, "solid", "circle"),
    "trace": (ORANGE, "dash", "square"),
    "first-order": (GREY, "dot", "triangle-up"),
    "ascent": (PURPLE, "dot", "triangle-down"),
    "noise": (GREEN, "dash", "diamond"),
    "filter": (BLUE, "solid", "star"),
}


@check_arguments
def sharpness(
    rescaling: Rescaling, alpha: float = 1.0, *, theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """Every measure relative to its value at α = 1, with its error, against α on logarithmic axes. A measure with
    a horizontal curve is invariant under rescaling.

    Args:
        alpha: the α marked by a vertical line.
    """
    traces, points = [], size(presenter)
    for name, definition in MEASURES.items():
        values, errors = rescaling.relative(name)
        color, dash, symbol = MEASURE_STYLES[name]
        width = (5 if presenter else 3.5) if definition.invariant else (3 if presenter else 1.8)
        facts = [
            (np.nan, np.nan, "") if each is None else tuple(each.measures[name]) for each in rescaling.results
        ]
        # A logarithmic axis cannot show an error bar down to zero.
        lower_bars = np.minimum(errors, 0.999 * np.abs(values))
        traces.append(
            go.Scatter(
                x=rescaling.alphas,
                y=np.where(values > 0, values, np.nan),
                error_y={"array": errors, "arrayminus": lower_bars, "color": color, "thickness": 1.2, "width": 3},
                mode="lines+markers",
                line={"color": color, "dash": dash, "width": width},
                marker={"symbol": symbol, "size": 10 if presenter else 7, "color": color},
                name=definition.title,
                legendgroup=name,
                customdata=np.array(facts, object),
                hovertemplate=f"<b>{definition.title}</b><br>α = %{{x:.4g}}<br>"
                "%{customdata[0]:.4g} ± %{customdata[1]:.2g} (%{customdata[2]})"
                "<br>%{y:.4g} times that at α = 1<extra></extra>",
                meta={"role": "measure", "label": name},
            )
        )
    figure = go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {
                "title": {"text": "α: a ReLU layer times α, what reads it over α; the function is the same"},
                "type": "log",
                "tickmode": "array",
                "tickvals": rescaling.alphas,
                "ticktext": [_ratio(each) for each in rescaling.alphas],
                "zeroline": False,
            },
            "yaxis": {"title": {"text": "value over that at α = 1"}, "type": "log", "exponentformat": "power"}
            | _decades([np.abs(rescaling.relative(name)[0]) for name in MEASURES]),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 3 * points},
            "meta": {"kind": "sharpness", "terms": {}, "weights": {}},
        },
    )
    figure.add_vline(x=alpha, line={"color": text_color(theme, 0.6), "width": 1.5, "dash": "dot"})
    return figure


def _ratio(alpha: float) -> str:
    return f"{alpha:.3g}" if alpha >= 1 else f"1/{1 / alpha:.3g}"


def _decades(curves: list[np.ndarray]) -> dict[str, object]:
    """A logarithmic axis over the values and at least from −0.5 to 0.5 decades, so that constant measures look
    flat."""
    values = np.concatenate(curves)
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return {"range": [-1, 1]}
    low, high = np.log10(values.min()), np.log10(values.max())
    return {"range": [min(low - 0.1, -0.5), max(high + 0.1, 0.5)], "dtick": 1}
