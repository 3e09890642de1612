"""Generated data: points of the plane in classes, a curve to fit, and counts.

There are as many test examples as training examples, drawn independently from the same distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from annotated_types import Interval

from .data import Data, Dataset, Examples, standardized

Count = Annotated[int, Interval(ge=10, le=10_000), "training examples, and as many test examples"]


def moons(
    seed: int,
    *,
    examples: Count = 200,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation of the points"] = 0.15,
) -> Data:
    """Two interleaved half circles of radius 1."""

    def draw(rng: np.random.Generator, label: np.ndarray) -> np.ndarray:
        angle = np.pi * rng.random(len(label))
        upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lower = np.array([1.0, 0.5]) - upper
        return _jitter(rng, np.where(label[:, None] == 0, upper, lower), noise)

    return _classes(draw, 2, seed, examples)


def circles(
    seed: int,
    *,
    examples: Count = 200,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation of the points"] = 0.1,
    factor: Annotated[float, Interval(gt=0, lt=1), "radius of the inner circle"] = 0.5,
) -> Data:
    """A circle inside another of radius 1."""

    def draw(rng: np.random.Generator, label: np.ndarray) -> np.ndarray:
        angle = 2 * np.pi * rng.random(len(label))
        radius = np.where(label == 0, 1.0, factor)
        return _jitter(rng, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), noise)

    return _classes(draw, 2, seed, examples)


def blobs(
    seed: int,
    *,
    examples: Count = 200,
    noise: Annotated[float, Interval(ge=0, le=3), "standard deviation of each cluster"] = 0.4,
    clusters: Annotated[int, Interval(ge=2, le=10), "clusters, each a class of its own"] = 3,
) -> Data:
    """Clusters around the corners of a regular polygon of radius 1."""

    def draw(rng: np.random.Generator, label: np.ndarray) -> np.ndarray:
        angle = 2 * np.pi * label / clusters
        return _jitter(rng, np.stack([np.cos(angle), np.sin(angle)], axis=1), noise)

    return _classes(draw, clusters, seed, examples)


def spirals(
    seed: int,
    *,
    examples: Count = 200,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation of the points"] = 0.05,
    turns: Annotated[float, Interval(gt=0, le=3), "revolutions of each arm"] = 1.5,
) -> Data:
    """Two Archimedean spirals, half a revolution apart, out to radius 1."""

    def draw(rng: np.random.Generator, label: np.ndarray) -> np.ndarray:
        # The square root spreads the points evenly along the arms.
        radius = 0.1 + 0.9 * np.sqrt(rng.random(len(label)))
        angle = 2 * np.pi * turns * radius + np.pi * label
        return _jitter(rng, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), noise)

    return _classes(draw, 2, seed, examples)


def xor(
    seed: int,
    *,
    examples: Count = 200,
    noise: Annotated[float, Interval(ge=0, le=2), "standard deviation around each corner"] = 0.3,
) -> Data:
    """Clusters at the corners (±1, ±1); the class says whether the two signs differ."""

    def draw(rng: np.random.Generator, label: np.ndarray) -> np.ndarray:
        first = rng.choice([-1.0, 1.0], len(label))
        second = np.where(label == 0, first, -first)
        return _jitter(rng, np.stack([first, second], axis=1), noise)

    return _classes(draw, 2, seed, examples)


def sine(
    seed: int,
    *,
    examples: Count = 100,
    noise: Annotated[float, Interval(ge=0, le=2), "standard deviation of the targets"] = 0.1,
    periods: Annotated[float, Interval(gt=0, le=5), "periods over the range of x"] = 1.0,
) -> Data:
    """y = sin(π·periods·x) + noise for x uniform in [−1, 1]; then both are standardized."""

    def draw(rng: np.random.Generator) -> Examples:
        x = rng.uniform(-1, 1, (examples, 1))
        return {"x": x, "y": _jitter(rng, np.sin(np.pi * periods * x), noise)}

    rng = np.random.default_rng(seed)
    return standardized(draw(rng), draw(rng), None)


def counts(
    seed: int,
    *,
    examples: Count = 200,
    spread: Annotated[float, Interval(gt=0, le=2), "standard deviation of the logarithm of the rate"] = 0.8,
) -> Data:
    """Counts y ~ Poisson(exp(1 + w·x)) for x standard normal in three dimensions, |w| = spread. Counts are not
    standardized."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal(3)
    w *= spread / np.linalg.norm(w)

    def part() -> Examples:
        x = rng.standard_normal((examples, 3))
        return {"x": x, "y": rng.poisson(np.exp(1 + x @ w))[:, None]}

    return standardized(part(), part(), None, counts=True)


def _jitter(rng: np.random.Generator, x: np.ndarray, noise: float) -> np.ndarray:
    return x + noise * rng.standard_normal(x.shape)


def _classes(draw: Callable[..., np.ndarray], classes: int, seed: int, examples: int) -> Data:
    """Training and test examples as independent draws, both with classes as equal as possible."""
    rng = np.random.default_rng(seed)

    def part() -> Examples:
        label = rng.permutation(np.arange(examples) % classes)
        return {"x": draw(rng, label), "y": label}

    return standardized(part(), part(), classes)


_FROM = "generated"

DATASETS = {
    "moons": Dataset(moons, "vector", "classes", "Two moons", _FROM),
    "circles": Dataset(circles, "vector", "classes", "Two circles", _FROM),
    "blobs": Dataset(blobs, "vector", "classes", "Blobs", _FROM),
    "spirals": Dataset(spirals, "vector", "classes", "Two spirals", _FROM),
    "xor": Dataset(xor, "vector", "classes", "XOR", _FROM),
    "sine": Dataset(sine, "vector", "values", "Sine", _FROM),
    "counts": Dataset(counts, "vector", "counts", "Poisson counts", _FROM),
}
