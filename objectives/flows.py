"""Flow matching: a velocity field f(x, t) whose flow carries noise at t = 0 to data at t = 1; see `denoising`.

The path is x_t = tx + (1 − (1 − w)t)ε, and its velocity x − (1 − w)ε is predicted at t_k = (k + ½)/K. The best
field is the mean velocity E[x − (1 − w)ε|x_t] of all paths through a point. Its flow has the distribution of x_t
at every t, though its lines are bent where paths cross.

Rectified flow is flow matching with w = 0; the losses are equal. Its paper adds a measure of how straight the
lines of the flow are, the term "bend" here, and a second training on the ends of these lines, "reflow". The first
flow is here that of the best field of the examples, which is known, in place of a trained one; see `flow_ends`.
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
    pair_errors,
    predict_level,
    standard_normal,
)
from .entry import Entry, Known, Opening, Page
from .generation import generated_by

REFLOW_STEPS = 32  # Euler steps of the first flow

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
    reflow: Annotated[bool, "train on the ends of the lines of the best first flow"] = False,
) -> Terms:
    """velocity: E‖x − ε − f(x_t, t)‖²; with reflow x is no drawn example, but the end of the first line from ε.

    bend: (1/S)Σₛ E‖z₁ − z₀ − f(zₛ, tₛ)‖² along the S Euler steps of the flow from as many points of noise as there
    are examples. It is 0 where every line is straight and run through at one speed; then a single step draws the
    same samples.
    """
    path, x = straight_path(levels), batch["x"].reshape(len(batch["x"]), -1)
    noise, first = (
        jax.random.normal(jax.random.fold_in(key, draw), x.shape, jnp.float32).astype(x.dtype) for draw in (1, 2)
    )
    if reflow:
        pairs = (jnp.broadcast_to(each[None], (levels, *x.shape)) for each in (flow_ends(first, x), first))
        velocity = jnp.mean(pair_errors(forward, params, state, *pairs, path))
    else:
        velocity = jnp.mean(level_errors(forward, params, state, batch, key, path))
    end, velocities = _flow(forward, params, state, noise, straight_path(steps))
    chord = (end - noise)[None]
    return {"velocity": velocity, "bend": jnp.mean(jnp.sum((chord - velocities) ** 2, axis=-1))}


def flow_ends(
    noise: Float[Array, "S D"], x: Float[Array, "N D"], steps: int = REFLOW_STEPS
) -> Float[Array, "S D"]:
    """Where the flow of the best field carries each point of noise, by Euler steps. The velocity of that field is
    (E[x|x_t] − x_t)/(1 − t) for x uniform over the examples. The last step ends at E[x|x_t], nearly always an
    example.

    On a line the ends are in the order of the noise, so that no two of the straight lines between them cross.
    """
    squares = jnp.sum(x**2, axis=1)[None]

    def step(z: Array, k: Array) -> tuple[Array, None]:
        t = (k / steps).astype(z.dtype)
        clean = jax.nn.softmax((t * z @ x.T - t**2 * squares / 2) / (1 - t) ** 2) @ x
        return z + (clean - z) / (steps - k).astype(z.dtype), None

    return jax.lax.scan(step, noise, jnp.arange(steps))[0]


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


def _rectified_references(
    data: Any, weights: Mapping[str, float], *, levels: int, steps: int, reflow: bool
) -> dict[str, float]:
    if weights["bend"] or reflow:
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
            "The loss is flow matching with w = 0. With reflow, or with a weight on the bend of its lines, few "
            "steps draw better samples.",
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
