"""Energy-based models p(x) = exp(−E(x))/Z, trained without Z, by noise contrast or by contrastive divergence.

In one and two dimensions log Z = log ∫exp(−E) is a sum over a grid of 64 points an axis from −6s to 6s, the
reference that neither method uses. In more dimensions it is estimated by importance sampling from N(0, s²I).
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
from .likelihood import FAMILY, references, size
from .softmax import softplus

Forward = Callable[..., Any]
Terms = dict[str, Float[Array, ""]]

GRID = 64  # points along each axis
REACH = 6.0  # of the grid, in units of s
SAMPLING_STEPS = 200  # of Langevin dynamics, for samples

Scale = Annotated[float, Interval(ge=0.5, le=5), "s, standard deviation of the noise"]


def noise_contrastive(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, scale: Scale = 1.5
) -> Terms:
    """contrast: −E log σ(h(x)) − E log σ(−h(y)) over data x and as many points y of the noise n = N(0, s²I), with
    h = −E − log n (Gutmann & Hyvärinen 2010). E is a negative log density with its constant, and at the optimum
    log Z = 0. nll and log-partition are references."""
    x = batch["x"].reshape(len(batch["x"]), -1)
    deviation = jnp.asarray(scale, x.dtype)
    y = deviation * jax.random.normal(key, x.shape, jnp.float32).astype(x.dtype)
    energies = [forward(params, state, each, method="energy") for each in (x, y)]
    real, fake = (-energy - _log_normal(each, deviation) for energy, each in zip(energies, (x, y), strict=True))
    log_partition = partition(forward, params, state, y, energies[1], deviation)
    return {
        "contrast": jnp.mean(softplus(-real)) + jnp.mean(softplus(fake)),
        "nll": jnp.mean(energies[0]) + log_partition,
        "log-partition": log_partition,
    }


def contrastive_divergence(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    steps: Annotated[int, Interval(ge=1, le=100), "k, Langevin steps from each example"] = 20,
    step_size: Annotated[float, Interval(gt=0, le=1), "η, size of a Langevin step"] = 0.1,
    scale: Scale = 1.5,
) -> Terms:
    """nll: −E log p(x), with log Z as `partition` gives it; its gradient is E∇E(x) − E∇E(x̃) in place of the true
    one (Hinton 2002), with x̃ after k steps x ← x − ½η∇ₓE + √η·z from each example.

    For k → ∞ and η → 0 it tends to the gradient of nll. For finite k it is biased, and its Jacobian is not
    symmetric: it is the gradient of no loss.
    """
    x = batch["x"].reshape(len(batch["x"]), -1)
    y = jnp.asarray(scale, x.dtype) * jax.random.normal(key, x.shape, jnp.float32).astype(x.dtype)
    noise = jax.random.normal(jax.random.fold_in(key, 1), (steps, *x.shape), jnp.float32).astype(x.dtype)

    def energy(params: PyTree, at: Array) -> Array:
        return jnp.mean(forward(params, state, at, method="energy"))

    @jax.custom_jvp
    def nll(params: PyTree) -> Array:
        fake = forward(params, state, y, method="energy")
        return energy(params, x) + partition(forward, params, state, y, fake, jnp.asarray(scale, x.dtype))

    @nll.defjvp
    def _(primals: Any, tangents: Any) -> tuple[Array, Array]:
        (params,), (direction,) = primals, tangents
        moved = langevin(forward, params, state, x, noise, jnp.asarray(step_size, x.dtype))
        _, slope = jax.jvp(lambda params: energy(params, x) - energy(params, moved), (params,), (direction,))
        return nll(params), slope

    return {"nll": nll(params)}


def partition(
    forward: Forward, params: PyTree, state: PyTree, y: Array, energies: Array, scale: Array
) -> Float[Array, ""]:
    """log Z: on a grid in one and two dimensions, otherwise from the energies of y ~ N(0, s²I)."""
    if y.shape[1] > 2:
        log_ratios = -energies - _log_normal(y, scale)
        return jax.scipy.special.logsumexp(log_ratios) - jnp.log(len(y))
    side = REACH * (2 * (np.arange(GRID) + 0.5) / GRID - 1)
    grid = np.stack(np.meshgrid(*[side] * y.shape[1], indexing="ij"), -1).reshape(-1, y.shape[1])
    found = forward(params, state, scale * jnp.asarray(grid, y.dtype), method="energy")
    return jax.scipy.special.logsumexp(-found) + y.shape[1] * jnp.log(2 * REACH * scale / GRID)


def langevin(
    forward: Forward, params: PyTree, state: PyTree, x: Array, noise: Float[Array, "K N D"], step_size: Array
) -> Float[Array, "N D"]:
    """x after K steps x ← x − ½η∇ₓE + √η·z."""
    slope = jax.grad(lambda x: jnp.sum(forward(params, state, x, method="energy")))

    def step(x: Array, z: Array) -> tuple[Array, None]:
        return x - 0.5 * step_size * slope(x) + jnp.sqrt(step_size) * z, None

    return jax.lax.scan(step, x, noise)[0]


def draw(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    x: Array,
    count: int,
    *,
    scale: Any,
    step_size: Any = 0.1,
    **_: Any,
) -> Float[Array, "S D"]:
    """200 Langevin steps from N(0, s²I), with the same random numbers at every parameter vector."""
    shape = (SAMPLING_STEPS + 1, count, x.shape[-1])
    noise = jax.random.normal(jax.random.key(0), shape, jnp.float32).astype(x.dtype)
    first = jnp.asarray(scale, x.dtype) * noise[-1]
    return langevin(forward, params, state, first, noise[:-1], jnp.asarray(step_size, x.dtype))


def _log_normal(x: Array, scale: Array) -> Float[Array, "N"]:
    """log N(x; 0, s²I)."""
    return -0.5 * jnp.sum((x / scale) ** 2 + jnp.log(2 * jnp.pi * scale**2), axis=-1)


def _untrained(data: Any, weights: Mapping[str, float], *, scale: float, **_: Any) -> dict[str, float]:
    """The weighted sum at E = −log n, where log Z is 0."""
    x = data.train["x"].reshape(len(data.train["x"]), -1).astype(np.float64)
    nll = np.mean(np.sum(0.5 * (x / scale) ** 2 + 0.5 * np.log(2 * np.pi * scale**2), axis=1))
    value = weights["contrast"] * 2 * np.log(2) + weights["nll"] * nll
    return {"a density equal to the noise": float(value)}


def _nll_references(data: Any, weights: Mapping[str, float], **_: Any) -> dict[str, float]:
    return references(data, weights)


_ENERGY = Fits({"samples", "none"}, {"vector"}, {"energy"}, size)
_OPENING = {
    "data": "ring",
    "ring.examples": "500",
    "ring.noise": "0.2",
    "ring.modes": "5",
    "model": "energy-mlp",
    "optimizers": "adam+momentum",
    "steps": "300",
    "scale": "log",
    "behavior": "true",
}

OBJECTIVES = {
    "noise-contrastive": Entry(
        "Noise-contrastive estimation",
        noise_contrastive,
        {"contrast": 1.0, "nll": 0.0, "log-partition": 0.0},
        Page(
            r"-\mathbb E_{\mathrm{data}}\log\sigma(h)-\mathbb E_{\mathrm{noise}}\log\sigma(-h),"
            r"\quad h=-E-\log n",
            "Gutmann & Hyvärinen 2010, AISTATS",
            "The log of the partition function, which is not trained, tends to 0: the energy normalizes itself.",
            FAMILY,
        ),
        _ENERGY,
        Opening(_OPENING | {"adam.learning_rate": "0.01", "momentum.learning_rate": "0.02"}),
        Known(_untrained),
        stochastic=True,
        behavior=generated_by(draw),
    ),
    "contrastive-divergence": Entry(
        "Contrastive divergence",
        contrastive_divergence,
        {"nll": 1.0},
        Page(
            r"\nabla\approx\mathbb E_{\mathrm{data}}\nabla E(x)-\mathbb E\,\nabla E(\tilde x_k)",
            "Hinton 2002, Neural Computation 14",
            "The surface is the −log-likelihood. The path follows a field that is the gradient of no loss: "
            "without the cosine schedule it climbs again.",
            FAMILY,
            "−log-likelihood, nats",
        ),
        _ENERGY,
        # In longer runs the energy falls where no chain comes, and log Z grows. At a constant rate of 0.002 the
        # lowest value is 1.40, and the last 1.58; at 0.006 the end of a cosine is above the start.
        Opening(
            _OPENING
            | {"energy-mlp.activation": "tanh", "adam.learning_rate": "0.004", "optimizers": "adam"}
            | {"contrastive-divergence.steps": "30", "schedule": "cosine"}
        ),
        Known(_nll_references),
        stochastic=True,
        gradient="estimate",
        behavior=generated_by(draw),
    ),
}
