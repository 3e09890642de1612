"""The loss along the paths that connect two solutions, and over the plane of the trained curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.contour_figure import contour
from landscapes.figures.palette import GREEN, ORANGE, OUTLINE_COLOR, VERMILLION, Theme, size, template, text_color
from landscapes.figures.picture import Picture
from landscapes.figures.scale import Kind
from landscapes.figures.surface_figure import surface

if TYPE_CHECKING:
    from landscapes.connectivity.connection import Connection

# Color and dash of each connecting path, in both figures.
LINE_STYLES = {
    "straight line": (VERMILLION, "dash"),
    "line to the matched units": (ORANGE, "dot"),
    "trained curve": (GREEN, "solid"),
}
LABELS = ("distance from the first solution to the second", "distance towards the bend")
STRAIGHT_LINE_POINTS = 200  # points of the straight line in the plane


@check_arguments
def connection(
    connection: Connection, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """The loss along each connecting path that has been computed, over t from 0 to 1, with its barrier marked."""
    profiles = dict(
        zip(
            LINE_STYLES,
            (connection.straight_profile, connection.matched_profile, connection.curve_profile),
            strict=True,
        )
    )
    points = size(presenter)
    traces = []
    for name, profile in profiles.items():
        if profile is None:
            continue
        color, dash = LINE_STYLES[name]
        barrier = profile.barrier
        traces.append(
            go.Scatter(
                x=profile.t,
                y=profile.loss,
                mode="lines",
                line={"color": color, "dash": dash, "width": 4 if presenter else 2.5},
                name=name,
                legendgroup=name,
                hovertemplate=f"<b>{name}</b><br>t = %{{x:.3f}}, {value} %{{y:.5g}}<extra></extra>",
                meta={"role": "way", "label": name},
            )
        )
        if barrier.above_line > barrier.error:
            traces.append(
                go.Scatter(
                    x=[barrier.t_highest],
                    y=[barrier.highest],
                    mode="markers+text",
                    marker={"color": color, "size": 10 if presenter else 7},
                    text=[f"+{barrier.above_mean:.3g}"],
                    textposition="top center",
                    textfont={"color": text_color(theme), "size": points},
                    legendgroup=name,
                    showlegend=False,
                    hoverinfo="skip",
                    cliponaxis=False,
                    meta={"role": "barrier", "label": name},
                )
            )
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {
                "title": {"text": "t, from the first solution to the second"},
                "range": [0, 1],
                "zeroline": False,
            },
            "yaxis": {"title": {"text": value}, "rangemode": "tozero"},
            "legend": {"y": 1.08, "yanchor": "bottom"},
            "margin": {"t": 3 * points},
            "meta": {"kind": "connection", "terms": {}, "weights": {}},
        },
    )


@check_arguments
def connection_plane(
    connection: Connection,
    *,
    solid: bool = False,
    value: str = "loss",
    scale: Kind = "linear",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """The loss over the plane through both solutions and the bend, with the straight line and the trained curve.

    Raises:
        ValueError: if the surface has not been computed yet.
    """
    if connection.surface is None or connection.control_points is None or connection.path is None:
        raise ValueError("this connection has no surface yet; wait until its curve has been trained")
    draw = surface if solid else contour
    marks = {"solution": list(connection.control_points[[0, 2]]), "bend": [connection.control_points[1]]}
    figure = draw(
        connection.surface,
        labels=LABELS,
        value=value,
        scale=scale,
        theme=theme,
        presenter=presenter,
        critical=marks,
    )
    picture = Picture.of(connection.surface, scale)
    shares = np.linspace(0, 1, STRAIGHT_LINE_POINTS)[:, None]
    line = (1 - shares) * connection.control_points[0] + shares * connection.control_points[2]
    curves: list[Any] = []
    for name, points in (("straight line", line), ("trained curve", connection.path)):
        color, dash = LINE_STYLES[name]
        width = 6 if presenter else 4
        shared = {"mode": "lines", "name": name, "legendgroup": name, "hoverinfo": "skip"}
        if solid:
            height = picture.heights_at(points) + picture.lift
            columns = dict(zip("xyz", (*points.T, height), strict=True))
            look = {"color": color, "width": 2 * width, "dash": dash}
            curves.append(go.Scatter3d(**columns, **shared, line=look, meta={"role": "way", "label": name}))
            continue
        columns = dict(zip("xy", points.T, strict=True))
        casing = {"color": OUTLINE_COLOR, "width": width + 3}
        curves.append(go.Scatter(**columns, **shared, line=casing, showlegend=False, meta={"role": "casing"}))
        look = {"color": color, "width": width, "dash": dash}
        curves.append(go.Scatter(**columns, **shared, line=look, meta={"role": "way", "label": name}))
    # The markers of the three control points are drawn last.
    base, marks_drawn = list(figure.data[:1]), list(figure.data[1:])
    figure_with_curves = go.Figure([*base, *curves, *marks_drawn], figure.layout)
    # Aligned with the top of its column, because the plot is less high than the profiles beside it.
    return figure_with_curves if solid else figure_with_curves.update_yaxes(constraintoward="top")
