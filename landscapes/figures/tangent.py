"""The loss along a direction beside its tangent: a convex function lies above all its tangents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import BLUE, SKY, VERMILLION, Theme, ink, size, template

if TYPE_CHECKING:
    from landscapes.surface import Surface

RESOLUTION = 401


def tangent(
    surface: Surface,
    slope: float,
    *,
    value: str = "loss",
    label: str = "distance along the direction",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """Left the loss L(t) along one direction and its tangent L(0) + L′(0)·t at the middle; right their difference,
    which a convex function never has below zero. Where it lies below (above, for an objective that is maximized) it
    is drawn in vermillion.

    Args:
        surface: over one axis that holds 0.
        slope: L′(0).

    Raises:
        ValueError: for a surface that has not one axis.
    """
    if len(surface.axes) != 1:
        raise ValueError(f"{len(surface.axes)} axes make no line; evaluate the loss along one direction")
    drawn = surface.resampled(RESOLUTION)
    t, loss = np.asarray(drawn.axes[0], np.float64), np.asarray(drawn.loss, np.float64)
    middle = float(np.interp(0.0, t, loss))
    flat = middle + slope * t
    difference = loss - flat
    wrong = difference > 0 if surface.sense == "maximize" else difference < 0
    width = 4 if presenter else 2.5
    positive = SKY if theme == "dark" else BLUE
    curves = (
        (loss, ink(theme), "solid", value, ""),
        (flat, ink(theme, 0.6), "dash", "tangent", ""),
        (np.where(wrong, np.nan, difference), positive, "solid", "difference", "2"),
        (np.where(wrong, difference, np.nan), VERMILLION, "solid", "beyond the tangent", "2"),
    )
    points = size(presenter)
    figure = go.Figure(
        [
            go.Scatter(
                x=t,
                y=y,
                xaxis=f"x{axis}",
                yaxis=f"y{axis}",
                mode="lines",
                line={"color": color, "dash": dash, "width": width},
                name=name,
                showlegend=False,
                hovertemplate=f"%{{x:.4g}}<br>{name} %{{y:.5g}}<extra></extra>",
                meta={"role": name},
            )
            for y, color, dash, name, axis in curves
        ],
        {
            "template": template(theme, presenter),
            "xaxis": {"domain": [0, 0.46], "title": {"text": label}},
            "xaxis2": {"domain": [0.54, 1], "anchor": "y2", "title": {"text": label}},
            "yaxis": {"nticks": 6},
            "yaxis2": {"anchor": "x2", "zeroline": True, "zerolinecolor": ink(theme, 0.7), "nticks": 6},
            "margin": {"t": points + 12},
            "meta": {"kind": "tangent", "terms": {}, "weights": {}},
        },
    )
    for x, text in ((0, f"{value}, and its tangent"), (0.54, f"{value} minus its tangent")):
        figure.add_annotation(
            **{"xref": "paper", "yref": "paper", "x": x, "y": 1, "xanchor": "left", "yanchor": "bottom"},
            text=text,
            showarrow=False,
            font={"size": points, "color": ink(theme, 0.8)},
        )
    return figure
