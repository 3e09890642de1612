"""Contour lines of the gap between a loss and the term that it bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import GREY, size
from landscapes.figures.picture import Picture
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection

GAP_LEVELS = (0.1, 1.0, 10.0)  # in units of the loss
POINTS_PER_STEP = 8  # points of each path segment from which labels keep their distance


def gap_traces(picture: Picture, bounds: str, value: str, presenter: bool) -> list[Any]:
    """The contour lines of the gap at `GAP_LEVELS`, and their legend entry.

    Each level is a trace because Plotly's contour levels are evenly spaced. Dark lines beneath the white ones give
    contrast on bright parts. The legend entry is gray because white is invisible on a light page.
    """
    gap = picture.gap(bounds).astype(np.float32)
    levels = _levels_in_range(gap)
    width = 3 if presenter else 2
    # The name of a height has its unit after a comma.
    levels_text = ", ".join(f"{level:g}" for level in levels)
    legend_name = f"gap to {symbol(bounds)}: {levels_text} {value.partition(', ')[2]}".strip()
    trace_options = {
        "name": legend_name,
        "legendgroup": "gap",
        "hoverinfo": "skip",
        "meta": {"role": "gap", "term": bounds},
    }

    def gap_contour(level: float, line: dict[str, Any]) -> go.Contour:
        contour_options = {"coloring": "none", "start": level, "end": level, "size": 1}
        x, y = picture.axes
        return go.Contour(x=x, y=y, z=gap, contours=contour_options, line=line, showlegend=False, **trace_options)

    legend = {**trace_options, "meta": {"role": "gap legend"}}
    dashed = {"color": GREY, "width": width, "dash": "dash"}
    return [
        *(gap_contour(level, {"color": "rgba(0,0,0,0.55)", "width": width + 2}) for level in levels),
        *(gap_contour(level, {"color": "white", "width": width, "dash": "dash"}) for level in levels),
        *([go.Scatter(x=[None], y=[None], mode="lines", line=dashed, **legend)] if levels else []),
    ]


def gap_labels(
    picture: Picture,
    bounds: str,
    paths: Mapping[str, Projection],
    marks: Mapping[str, Sequence[Any]],
    presenter: bool,
) -> list[Any]:
    """A label for each gap line, where the line is farthest from paths, marks, the frame and other labels.

    Plotly's contour labels would be hidden beneath the paths. The labels hold for the weights of the picture.
    """
    gap = picture.gap(bounds)
    low, high = np.array(picture.box).T
    obstacles = [_with_intermediate_points(np.asarray(path.coordinates, np.float64)) for path in paths.values()]
    obstacles += [np.asarray(points, np.float64).reshape(-1, 2) for points in marks.values()]
    obstacle_shares = np.concatenate([np.empty((0, 2)), *((points - low) / (high - low) for points in obstacles)])
    obstacle_shares = obstacle_shares[np.all(np.abs(obstacle_shares) < 2, axis=1)]  # also drops NaN
    label_points, texts, text_positions = [], [], []
    for level in _levels_in_range(gap):
        crossings = _zero_crossings(picture, gap - level)
        if not len(crossings):
            continue
        share = (crossings - low) / (high - low)
        clearance = np.minimum(share, 1 - share).min(axis=1)
        if len(obstacle_shares):
            clearance = np.minimum(
                clearance, np.linalg.norm(share[:, None] - obstacle_shares[None], axis=2).min(axis=1)
            )
        farthest = int(np.argmax(clearance))
        label_points.append(crossings[farthest])
        obstacle_shares = np.concatenate([obstacle_shares, share[farthest : farthest + 1]])
        texts.append(f"{level:g}")
        text_positions.append("middle right" if share[farthest, 0] < 0.5 else "middle left")
    if not label_points:
        return []
    x, y = np.transpose(label_points)
    font = {"size": size(presenter) + 2, "color": "white", "shadow": "0 0 3px black, 0 0 6px black"}
    look = {"mode": "text", "text": texts, "textposition": text_positions, "textfont": font}
    trace_options = {"name": "gap", "legendgroup": "gap", "showlegend": False, "hoverinfo": "skip"}
    return [go.Scatter(x=x, y=y, **look, **trace_options, meta={"role": "gap labels"})]


def _levels_in_range(gap: np.ndarray) -> list[float]:
    return [level for level in GAP_LEVELS if np.nanmin(gap) <= level <= np.nanmax(gap)]


def _zero_crossings(picture: Picture, grid: np.ndarray) -> np.ndarray:
    """Points["n 2"] on the grid's edges where the linear interpolation of the grid ["y x"] changes sign."""
    x, y = np.meshgrid(*picture.axes)
    points = []
    for columns in ((x, y, grid), (x.T, y.T, grid.T)):
        first, second = ([column[part] for column in columns] for part in (np.s_[:-1], np.s_[1:]))
        i = np.nonzero(((first[2] < 0) != (second[2] < 0)) & np.isfinite(first[2] - second[2]))
        share = first[2][i] / (first[2][i] - second[2][i])
        points.append(
            np.stack([a[i] + share * (b - a)[i] for a, b in zip(first[:2], second[:2], strict=True)], -1)
        )
    return np.concatenate(points)


def _with_intermediate_points(points: np.ndarray) -> np.ndarray:
    """A path's points["S 2"] and `POINTS_PER_STEP` − 1 points between each two."""
    if len(points) < 2:
        return points
    share = np.linspace(0, 1, POINTS_PER_STEP, endpoint=False)[None, :, None]
    between = points[:-1, None] * (1 - share) + points[1:, None] * share
    return np.concatenate([between.reshape(-1, 2), points[-1:]])
