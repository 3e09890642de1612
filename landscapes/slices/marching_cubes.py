"""Level surfaces of a grid over a volume, as triangles, by marching cubes."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from landscapes.arguments import check_arguments
from landscapes.slices.spline import Axes

# Corners of a cell as 0 or 1 along each axis; corner c has the number 4·x + 2·y + z. Each face lists its corners
# counterclockwise, seen from outside.
CORNERS = np.array(list(product((0, 1), repeat=3)))
FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
EDGES = [(a, b) for a in range(8) for b in range(a + 1, 8) if np.abs(CORNERS[a] - CORNERS[b]).sum() == 1]
EDGE_STARTS = np.array([a for a, _ in EDGES])
EDGE_AXES = np.array([int(np.argmax(CORNERS[b] - CORNERS[a])) for a, b in EDGES])


class LevelSurface(NamedTuple):
    """The points where a function has one value, as triangles that point toward larger values.

    Attributes:
        vertices: coordinates, ["V 3"]. Each lies on an edge of the grid, where the linear interpolation between
            its two nodes has the value.
        triangles: indices of their corners, ["T 3"], ordered by layers of cells along the third axis.
        layers: layers[k] triangles lie below the node k of the third axis, ["n_3"].
    """

    vertices: Float[np.ndarray, "V 3"]
    triangles: Int[np.ndarray, "T 3"]
    layers: Int[np.ndarray, "n_3"]


@check_arguments
def level_surface(axes: Axes, values: Float[np.ndarray, "n_1 n_2 n_3"], level: float) -> LevelSurface:
    """The surface {L = level} of values on the nodes of a volume, linear between neighboring nodes.

    Cells with a corner that is not finite have no triangle. The surface has no other edge than there and at the
    sides of the grid. On a face whose corners are below and above the level by turns, the corners below it are
    separated.

    Raises:
        ValueError: for values that do not fit the axes or are not over three of them.

    References: Lorensen & Cline 1987, SIGGRAPH (marching cubes); Nielson & Hamann 1991 (ambiguous faces).
    """
    if len(axes) != 3 or values.shape != tuple(map(len, axes)):
        raise ValueError(
            f"values of shape {values.shape} do not fit these axes; give values[i, j, k] over three axes"
        )
    below = values < level
    cells = tuple(n - 1 for n in values.shape)

    def corner(array: np.ndarray, c: int) -> np.ndarray:
        return array[tuple(slice(s, s + n) for s, n in zip(CORNERS[c], cells, strict=True))]

    pattern = sum((corner(below, c).astype(np.int64) << c for c in range(8)), np.zeros(cells, np.int64))
    is_finite = np.logical_and.reduce([corner(np.isfinite(values), c) for c in range(8)])
    pattern = np.where(is_finite, pattern, 0)
    k, j, i = np.nonzero(np.transpose((pattern != 0) & (pattern != 255)))  # in layers of the third axis
    edges = _table()[pattern[i, j, k]]  # ["cells T 3"]
    cell, place = np.nonzero(edges[:, :, 0] >= 0)
    edges = edges[cell, place]
    start = CORNERS[EDGE_STARTS[edges]] + np.stack([i, j, k], axis=-1)[cell][:, None]
    keys = np.ravel_multi_index((*np.moveaxis(start, -1, 0), EDGE_AXES[edges]), (*values.shape, 3))
    unique, triangles = np.unique(keys, return_inverse=True)
    *index, axis = np.unravel_index(unique, (*values.shape, 3))
    end = [n + (axis == d) for d, n in enumerate(index)]
    low, high = values[tuple(index)].astype(np.float64), values[tuple(end)].astype(np.float64)
    share = (level - low) / (high - low)
    points = [a[n] + share * (a[m] - a[n]) for a, n, m in zip(axes, index, end, strict=True)]
    layers = np.searchsorted(k[cell], np.arange(len(axes[2])))
    return LevelSurface(np.stack(points, axis=-1), triangles.reshape(-1, 3), layers)


@cache
def _table() -> np.ndarray:
    """For each pattern of corners below the level, the edges whose points make its triangles, ["256 T 3"]; −1 for
    none. On each face a segment cuts off each run of corners below the level; the segments join to polygons."""
    number = {edge: k for k, edge in enumerate(EDGES)}
    rows = []
    for pattern in range(256):
        following: dict[int, int] = {}
        for face in FACES:
            is_below = [bool(pattern >> corner & 1) for corner in face]
            crossings = [m for m in range(4) if is_below[m] != is_below[(m + 1) % 4]]
            pairs = {m: sorted((face[m], face[(m + 1) % 4])) for m in crossings}
            edge = {m: number[a, b] for m, (a, b) in pairs.items()}
            for m in crossings:
                if is_below[m]:  # the run of corners below the level ends here; it began at the crossing before
                    before = max((n for n in crossings if n < m), default=crossings[-1])
                    following[edge[m]] = edge[before]
        triangles = []
        while following:
            first, polygon = next(iter(following)), []
            while first in following:
                polygon.append(first)
                first = following.pop(first)
            triangles += [(polygon[0], c, b) for b, c in pairwise(polygon[1:])]
        rows.append(triangles)
    table = np.full((256, max(map(len, rows)), 3), -1)
    for pattern, triangles in enumerate(rows):
        table[pattern, : len(triangles)] = np.array(triangles).reshape(-1, 3)
    return table
