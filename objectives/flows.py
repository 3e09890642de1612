"""Flow matching: a velocity field f(x, t) whose flow carries noise at t = 0 to data at t = 1; see `denoising`.

The path is x_t = tx + (1 − (1 − w)t)ε, and its velocity x − (1 − w)ε is predicted at t_k = (k + ½)/K. The best
field is the mean velocity E[x − (1 − w)ε|x_t] of all paths through a point. Its flow has the distribution of x_t
at every t, though its lines are bent where paths cross.

Rectified flow is flow matching with w = 0; the losses are equal. Its paper adds a measure of how straight the
lines of the flow are, the term "bend" here, and a second training on the ends of these lines ("reflow"), which is
no term of a loss and not here.
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
    by_level,
    level_errors,
    memorized,
    memorized_errors,
    predict_level,
    standard_normal,
)
from .entry import Entry, Known, Opening, Page
from .generation import generated_by

Times = Annotated[int, Interval(ge=3, le=64), "times t; sampling takes as many Euler steps"]
Width = Annotated[float, Interval(ge=0, le=1), "w, standard deviation of the noise that is left at t = 1"]


def straight_path(levels: int, width: Any = 0.0) -> Path:
    """The path at `levels` times, from t near 1 down, which is from the lowest noise up."""
    time = 1 - (np.arange(levels) + 0.5) / levels
    return Path(time, 1 - (1 - width) * time, np.ones(levels), -(1 - width) * np.ones(levels))


def flow_matching(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    levels: Times = 16,
    width: Width = 0.05,
) -> Terms:
    """E‖x − (1 − w)ε − f(x_t, t)‖² (Lipman et al. 2023); the terms are the shares of three thirds of the times."""
    return by_level(level_errors(forward, params, state, batch, key, straight_path(levels, width)))


def rectified_flow(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    levels: Times = 16,
    steps: Annotated[int, Interval(ge=1, le=64), "Euler steps from noise to samples"] = 4,
) -> Terms:
    """velocity: E‖x − ε − f(x_t, t)‖²; bend: (1/S)Σₛ E‖z₁ − z₀ − f(zₛ, tₛ)‖² along the S Euler steps of the flow
    from as many points of noise as there are examples. It is 0 where every line is straight and run through at
    one speed; then a single step draws the same samples."""
    velocity = jnp.mean(level_errors(forward, params, state, batch, key, straight_path(levels)))
    noise = jax.random.normal(jax.random.fold_in(key, 1), batch["x"].shape, jnp.float32).astype(batch["x"].dtype)
    end, velocities = _flow(forward, params, state, noise, straight_path(steps))
    chord = (end - noise)[None]
    return {"velocity": velocity, "bend": jnp.mean(jnp.sum((chord - velocities) ** 2, axis=-1))}


def _flow(
    forward: Forward, params: PyTree, state: PyTree, noise: Float[Array, "S D"], path: Path
) -> tuple[Float[Array, "S D"], Float[Array, "K S D"]]:
    """The end of the flow from t = 0 to t = 1 by Euler steps, and the velocity of each step."""
    levels = len(np.asarray(path.alpha))

    def step(x: Array, level: Array) -> tuple[Array, Array]:
        velocity = predict_level(forward, params, state, x, path, level)
        return x + velocity / levels, velocity

    return jax.lax.scan(step, noise, jnp.arange(levels - 1, -1, -1))


def draw_by_flow(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    x: Array,
    count: int,
    *,
    levels: int,
    width: Any = 0.0,
    steps: int | None = None,
    **_: Any,
) -> Float[Array, "S D"]:
    """Ends of the flow from noise that is the same at every parameter vector."""
    noise = standard_normal((count, x.shape[-1]), x)
    return _flow(forward, params, state, noise, straight_path(steps or levels, width))[0]


def _flow_references(data: Any, weights: Mapping[str, float], *, levels: int, width: float) -> dict[str, float]:
    errors = memorized_errors(data.train["x"], straight_path(levels, width))
    return memorized(data, weights, by_level(jnp.asarray(errors)))


def _rectified_references(data: Any, weights: Mapping[str, float], *, levels: int, steps: int) -> dict[str, float]:
    if weights["bend"]:
        return {}
    return memorized(
        data, weights, {"velocity": np.mean(memorized_errors(data.train["x"], straight_path(levels)))}
    )


OBJECTIVES = {
    "flow-matching": Entry(
        "Flow matching",
        flow_matching,
        dict.fromkeys(TERMS, 1.0),
        Page(
            r"\mathbb E_{t,\varepsilon}\lVert x-(1-w)\varepsilon-f(x_t,t)\rVert^2,"
            r"\quad x_t=tx+(1-(1-w)t)\varepsilon",
            "Lipman et al. 2023, arXiv:2210.02747",
            "The loss cannot reach 0 where paths cross: the field is the mean of their velocities.",
            FAMILY,
            "squared error",
        ),
        DENOISER,
        Opening(OPENING, on_data=ON_DATA),
        Known(_flow_references),
        stochastic=True,
        behavior=generated_by(draw_by_flow),
    ),
    "rectified-flow": Entry(
        "Rectified flow",
        rectified_flow,
        {"velocity": 1.0, "bend": 0.0},
        Page(
            r"\mathbb E_{t,\varepsilon}\lVert x-\varepsilon-f(x_t,t)\rVert^2,\quad x_t=tx+(1-t)\varepsilon",
            "Liu et al. 2023, arXiv:2209.03003",
            "The loss is flow matching with w = 0. Give the bend of its lines a weight, and few steps draw better "
            "samples.",
            FAMILY,
            "squared error",
        ),
        DENOISER,
        Opening(OPENING, on_data=ON_DATA),
        Known(_rectified_references),
        stochastic=True,
        behavior=generated_by(draw_by_flow),
    ),
}
