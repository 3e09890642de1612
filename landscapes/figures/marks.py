"""Markers on a picture: known minima, critical points and others by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import GREY
from landscapes.figures.picture import Picture

# gl3d draws symbols as characters of a font. Every font has these; some lack "x" and "cross".
SYMBOLS = {
    "known minimum": "diamond",
    "known optimum": "diamond",
    "known equilibrium": "diamond",
    "minimum": "circle",
    "saddle": "diamond",
    "maximum": "square",
    "degenerate": "circle",
    "solution": "circle",
    "bend": "diamond",
}


def mark_traces(
    picture: Picture, marks: Mapping[str, Sequence[Any]], *, solid: bool, presenter: bool
) -> list[Any]:
    """One trace of markers per kind, at coordinates["n K"] and the height of the surface, without those outside of
    the picture."""
    traces = []
    for kind, points in marks.items():
        coordinates = np.asarray(points, np.float64)
        count = len(picture.axes)
        if coordinates.size and count > 1 and coordinates.shape[1:] != (count,):
            raise ValueError(f"a {kind} is no point of this picture; give {count} coordinates for each")
        coordinates = coordinates.reshape(-1, count)
        heights = picture.heights_at(coordinates)
        keep = np.isfinite(heights)
        if not keep.any():
            continue
        columns = [*coordinates[keep].T, heights[keep] + (picture.lift + picture.marker_lift if solid else 0.0)]
        if not solid:
            columns = columns[:2]
        traces.append(
            (go.Scatter3d if solid else go.Scatter)(
                **dict(zip("xyz", columns, strict=False)),
                mode="markers",
                marker={
                    "symbol": SYMBOLS.get(kind, "square"),
                    "color": GREY if kind == "degenerate" else "white",
                    "size": (8 if presenter else 5) if solid else (14 if presenter else 10),
                    "line": {"color": "#222", "width": 1.5},
                },
                name=kind,
                legendgroup=kind,
                hovertemplate=f"{kind}<br>%{{x:.5g}}"
                + (", %{y:.5g}" if len(picture.axes) == 2 else "")
                + "<extra></extra>",
                meta={"role": "marks", "label": kind},
            )
        )
    return traces
