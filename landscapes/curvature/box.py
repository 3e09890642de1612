"""Points of a box: a Sobol sequence, and one representative of each cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import KDTree
from scipy.stats import qmc


def distinct_points(points: np.ndarray, radius: float) -> np.ndarray:
    """One of each cluster of points["n d"] that are closer to each other than the radius."""
    if not len(points):
        return points
    pairs = KDTree(points).query_pairs(radius, output_type="ndarray")
    keep = np.ones(len(points), bool)
    keep[pairs.max(axis=1)] = False
    return points[keep]


def sobol_points(bounds: np.ndarray, power: int, seed: Any) -> np.ndarray:
    """The first 2^power points of a scrambled Sobol sequence over bounds["d 2"]."""
    unit = qmc.Sobol(len(bounds), rng=np.random.default_rng(int(seed))).random_base2(power)
    return bounds[:, 0] + unit * (bounds[:, 1] - bounds[:, 0])
