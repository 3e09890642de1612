"""Minima of a surface by persistence: which of them are deeper than the error of the surface.

As a level rises, every minimum begins a component of {L ≤ level}, and at a saddle two components merge. The one
that began higher ends there (the elder rule). Its persistence is L(saddle) − L(minimum).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import ndimage

from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.immutable import read_only
from landscapes.slices.grid import nodes as grid_nodes
from landscapes.slices.spline import Axes, interpolate_on_grid
from landscapes.slices.surface import Surface

NODES = 513
"""Nodes per axis on which the spline of a surface is searched; 257 take a fifth of the time, 0.1 s, and have four
times the grid error."""
MAX_CLAIMED = 200  # minima whose place in the merge tree is computed


@dataclass(frozen=True, eq=False, repr=False)
class Persistence(Display):
    """The minima of a surface with the saddle at which each merges with a lower one, most persistent first. Of a
    reward they are its maxima.

    Attributes:
        minima: coordinates, ["M K"].
        saddles: coordinates, ["M K"]; NaN where a component never merges, as that of the lowest minimum.
        births: L at the minima, ["M"]. deaths: L at the saddles; infinite (−infinite for a reward) without one.
        parents: the minimum whose component each claimed one merges with: −1 for one that never merges, and for
            those that are not claimed.
        on_boundary: whether a minimum lies on the edge of the picture, where it need not be one of the loss.
        threshold: 2·(error + grid error). A minimum of smaller persistence is not claimed: by the stability
            theorem a function that differs by at most the sum may be without it.
        error: the stated error of the surface, which holds on the share of its area that it names.
        grid_error: the bottleneck distance between the diagrams of the grid and of every other node.
        sense: "minimize" or "maximize".

    References: Cohen-Steiner, Edelsbrunner & Harer 2007, Discrete Comput. Geom. 37 (stability); Wagner, Chen &
    Vuçini 2012 (cubical complexes).
    """

    minima: Float[np.ndarray, "M K"]
    saddles: Float[np.ndarray, "M K"]
    births: Float[np.ndarray, "M"]
    deaths: Float[np.ndarray, "M"]
    parents: Int[np.ndarray, "M"]
    on_boundary: Bool[np.ndarray, "M"]
    threshold: float
    error: float
    grid_error: float
    sense: str = "minimize"

    @property
    def persistence(self) -> Float[np.ndarray, "M"]:
        """|L(saddle) − L(minimum)|, infinite where a component never merges."""
        return np.abs(self.deaths - self.births)

    @property
    def significant(self) -> int:
        """How many minima are more persistent than the threshold; they come first."""
        return int(np.count_nonzero(self.persistence > self.threshold))

    @property
    def summary(self) -> str:
        """How many are claimed, and below which persistence none is."""
        kind = "minimum" if self.sense == "minimize" else "maximum"
        kinds = kind if self.significant == 1 else kind.replace("um", "a")
        count = f"{self.significant} {kinds} with a persistence above {self.threshold:.2g}"
        return f"{count}, of {len(self.births)} on the grid"


@check_arguments
def persistence(surface: Surface, *, error: float | None = None, nodes: int = NODES) -> Persistence:
    """The minima of the loss of a surface by persistence, on the spline through its grid.

    Args:
        error: the largest error of the surface, where it is known better than by `surface.error`; 0 for values
            that are exact everywhere.
        nodes: per axis, odd, so that every other one makes a grid too.

    Returns:
        All minima of the grid with a positive persistence. Values that are not finite count as infinitely high.

    Raises:
        ValueError: without the package gudhi, for a game, for an even or too small number of nodes, and for a
            surface without a finite value.
    """
    if nodes < 9 or nodes % 2 == 0:
        raise ValueError(f"nodes = {nodes} has no grid of every other node; give an odd number from 9")
    axes = tuple(grid_nodes(axis[0], axis[-1], nodes) for axis in surface.axes)
    sign = 1.0 if surface.sense == "minimize" else -1.0
    with np.errstate(over="ignore"):  # next to huge values the spline may overflow
        loss = interpolate_on_grid(surface.axes, surface.loss, axes)
    values = np.where(np.isfinite(loss), sign * loss, np.inf)
    if not np.isfinite(values).any():
        raise ValueError("the surface is finite at no point, so it has no minimum; choose another point or extent")
    born, merged, bars = _pairs(values)
    *_, coarse_bars = _pairs(values[(slice(None, None, 2),) * values.ndim])
    grid_error = _bottleneck_distance(bars, coarse_bars)
    stated = surface.error if error is None else error
    order = np.lexsort((bars[:, 0], bars[:, 0] - bars[:, 1]))  # the lowest of the endless ones first
    born, merged, bars = born[order], merged[order], bars[order]
    threshold = 2 * (stated + grid_error)
    claimed = min(int(np.count_nonzero(bars[:, 1] - bars[:, 0] > threshold)), MAX_CLAIMED)
    index = np.stack(np.unravel_index(born, values.shape), axis=-1)
    edges = np.array(values.shape) - 1
    return Persistence(
        minima=read_only(_coordinates(axes, born)),
        saddles=read_only(np.where((merged < 0)[:, None], np.nan, _coordinates(axes, np.maximum(merged, 0)))),
        births=read_only(sign * bars[:, 0]),
        deaths=read_only(sign * bars[:, 1]),
        parents=read_only(_parents(values, born, bars, claimed)),
        on_boundary=read_only(np.any((index == 0) | (index == edges), axis=1)),
        threshold=threshold,
        error=stated,
        grid_error=grid_error,
        sense=surface.sense,
    )


def _gudhi() -> Any:
    try:
        import gudhi
    except ImportError:
        raise ValueError(
            'persistence needs the package gudhi; install it with pip install "landscapes[topology]"'
        ) from None
    return gudhi


def _pairs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The flat index of each minimum of positive persistence, of the saddle where it ends (−1 for none), and their
    values ["M 2"]."""
    complex_ = _gudhi().CubicalComplex(vertices=values)
    complex_.compute_persistence(min_persistence=0)
    finite, essential = complex_.vertices_of_persistence_pairs()
    pairs = [np.asarray(part).reshape(-1, 2) for part in finite[:1]]
    pairs += [np.stack([each, np.full_like(each, -1)], axis=1) for each in map(np.asarray, essential[:1])]
    # GUDHI counts cells with the first axis varying fastest.
    born, merged = np.concatenate(pairs).astype(np.int64).T
    flat = values.ravel(order="F")
    bars = np.stack([flat[born], np.where(merged < 0, np.inf, flat[np.maximum(merged, 0)])], axis=1)
    keep = (bars[:, 1] > bars[:, 0]) & np.isfinite(bars[:, 0])
    merged[~np.isfinite(bars[:, 1])] = -1
    in_c_order = np.ravel_multi_index(
        np.unravel_index(np.maximum([born, merged], 0), values.shape, order="F"), values.shape
    )
    return in_c_order[0][keep], np.where(merged < 0, -1, in_c_order[1])[keep], bars[keep]


def _bottleneck_distance(bars: np.ndarray, others: np.ndarray) -> float:
    """The bottleneck distance of two diagrams; infinite where they differ in the number of endless bars."""
    return float(_gudhi().bottleneck_distance(bars, others, 0))


def _coordinates(axes: Axes, flat: np.ndarray) -> np.ndarray:
    index = np.unravel_index(flat, tuple(map(len, axes)))
    return np.stack([axis[i] for axis, i in zip(axes, index, strict=True)], axis=-1)


def _parents(values: np.ndarray, born: np.ndarray, bars: np.ndarray, claimed: int) -> np.ndarray:
    """For each claimed minimum, the lowest claimed one in its component of {L ≤ the value of its saddle}."""
    parents = np.full(len(born), -1)
    by_birth = np.argsort(bars[:claimed, 0], kind="stable")
    for child in range(claimed):
        if math.isfinite(bars[child, 1]):
            below = np.asarray(values <= bars[child, 1])
            components = np.empty(below.shape, np.int32)
            ndimage.label(below, output=components)
            components = components.ravel()
            same = components[born[by_birth]] == components[born[child]]
            parents[child] = by_birth[same][0]
    return parents
