"""What diffusion, score matching and flow matching share: x_t = αx + σε, and the prediction of ax + bε from it.

A `Path` gives α, σ, a and b at each noise level. A model of the capability "denoiser" predicts ax + bε; together
with x_t that determines x̂ and ε̂. Every example meets every level with noise of its own, which is the same at every
point of a surface. The best prediction is E[ax + bε|x_t], at every level by itself, so that a model that can
represent everything has the same optimum under all positive weights of the levels.

Over a finite set of examples E[x|x_t] is a mean of the examples with weights ∝ exp(−‖x_t − αxᵢ‖²/2σ²): the best
denoiser has memorized them. `memorized` gives its loss under fresh noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from .entry import Fits

Forward = Callable[..., Any]
Terms = dict[str, Float[Array, ""]]

TERMS = ("low-noise", "middle-noise", "high-noise")
REFERENCE_EXAMPLES = 400  # of which the loss of the memorizing denoiser is computed
FAMILY = "Diffusion and flows"


class Path(NamedTuple):
    """Coefficients of x_t = αx + σε and of ax + bε, which is predicted, at each level from the lowest noise up,
    ["K"] each."""

    alpha: Any
    sigma: Any
    a: Any
    b: Any

    def at(self, level: Any, count: int, dtype: Any) -> tuple[Float[Array, "N 1"], ...]:
        """The four coefficients of one level for so many examples."""
        return tuple(jnp.full((count, 1), jnp.asarray(each, dtype)[level]) for each in self)


def level_errors(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, path: Path
) -> Float[Array, "K"]:
    """The mean over examples of ‖ax + bε − f‖², summed over coordinates, at each level."""
    x = batch["x"].reshape(len(batch["x"]), -1)
    noise = jax.random.normal(key, (len(path.alpha), *x.shape), jnp.float32).astype(x.dtype)
    return pair_errors(forward, params, state, jnp.broadcast_to(x[None], noise.shape), noise, path)


def pair_errors(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    clean: Float[Array, "K N D"],
    noise: Float[Array, "K N D"],
    path: Path,
) -> Float[Array, "K"]:
    """The errors of `level_errors` for these x and ε at each level."""
    levels, count, _ = clean.shape
    clean, noise = clean.reshape(levels * count, -1), noise.reshape(levels * count, -1)
    alpha, sigma, a, b = (jnp.repeat(jnp.asarray(each, clean.dtype), count)[:, None] for each in path)
    prediction = forward(params, state, alpha * clean + sigma * noise, alpha, sigma, a, b, method="predict")
    errors = jnp.sum((prediction - a * clean - b * noise) ** 2, axis=-1)
    return jnp.mean(errors.reshape(levels, count), axis=1)


def predict_level(forward: Forward, params: PyTree, state: PyTree, x: Array, path: Path, level: Any) -> Array:
    """The prediction for examples that all have one level."""
    return forward(params, state, x, *path.at(level, len(x), x.dtype), method="predict")


def predict_clean(forward: Forward, params: PyTree, state: PyTree, x: Array, path: Path, level: Any) -> Array:
    """x̂ = (σf − bx_t)/(aσ − bα)."""
    _, sigma, a, b = path.at(level, len(x), x.dtype)
    alpha = path.at(level, len(x), x.dtype)[0]
    prediction = predict_level(forward, params, state, x, path, level)
    return (sigma * prediction - b * x) / (a * sigma - b * alpha)


def by_level(errors: Float[Array, "K"]) -> Terms:
    """The mean over levels as the shares of three thirds of the levels, from the lowest noise up."""
    count = len(errors)
    edges = [count * third // 3 for third in range(4)]
    return {name: jnp.sum(errors[edges[k] : edges[k + 1]]) / count for k, name in enumerate(TERMS)}


def standard_normal(shape: tuple[int, ...], like: Array) -> Array:
    """The random numbers of a sampler, the same at every parameter vector; drawn in float32."""
    return jax.random.normal(jax.random.key(0), shape, jnp.float32).astype(like.dtype)


def memorized_errors(x: np.ndarray, path: Path) -> np.ndarray:
    """E‖ax + bε − E[ax + bε|x_t]‖² at each level for x uniform over these examples, with one draw of noise for
    each of the first 400 of them."""
    x = x.reshape(len(x), -1).astype(np.float64)
    drawn, path = x[:REFERENCE_EXAMPLES], Path(*(np.asarray(each, np.float64) for each in path))
    # A seed that no data have: from the same seed, noise would be correlated with the examples.
    noise = np.random.default_rng(2**63).standard_normal((len(path.alpha), *drawn.shape))
    errors = []
    for alpha, sigma, each in zip(path.alpha, path.sigma, noise, strict=True):
        noisy = alpha * drawn + sigma * each
        logits = (alpha * noisy @ x.T - alpha**2 * np.sum(x**2, axis=1) / 2) / sigma**2
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        clean = weights @ x / weights.sum(axis=1, keepdims=True)
        errors.append(np.mean(np.sum((drawn - clean) ** 2, axis=1)))
    return np.asarray((path.a - path.b * path.alpha / path.sigma) ** 2 * np.array(errors))


def memorized(data: Any, weights: Mapping[str, float], shares: Mapping[str, Any]) -> dict[str, float]:
    """The weighted sum of the terms of the memorizing denoiser, as a reference."""
    value = sum(weights[name] * float(share) for name, share in shares.items())
    return {"memorizing denoiser, fresh noise": value}


def _size(data: Any) -> int:
    return int(np.prod(data.input_shape))


DENOISER = Fits({"samples", "none"}, {"vector"}, {"denoiser"}, _size)
OPENING = {
    "data": "plane-samples",
    "model": "denoiser",
    "optimizers": "adam+momentum",
    "adam.learning_rate": "0.01",
    "momentum.learning_rate": "0.02",
    "steps": "500",
    "scale": "log",
    "behavior": "true",
}
# 64 pixels take a wider network. On two idle cores it trains in 5 s.
ON_DATA = {
    "digit-samples": {
        "optimizers": "adam",
        "denoiser.width": "128",
        "adam.learning_rate": "0.005",
        "schedule": "cosine",
        "steps": "1500",
        "batch_size": "20",
    }
}
