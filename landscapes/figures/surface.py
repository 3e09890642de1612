"""The loss surface in three dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.camera import HEIGHT, SEATS, best_seat, camera, floor_plan
from landscapes.figures.flow import flow_traces
from landscapes.figures.marks import mark_traces
from landscapes.figures.palette import SURFACE, Theme, ink, size, template
from landscapes.figures.paths import path_traces, stop_labels
from landscapes.figures.picture import RESOLUTION, Picture
from landscapes.figures.scale import Kind
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.games.flow import Flow
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface

LINES = 12
# Threads of the net, along each axis, that shows what the surface is a bound of.
THREADS = 14
# Opaque, whatever its alpha: gl3d does not blend the lines on a surface.
ISOLINES = "#86a9ae"
# As are those of a net.
OPAQUE = {"light": "#7d7d84", "dark": "#b4b4ba"}


@check_arguments
def surface(
    surface: Surface,
    paths: Mapping[str, Projection] | None = None,
    *,
    labels: Sequence[str] = ("first direction", "second direction"),
    value: str = "loss",
    scale: Kind = "linear",
    theme: Theme = "light",
    presenter: bool = False,
    title: str | None = None,
    minima: Sequence[Any] = (),
    critical: Mapping[str, Sequence[Any]] | None = None,
    term: str | None = None,
    resolution: int | None = RESOLUTION,
    flow: Flow | None = None,
    bounds: str = "",
    span: Sequence[float] = (),
    seat: int | None = None,
) -> go.Figure:
    """A surface over two directions, with paths lying on it at the loss of their projections (raised by 2 % of
    the picture's height, so that the surface does not swallow them).

    Args:
        surface: losses over two axes; resampled for display to `resolution`².
        paths: projections by label, such as {"adam": …}; labels choose the colors.
        labels: what the two axes are, in words that can stand beside them.
        value: what the height is, "loss" or "expected return".
        scale: "linear" or "log"; the transform is printed on the axis (see `Scale`).
        minima: known minima as (x, y) pairs.
        critical: critical points by kind, {"saddle": [(x, y), …]}.
        term: draw this term alone, unweighted, instead of the loss; a game must name one.
        resolution: points per axis that are drawn; None draws the grid as it is.
        flow: of a game, the players' motion, drawn as arrows.
        bounds: the term that the loss is a bound of, drawn with it as a net.
        span: values that the scale must hold too, for pictures that are compared.
        seat: from where the scene is first seen, one of `figures.camera.SEATS`; None for a side that shows the
            paths. `layout.meta["seat"]` tells which it was.

    Raises:
        ValueError: for an unknown scale or a surface that has not two axes.
    """
    paths = paths or {}
    if len(labels) != 2:
        raise ValueError(f"labels = {labels!r} does not name two axes; give two texts")
    picture = Picture.of(surface, scale, term=term, bounds=bounds, resolution=resolution, span=span)
    low, high = picture.scale.range
    lines = {"show": True, "width": 1, "color": ISOLINES, "highlight": False, **picture.scale.levels(LINES)}
    drawn = go.Surface(
        x=picture.axes[0],
        y=picture.axes[1],
        z=picture.heights,
        customdata=picture.facts(bounds),
        colorscale=SURFACE,
        cmin=low,
        cmax=high,
        showscale=False,
        contours={"z": lines},
        lighting={"ambient": 0.72, "diffuse": 0.55, "specular": 0.06, "roughness": 0.9, "fresnel": 0.05},
        lightposition={"x": -2000, "y": -4000, "z": 8000},
        hovertemplate=picture.hover(value, bounds),
        name=value,
        meta={"role": "surface"},
    )
    plan = floor_plan(picture)
    if seat is not None and not 0 <= seat < len(SEATS):
        raise ValueError(f"seat = {seat} is not valid; give a whole number from 0 to {len(SEATS) - 1}")
    seat = best_seat((picture, paths)) if seat is None else seat
    notes = picture.notes(paths)
    marks = {"known minimum": minima, **(critical or {})}
    figure = go.Figure(
        [
            drawn,
            *([] if picture.bounded is None else [_bounded(picture, bounds, theme)]),
            *flow_traces(picture, flow, solid=True, presenter=presenter),
            *path_traces(picture, paths, value=value, solid=True, theme=theme, presenter=presenter),
            *mark_traces(picture, marks, solid=True, presenter=presenter),
        ],
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "scene": {
                "xaxis": {"title": {"text": wrapped(labels[0])}, "range": picture.box[0], "nticks": 6},
                "yaxis": {"title": {"text": wrapped(labels[1])}, "range": picture.box[1], "nticks": 6},
                "zaxis": {
                    "title": {"text": wrapped(picture.scale.title(value))},
                    "range": picture.span,
                    "nticks": 6,
                    **picture.scale.ticks(),
                },
                "aspectmode": "manual",
                "aspectratio": {"x": plan[0], "y": plan[1], "z": HEIGHT},
                "camera": camera(picture, seat),
                "dragmode": "turntable",
                "annotations": stop_labels(picture, paths, theme=theme, presenter=presenter),
            },
            "meta": picture.meta("surface", labels, notes, value)
            | {"lines": LINES, "seat": seat, "bounds": bounds},
        },
    )
    # A scene has no axis along its lower edge; exports carry the notes in its corner.
    if notes:
        figure.add_annotation(
            text="<br>".join(notes),
            name="notes",
            **{"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom"},
            align="left",
            showarrow=False,
            font={"size": size(presenter) - 1, "color": ink(theme, 0.7)},
        )
    return figure


def _bounded(picture: Picture, term: str, theme: Theme) -> go.Surface:
    """What the surface is a bound of, as a net: a second sheet would hide one of the two from every side."""
    thread = {"show": True, "color": OPAQUE[theme], "width": 1.5, "highlight": False}
    spans = dict(zip("xy", picture.box, strict=True))
    threads = {
        axis: {**thread, "start": low, "end": high, "size": (high - low) / THREADS}
        for axis, (low, high) in spans.items()
    }
    return go.Surface(
        x=picture.axes[0],
        y=picture.axes[1],
        z=picture.bounded,
        customdata=picture.terms[term],
        hidesurface=True,
        contours=threads,
        colorscale=[[0, OPAQUE[theme]], [1, OPAQUE[theme]]],
        showscale=False,
        showlegend=True,
        hovertemplate=f"%{{x:.4g}}, %{{y:.4g}}<br>{symbol(term)} %{{customdata:.5g}}<extra></extra>",
        name=f"wire mesh: {symbol(term)}",
        meta={"role": "bounded", "term": term},
    )


def wrapped(text: str, width: int = 34) -> str:
    """Long axis titles on two lines, broken at the space nearest to the middle."""
    spaces = [i for i, letter in enumerate(text) if letter == " "]
    if len(text) <= width or not spaces:
        return text
    cut = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return f"{text[:cut]}<br>{text[cut + 1 :]}"
