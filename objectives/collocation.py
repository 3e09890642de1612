"""Collocation points: where the residual of a differential equation is asked for.

Kinds "interval", x["N 1"] in [0, 1], and "space-time", x["N 2"] with (x, t) in [0, 2π] × [0, 1]. Targets are of
the kind "solution": there is no y. Every cell of a regular grid holds one point, drawn uniformly in it, so that a
mean over the points is an integral with little noise. There are as many test points, drawn independently.
"""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from annotated_types import Interval
from jaxtyping import Float

from .data import Data, Dataset, Examples

PERIOD = 2 * math.pi  # of space


def interval(
    seed: int, *, examples: Annotated[int, Interval(ge=2, le=10_000), "collocation points"] = 100
) -> Data:
    """One point in each of as many equal parts of [0, 1]."""
    return _data(seed, (examples,), (1.0,))


def space_time(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=2, le=100), "collocation points along each of x and t"] = 20,
) -> Data:
    """One point in each cell of a square grid over [0, 2π] × [0, 1]."""
    return _data(seed, (examples, examples), (PERIOD, 1.0))


def _data(seed: int, cells: tuple[int, ...], sizes: tuple[float, ...]) -> Data:
    train, test = (_points(rng, cells, sizes) for rng in np.random.default_rng(seed).spawn(2))
    return Data(train, test, None)


def _points(rng: np.random.Generator, cells: tuple[int, ...], sizes: tuple[float, ...]) -> Examples:
    corners = np.stack(np.meshgrid(*map(np.arange, cells), indexing="ij"), axis=-1).reshape(-1, len(cells))
    points: Float[np.ndarray, "N d"] = (corners + rng.random(corners.shape)) / cells * sizes
    x = points.astype(np.float32)
    x.flags.writeable = False
    return {"x": x}


DATASETS = {
    "interval": Dataset(interval, "interval", "solution", "Points of an interval", "generated", unit="points"),
    "space-time": Dataset(
        space_time, "space-time", "solution", "Points of space and time", "generated", unit="points"
    ),
}
