"""The loss surface in three dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.camera import (
    SCENE_HEIGHT,
    VIEWPOINTS,
    best_viewpoint,
    camera,
    floor_plan,
    rotate_to_viewpoint,
)
from landscapes.figures.end_labels import end_labels
from landscapes.figures.flow import flow_traces
from landscapes.figures.marks import mark_traces
from landscapes.figures.palette import FLOOR_COLORS, LEVEL_LINE_COLORS, SURFACE, Theme, size, template, text_color
from landscapes.figures.paths import path_traces
from landscapes.figures.picture import RESOLUTION, Picture
from landscapes.figures.scale import Kind
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.games.game_flow import Flow
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface

NUM_CONTOUR_LINES = 12  # on the surface and on its floor
# Lines per axis of the wire mesh that shows the term that the loss is a bound of.
NUM_MESH_LINES = 14
NUM_TICKS = 5  # largest number on an axis
# Direction of the light in the first viewpoint: from the upper left. It turns with the viewpoint. Colors are
# darkened to 68 % at most, on slopes that face away from it.
LIGHT_DIRECTION = (-0.51, -0.65, 1.0)
LIGHT = {"ambient": 0.68, "diffuse": 0.45, "specular": 0.04, "roughness": 0.8, "fresnel": 0.02}
# Opaque because gl3d does not blend the lines on a surface.
MESH_COLORS = {"light": "#7d7d84", "dark": "#b4b4ba"}


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
    viewpoint: int | None = None,
) -> go.Figure:
    """The loss surface over two directions. Paths lie on it, at the loss of their projections plus 1.6 % of the
    scene's height, so that the surface does not hide them.

    Args:
        surface: losses over two axes; resampled for display to `resolution`².
        paths: projections by label, such as {"adam": …}; labels choose the colors.
        labels: titles of the two axes.
        value: name of the height, such as "loss" or "expected return".
        scale: "linear" or "log"; the transform is printed on the axis (see `Scale`).
        minima: known minima as (x, y) pairs.
        critical: critical points by kind, {"saddle": [(x, y), …]}.
        term: draw only this term, unweighted, instead of the loss; required for a game.
        resolution: points per axis that are drawn; None draws the evaluated grid.
        flow: the players' motion in a game, drawn as arrows.
        bounds: the term that the loss is a bound of, drawn as a wire mesh.
        span: values that the scale must also contain, so that two pictures can be compared.
        viewpoint: index into `figures.camera.VIEWPOINTS`; None chooses one from which the paths are visible.
            `layout.meta["viewpoint"]` is the index that was used.

    Raises:
        ValueError: for an unknown scale or a surface that has not two axes.
    """
    paths = paths or {}
    if len(labels) != 2:
        raise ValueError(f"labels = {labels!r} does not name two axes; give two texts")
    picture = Picture.of(surface, scale, term=term, bounds=bounds, resolution=resolution, span=span)
    if viewpoint is not None and not 0 <= viewpoint < len(VIEWPOINTS):
        raise ValueError(
            f"viewpoint = {viewpoint} is not valid; give a whole number from 0 to {len(VIEWPOINTS) - 1}"
        )
    viewpoint = best_viewpoint((picture, paths)) if viewpoint is None else viewpoint
    low, high = picture.scale.range
    lines = {
        "show": True,
        "width": 1,
        "color": LEVEL_LINE_COLORS[theme],
        "highlight": False,
        "project": {"z": True},
        **picture.scale.levels(NUM_CONTOUR_LINES),
    }
    surface_trace = go.Surface(
        x=picture.axes[0],
        y=picture.axes[1],
        z=picture.heights,
        customdata=picture.hover_data(bounds),
        colorscale=SURFACE,
        cmin=low,
        cmax=high,
        showscale=True,
        colorbar={
            **{"thickness": 8, "len": 0.5, "x": 1, "xanchor": "right", "xpad": 4, "outlinewidth": 0},
            "tickfont": {"size": size(presenter) - 2},
            **picture.scale.scene_ticks(NUM_TICKS),
        },
        contours={"z": lines},
        lighting=LIGHT,
        lightposition=dict(zip("xyz", 1e4 * rotate_to_viewpoint(LIGHT_DIRECTION, viewpoint), strict=True)),
        hovertemplate=picture.hover_template(value, bounds),
        name=value,
        meta={"role": "surface"},
    )
    width, depth = floor_plan(picture)
    view = camera(picture, viewpoint)
    look: dict[str, Any] = {"theme": theme, "presenter": presenter}
    notes = picture.notes(paths)
    marks = {"known minimum": minima, **(critical or {})}
    figure = go.Figure(
        [
            surface_trace,
            *([] if picture.bounded is None else [_bounded_mesh(picture, bounds, theme)]),
            *flow_traces(picture, flow, solid=True, presenter=presenter),
            *path_traces(picture, paths, value=value, solid=True, **look),
            *mark_traces(picture, marks, solid=True, presenter=presenter),
        ],
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "scene": {
                "xaxis": {"title": {"text": wrap_title(labels[0])}, "range": picture.box[0], "nticks": NUM_TICKS},
                "yaxis": {"title": {"text": wrap_title(labels[1])}, "range": picture.box[1], "nticks": NUM_TICKS},
                "zaxis": {
                    "title": {"text": wrap_title(picture.scale.title(value))},
                    "range": picture.span,
                    **picture.scale.scene_ticks(NUM_TICKS),
                    # The floor; the scene has no other wall and no grid.
                    "showbackground": True,
                    "backgroundcolor": FLOOR_COLORS[theme],
                    "showline": True,
                },
                "aspectmode": "manual",
                "aspectratio": {"x": width, "y": depth, "z": SCENE_HEIGHT},
                "camera": view,
                "dragmode": "turntable",
                "annotations": end_labels(
                    picture, paths, camera=view, box_size=(width, depth, SCENE_HEIGHT), **look
                ),
            },
            "meta": picture.meta("surface", labels, notes, value)
            | {"lines": NUM_CONTOUR_LINES, "viewpoint": viewpoint, "bounds": bounds},
        },
    )
    # A scene has no axis title along its lower edge, so its notes are an annotation in the lower left corner.
    if notes:
        figure.add_annotation(
            text="<br>".join(notes),
            name="notes",
            **{"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom"},
            align="left",
            showarrow=False,
            font={"size": size(presenter) - 1, "color": text_color(theme, 0.7)},
        )
    return figure


def _bounded_mesh(picture: Picture, term: str, theme: Theme) -> go.Surface:
    """The bounded term as a wire mesh; a second opaque surface would hide the first, or be hidden by it."""
    mesh_line = {"show": True, "color": MESH_COLORS[theme], "width": 1.5, "highlight": False}
    spans = dict(zip("xy", picture.box, strict=True))
    mesh_lines = {
        axis: {**mesh_line, "start": low, "end": high, "size": (high - low) / NUM_MESH_LINES}
        for axis, (low, high) in spans.items()
    }
    return go.Surface(
        x=picture.axes[0],
        y=picture.axes[1],
        z=picture.bounded,
        customdata=picture.terms[term],
        hidesurface=True,
        contours=mesh_lines,
        colorscale=[[0, MESH_COLORS[theme]], [1, MESH_COLORS[theme]]],
        showscale=False,
        showlegend=True,
        hovertemplate=f"%{{x:.4g}}, %{{y:.4g}}<br>{symbol(term)} %{{customdata:.5g}}<extra></extra>",
        name=f"wire mesh: {symbol(term)}",
        meta={"role": "bounded", "term": term},
    )


def wrap_title(text: str, width: int = 34) -> str:
    """The title, broken at the space nearest to its middle if it is longer than `width` characters."""
    spaces = [i for i, letter in enumerate(text) if letter == " "]
    if len(text) <= width or not spaces:
        return text
    cut = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return f"{text[:cut]}<br>{text[cut + 1 :]}"
