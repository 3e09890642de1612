"""Diffusion: a model predicts the noise in x_t = α_t x + σ_t ε at every noise level t; see `denoising`.

The levels are t_k = (k + ½)/K with α = cos(πt/2) and σ = sin(πt/2), so that α² + σ² = 1. A loss is the mean of
squared errors over levels and examples, summed over coordinates. Its three terms are the shares of the lowest,
middle and highest third of the levels, so that their weights weigh noise levels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .denoising import (
    DENOISER,
    FAMILY,
    ON_DATA,
    OPENING,
    TERMS,
    Forward,
    Path,
    Terms,
    by_level,
    level_errors,
    memorized,
    memorized_errors,
    predict_clean,
    standard_normal,
)
from .entry import Entry, Known, Opening, Page
from .generation import generated_by

Levels = Annotated[int, Interval(ge=3, le=64), "noise levels; sampling takes as many steps"]


def noise_path(levels: int) -> Path:
    """The prediction of ε."""
    alpha, sigma = _angles(levels)
    return Path(alpha, sigma, np.zeros(levels), np.ones(levels))


def v_path(levels: int) -> Path:
    """The prediction of v = αε − σx."""
    alpha, sigma = _angles(levels)
    return Path(alpha, sigma, -sigma, alpha)


def _angles(levels: int) -> tuple[np.ndarray, np.ndarray]:
    angle = np.pi / 2 * (np.arange(levels) + 0.5) / levels
    return np.cos(angle), np.sin(angle)


def noise_prediction(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, levels: Levels = 16
) -> Terms:
    """E‖ε − f(x_t, t)‖², the simple loss of Ho et al. 2020."""
    return by_level(level_errors(forward, params, state, batch, key, noise_path(levels)))


def v_prediction(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, levels: Levels = 16
) -> Terms:
    """E‖v − f(x_t, t)‖² with v = αε − σx (Salimans & Ho 2022), which is E‖x − x̂‖²/σ² for x̂ = αx_t − σf. The
    loss of ε is E‖x − x̂‖²α²/σ²: it weighs high noise less."""
    return by_level(level_errors(forward, params, state, batch, key, v_path(levels)))


def draw_by_ancestors(path_of: Callable[[int], Path]) -> Callable[..., Float[Array, "S D"]]:
    """The sampler of Ho et al. 2020: from noise through x_s ~ q(x_s|x_t, x̂), level by level, to the mean at the
    lowest one. Its random numbers are the same at every parameter vector."""

    def draw(
        forward: Forward, params: PyTree, state: PyTree, x: Array, count: int, *, levels: int, **_: Any
    ) -> Float[Array, "S D"]:
        path = path_of(levels)
        alphas, sigmas = (jnp.asarray(each, x.dtype) for each in path[:2])
        noise = standard_normal((levels, count, x.shape[-1]), x)

        def step(noisy: Array, level: Array) -> tuple[Array, None]:
            alpha, sigma, next_alpha, next_sigma = (
                alphas[level],
                sigmas[level],
                alphas[level - 1],
                sigmas[level - 1],
            )
            ratio = alpha / next_alpha
            added = sigma**2 - ratio**2 * next_sigma**2  # the variance of x_t given x_s
            clean = predict_clean(forward, params, state, noisy, path, level)
            mean = (ratio * next_sigma**2 * noisy + next_alpha * added * clean) / sigma**2
            return mean + jnp.sqrt(added) * next_sigma / sigma * noise[level], None

        first = standard_normal((count, x.shape[-1]), x)
        last, _none = jax.lax.scan(step, first, jnp.arange(levels - 1, 0, -1))
        return predict_clean(forward, params, state, last, path, 0)

    return draw


def _entry(title: str, terms: Callable[..., Terms], path_of: Callable[[int], Path], page: Page) -> Entry:
    def references(data: Any, weights: Mapping[str, float], *, levels: int) -> dict[str, float]:
        return memorized(data, weights, by_level(jnp.asarray(memorized_errors(data.train["x"], path_of(levels)))))

    return Entry(
        title,
        terms,
        dict.fromkeys(TERMS, 1.0),
        page,
        DENOISER,
        Opening(OPENING, on_data=ON_DATA),
        Known(references),
        stochastic=True,
        behavior=generated_by(draw_by_ancestors(path_of)),
    )


OBJECTIVES = {
    "noise-prediction": _entry(
        "Noise prediction (DDPM)",
        noise_prediction,
        noise_path,
        Page(
            r"\mathbb E_{t,\varepsilon}\lVert\varepsilon-f(\alpha_tx+\sigma_t\varepsilon,t)\rVert^2",
            "Ho et al. 2020, arXiv:2006.11239; levels of Nichol & Dhariwal 2021",
            "Most of the loss is at low noise, where the spread of the data hides it.",
            FAMILY,
            "squared error",
        ),
    ),
    "v-prediction": _entry(
        "v-prediction",
        v_prediction,
        v_path,
        Page(
            r"\mathbb E_{t,\varepsilon}\lVert\alpha_t\varepsilon-\sigma_tx"
            r"-f(\alpha_tx+\sigma_t\varepsilon,t)\rVert^2",
            "Salimans & Ho 2022, arXiv:2202.00512",
            "The noise levels have more equal shares than under noise prediction: show each term alone.",
            FAMILY,
            "squared error",
        ),
    ),
}
