"""Traces of optimizer paths in a volume; the stage plays them as those on a plane (see `figures.paths`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.drawn_steps import drawn_paths
from landscapes.figures.end_labels import divergence_label
from landscapes.figures.palette import Style, label_color, page_color, size, styles, text_color

if TYPE_CHECKING:
    from landscapes.figures.palette import Theme
    from landscapes.slices.projection import Projection

Box = Sequence[tuple[float, float]]
HOVER_TEMPLATE = (
    "<b>%{{fullData.legendgroup}}</b> step %{{customdata[0]:d}}<br>{value} %{{customdata[1]:.4g}}<br>"
    "{value} in the volume %{{customdata[2]:.4g}}<br>distance off the volume %{{customdata[3]:.3g}}<extra></extra>"
)


def volume_path_traces(paths: Mapping[str, Projection], *, box: Box, value: str, presenter: bool) -> list[Any]:
    """The line, the start and the end of each path, where it lies in the box: a scene draws nothing outside."""
    looks = styles(paths)
    return [
        trace
        for label, path in drawn_paths(paths).items()
        for trace in _traces_of_path(label, path, looks[label], box, value, presenter)
    ]


def _traces_of_path(
    label: str, path: Projection, style: Style, box: Box, value: str, presenter: bool
) -> list[go.Scatter3d]:
    inside = _inside(path, box)
    points = np.where(inside[:, None], path.coordinates, np.nan).astype(np.float32)
    hover_data = np.column_stack([path.steps, path.loss, path.plane_loss, path.distance]).astype(np.float64)
    steps = np.asarray(path.steps)
    dot = (11 if presenter else 8) / 2  # gl3d draws markers larger than their size in pixels

    def trace(role: str, rows: Any, mode: str, **look: Any) -> go.Scatter3d:
        return go.Scatter3d(
            **dict(zip("xyz", points[rows].T, strict=True)),
            customdata=hover_data[rows],
            hovertemplate=HOVER_TEMPLATE.format(value=value),
            **{"name": label, "legendgroup": label, "showlegend": False, "mode": mode, **look},
            meta={"role": role, "label": label, "steps": steps[rows].tolist()},
        )

    width = 10 if presenter else 6
    edge = {"color": "white", "width": 1.5}
    every = np.arange(len(steps))
    line = {"color": style.color, "dash": style.dash, "width": width}
    start = {"color": "white", "size": 0.75 * dot, "line": {"color": "#333", "width": 1.5}}
    head = {"symbol": style.symbol, "color": style.color, "size": dot, "line": edge}
    return [
        trace("path", every, "lines", line=line, showlegend=True),
        trace("start", every[:1], "markers", marker=start),
        trace("head", every[-1:], "markers", marker=head),
    ]


def end_annotations(
    paths: Mapping[str, Projection], *, box: Box, theme: Theme, presenter: bool
) -> list[dict[str, Any]]:
    """One annotation per path at its last point in the box, which the stage places anew; see `end_labels`."""
    looks, labels = styles(paths), []
    for label, path in paths.items():
        inside = np.flatnonzero(_inside(path, box))
        if not inside.size:
            continue
        diverged = path.outcome.kind == "diverged"
        labels.append(
            {
                **dict(zip("xyz", map(float, path.coordinates[inside[-1]]), strict=True)),
                "name": f"{'stop' if diverged else 'end'} {path.steps[inside[-1]]} {label}",
                "text": divergence_label(label, path) if diverged else label,
                **{"ax": 14, "ay": -14, "arrowhead": 0, "arrowwidth": 1, "arrowcolor": text_color(theme, 0.5)},
                "bgcolor": page_color(theme),
                "opacity": 0.85,
                "font": {"size": size(presenter), "color": label_color(looks[label].color, theme)},
            }
        )
    return labels


def path_notes(paths: Mapping[str, Projection], box: Box) -> list[str]:
    """Sentences on steps that are not drawn."""
    notes = []
    for label, path in drawn_paths(paths).items():
        if len(path.steps) < len(paths[label].steps):
            notes.append(f"{label}: {len(path.steps):,} of {len(paths[label].steps):,} steps are drawn")
        if outside := int(np.sum(~_inside(path, box))):
            notes.append(f"{label}: {outside} of {len(path.steps)} drawn steps lie outside the volume")
    return notes


def _inside(path: Projection, box: Box) -> np.ndarray:
    """Whether each step["S"] lies in the box."""
    low, high = np.array(box).T
    return np.all((path.coordinates >= low) & (path.coordinates <= high), axis=1)
