"""Generated color images of textures in ten classes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Interval

from .data import Data, Dataset, Examples, standardized

CLASSES, ORIENTATIONS = 10, 5
PERIODS = (8.0, 4.0)  # pixels


def textures(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=10_000), "training examples, and as many test examples"] = 512,
    side: Annotated[int, Interval(ge=8, le=64), "rows and columns of pixels"] = 32,
    noise: Annotated[
        float, Interval(ge=0, le=5), "standard deviation of the noise, relative to the stripes"
    ] = 1.0,
) -> Data:
    """Images ["N side side 3"] of noisy stripes: the class is their angle and their width.

    At row r and column c an image of class k has the color

        a·√2·cos(2π(r·sin ω + c·cos ω)/λ + φ) + noise·ε,   ω = π(k mod 5 + u)/5,   λ = 8 pixels if k < 5, else 4,

    with a phase φ uniform in [0, 2π), a color a uniform on the sphere of radius √3 in ℝ³, u uniform in [−¼, ¼] and
    ε standard normal for every pixel and color; then each pixel is standardized. Because of the phase each class
    has the mean 0 at every pixel, so that linear functions of the pixels get most new images wrong.
    """
    rng = np.random.default_rng(seed)
    row, column = np.indices((side, side))[:, None]

    def part() -> Examples:
        label = rng.permutation(np.arange(examples) % CLASSES)
        angle = np.pi * (label % ORIENTATIONS + rng.uniform(-0.25, 0.25, examples)) / ORIENTATIONS
        period = np.array(PERIODS)[label // ORIENTATIONS]
        phase = rng.uniform(0, 2 * np.pi, examples)
        color = rng.standard_normal((examples, 3))
        color *= 3**0.5 / np.linalg.norm(color, axis=1, keepdims=True)
        sine, cosine, period, phase = (
            each[:, None, None] for each in (np.sin(angle), np.cos(angle), period, phase)
        )
        stripes = 2**0.5 * np.cos(2 * np.pi * (row * sine + column * cosine) / period + phase)
        images = stripes[..., None] * color[:, None, None]
        return {"x": images + noise * rng.standard_normal(images.shape), "y": label}

    return standardized(part(), part(), CLASSES)


DATASETS = {"textures": Dataset(textures, "image", "classes", "Textures (color images)", "generated")}
