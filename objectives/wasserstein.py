"""Sliced Wasserstein distance between what a generator generates and the data."""

from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Opening, Page
from .generation import generated_by

Terms = dict[str, Float[Array, ""]]


def sliced_wasserstein(
    forward: Any,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    projections: Annotated[int, Interval(ge=1, le=512), "number M of random lines of projection"] = 32,
) -> Terms:
    """(1/M)Σ_m (1/n)Σᵢ (a₍ᵢ₎ − b₍ᵢ₎)², the squared 2-Wasserstein distances between the sorted projections a of n
    generated points and b of the data on random unit vectors (Bonneel et al. 2015; Deshpande et al. 2018).

    On a line sorting is the optimal transport. A shift by t alone costs ‖t‖²/D on average over the unit vectors.
    """
    draw, turn = jax.random.split(key)
    x = batch["x"].reshape(len(batch["x"]), -1)
    fake = forward(params, state, draw, method="sample", count=len(x)).reshape(len(x), -1)
    units = jax.random.normal(turn, (x.shape[1], projections), jnp.float32).astype(fake.dtype)
    units = units / jnp.linalg.norm(units, axis=0, keepdims=True)
    gaps = jnp.sort(fake @ units, axis=0) - jnp.sort(x @ units, axis=0)
    return {"sliced-wasserstein": jnp.mean(gaps**2)}


def _draw(forward: Any, params: PyTree, state: PyTree, x: Array, count: int, **_: Any) -> Array:
    return forward(params, state, jax.random.key(0), method="sample", count=count).reshape(count, -1)


OBJECTIVES = {
    "sliced-wasserstein": Entry(
        "Sliced Wasserstein distance",
        sliced_wasserstein,
        {"sliced-wasserstein": 1.0},
        Page(
            r"\frac1M\sum_{m=1}^M\frac1n\sum_{i=1}^n\bigl(\mathrm{sort}(\theta_m^\top G(z))_i"
            r"-\mathrm{sort}(\theta_m^\top x)_i\bigr)^2",
            "Bonneel et al. 2015, J. Math. Imaging Vis. 51; Deshpande et al. 2018, arXiv:1803.11188",
            "Its slope does not vanish where generated points are far from the data. There is no adversary.",
            "Generators",
        ),
        Fits({"samples"}, {"vector"}, {"generator"}, lambda data: 1),
        Opening(
            {
                "data": "ring",
                "model": "generator-mlp",
                "optimizers": "adam+sgd",
                "adam.learning_rate": "0.01",
                "sgd.learning_rate": "0.1",
                "steps": "200",
                "behavior": "true",
            }
        ),
        stochastic=True,
        behavior=generated_by(_draw),
    ),
}
