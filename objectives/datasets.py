"""Small real data sets from scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval
from sklearn import datasets as sklearn_datasets

from .data import Data, Dataset, split, standardized


def digits(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=1437), "training examples"] = 500,
) -> Data:
    """8 × 8 gray images of the ten digits as vectors of 64 pixels in [0, 1]; 360 test examples."""
    x, y = _loaded(sklearn_datasets.load_digits)
    return _split(x / 16, y, 10, seed, examples, scaled=True)


def digits_images(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=1437), "training examples"] = 500,
) -> Data:
    """The digits as images ["N 8 8 1"], split exactly as `digits` splits them."""
    data = digits(seed, examples=examples)
    images = [{"x": part["x"].reshape(-1, 8, 8, 1), "y": part["y"]} for part in (data.train, data.test)]
    return Data(images[0], images[1], data.classes)


def breast_cancer(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=2, le=455), "training examples"] = 455,
) -> Data:
    """Benign or malignant from 30 measurements of cell nuclei; 114 test examples."""
    x, y = _loaded(sklearn_datasets.load_breast_cancer)
    return _split(x, y, 2, seed, examples)


def iris(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=3, le=120), "training examples"] = 120,
) -> Data:
    """Three species of iris from four lengths; 30 test examples."""
    x, y = _loaded(sklearn_datasets.load_iris)
    return _split(x, y, 3, seed, examples)


def wine(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=3, le=142), "training examples"] = 142,
) -> Data:
    """Three growers of wine from 13 chemical measurements; 36 test examples."""
    x, y = _loaded(sklearn_datasets.load_wine)
    return _split(x, y, 3, seed, examples)


def diabetes(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=2, le=353), "training examples"] = 353,
) -> Data:
    """Progression of diabetes after a year from ten measurements, standardized; 89 test examples."""
    x, y = _loaded(sklearn_datasets.load_diabetes)
    return _split(x, y, None, seed, examples)


@cache
def _loaded(loader: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets, read once."""
    bunch = loader()
    for array in (bunch.data, bunch.target):
        array.flags.writeable = False
    return bunch.data, bunch.target


def _split(
    x: np.ndarray, y: np.ndarray, classes: int | None, seed: int, examples: int, scaled: bool = False
) -> Data:
    """A fifth of all examples for testing, then `examples` of the others for training, stratified by class."""
    train, test = split(y if classes is not None else np.zeros(len(y)), seed, examples=examples)
    if examples > len(x) - len(test):
        raise ValueError(f"examples = {examples} is more than there are; give at most {len(x) - len(test)}")
    y = y[:, None] if classes is None else y
    return standardized({"x": x[train], "y": y[train]}, {"x": x[test], "y": y[test]}, classes, scaled)


_FROM = "scikit-learn"

DATASETS = {
    "digits": Dataset(digits, "vector", "classes", "Digits (64 pixels)", _FROM, pixels=(8, 8)),
    "digits-images": Dataset(digits_images, "image", "classes", "Digits (8 × 8 images)", _FROM, pixels=(8, 8)),
    "breast-cancer": Dataset(breast_cancer, "vector", "classes", "Breast cancer", _FROM),
    "iris": Dataset(iris, "vector", "classes", "Iris", _FROM),
    "wine": Dataset(wine, "vector", "classes", "Wine", _FROM),
    "diabetes": Dataset(diabetes, "vector", "values", "Diabetes", _FROM),
}
