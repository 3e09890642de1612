"""What the surface, the contour and the line of one loss have in common: grids ready to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes.figures.palette import size
from landscapes.figures.scale import Kind, Scale
from landscapes.recipes.sampling import is_sampled
from landscapes.recipes.words import symbol
from landscapes.slices.surface import Surface

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection

# Finer than a screen shows at the size of a page, and the finest that still turns and plays smoothly.
RESOLUTION = 121
# Paths and marks hover this share of the picture's height above a solid surface, which would swallow them.
LIFT = 0.02
# And a marker's middle above its path, so that it stands on the surface and not in it.
STAND = 0.015
# gl3d drops a marker that stands above its scene: room for those on the highest place, as a share of the heights.
HEADROOM = 0.06
# A path is not seen under another that is nowhere farther from it than this share of the picture: half a line's
# width on a page.
HIDDEN = 0.005
# Beyond this ratio of width to depth an isometric picture would be a sliver.
ISOMETRIC = 3.0


@dataclass(frozen=True, eq=False)
class Picture:
    """A surface as it is drawn. Grids are transposed here, once: Plotly wants z[y, x].

    Attributes:
        axes: K coordinate vectors.
        loss: ["n_x"] or ["n_y n_x"], NaN at holes.
        heights: the same on the picture's scale, float32.
        terms, weights, errors: the unweighted terms, transposed likewise, their weights and the errors of what is
            drawn between the points, 0 for means of samples, which are joined straight.
        nonfinite, points: how many of the evaluated points are not finite, and how many there are.
        bounded: the heights of the term that the loss is a bound of, None where it is none.
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
        """The picture of a surface, or of one of its terms alone, resampled for display unless `resolution` is
        None or the values are means of samples: a spline through their noise rises above what is possible, on
        CartPole to returns of 102 in episodes of 100 steps. The scale also holds the term that the loss `bounds`,
        if one is named, and the values in `span`.

        Raises:
            ValueError: for an unknown scale or term, another number of axes than `axes`, or a game without a
                term, which has no one loss.
        """
        if len(surface.axes) != axes:
            remedy = "figures.line" if len(surface.axes) == 1 else "figures.surface or figures.contour"
            raise ValueError(f"{len(surface.axes)} axes do not make this picture; draw them with {remedy}")
        if is_sampled(surface.terms):
            # What a spline would miss is no error of what is drawn.
            resolution, surface = None, replace(surface, errors=dict.fromkeys(surface.terms, 0.0))
        if term is not None:
            alone = {term: _named(surface.terms, term)}
            surface = replace(surface, terms=alone, weights={term: 1.0}, game=False)
        nonfinite, points = int(surface.nonfinite), int(np.sum(surface.evaluated))
        drawn = surface if resolution is None else surface.resampled(resolution)
        loss = np.where(np.isfinite(drawn.loss), drawn.loss, np.nan).T
        terms = {name: np.asarray(grid, np.float32).T for name, grid in drawn.terms.items()}
        beneath = _named(terms, bounds) if bounds else None
        seen = loss if beneath is None else np.stack([loss, beneath])
        seen = np.append(seen, np.asarray(span, np.float64))
        heights = Scale.of(seen, scale, surface.sense, float(surface.error))
        return cls(
            tuple(np.asarray(axis, np.float64) for axis in drawn.axes),
            loss,
            heights(loss).astype(np.float32),
            terms,
            {name: float(weight) for name, weight in drawn.weights.items()},
            {name: float(error) for name, error in drawn.errors.items()},
            heights,
            nonfinite,
            points,
            None if beneath is None else heights(beneath).astype(np.float32),
        )

    @property
    def box(self) -> tuple[tuple[float, float], ...]:
        """(low, high) of each axis."""
        return tuple((float(axis[0]), float(axis[-1])) for axis in self.axes)

    @property
    def radius(self) -> float:
        """Half of the largest extent: the yardstick for distances off the picture."""
        return max(high - low for low, high in self.box) / 2

    @property
    def span(self) -> tuple[float, float]:
        """Heights of a scene's floor and ceiling."""
        low, high = self.scale.range
        return low, high + HEADROOM * (high - low)

    @property
    def lift(self) -> float:
        """By how much paths and marks are raised above a solid surface."""
        low, high = self.span
        return LIFT * (high - low)

    @property
    def stand(self) -> float:
        """By how much markers are raised above the paths on a solid surface."""
        low, high = self.span
        return STAND * (high - low)

    @property
    def isometric(self) -> bool:
        """Whether both axes can share a scale, so that a right angle looks like one."""
        extents = [high - low for low, high in self.box]
        return max(extents) <= ISOMETRIC * min(extents)

    def inside(self, coordinates: np.ndarray) -> np.ndarray:
        """Which of coordinates["n K"] lie within the box."""
        low, high = np.array(self.box).T
        return np.all((coordinates >= low) & (coordinates <= high), axis=1)

    def at(self, coordinates: np.ndarray) -> np.ndarray:
        """Heights of the drawn surface at coordinates["n K"], linearly interpolated; NaN outside."""
        coordinates = np.atleast_2d(np.asarray(coordinates, np.float64))
        grid, corners = self.heights.T.astype(np.float64), []
        for axis, c in zip(self.axes, coordinates.T, strict=True):
            i = np.clip(np.searchsorted(axis, c, side="right") - 1, 0, len(axis) - 2)
            corners.append((i, (c - axis[i]) / (axis[i + 1] - axis[i])))
        (i, s), *rest = corners
        if rest:
            ((j, t),) = rest
            low = grid[i, j] * (1 - t) + grid[i, j + 1] * t
            high = grid[i + 1, j] * (1 - t) + grid[i + 1, j + 1] * t
        else:
            low, high = grid[i], grid[i + 1]
        return np.where(self.inside(coordinates), low * (1 - s) + high * s, np.nan)

    def _shares(self, coordinates: np.ndarray) -> np.ndarray:
        """The coordinates["n K"] as shares of the picture's sides."""
        low, high = np.array(self.box).T
        return np.asarray((coordinates - low) / (high - low), np.float64)

    def at_own_loss(self, path: Projection) -> np.ndarray:
        """Heights["S"] of a path's true losses; NaN below what a logarithmic scale can show."""
        beneath = self.scale.low - path.loss if self.scale.sense == "minimize" else path.loss - self.scale.high
        hidden = beneath > self.scale.floor if self.scale.kind == "log" else np.zeros(len(path.loss), bool)
        return np.where(hidden, np.nan, self.scale(path.loss))

    def gap(self, bounds: str) -> np.ndarray:
        """By how much the loss misses the term that it `bounds`, in their units; at least 0 but for rounding."""
        apart = self.loss - _named(self.terms, bounds)
        return apart if self.scale.sense == "minimize" else -apart

    def facts(self, bounds: str = "") -> np.ndarray | None:
        """What hovering tells of each point beside its height: on a log scale the loss, and the gap to a bound."""
        columns = [self.loss] if self.scale.kind == "log" or bounds else []
        columns += [self.gap(bounds)] if bounds else []
        facts = [column.astype(np.float32) for column in columns]
        return np.stack(facts, axis=-1) if len(facts) > 1 else facts[0] if facts else None

    def hover(self, value: str, bounds: str = "") -> str:
        """The template of a surface's or a contour's hovering words, over `facts`."""
        shown = (
            "%{customdata[0]:.5g}" if bounds else "%{customdata:.5g}" if self.scale.kind == "log" else "%{z:.5g}"
        )
        gap = f"<br>gap to {symbol(bounds)} %{{customdata[1]:.3g}}" if bounds else ""
        return f"%{{x:.4g}}, %{{y:.4g}}<br>{value} {shown}{gap}<extra></extra>"

    def notes(
        self, paths: Mapping[str, Projection], heights: tuple[float, float] = (-np.inf, np.inf)
    ) -> list[str]:
        """What the picture cannot show: holes, steps of paths that leave it, paths that lie under others, and the
        error of a log scale. Along a line, paths stand at their own losses, of which it shows these `heights`."""
        notes = []
        if self.nonfinite:
            notes.append(f"{self.nonfinite} of {self.points} points are not finite and left blank")
        for label, path in paths.items():
            inside = self.inside(path.coordinates)
            if len(self.axes) == 1:
                own = self.at_own_loss(path)
                inside &= (heights[0] <= own) & (own <= heights[1])
            if outside := int(np.sum(~inside)):
                notes.append(f"{label}: {outside} of {len(path.steps)} drawn steps lie outside the picture")
        if len(self.axes) == 2:
            # One point is no way, and its mark is seen.
            ways = {label: self._shares(path.coordinates) for label, path in paths.items() if len(path.steps) > 1}
            notes += [
                f"{first} is hidden beneath {second}; the plane shows {_motion(paths[first], paths[second])} of "
                "their motion"
                for first, second in _covered(ways)
            ]
        return [*notes, self.scale.note] if self.scale.note else notes

    def meta(self, kind: str, labels: Sequence[str], notes: Sequence[str], value: str) -> dict[str, Any]:
        """`layout.meta`: what a player needs to step through the paths and to mix the terms anew.

        The terms' grids are included only where there are several; they are unweighted, z[y, x].
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
            "lift": LIFT if kind == "surface" else 0.0,
            "stand": STAND if kind == "surface" else 0.0,
            "headroom": HEADROOM if kind == "surface" else 0.0,
            "terms": self.terms if len(self.terms) > 1 else {},
            "names": {term: symbol(term) for term in self.terms},
            "weights": self.weights,
            "errors": self.errors,
            "notes": list(notes),
        }


def _motion(*paths: Projection) -> str:
    """Which share of the paths' length the plane holds, from the least to the largest."""
    ends = [
        f"{100 * share:.1g}" if share < 0.01 else f"{100 * share:.0f}" for share in sorted(p.share for p in paths)
    ]
    return f"{ends[0]} %" if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]} %"


