"""The loss over a volume: surfaces of equal loss, cut open at a slice that moves along the third direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import SURFACE, Theme, size, template
from landscapes.figures.scale import Kind, number
from landscapes.figures.surface_figure import wrap_title
from landscapes.figures.volume_paths import end_annotations, path_notes, volume_path_traces
from landscapes.figures.volume_picture import VolumePicture, check_node, slice_data
from landscapes.slices.marching_cubes import level_surface

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface

NUM_LEVELS = 5
NUM_TICKS = 5
LIGHT = {"ambient": 0.62, "diffuse": 0.55, "specular": 0.08, "roughness": 0.7, "fresnel": 0.05}
LIGHT_POSITION = {"x": -6e3, "y": -9e3, "z": 1.2e4}
EYE = {"x": 1.15, "y": -1.55, "z": 1.05}


@check_arguments
def volume(
    surface: Surface,
    paths: Mapping[str, Projection] | None = None,
    *,
    labels: Sequence[str] = ("first direction", "second direction", "third direction"),
    value: str = "loss",
    scale: Kind = "linear",
    theme: Theme = "light",
    presenter: bool = False,
    title: str | None = None,
    term: str | None = None,
    levels: int = NUM_LEVELS,
    node: int | None = None,
) -> go.Figure:
    """The loss over three directions: surfaces of equal loss below a slice, which the stage moves from node to
    node of the third axis.

    Args:
        surface: losses over three axes.
        paths: projections on the volume by label.
        labels: titles of the three axes.
        value, scale, theme, presenter, title, term: as in `figures.surface`.
        levels: the largest number of surfaces; their losses are among those of the lines of `volume_slice`.
        node: the index along the third axis where the slice is at first; that of the node nearest to 0 by default.

    Raises:
        ValueError: for an unknown scale or term, a surface that has not three axes, and a node that it has not.
    """
    paths = paths or {}
    picture = VolumePicture.of(surface, scale, term)
    node = check_node(picture, node, labels)
    level_traces = [_level_trace(picture, height, value, node) for height in picture.levels(levels)]
    traces = [_slice_trace(picture, value, node, presenter), *level_traces]
    traces += volume_path_traces(paths, box=picture.box, value=value, presenter=presenter)
    notes = [*picture.notes, *path_notes(paths, picture.box)]
    axes = {
        f"{name}axis": {
            "title": {"text": wrap_title(label)},
            "range": span,
            "nticks": NUM_TICKS,
            "showline": True,
        }
        for name, label, span in zip("xyz", labels, picture.box, strict=True)
    }
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "scene": {
                **axes,
                "aspectmode": "manual",
                "aspectratio": dict(zip("xyz", map(float, picture.sides), strict=True)),
                "camera": {"eye": EYE, "center": {"x": 0, "y": 0, "z": 0}},
                "dragmode": "turntable",
                "annotations": end_annotations(paths, box=picture.box, theme=theme, presenter=presenter),
            },
            "meta": volume_meta(picture, labels, notes, value, node),
        },
    )


def volume_meta(
    picture: VolumePicture, labels: Sequence[str], notes: Sequence[str], value: str, node: int
) -> dict[str, Any]:
    """`layout.meta`: as of a surface, and `slices` (see `slice_data`)."""
    return {
        "kind": "volume",
        "labels": list(labels),
        "value": value,
        "box": [list(span) for span in picture.box],
        "scale": picture.scale.kind,
        "sense": picture.scale.sense,
        "low": picture.scale.low,
        "high": picture.scale.high,
        "terms": {},
        "weights": {},
        "notes": [*notes, *([picture.scale.note] if picture.scale.note else [])],
        "slices": slice_data(picture, labels[2], node),
    }


def _slice_trace(picture: VolumePicture, value: str, node: int, presenter: bool) -> go.Surface:
    x, y = picture.slice_axes
    low, high = picture.scale.range
    is_log = picture.scale.kind == "log"
    return go.Surface(
        x=x,
        y=y,
        z=np.full((len(y), len(x)), picture.axes[2][node], np.float32),
        surfacecolor=picture.slices[node],
        customdata=(picture.losses if is_log else picture.slices)[node],
        colorscale=SURFACE,
        cmin=low,
        cmax=high,
        colorbar={
            **{"thickness": 8, "len": 0.5, "x": 1, "xanchor": "right", "xpad": 4, "outlinewidth": 0},
            "tickfont": {"size": size(presenter) - 2},
            **picture.scale.scene_ticks(NUM_TICKS),
        },
        # Its colors are those of the values, without a light.
        lighting={"ambient": 1, "diffuse": 0, "specular": 0, "fresnel": 0},
        hovertemplate=f"%{{x:.4g}}, %{{y:.4g}}, %{{z:.4g}}<br>{value} %{{customdata:.5g}}<extra></extra>",
        name="slice",
        meta={"role": "slice"},
    )


def _level_trace(picture: VolumePicture, height: float, value: str, node: int) -> go.Mesh3d:
    mesh = level_surface(picture.fine, picture.heights, height)
    # Triangles below each node of the volume, whose third axis has fewer nodes than the drawn one.
    layers = mesh.layers[np.searchsorted(picture.fine[2], picture.axes[2])]
    loss = number(float(picture.scale.inverse(np.array(height))), error=picture.scale.error)
    triangles = mesh.triangles.T.astype(np.int32)
    # Plotly spans a hull where there is no triangle, so there is one without an area.
    kept = triangles[:, : layers[node]] if layers[node] else np.zeros((3, 1), np.int32)
    return go.Mesh3d(
        **dict(zip("xyz", mesh.vertices.T.astype(np.float32), strict=True)),
        **dict(zip("ijk", kept, strict=True)),
        color=picture.color(height),
        flatshading=False,
        lighting=LIGHT,
        lightposition=LIGHT_POSITION,
        hovertemplate=f"{value} {loss}<extra></extra>",
        name=f"L = {loss}",
        showlegend=True,
        meta={
            "role": "level",
            "level": float(height),
            "layers": layers.tolist(),
            "triangles": triangles,
        },
    )
