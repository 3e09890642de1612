"""Samples of a distribution that a generator learns: {"x": ["N D"]}, with targets of the kind "samples"."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from annotated_types import Interval

from .data import Data, Dataset
from .datasets import digits
from .generated import blobs, circles, moons, spirals

QUADRATURE_NODES = 60  # along each axis


def point(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=1, le=1000), "number of copies of the point"] = 1,
) -> Data:
    """The point 0 on a line: the distribution δ₀, whatever the seed."""
    return _unlabelled(np.zeros((examples, 1)), np.zeros((examples, 1)))


def ring(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=10_000), "training examples, and as many test examples"] = 160,
    modes: Annotated[int, Interval(ge=1, le=32), "Gaussians, evenly spaced on a circle of radius 1"] = 8,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation of each Gaussian"] = 0.05,
) -> Data:
    """A mixture of equally likely Gaussians N(μₖ, noise²) on the unit circle; its own units, not standardized."""
    rng = np.random.default_rng(seed)

    def draw() -> np.ndarray:
        angle = 2 * np.pi * rng.permutation(np.arange(examples) % modes) / modes
        return np.stack([np.cos(angle), np.sin(angle)], axis=1) + noise * rng.standard_normal((examples, 2))

    return _unlabelled(draw(), draw(), _polygon_entropy(modes, noise))


def _polygon_entropy(modes: int, noise: float) -> float | None:
    """−E log p(x) of equally likely Gaussians at the corners of a regular polygon of radius 1, by Gauss–Hermite
    quadrature around one of them: around the others it is the same. None without noise."""
    if noise == 0:
        return None
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_NODES)
    weights /= np.sqrt(2 * np.pi)
    angle = 2 * np.pi * np.arange(modes) / modes
    x, y = 1 + noise * nodes[:, None, None], noise * nodes[None, :, None]
    squares = ((x - np.cos(angle)) ** 2 + (y - np.sin(angle)) ** 2) / noise**2
    log_density = np.log(np.mean(np.exp(-(squares - squares.min(-1, keepdims=True)) / 2), axis=-1))
    log_density -= squares.min(-1) / 2 + np.log(2 * np.pi * noise**2)
    return float(-weights @ log_density @ weights)


def plane_samples(
    seed: int,
    *,
    shape: Annotated[Literal["moons", "circles", "blobs", "spirals"], "what the points form"] = "moons",
    examples: Annotated[int, Interval(ge=10, le=10_000), "training examples, and as many test examples"] = 200,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation before standardization"] = 0.08,
) -> Data:
    """Two moons, two circles, three blobs or two spirals, standardized, without their labels."""
    load = {"moons": moons, "circles": circles, "blobs": blobs, "spirals": spirals}[shape]
    labelled = load(seed, examples=examples, noise=noise)
    return _unlabelled(labelled.train["x"], labelled.test["x"])


def digit_samples(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=1437), "training examples"] = 100,
) -> Data:
    """The 8 × 8 digits as vectors of 64 pixels in [0, 1], as `digits` splits them, without their labels."""
    labelled = digits(seed, examples=examples)
    return _unlabelled(labelled.train["x"], labelled.test["x"])


def _unlabelled(train: np.ndarray, test: np.ndarray, entropy: float | None = None) -> Data:
    parts = [{"x": np.array(x, np.float32)} for x in (train, test)]
    for part in parts:
        part["x"].flags.writeable = False
    return Data(parts[0], parts[1], None, entropy)


DATASETS = {
    "point": Dataset(
        point, "point", "samples", "A single point (δ₀)", "Mescheder et al. 2018", "point", whole=True
    ),
    "ring": Dataset(ring, "vector", "samples", "Mixture of Gaussians on a ring", "generated"),
    "plane-samples": Dataset(
        plane_samples, "vector", "samples", "Points of the plane (moons, circles, …)", "generated"
    ),
    "digit-samples": Dataset(
        digit_samples, "vector", "samples", "Digits without labels", "scikit-learn", pixels=(8, 8)
    ),
}
