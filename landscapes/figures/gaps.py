"""Lines of equal distance between a loss and the term that it is a bound of, over its contours."""

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

# Where the gap to what the loss bounds is drawn, in the loss's units.
GAPS = (0.1, 1.0, 10.0)
# Points per move of a path that a label keeps away from.
ALONG = 8


def gap_traces(picture: Picture, bounds: str, value: str, presenter: bool) -> list[Any]:
    """The lines along which the loss lies this far from what it bounds: one trace each, because Plotly spaces the
    lines of a contour evenly. White alone would be lost on the bright parts, hence the dark ones beneath; and in a
    legend, where a gray line stands for them."""
    gap = picture.gap(bounds).astype(np.float32)
    reached = _reached(gap)
    width = 3 if presenter else 2
    # A height names its unit after a comma.
    levels = ", ".join(f"{level:g}" for level in reached)
    words = f"gap to {symbol(bounds)}: {levels} {value.partition(', ')[2]}".strip()
    shared = {"name": words, "legendgroup": "gap", "hoverinfo": "skip", "meta": {"role": "gap", "term": bounds}}

    def drawn(level: float, line: dict[str, Any]) -> go.Contour:
        at = {"coloring": "none", "start": level, "end": level, "size": 1}
        x, y = picture.axes
        return go.Contour(x=x, y=y, z=gap, contours=at, line=line, showlegend=False, **shared)

    legend = {**shared, "meta": {"role": "gap legend"}}
    dashed = {"color": GREY, "width": width, "dash": "dash"}
    return [
        *(drawn(level, {"color": "rgba(0,0,0,0.55)", "width": width + 2}) for level in reached),
        *(drawn(level, {"color": "white", "width": width, "dash": "dash"}) for level in reached),
        *([go.Scatter(x=[None], y=[None], mode="lines", line=dashed, **legend)] if reached else []),
    ]


def gap_labels(
    picture: Picture,
    bounds: str,
    paths: Mapping[str, Projection],
    marks: Mapping[str, Sequence[Any]],
    presenter: bool,
) -> list[Any]:
    """Each line's gap, written beside it where it is farthest from paths, marks, the frame and the other labels:
    a contour's own labels would lie beneath the paths. For the weights that the picture was drawn with."""
    gap = picture.gap(bounds)
    low, high = np.array(picture.box).T
    taken = [_dense(np.asarray(path.coordinates, np.float64)) for path in paths.values()]
    taken += [np.asarray(points, np.float64).reshape(-1, 2) for points in marks.values()]
    away = np.concatenate([np.empty((0, 2)), *((points - low) / (high - low) for points in taken)])
    away = away[np.all(np.abs(away) < 2, axis=1)]  # NaN, too, is nowhere near
    places, words, sides = [], [], []
    for level in _reached(gap):
        at = _crossings(picture, gap - level)
        if not len(at):
            continue
        share = (at - low) / (high - low)
        room = np.minimum(share, 1 - share).min(axis=1)
        if len(away):
            room = np.minimum(room, np.linalg.norm(share[:, None] - away[None], axis=2).min(axis=1))
        best = int(np.argmax(room))
        places.append(at[best])
        away = np.concatenate([away, share[best : best + 1]])
        words.append(f"{level:g}")
        sides.append("middle right" if share[best, 0] < 0.5 else "middle left")
    if not places:
        return []
    x, y = np.transpose(places)
    font = {"size": size(presenter) + 2, "color": "white", "shadow": "0 0 3px black, 0 0 6px black"}
    look = {"mode": "text", "text": words, "textposition": sides, "textfont": font}
    shared = {"name": "gap", "legendgroup": "gap", "showlegend": False, "hoverinfo": "skip"}
    return [go.Scatter(x=x, y=y, **look, **shared, meta={"role": "gap labels"})]


def _reached(gap: np.ndarray) -> list[float]:
    return [level for level in GAPS if np.nanmin(gap) <= level <= np.nanmax(gap)]


def _crossings(picture: Picture, grid: np.ndarray) -> np.ndarray:
    """["n 2"]: where a grid ["y x"] is 0 along its own lines, between two nodes of different sign."""
    x, y = np.meshgrid(*picture.axes)
    found = []
    for columns in ((x, y, grid), (x.T, y.T, grid.T)):
        one, other = ([column[part] for column in columns] for part in (np.s_[:-1], np.s_[1:]))
        i = np.nonzero(((one[2] < 0) != (other[2] < 0)) & np.isfinite(one[2] - other[2]))
        share = one[2][i] / (one[2][i] - other[2][i])
        found.append(np.stack([a[i] + share * (b - a)[i] for a, b in zip(one[:2], other[:2], strict=True)], -1))
    return np.concatenate(found)


def _dense(points: np.ndarray) -> np.ndarray:
    """A path's points ["S 2"] and some of each move between them."""
    if len(points) < 2:
        return points
    share = np.linspace(0, 1, ALONG, endpoint=False)[None, :, None]
    between = points[:-1, None] * (1 - share) + points[1:, None] * share
    return np.concatenate([between.reshape(-1, 2), points[-1:]])
