"""The initial viewpoint of a three-dimensional surface, chosen so that the paths on it are visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes.figures.picture import DEPTH_SHARE, HEADROOM_SHARE, Picture

if TYPE_CHECKING:
    from landscapes.slices.projection import Projection

# Height of the scene's box, in units of the side of a square floor plan. Eye positions have the same unit, and are
# relative to the center of the surface, which is above that of the scene.
SURFACE_HEIGHT = 0.75
SCENE_HEIGHT = SURFACE_HEIGHT * (1 + DEPTH_SHARE + HEADROOM_SHARE) / (1 + HEADROOM_SHARE)
CENTER_HEIGHT = (SCENE_HEIGHT - SURFACE_HEIGHT) / 2
DEFAULT_EYE = np.array([0.97, -1.26, 0.73])  # of the first viewpoint
# Two steeper eye positions at about the same distance; they show the floor of a narrow valley.
STEEP_EYE = np.array([0.82, -1.06, 1.13])
STEEPEST_EYE = np.array([0.50, -0.65, 1.54])
# (quarter turns about the vertical axis, eye position), in the order in which they are tried. After a quarter turn
# the titles of both horizontal axes are again in front.
VIEWPOINTS = tuple((turn, eye) for eye in (DEFAULT_EYE, STEEP_EYE, STEEPEST_EYE) for turn in range(4))
# The first viewpoint from which this share of each path is visible is taken, so that most pictures have the
# default.
SUFFICIENT_VISIBLE_SHARE = 0.9
# Points tested for visibility per path, and points per line of sight that are compared with the surface.
POINTS_PER_PATH, POINTS_PER_SIGHT = 48, 96
# Height of the point that the camera looks at, and how much lower and farther it is for the
# titles below the scene. In a picture of 450 px a title of 33 characters lost 7 before, and none now; at 360 px it
# loses 3.
TARGET_HEIGHT, TITLE_DEPTH, TITLE_DISTANCE_FACTOR = -0.14, 0.03, 1.3
# Relative increase of the eye's distance per unit by which the longer side of the floor plan exceeds 1.
DISTANCE_PER_EXCESS = 0.25


def floor_plan(picture: Picture) -> np.ndarray:
    """Width and depth of the scene, with sum 2. The axes share a scale unless one is more than three times as
    long."""
    extents = np.array([high - low for low, high in picture.box])
    return 2 * extents / extents.sum() if picture.isometric else np.ones(2)


def camera(picture: Picture, viewpoint: int) -> dict[str, Any]:
    """Plotly's camera at a viewpoint, low and far enough to keep every axis title in a picture of 450 px.

    The titles have the same size in pixels whatever the height of the picture. The stage of the app takes the
    direction of this camera and comes as near as its own height allows."""
    target = np.array([0.0, 0.0, TARGET_HEIGHT])
    center = target - [0, 0, TITLE_DEPTH]
    eye = center + TITLE_DISTANCE_FACTOR * (_eye_position(picture, viewpoint) - target)
    return {
        name: dict(zip("xyz", map(float, place), strict=True))
        for name, place in (("eye", eye), ("center", center))
    }


def best_viewpoint(*pictures: tuple[Picture, Mapping[str, Projection]]) -> int:
    """Index into `VIEWPOINTS` of the first from which at least 90 % of each path's length is visible.

    If there is none, the viewpoint that maximizes the smallest visible share over the paths. 0 if no path lies in
    a picture.

    Args:
        pictures: each picture with its paths; pictures side by side share one viewpoint.
    """
    samples = [(picture, _sample_path(picture, path)) for picture, paths in pictures for path in paths.values()]
    samples = [(picture, points) for picture, points in samples if len(points)]
    if not samples:
        return 0
    shares = []
    for viewpoint in range(len(VIEWPOINTS)):
        shares.append(
            min(
                float(_is_visible(picture, at, _eye_position(picture, viewpoint)).mean())
                for picture, at in samples
            )
        )
        if shares[-1] >= SUFFICIENT_VISIBLE_SHARE:
            return viewpoint
    return int(np.argmax(shares))


def _eye_position(picture: Picture, viewpoint: int) -> np.ndarray:
    _, eye = VIEWPOINTS[viewpoint]
    distance = 1 + DISTANCE_PER_EXCESS * (float(floor_plan(picture).max()) - 1)
    return rotate_to_viewpoint(eye, viewpoint) * distance + [0, 0, CENTER_HEIGHT]


def rotate_to_viewpoint(direction: Sequence[float] | np.ndarray, viewpoint: int) -> np.ndarray:
    """The direction["3"], turned about the vertical axis from the first viewpoint to this one."""
    x, y, z = direction
    for _ in range(VIEWPOINTS[viewpoint][0]):
        x, y = -y, x
    return np.array([x, y, z])


def _sample_path(picture: Picture, path: Projection) -> np.ndarray:
    """Points["n 2"] at equal arc lengths along the path; those outside the picture are left out."""
    points = np.asarray(path.coordinates, np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 2:
        return points[picture.inside(points)]
    arc_length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    s = np.linspace(0, arc_length[-1], POINTS_PER_PATH)
    samples = np.column_stack([np.interp(s, arc_length, column) for column in points.T])
    return samples[picture.inside(samples)]


def _is_visible(picture: Picture, points: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Whether each of points["n 2"] on the surface, lifted as paths are, is visible from the eye.

    In units of the scene: its box is centered at 0, as wide and deep as the floor plan and `SCENE_HEIGHT` high.
    """
    low, high = np.array(picture.box).T
    bottom, top = picture.span
    width = floor_plan(picture)
    heights = picture.heights_at(points) + picture.lift
    targets = np.column_stack(
        [((points - low) / (high - low) - 0.5) * width, ((heights - bottom) / (top - bottom) - 0.5) * SCENE_HEIGHT]
    )
    share = np.linspace(0, 1, POINTS_PER_SIGHT + 1)[1:, None]
    sight_lines = targets[:, None] + share * (eye - targets[:, None])
    at = (sight_lines[..., :2] / width + 0.5) * (high - low) + low
    surface = picture.heights_at(at.reshape(-1, 2)).reshape(at.shape[:2])
    surface = ((surface - bottom) / (top - bottom) - 0.5) * SCENE_HEIGHT
    # Outside the picture the surface is NaN: nothing hides the point.
    return ~np.any(surface > sight_lines[..., 2], axis=1)