def _covered(ways: Mapping[str, np.ndarray]) -> list[tuple[str, str]]:
    """Pairs of labels: a way["n 2"] that lies within a line's width of one that is drawn after it."""
    return [(first, second) for first, second in combinations(ways, 2) if _is_under(ways[first], ways[second])]


def _is_under(points: np.ndarray, way: np.ndarray) -> bool:
    """Whether each of points["n 2"] is nearly on the way["m 2"] or on one of its pieces."""
    sample = points[:: max(1, len(points) // 8)]  # most are apart, and a few of their points tell
    return all(bool(np.all(_distance(each, way) < HIDDEN)) for each in (sample, points))


def _distance(points: np.ndarray, way: np.ndarray) -> np.ndarray:
    """From each of points["n 2"] to the nearest point of the way["m 2"] and of its pieces."""
    along = np.diff(way, axis=0)
    with np.errstate(over="ignore", invalid="ignore"):  # of a path that left for infinity
        length = np.maximum(np.sum(along**2, axis=-1), np.finfo(float).tiny)
        apart = points[:, None] - way[:-1]
        share = np.clip(np.sum(apart * along, axis=-1) / length, 0, 1)
        return np.sqrt(np.sum((apart - share[..., None] * along) ** 2, axis=-1)).min(axis=1)


def noted(title: str, notes: Sequence[str], presenter: bool) -> str:
    """An axis title with the notes beneath it, where exports keep them and nothing overlaps."""
    return "<br>".join(
        [title, *(f'<span style="font-size:{size(presenter) - 2}px">{note}</span>' for note in notes)]
    )


def _named(terms: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """One of the terms by its name, or a ValueError that lists them."""
    if name not in terms:
        raise ValueError(f"there is no term {name!r}; the terms are: {', '.join(terms)}")
    return terms[name]
