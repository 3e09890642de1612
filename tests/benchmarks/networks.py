"""The networks that the figures are stated for, as plain JAX losses on random data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem, descend


def kernel(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Normal entries of variance 2 / fan-in."""
    fan_in = int(np.prod(shape[:-1]))
    return (rng.standard_normal(shape) * (2 / fan_in) ** 0.5).astype(np.float32)


def layers(rng: np.random.Generator, *sizes: int) -> list[dict[str, np.ndarray]]:
    return [{"kernel": kernel(rng, i, o), "bias": np.zeros((1, o), np.float32)} for i, o in pairwise(sizes)]


def dense(*sizes: int, activation: Literal["relu", "tanh"] = "relu") -> Problem:
    """A network of dense layers with an activation between them, under cross-entropy: dense(784, 10) is softmax
    regression. 1,024 examples."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1024, sizes[0])).astype(np.float32)
    labels = rng.integers(0, sizes[-1], 1024).astype(np.int32)
    loss = _classify if activation == "relu" else _classify_smoothly
    return Problem.from_loss(loss, layers(rng, *sizes), {"x": x, "y": labels})


def trained(problem: Problem, steps: int = 100) -> Problem:
    """The same problem after so many steps of Adam at the rate of its paper, 0.001."""
    path = descend(problem, ("adam", {"learning_rate": 1e-3}), steps)
    return replace(problem, params=jax.tree.map(lambda leaf: jnp.asarray(leaf[-1]), path.params))


def rosenbrock() -> Problem:
    """Rosenbrock's function at (−1.2, 1)."""
    return Problem.from_loss(_rosenbrock, np.array([-1.2, 1.0], np.float32))


def autoencoder() -> Problem:
    """784-128-32-128-784 with tanh, under squared error. 256 examples."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 784)).astype(np.float32)
    return Problem.from_loss(_reconstruct, layers(rng, 784, 128, 32, 128, 784), {"x": x})


def convnet() -> Problem:
    """Two 3×3 convolutions of 8 and 16 channels with ReLU and a dense layer, on 64 images of 16×16."""
    rng = np.random.default_rng(0)
    params = {
        "first": kernel(rng, 3, 3, 1, 8),
        "second": kernel(rng, 3, 3, 8, 16),
        "dense": kernel(rng, 4 * 4 * 16, 10),
    }
    images = rng.standard_normal((64, 16, 16, 1)).astype(np.float32)
    return Problem.from_loss(_convolve, params, {"x": images, "y": rng.integers(0, 10, 64).astype(np.int32)})


def flops(*sizes: int) -> float:
    """Multiplications and additions in the products of `dense(*sizes)`, once over its examples."""
    return 2 * 1024 * float(sum(i * o for i, o in pairwise(sizes)))


def _forward(params: Any, x: Any, activation: Callable) -> Any:
    for layer in params[:-1]:
        x = activation(x @ layer["kernel"] + layer["bias"])
    return x @ params[-1]["kernel"] + params[-1]["bias"]


def _cross_entropy(logits: Any, labels: Any) -> Any:
    own = jnp.take_along_axis(logits, labels[:, None], axis=-1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(logits, axis=-1) - own)


def _classify(params: Any, data: Any) -> Any:
    return _cross_entropy(_forward(params, data["x"], jax.nn.relu), data["y"])


def _classify_smoothly(params: Any, data: Any) -> Any:
    return _cross_entropy(_forward(params, data["x"], jnp.tanh), data["y"])


def _rosenbrock(xy: Any) -> Any:
    return (1 - xy[0]) ** 2 + 100 * (xy[1] - xy[0] ** 2) ** 2


def _reconstruct(params: Any, data: Any) -> Any:
    return jnp.mean((_forward(params, data["x"], jnp.tanh) - data["x"]) ** 2)


def _convolve(params: Any, data: Any) -> Any:
    x = data["x"]
    for name in ("first", "second"):
        layout = ("NHWC", "HWIO", "NHWC")
        x = jax.nn.relu(jax.lax.conv_general_dilated(x, params[name], (1, 1), "SAME", dimension_numbers=layout))
        x = jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4
    return _cross_entropy(x.reshape(len(x), -1) @ params["dense"], data["y"])
