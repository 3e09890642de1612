"""The grids and the scale that the figures of a volume share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from plotly.colors import sample_colorscale

from landscapes.figures.contour_figure import NUM_CONTOUR_LINES
from landscapes.figures.palette import SURFACE
from landscapes.figures.picture import MAX_ISOMETRIC_RATIO
from landscapes.figures.scale import Kind, Scale
from landscapes.recipes.sampling import is_sampled
from landscapes.slices.grid import nodes
from landscapes.slices.spline import interpolate_on_grid

if TYPE_CHECKING:
    from landscapes.slices.surface import Surface

MESH_NODES = 33  # per axis, at most, on which the spline is drawn as surfaces of equal loss
ROUNDING = 1e-12  # of the spline through equal values
SLICE_NODES = 61  # per axis of a slice


@dataclass(frozen=True, eq=False)
class VolumePicture:
    """A volume, ready to draw.

    Attributes:
        axes: the nodes of the volume along each direction.
        fine: the nodes of the drawn surfaces; every node of the volume is one of them.
        heights: of the spline on the fine nodes, ["m_1 m_2 m_3"] on the picture's scale; NaN where not finite.
        slice_axes: the nodes of a slice.
        slices: heights of the spline within each slice, ["n_3 y x"], in float32.
        losses: the same in units of the loss.
        scale: from losses to heights.
        notes: sentences on points that are not finite.
    """

    axes: tuple[np.ndarray, ...]
    fine: tuple[np.ndarray, ...]
    heights: np.ndarray
    slice_axes: tuple[np.ndarray, np.ndarray]
    slices: np.ndarray
    losses: np.ndarray
    scale: Scale
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, surface: Surface, scale: Kind = "linear", term: str | None = None) -> VolumePicture:
        """The picture of the loss, or of one unweighted term, over three axes.

        Raises:
            ValueError: for another number of axes, an unknown scale or term, and a game without a term.
        """
        if len(surface.axes) != 3:
            raise ValueError(
                f"{len(surface.axes)} axes make no volume; draw them with figures.surface or figures.line"
            )
        if term is not None and term not in surface.terms:
            raise ValueError(f"there is no term {term!r}; the terms are: {', '.join(surface.terms)}")
        loss = np.asarray(surface.loss if term is None else surface.terms[term], np.float64)
        error = surface.error if term is None else surface.errors[term]
        loss = np.where(np.isfinite(loss), loss, np.nan)
        if is_sampled(surface.terms):  # means of samples are joined by straight lines
            fine, slice_axes, error = surface.axes, surface.axes[:2], 0.0
        else:
            fine = tuple(_divided(axis, MESH_NODES) for axis in surface.axes)
            slice_axes = tuple(nodes(axis[0], axis[-1], SLICE_NODES) for axis in surface.axes[:2])
        with np.errstate(over="ignore"):  # next to huge values the spline may overflow
            values = interpolate_on_grid(surface.axes, loss, fine)
            # Of each slice on its own, so that a slice is the picture of its plane.
            losses = interpolate_on_grid(surface.axes[:2], loss, slice_axes).transpose(2, 1, 0)
        heights = Scale.of(np.concatenate([values.ravel(), losses.ravel()]), scale, surface.sense, float(error))
        blank = f"{surface.nonfinite} of {int(surface.evaluated.sum())} points are not finite and left blank"
        return cls(
            surface.axes,
            fine,
            heights(values),
            (slice_axes[0], slice_axes[1]),
            heights(losses).astype(np.float32),
            losses.astype(np.float32),
            heights,
            (blank,) if surface.nonfinite else (),
        )

    @property
    def box(self) -> tuple[tuple[float, float], ...]:
        """(low, high) of each axis."""
        return tuple((float(axis[0]), float(axis[-1])) for axis in self.axes)

    @property
    def sides(self) -> np.ndarray:
        """Lengths of the drawn box, the longest 1: those of the volume unless one is over three times as long as
        another, when all are equal."""
        lengths = np.array([high - low for low, high in self.box])
        isometric = lengths.max() <= MAX_ISOMETRIC_RATIO * lengths.min()
        return lengths / lengths.max() if isometric else np.ones(3)

    @property
    def middle(self) -> int:
        """The index of the node of the third axis that is nearest to 0."""
        return int(np.argmin(np.abs(self.axes[2])))

    def levels(self, count: int) -> list[float]:
        """Heights of at most `count` surfaces: of the levels of a contour plot of this volume, those whose
        surfaces are about evenly spaced. With s the share of the volume on the better side of a level, ∛s is about
        the distance of its surface from the optimum."""
        lines = self.scale.levels(NUM_CONTOUR_LINES)
        heights = self.heights[np.isfinite(self.heights)]
        candidates = np.arange(lines["start"], lines["end"] + lines["size"] / 2, lines["size"])
        if not heights.size or np.ptp(heights) <= ROUNDING * np.max(np.abs(heights)):
            return []
        shares = np.searchsorted(np.sort(heights), candidates) / heights.size
        if self.scale.sense == "maximize":
            shares = 1 - shares
        inside = candidates[(shares > 0) & (shares < 1)]
        distances = np.cbrt(shares[(shares > 0) & (shares < 1)])
        if not inside.size:
            return []
        nearest = distances.min()
        wanted = nearest + (1 - nearest) * (np.arange(count) + 0.5) / count
        chosen = {int(np.argmin(np.abs(distances - each))) for each in wanted}
        return [float(inside[k]) for k in sorted(chosen)]

    def color(self, height: float) -> str:
        """The color of a height."""
        low, high = self.scale.range
        (color,) = sample_colorscale(SURFACE, [min(max((height - low) / (high - low), 0.0), 1.0)])
        return str(color)


def check_node(picture: VolumePicture, node: int | None, labels: Sequence[str]) -> int:
    """The index of a slice's node.

    Raises:
        ValueError: if there is none of this index, or the labels do not name three axes.
    """
    if len(labels) != 3:
        raise ValueError(f"labels = {labels!r} does not name three axes; give three texts")
    if node is None:
        return picture.middle
    if not 0 <= node < len(picture.axes[2]):
        raise ValueError(f"node = {node} is not valid; give a whole number from 0 to {len(picture.axes[2]) - 1}")
    return node


def slice_data(picture: VolumePicture, label: str, node: int) -> dict[str, Any]:
    """The data with which the stage moves the slice: the index of its node, the nodes and the label of the third
    axis, the heights ["n_3 (y·x)"] of each slice, and its losses where the scale is logarithmic."""
    flat = (len(picture.axes[2]), -1)
    slices = {
        "node": node,
        "nodes": [float(at) for at in picture.axes[2]],
        "label": label,
        "heights": picture.slices.reshape(flat),
    }
    return slices | ({"losses": picture.losses.reshape(flat)} if picture.scale.kind == "log" else {})


def _divided(axis: np.ndarray, count: int) -> np.ndarray:
    """The nodes and as many evenly spaced ones between each two as keep their number at most `count`."""
    parts = max(1, (count - 1) // max(len(axis) - 1, 1))
    steps = np.arange(parts) / parts
    return np.append((axis[:-1, None] + np.diff(axis)[:, None] * steps).ravel(), axis[-1])
