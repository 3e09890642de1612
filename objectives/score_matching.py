"""Denoising score matching at three noise levels σ, rσ and r²σ; see `denoising`.

A model s of the score at each level is fitted to the score −ε/σ of the noise. By Vincent 2011 that differs from
the fit to ∇log p_σ, the score of the data with noise, by a constant. Each level is a term of its own, multiplied
by σ² so that all have the same order (Song & Ermon 2019). The model's output is σs, which is −ε̂: this is noise
prediction along another path, on which noise is added and the data are not scaled down.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    level_errors,
    memorized,
    memorized_errors,
    predict_clean,
    predict_level,
    standard_normal,
)
from .entry import Entry, Known, Opening, Page
from .generation import generated_by

LANGEVIN_STEPS = 100  # at each level

Noise = Annotated[float, Interval(ge=0.01, le=2), "σ, standard deviation of the lowest noise"]
Ratio = Annotated[float, Interval(ge=1.5, le=10), "r, from each noise level to the next"]


def added_noise(noise: Any, ratio: Any, draws: int = 1) -> Path:
    """The path at each level, repeated for every draw of noise."""
    sigma = noise * jnp.repeat(ratio ** jnp.arange(3), draws)
    return Path(jnp.ones(3 * draws), sigma, jnp.zeros(3 * draws), -jnp.ones(3 * draws))


def score_matching(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    noise: Noise = 0.1,
    ratio: Ratio = 4.0,
    draws: Annotated[int, Interval(ge=1, le=64), "draws of noise for each example and level"] = 6,
) -> Terms:
    """E‖σs(x + σε, σ) + ε‖² at each of the three levels."""
    errors = level_errors(forward, params, state, batch, key, added_noise(noise, ratio, draws))
    return dict(zip(TERMS, jnp.mean(errors.reshape(3, draws), axis=1), strict=True))


def draw_by_langevin(
    forward: Forward, params: PyTree, state: PyTree, x: Array, count: int, *, noise: Any, ratio: Any, **_: Any
) -> Float[Array, "S D"]:
    """Annealed Langevin dynamics (Song & Ermon 2019): 100 steps x ← x + ½σ²s + σz at each level
    from the highest down, then the mean x + σ²s. Its random numbers are the same at every parameter vector."""
    path = added_noise(noise, ratio)
    levels = jnp.repeat(jnp.arange(2, -1, -1), LANGEVIN_STEPS)
    normals = standard_normal((len(levels) + 1, count, x.shape[-1]), x)

    def step(x: Array, xs: Any) -> tuple[Array, None]:
        level, z = xs
        sigma = jnp.asarray(path.sigma, x.dtype)[level]
        output = predict_level(forward, params, state, x, path, level)  # σs
        return x + sigma * (0.5 * output + z), None

    first = jnp.sqrt(1 + jnp.asarray(path.sigma, x.dtype)[2] ** 2) * normals[-1]
    last, _none = jax.lax.scan(step, first, (levels, normals[:-1]))
    return predict_clean(forward, params, state, last, path, 0)


def _references(
    data: Any, weights: Mapping[str, float], *, noise: float, ratio: float, draws: int
) -> dict[str, float]:
    sigma = noise * ratio ** np.arange(3)
    errors = memorized_errors(data.train["x"], Path(np.ones(3), sigma, np.zeros(3), -np.ones(3)))
    return memorized(data, weights, dict(zip(TERMS, errors, strict=True)))


OBJECTIVES = {
    "score-matching": Entry(
        "Denoising score matching",
        score_matching,
        dict.fromkeys(TERMS, 1.0),
        Page(
            r"\sum_\sigma\mathbb E_\varepsilon\lVert\sigma s(x+\sigma\varepsilon,\sigma)+\varepsilon\rVert^2",
            "Vincent 2011, Neural Computation 23; Song & Ermon 2019, arXiv:1907.05600",
            "Each noise level is a term: with the weight of the highest at 0, samples no longer find the data.",
            FAMILY,
            "squared error",
        ),
        DENOISER,
        Opening(OPENING | {"momentum.learning_rate": "0.005"}, on_data=ON_DATA),
        Known(_references),
        stochastic=True,
        behavior=generated_by(draw_by_langevin),
    ),
}
