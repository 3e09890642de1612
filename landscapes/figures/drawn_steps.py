"""Which points of the paths a picture shows: some steps of long paths, and none beneath other paths."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection

MAX_DRAWN_STEPS = 2000  # of a path; a picture has fewer columns
# A path is hidden beneath another within this share of the picture's side, which is half the width of a line.
HIDDEN_DISTANCE_SHARE = 0.005


def drawn_paths(paths: Mapping[str, Projection]) -> dict[str, Projection]:
    """The paths with at most `MAX_DRAWN_STEPS` points: evenly spaced ones and the last."""
    return {label: _drawn(path) for label, path in paths.items()}


def _drawn(path: Projection) -> Projection:
    count = len(path.steps)
    # Odd: an optimizer that overshoots alternates between two sides, and an even stride would show one.
    stride = math.ceil((count - 1) / (MAX_DRAWN_STEPS - 1)) | 1
    if count <= MAX_DRAWN_STEPS:
        return path
    indices = np.append(np.arange(0, count - 1, stride), count - 1)
    curves = {
        name: getattr(path, name)[indices] for name in ("steps", "coordinates", "distance", "loss", "plane_loss")
    }
    terms = {
        name: {term: curve[indices] for term, curve in getattr(path, name).items()}
        for name in ("terms", "plane_terms")
    }
    return replace(path, **curves, **terms)


def hidden_path_notes(
    paths: Mapping[str, Projection], to_relative: Callable[[np.ndarray], np.ndarray]
) -> list[str]:
    """A sentence for each path that another one hides, which is drawn later.

    Args:
        to_relative: coordinates["n 2"] relative to the picture's sides.
    """
    # A path of one point has a visible marker.
    curves = {label: to_relative(path.coordinates) for label, path in paths.items() if len(path.steps) > 1}
    return [
        f"{first} is hidden beneath {second}; the plane shows "
        f"{_share_in_plane(paths[first], paths[second])} of their motion"
        for first, second in combinations(curves, 2)
        if _is_hidden_beneath(curves[first], curves[second])
    ]


def _share_in_plane(*paths: Projection) -> str:
    """The smallest and the largest share of a path's motion that lies in the plane, in percent."""
    ends = [
        f"{100 * share:.1g}" if share < 0.01 else f"{100 * share:.0f}" for share in sorted(p.share for p in paths)
    ]
    return f"{ends[0]} %" if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]} %"


def _is_hidden_beneath(points: np.ndarray, curve: np.ndarray) -> bool:
    """Whether all points["n 2"] are within `HIDDEN_DISTANCE_SHARE` of the polyline curve["m 2"]."""
    sample = points[:: max(1, len(points) // 8)]  # a few points suffice to reject most pairs
    return all(bool(np.all(_distance(each, curve) < HIDDEN_DISTANCE_SHARE)) for each in (sample, points))


def _distance(points: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Distance["n"] from each of points["n 2"] to the polyline curve["m 2"]."""
    segments = np.diff(curve, axis=0)
    with np.errstate(over="ignore", invalid="ignore"):  # the coordinates of a diverged path overflow
        squared_length = np.maximum(np.sum(segments**2, axis=-1), np.finfo(float).tiny)
        offsets = points[:, None] - curve[:-1]
        share = np.clip(np.sum(offsets * segments, axis=-1) / squared_length, 0, 1)
        return np.sqrt(np.sum((offsets - share[..., None] * segments) ** 2, axis=-1)).min(axis=1)
