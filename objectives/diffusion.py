"""Diffusion: a model predicts the noise in x_t = α_t x + σ_t ε at every noise level t.

The levels are t_k = (k + ½)/K with α = cos(πt/2) and σ = sin(πt/2), so that α² + σ² = 1. Every example meets every
level with noise of its own, which is the same at every point of a surface. A loss is the mean of squared errors
over levels and examples, summed over coordinates. Its three terms are the shares of the lowest, middle and highest
third of the levels, so that their weights weigh noise levels. The model minimizes each level by itself, so a
model that can represent everything has the same optimum under all positive weights.

The best model knows E[x|x_t]. Over a finite set of examples that is a mean of the examples with weights
∝ exp(−‖x_t − αxᵢ‖²/2σ²): it has memorized them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .generation import generated_by

Forward = Callable[..., Any]
Terms = dict[str, Float[Array, ""]]

Levels = Annotated[int, Interval(ge=3, le=64), "noise levels; sampling takes as many steps"]
TERMS = ("low-noise", "middle-noise", "high-noise")
REFERENCE_EXAMPLES = 400  # of which the loss of the memorizing denoiser is computed


def noise_levels(levels: int) -> tuple[np.ndarray, np.ndarray]:
    """α and σ of each level, from the lowest noise to the highest."""
    angle = np.pi / 2 * (np.arange(levels) + 0.5) / levels
    return np.cos(angle), np.sin(angle)


def noise_prediction(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, levels: Levels = 16
) -> Terms:
    """E‖ε − f(x_t, t)‖², the simple loss of Ho et al. 2020."""
    return _terms(forward, params, state, batch, key, levels, "noise")


def v_prediction(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, levels: Levels = 16
) -> Terms:
    """E‖v − f(x_t, t)‖² with v = αε − σx (Salimans & Ho 2022), which is E‖x − x̂‖²/σ² for x̂ = αx_t − σf. The
    loss of ε is E‖x − x̂‖²α²/σ²: it weighs high noise less."""
    return _terms(forward, params, state, batch, key, levels, "v")


def _terms(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, levels: int, target: str
) -> Terms:
    x = batch["x"].reshape(len(batch["x"]), -1)
    noise = jax.random.normal(key, (levels, *x.shape), jnp.float32).astype(x.dtype)
    alpha, sigma = (jnp.asarray(level, x.dtype)[:, None, None] for level in noise_levels(levels))
    goal = noise if target == "noise" else alpha * noise - sigma * x[None]
    rows = (levels * len(x), x.shape[-1])
    alphas, sigmas = (jnp.repeat(level[:, 0], len(x), axis=0) for level in (alpha, sigma))
    noisy = (alpha * x[None] + sigma * noise).reshape(rows)
    found = forward(params, state, noisy, alphas, sigmas, method="predict", target=target)
    errors = jnp.sum((found - goal.reshape(rows)) ** 2, axis=-1).reshape(levels, len(x))
    return by_level(jnp.mean(errors, axis=1))


def by_level(errors: Float[Array, "K"]) -> Terms:
    """The mean over levels as the shares of three thirds of the levels."""
    count = len(errors)
    edges = [count * third // 3 for third in range(4)]
    return {name: jnp.sum(errors[edges[k] : edges[k + 1]]) / count for k, name in enumerate(TERMS)}


def draw_by_ancestors(target: str) -> Callable[..., Float[Array, "S D"]]:
    """The sampler of a model of `target`: from noise through x_s ~ q(x_s|x_t, x̂) to the mean at the lowest level
    (Ho et al. 2020). Its random numbers are the same at every parameter vector."""

    def draw(
        forward: Forward, params: PyTree, state: PyTree, x: Array, count: int, *, levels: int, **_: Any
    ) -> Float[Array, "S D"]:
        alphas, sigmas = (jnp.asarray(level, x.dtype) for level in noise_levels(levels))
        noise = jax.random.normal(jax.random.key(0), (levels, count, x.shape[-1]), jnp.float32).astype(x.dtype)

        def clean(noisy: Array, alpha: Array, sigma: Array) -> Array:
            level = [jnp.full((count, 1), value) for value in (alpha, sigma)]
            found = forward(params, state, noisy, *level, method="predict", target=target)
            return (noisy - sigma * found) / alpha if target == "noise" else alpha * noisy - sigma * found

        def step(noisy: Array, at: Any) -> tuple[Array, None]:
            alpha, sigma, next_alpha, next_sigma, fresh = at
            ratio = alpha / next_alpha
            added = sigma**2 - ratio**2 * next_sigma**2  # the variance of x_t given x_s
            mean = ratio * next_sigma**2 * noisy + next_alpha * added * clean(noisy, alpha, sigma)
            return mean / sigma**2 + jnp.sqrt(added) * next_sigma / sigma * fresh, None

        down = (alphas[:0:-1], sigmas[:0:-1], alphas[-2::-1], sigmas[-2::-1], noise[1:])
        last, _carry = jax.lax.scan(step, noise[0], down)
        return clean(last, alphas[0], sigmas[0])

    return draw


def memorized_errors(x: np.ndarray, alphas: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """E‖x − E[x|x_t]‖² at each level for x uniform over these examples, one draw of noise for each of the first
    400 of them."""
    x = x.reshape(len(x), -1).astype(np.float64)
    drawn = x[:REFERENCE_EXAMPLES]
    # A seed that no data have: from the same seed, noise would be correlated with the examples.
    noise = np.random.default_rng(2**63).standard_normal((len(alphas), *drawn.shape))
    errors = []
    for alpha, sigma, each in zip(alphas, sigmas, noise, strict=True):
        noisy = alpha * drawn + sigma * each
        logits = (alpha * noisy @ x.T - alpha**2 * np.sum(x**2, axis=1) / 2) / sigma**2
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        clean = weights @ x / weights.sum(axis=1, keepdims=True)
        errors.append(np.mean(np.sum((drawn - clean) ** 2, axis=1)))
    return np.array(errors)


def _references(target: str) -> Callable[..., dict[str, float]]:
    def references(data: Any, weights: Mapping[str, float], *, levels: int) -> dict[str, float]:
        alphas, sigmas = noise_levels(levels)
        factor = (alphas if target == "noise" else 1) / sigmas
        shares = by_level(factor**2 * memorized_errors(data.train["x"], alphas, sigmas))
        value = sum(weights[name] * float(share) for name, share in shares.items())
        return {"memorizing denoiser, fresh noise": value}

    return references


def _size(data: Any) -> int:
    return int(np.prod(data.input_shape))


DENOISER = Fits({"samples", "none"}, {"vector"}, {"denoiser"}, _size)
FAMILY = "Diffusion and flows"
_OPENING = {
    "data": "plane-samples",
    "model": "denoiser",
    "optimizers": "adam+momentum",
    "steps": "500",
    "scale": "log",
    "behavior": "true",
}


def _entry(title: str, terms: Callable[..., Terms], target: str, page: Page, settings: dict[str, str]) -> Entry:
    return Entry(
        title,
        terms,
        dict.fromkeys(TERMS, 1.0),
        page,
        DENOISER,
        Opening(_OPENING | settings),
        Known(_references(target)),
        stochastic=True,
        behavior=generated_by(draw_by_ancestors(target)),
    )


OBJECTIVES = {
    "noise-prediction": _entry(
        "Noise prediction (DDPM)",
        noise_prediction,
        "noise",
        Page(
            r"\mathbb E_{t,\varepsilon}\lVert\varepsilon-f(\alpha_tx+\sigma_t\varepsilon,t)\rVert^2",
            "Ho et al. 2020, arXiv:2006.11239; levels of Nichol & Dhariwal 2021",
            "Nearly all of the loss is at low noise, where ε cannot be told from the spread of the data.",
            FAMILY,
            "squared error",
        ),
        {"adam.learning_rate": "0.01", "momentum.learning_rate": "0.02"},
    ),
    "v-prediction": _entry(
        "v-prediction",
        v_prediction,
        "v",
        Page(
            r"\mathbb E_{t,\varepsilon}\lVert\alpha_t\varepsilon-\sigma_tx"
            r"-f(\alpha_tx+\sigma_t\varepsilon,t)\rVert^2",
            "Salimans & Ho 2022, arXiv:2202.00512",
            "The noise levels have more equal shares than under noise prediction: show each term alone.",
            FAMILY,
            "squared error",
        ),
        {"adam.learning_rate": "0.01", "momentum.learning_rate": "0.02"},
    ),
}
