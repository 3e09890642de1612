"""What a predictor predicts: decision regions, predicted classes, a confusion matrix, a fitted curve, or
predictions against their targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from .behavior import Behavior
from .data import Data, Dataset

Forward = Callable[..., Any]

GRID = 40  # points along each side of the decision regions
MARGIN_SHARE = 0.08  # of the range of the examples, by which the drawn range is larger on each side
CURVE_POINTS = 121  # of a fitted curve
MAX_DRAWN_EXAMPLES = 300  # points in a plot of predictions
MAX_DRAWN_POINTS = 600  # over decision regions; a picture of 24 × 24 pixels has 576
MAX_DRAWN_IMAGES = 40  # images with their predicted classes
MAX_CLASSES = 12  # of a confusion matrix that can be read


class Regions(NamedTuple):
    """The class that is predicted at each point of a grid (rows: the second input), its margin tanh((f₁ − f₂)/2)
    over the next class, the predicted class of the drawn examples, and how many of all examples are wrong."""

    classes: Int[Array, "G G"]
    margin: Float[Array, "G G"]
    predicted: Int[Array, "P"]
    wrong: Int[Array, ""]


class Images(NamedTuple):
    """The predicted class of each drawn image, and how many of all examples are wrong."""

    predicted: Int[Array, "P"]
    wrong: Int[Array, ""]


class Confusion(NamedTuple):
    """How many examples of each class (row) are predicted as each class (column)."""

    counts: Int[Array, "C C"]


class Fit(NamedTuple):
    """The prediction at each point of the curve."""

    curve: Float[Array, "P"]


class Predictions(NamedTuple):
    """The prediction for each drawn example."""

    predicted: Float[Array, "P"]


def outputs_of(forward: Forward, params: PyTree, state: PyTree, x: Array) -> Array:
    """The raw outputs of a predictor, or of the classifier of a model with two heads."""
    outputs = forward(params, state, x)
    return outputs[0] if isinstance(outputs, tuple) else outputs


def show_regions(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Regions:
    """Decision regions over a grid; see `Regions`."""
    outputs = outputs_of(forward, params, state, inputs["grid"])
    two = jax.lax.top_k(outputs, 2)[0]
    predicted = jnp.argmax(outputs_of(forward, params, state, inputs["x"]), axis=-1)
    return Regions(
        jnp.argmax(outputs, axis=-1).reshape(GRID, GRID),
        jnp.tanh((two[:, 0] - two[:, 1]) / 2).reshape(GRID, GRID),
        predicted[:MAX_DRAWN_POINTS],
        jnp.sum(predicted != inputs["y"]),
    )


def show_images(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Images:
    """Predicted classes; see `Images`."""
    predicted = jnp.argmax(outputs_of(forward, params, state, inputs["x"]), axis=-1)
    return Images(predicted[:MAX_DRAWN_IMAGES], jnp.sum(predicted != inputs["y"]))


def show_confusion(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Confusion:
    """A confusion matrix; see `Confusion`."""
    outputs = outputs_of(forward, params, state, inputs["x"])
    truth, predicted = (
        jax.nn.one_hot(each, outputs.shape[-1], dtype=jnp.int32)
        for each in (inputs["y"], jnp.argmax(outputs, axis=-1))
    )
    return Confusion(truth.T @ predicted)


def show_fit(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Fit:
    """The fitted curve; see `Fit`."""
    return Fit(forward(params, state, inputs["curve"])[:, 0])


def show_predictions(
    forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any
) -> Predictions:
    """Predictions; see `Predictions`."""
    return Predictions(forward(params, state, inputs["x"])[:MAX_DRAWN_EXAMPLES, 0])


def show_fitted_rates(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Fit:
    """The curve of a rate, whose logarithm is the model's output."""
    return Fit(jnp.exp(forward(params, state, inputs["curve"])[:, 0]))


def show_rates(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Predictions:
    """Predicted rates, whose logarithm is the model's output."""
    return Predictions(jnp.exp(forward(params, state, inputs["x"])[:MAX_DRAWN_EXAMPLES, 0]))


def predictions(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of a predictor: decision regions for two inputs, predicted classes for images, a confusion
    matrix for other classes; the fit for one input, and predictions against targets for more. None for several
    real targets, and for too many classes."""
    return _classes(dataset, data, split) if data.classes else _values(data, split, show_fit, show_predictions)


def rates(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of a predictor of the logarithm of a rate."""
    return _values(data, split, show_fitted_rates, show_rates)


def _classes(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    examples = getattr(data, split)
    x, y = examples["x"], examples["y"]
    inputs = {"x": x, "y": y}
    if dataset.pixels is not None:
        picture = {
            "images": np.clip(x[:MAX_DRAWN_IMAGES], 0, 1).reshape(-1, *dataset.pixels),
            "labels": y[:MAX_DRAWN_IMAGES],
            "examples": len(y),
        }
        return Behavior(show_images, inputs, picture, is_on_examples=True)
    if x.ndim != 2 or x.shape[1] != 2:
        if data.classes is None or data.classes > MAX_CLASSES:
            return None
        return Behavior(show_confusion, inputs, {"examples": len(y)}, is_on_examples=True)
    axes = [np.linspace(*drawn_range(data.train["x"][:, k]), GRID) for k in (0, 1)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    picture = {
        "points": x[:MAX_DRAWN_POINTS],
        "labels": y[:MAX_DRAWN_POINTS],
        "box": [[float(axis[0]), float(axis[-1])] for axis in axes],
        "examples": len(y),
    }
    return Behavior(show_regions, inputs | {"grid": grid.astype(np.float32)}, picture)


def _values(data: Data, split: str, fit: Callable[..., Any], scatter: Callable[..., Any]) -> Behavior | None:
    examples = getattr(data, split)
    x, y = examples["x"], examples["y"]
    if y.ndim != 2 or y.shape[1] != 1:
        return None
    picture = {"targets": y[:MAX_DRAWN_EXAMPLES, 0], "examples": len(y)}
    y_range = list(drawn_range(data.train["y"][:, 0]))
    if x.reshape(len(x), -1).shape[1] == 1:
        low, high = drawn_range(data.train["x"].ravel())
        curve = np.linspace(low, high, CURVE_POINTS, dtype=np.float32).reshape(-1, *x.shape[1:])
        points = {"points": x.reshape(len(x))[:MAX_DRAWN_EXAMPLES], "box": [[low, high], y_range]}
        return Behavior(fit, {"curve": curve}, picture | points)
    return Behavior(scatter, {"x": x}, picture | {"box": [y_range, y_range]}, is_on_examples=True)


def drawn_range(values: np.ndarray) -> tuple[float, float]:
    """The range of the values, somewhat larger on each side."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = MARGIN_SHARE * ((high - low) or 1.0)
    return low - margin, high + margin
