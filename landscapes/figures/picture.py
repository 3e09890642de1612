"""The grids, the scale and the notes that the surface, contour and line figures share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes.figures.drawn_steps import drawn_paths, hidden_path_notes
from landscapes.figures.palette import size
from landscapes.figures.scale import Kind, Scale
from landscapes.recipes.sampling import is_sampled
from landscapes.recipes.words import symbol
from landscapes.slices.surface import Surface

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection

# Points per axis that are drawn: the most with which a surface still turns and plays smoothly.
RESOLUTION = 121
# Paths and marks are drawn above a solid surface by this share of the picture's height, or it would hide them.
LIFT_SHARE = 0.016
# The outline of a path is above a solid surface by this share: at the height of the path, the two would flicker.
OUTLINE_LIFT_SHARE = 0.0145
# Centers of markers are above their paths by this share, so that the surface does not cut them.
MARKER_LIFT_SHARE = 0.012
# The shadows of the paths are above the floor by this share, so that the floor does not hide them.
SHADOW_LIFT_SHARE = 0.004
HEADROOM_SHARE = 0.06  # of the range, above the highest value: gl3d draws no markers above the scene
DEPTH_SHARE = 0.3  # of the range, from the lowest value down to the floor of a scene
MAX_ISOMETRIC_RATIO = 3.0  # of the longer to the shorter side, up to which the axes share a scale


@dataclass(frozen=True, eq=False)
class Picture:
    """A surface, ready to draw. Its grids are transposed because Plotly expects z[y, x].

    Attributes:
        axes: K coordinate vectors.
        loss: ["n_x"] or ["n_y n_x"], NaN where it is not finite.
        heights: the loss on the picture's scale, float32.
        terms, weights, errors: the unweighted terms ["n_y n_x"], their weights and interpolation errors (0 for
            means of samples, which are joined by straight lines).
        nonfinite, points: number of evaluated points that are not finite, and of all evaluated points.
        bounded: heights of the term that the loss is a bound of, or None.
    """

    axes: tuple[np.ndarray, ...]
    loss: np.ndarray
    heights: np.ndarray
    terms: dict[str, np.ndarray]
    weights: dict[str, float]
    errors: dict[str, float]
    scale: Scale
    nonfinite: int
    points: int
    bounded: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        surface: Surface,
        scale: Kind = "linear",
        *,
        axes: int = 2,
        term: str | None = None,
        bounds: str = "",
        resolution: int | None = RESOLUTION,
        span: Sequence[float] = (),
    ) -> Picture:
        """The picture of a surface, or of one of its terms.

        The grid is resampled by a spline unless `resolution` is None or the values are means of samples. A spline
        through sampling noise exceeds possible values: returns of 102 in episodes of 100 steps on CartPole. The
        scale also contains the term that the loss `bounds`, if it is named, and the values in `span`.

        Raises:
            ValueError: for an unknown scale or term, another number of axes than `axes`, or a game without a
                term, which has no one loss.
        """
        if len(surface.axes) != axes:
            remedy = "figures.line" if len(surface.axes) == 1 else "figures.surface or figures.contour"
            raise ValueError(f"{len(surface.axes)} axes do not make this picture; draw them with {remedy}")
        if is_sampled(surface.terms):
            # The points are joined by straight lines, so the interpolation error of a spline does not apply.
            resolution, surface = None, replace(surface, errors=dict.fromkeys(surface.terms, 0.0))
        if term is not None:
            single_term = {term: _term(surface.terms, term)}
            surface = replace(surface, terms=single_term, weights={term: 1.0}, game=False)
        nonfinite, points = int(surface.nonfinite), int(np.sum(surface.evaluated))
        resampled = surface if resolution is None else surface.resampled(resolution)
        loss = np.where(np.isfinite(resampled.loss), resampled.loss, np.nan).T
        terms = {name: np.asarray(grid, np.float32).T for name, grid in resampled.terms.items()}
        bounded = _term(terms, bounds) if bounds else None
        values = loss if bounded is None else np.stack([loss, bounded])
        values = np.append(values, np.asarray(span, np.float64))
        heights = Scale.of(values, scale, surface.sense, float(surface.error))
        return cls(
            tuple(np.asarray(axis, np.float64) for axis in resampled.axes),
            loss,
            heights(loss).astype(np.float32),
            terms,
            {name: float(weight) for name, weight in resampled.weights.items()},
            {name: float(error) for name, error in resampled.errors.items()},
            heights,
            nonfinite,
            points,
            None if bounded is None else heights(bounded).astype(np.float32),
        )

    @property
    def box(self) -> tuple[tuple[float, float], ...]:
        """(low, high) of each axis."""
        return tuple((float(axis[0]), float(axis[-1])) for axis in self.axes)

    @property
    def radius(self) -> float:
        """Half of the longer side, the unit for distances from the plane."""
        return max(high - low for low, high in self.box) / 2

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest height of a three-dimensional scene; its floor is at the lowest one."""
        low, high = self.scale.range
        return low - DEPTH_SHARE * (high - low), high + HEADROOM_SHARE * (high - low)

    @property
    def lift(self) -> float:
        """Height of paths and marks above a solid surface."""
        low, high = self.span
        return LIFT_SHARE * (high - low)

    @property
    def outline_lift(self) -> float:
        """Height of the outlines of paths above a solid surface."""
        low, high = self.span
        return OUTLINE_LIFT_SHARE * (high - low)

    @property
    def shadow_height(self) -> float:
        """Height of the shadows on the floor."""
        low, high = self.span
        return low + SHADOW_LIFT_SHARE * (high - low)

    @property
    def marker_lift(self) -> float:
        """Height of markers above the paths on a solid surface."""
        low, high = self.span
        return MARKER_LIFT_SHARE * (high - low)

    @property
    def isometric(self) -> bool:
        """Whether both axes share a scale, so that angles and lengths are true."""
        extents = [high - low for low, high in self.box]
        return max(extents) <= MAX_ISOMETRIC_RATIO * min(extents)

    def inside(self, coordinates: np.ndarray) -> np.ndarray:
        """Whether each of coordinates["n K"] lies within the box."""
        low, high = np.array(self.box).T
        return np.all((coordinates >= low) & (coordinates <= high), axis=1)

    def heights_at(self, coordinates: np.ndarray) -> np.ndarray:
        """Heights of the drawn surface at coordinates["n K"], linearly interpolated; NaN outside."""
        coordinates = np.atleast_2d(np.asarray(coordinates, np.float64))
        grid, corners = self.heights.T.astype(np.float64), []
        for axis, c in zip(self.axes, coordinates.T, strict=True):
            i = np.clip(np.searchsorted(axis, c, side="right") - 1, 0, len(axis) - 2)
            corners.append((i, (c - axis[i]) / (axis[i + 1] - axis[i])))
        (i, s), *other_corners = corners
        if other_corners:
            ((j, t),) = other_corners
            low = grid[i, j] * (1 - t) + grid[i, j + 1] * t
            high = grid[i + 1, j] * (1 - t) + grid[i + 1, j + 1] * t
        else:
            low, high = grid[i], grid[i + 1]
        return np.where(self.inside(coordinates), low * (1 - s) + high * s, np.nan)

    def _relative_coordinates(self, coordinates: np.ndarray) -> np.ndarray:
        """The coordinates["n K"] relative to the picture's sides: 0 at the low end, 1 at the high end."""
        low, high = np.array(self.box).T
        return np.asarray((coordinates - low) / (high - low), np.float64)

    def true_heights(self, path: Projection) -> np.ndarray:
        """Heights["S"] of a path's true losses; NaN where a logarithmic scale does not reach."""
        excess = self.scale.low - path.loss if self.scale.sense == "minimize" else path.loss - self.scale.high
        is_hidden = excess > self.scale.floor if self.scale.kind == "log" else np.zeros(len(path.loss), bool)
        return np.where(is_hidden, np.nan, self.scale(path.loss))

    def gap(self, bounds: str) -> np.ndarray:
        """Difference of the loss and the term that it `bounds`, in their units; at least 0 up to rounding."""
        difference = self.loss - _term(self.terms, bounds)
        return difference if self.scale.sense == "minimize" else -difference

    def hover_data(self, bounds: str = "") -> np.ndarray | None:
        """Hover data of each point: the loss if the scale is logarithmic or has `bounds`, and the gap to
        `bounds`."""
        columns = [self.loss] if self.scale.kind == "log" or bounds else []
        columns += [self.gap(bounds)] if bounds else []
        hover_data = [column.astype(np.float32) for column in columns]
        return np.stack(hover_data, axis=-1) if len(hover_data) > 1 else hover_data[0] if hover_data else None

    def hover_template(self, value: str, bounds: str = "") -> str:
        """Hover template of a surface or a contour; its custom data are `hover_data`."""
        number = (
            "%{customdata[0]:.5g}" if bounds else "%{customdata:.5g}" if self.scale.kind == "log" else "%{z:.5g}"
        )
        gap = f"<br>gap to {symbol(bounds)} %{{customdata[1]:.3g}}" if bounds else ""
        return f"%{{x:.4g}}, %{{y:.4g}}<br>{value} {number}{gap}<extra></extra>"

    def notes(
        self, paths: Mapping[str, Projection], heights: tuple[float, float] = (-np.inf, np.inf)
    ) -> list[str]:
        """Sentences on what the picture does not show: points that are not finite, steps of paths outside of it,
        paths hidden beneath others, and the error on a log scale.

        Along a line, paths are drawn at their true losses, and a step outside of `heights` is outside the picture.
        """
        notes = []
        if self.nonfinite:
            notes.append(f"{self.nonfinite} of {self.points} points are not finite and left blank")
        all_paths, paths = paths, drawn_paths(paths)
        notes += [
            f"{label}: {len(path.steps):,} of {len(all_paths[label].steps):,} steps are drawn"
            for label, path in paths.items()
            if len(path.steps) < len(all_paths[label].steps)
        ]
        for label, path in paths.items():
            inside = self.inside(path.coordinates)
            if len(self.axes) == 1:
                true_heights = self.true_heights(path)
                inside &= (heights[0] <= true_heights) & (true_heights <= heights[1])
            if outside := int(np.sum(~inside)):
                notes.append(f"{label}: {outside} of {len(path.steps)} drawn steps lie outside the picture")
        if len(self.axes) == 2:
            notes += hidden_path_notes(paths, self._relative_coordinates)
        return [*notes, self.scale.note] if self.scale.note else notes

    def meta(self, kind: str, labels: Sequence[str], notes: Sequence[str], value: str) -> dict[str, Any]:
        """`layout.meta`: the data with which the stage steps through the paths and reweights the terms.

        The grids of the terms, unweighted and z[y, x], are included if there are several terms.
        """
        return {
            "kind": kind,
            "labels": list(labels),
            "value": value,
            "box": [list(span) for span in self.box],
            "scale": self.scale.kind,
            "sense": self.scale.sense,
            "low": self.scale.low,
            "high": self.scale.high,
            "floor": self.scale.floor,
            "lift": LIFT_SHARE if kind == "surface" else 0.0,
            "stand": MARKER_LIFT_SHARE if kind == "surface" else 0.0,
            "outline": OUTLINE_LIFT_SHARE,
            "shadow": SHADOW_LIFT_SHARE,
            "headroom": HEADROOM_SHARE if kind == "surface" else 0.0,
            "depth": DEPTH_SHARE if kind == "surface" else 0.0,
            "terms": self.terms if len(self.terms) > 1 else {},
            "names": {term: symbol(term) for term in self.terms},
            "weights": self.weights,
            "errors": self.errors,
            "notes": list(notes),
        }


def title_with_notes(title: str, notes: Sequence[str], presenter: bool) -> str:
    """An axis title with the notes in the lines below it, so that exports include them."""
    return "<br>".join(
        [title, *(f'<span style="font-size:{size(presenter) - 2}px">{note}</span>' for note in notes)]
    )


def _term(terms: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """The term of this name; raises a ValueError that lists the terms if there is none."""
    if name not in terms:
        raise ValueError(f"there is no term {name!r}; the terms are: {', '.join(terms)}")
    return terms[name]
