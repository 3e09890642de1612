"""The camera of a scene, and which of its points the surface hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

SIGHT_SAMPLES = 160  # along each line of sight


@dataclass(frozen=True, eq=False)
class Projection3D:
    """Plotly's perspective camera, in units of the scene's aspect ratio.

    Attributes:
        low, high: ends["3"] of the axes.
        sides: lengths["3"] of the box, whose center is the origin.
        eye, center: of the camera.
    """

    low: np.ndarray
    high: np.ndarray
    sides: np.ndarray
    eye: np.ndarray
    center: np.ndarray

    @classmethod
    def of(cls, figure: Any) -> Projection3D:
        """The camera of a Plotly figure with a scene."""
        scene = figure.layout.scene
        axes = [scene.xaxis, scene.yaxis, scene.zaxis]
        ends = np.array([[float(end) for end in axis.range] for axis in axes])
        ratio, camera = scene.aspectratio, scene.camera
        low, high = ends.T
        return cls(
            low,
            high,
            np.array([ratio.x, ratio.y, ratio.z], float),
            np.array([camera.eye.x, camera.eye.y, camera.eye.z], float),
            np.array([camera.center.x or 0, camera.center.y or 0, camera.center.z or 0], float),
        )

    def placed(self, points: ArrayLike) -> np.ndarray:
        """Points["… 3"] of the data in units of the scene."""
        return ((np.asarray(points, float) - self.low) / (self.high - self.low) - 0.5) * self.sides

    def __call__(self, points: ArrayLike) -> np.ndarray:
        """The places["… 2"] on the screen of points["… 3"] of the data."""
        view = self.center - self.eye
        view = view / np.linalg.norm(view)
        right = np.cross(view, [0.0, 0.0, 1.0])
        right = right / np.linalg.norm(right)
        up = np.cross(right, view)
        offsets = self.placed(points) - self.eye
        depth = offsets @ view
        return np.stack([offsets @ right, offsets @ up], axis=-1) / depth[..., None]

    def distance(self, points: ArrayLike) -> np.ndarray:
        """Distances["…"] of points["… 3"] of the data from the eye."""
        return np.linalg.norm(self.placed(points) - self.eye, axis=-1)

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Whether each of points["n 3"] of the data lies within the box."""
        margin = 1e-6 * (self.high - self.low)
        return np.all((points >= self.low - margin) & (points <= self.high + margin), axis=-1)

    def visible(self, points: np.ndarray, surface: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
        """Whether the line of sight of each of points["n 3"] meets the surface (x, y, z[y, x]) nowhere.

        It meets the surface where it changes from above to below it, within the range of the surface.
        """
        share = np.linspace(0.0, 1.0, SIGHT_SAMPLES + 1)[1:, None]
        box = self.sides / (self.high - self.low)
        eye = self.eye / box + (self.low + self.high) / 2  # in the units of the data
        visible = np.empty(len(points), bool)
        for first in range(0, len(points), 4096):
            part = points[first : first + 4096]
            sights = part[:, None] + share * (eye - part)[:, None]
            above = sights[..., 2] - _interpolated(surface, sights[..., :2])
            start = part[:, 2] - _interpolated(surface, part[:, :2])
            is_below = start < 0
            crosses = np.where(is_below[:, None], above > 0, above < 0)  # NaN outside: it crosses nothing
            visible[first : first + 4096] = ~crosses.any(axis=1)
        return visible


def dense(points: np.ndarray, screen: np.ndarray, count: int = 400) -> np.ndarray:
    """The polyline points["n 3"] with points added until each piece is at most 1/count of the screen long."""
    extent = float(np.ptp(screen[np.isfinite(screen).all(axis=1)], axis=0).max(initial=0.0)) or 1.0
    lengths = np.nan_to_num(np.linalg.norm(np.diff(screen, axis=0), axis=1))
    pieces = np.clip(np.ceil(lengths / extent * count), 1, count).astype(int)
    index = np.repeat(np.arange(len(pieces)), pieces)
    start = np.concatenate([[0], np.cumsum(pieces)])[:-1]
    share = ((np.arange(len(index)) - start[index]) / pieces[index])[:, None]
    between = (1 - share) * points[index] + share * points[index + 1]
    return np.concatenate([between, points[-1:]])


def _interpolated(surface: tuple[np.ndarray, np.ndarray, np.ndarray], positions: np.ndarray) -> np.ndarray:
    """Heights of the surface at places["… 2"], bilinear; NaN outside."""
    x, y, z = surface
    i = np.clip(np.searchsorted(x, positions[..., 0], side="right") - 1, 0, len(x) - 2)
    j = np.clip(np.searchsorted(y, positions[..., 1], side="right") - 1, 0, len(y) - 2)
    s, t = (positions[..., 0] - x[i]) / (x[i + 1] - x[i]), (positions[..., 1] - y[j]) / (y[j + 1] - y[j])
    low = z[j, i] * (1 - s) + z[j, i + 1] * s
    high = z[j + 1, i] * (1 - s) + z[j + 1, i + 1] * s
    inside = (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
    return np.where(inside, low * (1 - t) + high * t, np.nan)
