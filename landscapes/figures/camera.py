"""From where a solid surface is first seen: from a side that shows its paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes.figures.picture import Picture

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection

HEIGHT = 0.75
EYE = np.array([0.97, -1.26, 0.73])
# Steeper and steeper, as far away: into a valley that hides its floor from every side.
STEEP = np.array([0.82, -1.06, 1.13])
HIGH = np.array([0.50, -0.65, 1.54])
# Quarter turns, after which both horizontal axes are again seen aslant with their titles in front. The first
# that sees enough is taken, so that most pictures are seen from the same side.
SEATS = tuple((turn, eye) for eye in (EYE, STEEP, HIGH) for turn in range(4))
ENOUGH = 0.9
# Places on each path that are looked for, and on each line of sight.
PLACES, SIGHTS = 48, 96
# An oblong plane comes nearer to the eye, which steps back by this share of what its long side exceeds a square's.
STEP_BACK = 0.25


def floor_plan(picture: Picture) -> np.ndarray:
    """Width and depth of the scene: the axes share a scale, unless that made a sliver."""
    extents = np.array([high - low for low, high in picture.box])
    return 2 * extents / extents.sum() if picture.isometric else np.ones(2)


def camera(picture: Picture, seat: int) -> dict[str, Any]:
    """The view from a seat, with every axis title in the picture."""
    return {
        "eye": dict(zip("xyz", map(float, _eye(picture, seat)), strict=True)),
        "center": {"x": 0, "y": 0, "z": -0.14},
    }


def best_seat(*seen: tuple[Picture, Mapping[str, Projection]]) -> int:
    """The first seat from which at least nine tenths of each path's length are seen, or else that which sees most
    of the path that it sees least of; 0 where no path lies in a picture.

    Args:
        seen: pictures with the paths on each; several that stand side by side are seen from one seat.
    """
    there = [(picture, _places(picture, path)) for picture, paths in seen for path in paths.values()]
    there = [(picture, places) for picture, places in there if len(places)]
    if not there:
        return 0
    shares = []
    for seat in range(len(SEATS)):
        shares.append(min(float(_free(picture, at, _eye(picture, seat)).mean()) for picture, at in there))
        if shares[-1] >= ENOUGH:
            return seat
    return int(np.argmax(shares))


def _eye(picture: Picture, seat: int) -> np.ndarray:
    turn, eye = SEATS[seat]
    x, y, z = eye
    for _ in range(turn):
        x, y = -y, x
    return np.array([x, y, z]) * (1 + STEP_BACK * (float(floor_plan(picture).max()) - 1))


def _places(picture: Picture, path: Projection) -> np.ndarray:
    """Coordinates["n 2"] evenly along the path, as far as it lies in the picture."""
    at = np.asarray(path.coordinates, np.float64)
    at = at[np.isfinite(at).all(axis=1)]
    if len(at) < 2:
        return at[picture.inside(at)]
    travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(at, axis=0), axis=1))])
    even = np.linspace(0, travelled[-1], PLACES)
    places = np.column_stack([np.interp(even, travelled, column) for column in at.T])
    return places[picture.inside(places)]


def _free(picture: Picture, places: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Whether the surface leaves the line of sight free from each of places["n 2"], lifted as paths are, to the
    eye, in the scene's own units: the box is as wide as its floor plan and stands about 0."""
    low, high = np.array(picture.box).T
    bottom, top = picture.span
    width = floor_plan(picture)
    heights = picture.at(places) + picture.lift
    feet = np.column_stack(
        [((places - low) / (high - low) - 0.5) * width, ((heights - bottom) / (top - bottom) - 0.5) * HEIGHT]
    )
    share = np.linspace(0, 1, SIGHTS + 1)[1:, None]
    free = np.ones(len(feet), bool)
    for k, foot in enumerate(feet):
        sight = foot + share * (eye - foot)
        ground = picture.at((sight[:, :2] / width + 0.5) * (high - low) + low)
        ground = ((ground - bottom) / (top - bottom) - 0.5) * HEIGHT
        free[k] = not np.any(ground > sight[:, 2])  # outside of the picture there is no ground: NaN
    return free
