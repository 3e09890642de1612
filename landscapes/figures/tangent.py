"""The loss along a direction and its tangent; a convex function lies above all of its tangents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import BLUE, SKY, VERMILLION, Theme, size, template, text_color
from landscapes.slices.spline import interpolate_on_grid

if TYPE_CHECKING:
    from landscapes.slices.surface import Surface

RESOLUTION = 401  # points of a drawn curve


def tangent(
    surface: Surface,
    slope: float,
    *,
    value: str = "loss",
    label: str = "distance along the direction",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """The loss L(t) along one direction and its tangent L(0) + L′(0)·t on the left, and their difference on the
    right.

    The difference of a convex function is never negative. Where it is below −error (above +error for an objective
    that is maximized), it is vermillion.

    Args:
        surface: losses over one axis that contains 0.
        slope: L′(0).

    Raises:
        ValueError: for a surface that has not one axis.
    """
    if len(surface.axes) != 1:
        raise ValueError(f"{len(surface.axes)} axes make no line; evaluate the loss along one direction")
    (axis,) = surface.axes
    t = np.union1d(np.linspace(axis[0], axis[-1], RESOLUTION), [0.0])
    loss = np.asarray(interpolate_on_grid((axis,), surface.loss, (t,)), np.float64)
    tangent_line = loss[t == 0] + slope * t
    difference = loss - tangent_line
    error = surface.error
    is_violated = difference > error if surface.sense == "maximize" else difference < -error
    width = 4 if presenter else 2.5
    positive = SKY if theme == "dark" else BLUE
    curves = (
        (loss, text_color(theme), "solid", value, ""),
        (tangent_line, text_color(theme, 0.6), "dash", "tangent", ""),
        (np.where(is_violated, np.nan, difference), positive, "solid", "difference", "2"),
        (np.where(is_violated, difference, np.nan), VERMILLION, "solid", "beyond the tangent", "2"),
    )
    # The axis extends at least twice the error to either side.
    low, high = min(np.nanmin(difference), -2 * error), max(np.nanmax(difference), 2 * error)
    margin = 0.06 * (high - low) or 1.0
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
            "yaxis": {"nticks": 5, "exponentformat": "power"},
            "yaxis2": {
                "anchor": "x2",
                "range": [low - margin, high + margin],
                "zeroline": True,
                "zerolinecolor": text_color(theme, 0.7),
                "nticks": 5,
                "exponentformat": "power",
            },
            "margin": {"t": points + 12},
            "meta": {"kind": "tangent", "terms": {}, "weights": {}},
        },
    )
    band = {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": text_color(theme, 0.12)}
    figure.add_shape(**band, xref="x2 domain", yref="y2", x0=0, x1=1, y0=-error, y1=error)
    for x, text in ((0, f"{value}, and its tangent"), (0.54, f"{value} minus its tangent")):
        figure.add_annotation(
            **{"xref": "paper", "yref": "paper", "x": x, "y": 1, "xanchor": "left", "yanchor": "bottom"},
            text=text,
            showarrow=False,
            font={"size": points, "color": text_color(theme, 0.8)},
        )
    return figure
