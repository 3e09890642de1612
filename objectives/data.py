"""A data set: its examples, and its entry in the registry.

Vectors and images are float32. Digits are scaled to [0, 1]; all other inputs are standardized with the mean and
standard deviation of the training set alone. Class labels are int32 ["N"]; real targets are float32
["N 1"], standardized with the training set too, so that predicting the mean has squared error 1; counts are
float32 ["N 1"], not standardized.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Examples = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Data:
    """Training and test examples, {"x": ["N ..."], "y": ["N"] or ["N 1"]} each, immutable. Other kinds of data
    have more arrays besides x, and no y where there are no targets.

    `classes` is the number of classes (of tokens, of actions), or None where the targets are real numbers.
    `entropy` is that of the distribution that examples are drawn from, in nats, or None where it is not known.
    """

    train: Examples
    test: Examples
    classes: int | None
    entropy: float | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example's input."""
        return self.train["x"].shape[1:]


def numbers(count: int) -> list[str]:
    """The numbers from 0, as texts."""
    return [str(number) for number in range(count)]


@dataclass(frozen=True)
class Dataset:
    """An entry of `DATASETS`.

    Attributes:
        load: `load(seed, **knobs)` gives `Data`; the seed decides the split or the draw.
        inputs: the kind of its inputs: "vector", "image", or a kind that the file of its family explains.
        targets: the kind of its targets: "classes", "values", "none", or likewise.
        title: what the pages call it.
        source: where it is from.
        unit: what one example is called, in the plural.
        whole: whether the examples cannot be divided, so that there are no minibatches and no test split.
        has_test: whether there are test examples.
        pixels: the height and width of an example that is an image with pixels from 0 to 1; None for others.
        token_names: `token_names(count)`, what its tokens are called.
        world: the rows of the map of a world of cells.
    """

    load: Callable[..., Data]
    inputs: str
    targets: str
    title: str
    source: str
    unit: str = "examples"
    whole: bool = False
    has_test: bool = True
    pixels: tuple[int, int] | None = None
    token_names: Callable[[int], list[str]] = numbers
    world: tuple[str, ...] = ()


def standardized(
    train: Examples, test: Examples, classes: int | None, scaled: bool = False, counts: bool = False
) -> Data:
    """Both parts in the precision, shape and units that the docstring of this file states.

    Args:
        scaled: whether x is in these units already.
        counts: whether y keeps its units, as counts do. Real targets have the shape ["N 1"].
    """

    def by_training(name: str) -> tuple[np.ndarray, np.ndarray]:
        mean, deviation = train[name].mean(axis=0), train[name].std(axis=0)
        # The mean of equal values is rounded, so their deviation may be 1e-17.
        deviation = np.where(np.ptp(train[name], axis=0) > 0, deviation, 1.0)
        return (train[name] - mean) / deviation, (test[name] - mean) / deviation

    xs = (train["x"], test["x"]) if scaled else by_training("x")
    ys = by_training("y") if classes is None and not counts else (train["y"], test["y"])
    kind = np.float32 if classes is None else np.int32
    parts: list[Examples] = []
    for x, y in zip(xs, ys, strict=True):
        parts.append({"x": np.array(x, np.float32), "y": np.array(y, kind)})
        for array in parts[-1].values():
            array.flags.writeable = False
    return Data(parts[0], parts[1], classes)


def split(
    labels: np.ndarray, seed: int, *, share: float = 0.2, examples: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The indices of the training and of the test examples, stratified by class.

    The test set depends on the seed and the share alone, and fewer training examples are a subset of more.

    Args:
        labels: the class of each example; equal numbers where there are none.
        share: of the test examples, rounded up.
        examples: training examples at most.
    """
    order = _stratified(labels, np.random.default_rng(seed))
    tests = math.ceil(round(share * len(labels), 9))
    return order[tests:][:examples], order[:tests]


def _stratified(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random order in which every range holds each class in proportion, to within one example."""
    shuffled = rng.permutation(len(labels))
    share = np.empty(len(labels))
    for label in np.unique(labels):
        is_label = labels[shuffled] == label
        share[is_label] = (np.arange(is_label.sum()) + rng.random()) / is_label.sum()
    return shuffled[np.argsort(share, kind="stable")]
