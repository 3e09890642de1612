"""What a generator generates: samples beside the data, and reconstructions of an autoencoder.

The random numbers are the same at every parameter vector, so that samples move with the parameters alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .predictions import drawn_range

Forward = Callable[..., Any]

SAMPLES = 200  # points that a display shows
PICTURES = 24  # that are generated
RECONSTRUCTED = 8  # images
GRID = 32  # points along each side of the discriminator's map
CURVE_POINTS = 81  # of the discriminator's curve
BINS = 30  # of a histogram
HISTOGRAM_SAMPLES = 4000  # draws for a histogram


class Samples(NamedTuple):
    """Points that the model generates."""

    sampled: Float[Array, "S 2"]


class Adversaries(NamedTuple):
    """Points that the generator generates, and σ(D) at each point of a grid (rows: the second coordinate)."""

    sampled: Float[Array, "S 2"]
    realness: Float[Array, "G G"]


class Duel(NamedTuple):
    """The numbers that the generator generates, and the discriminator's logit along the line."""

    sampled: Float[Array, "S"]
    logits: Float[Array, "P"]


class Histogram(NamedTuple):
    """The density of generated numbers in each bin."""

    density: Float[Array, "B"]


class Pictures(NamedTuple):
    """Generated images."""

    sampled: Float[Array, "S D"]


class Reconstructions(NamedTuple):
    """The decoded mean of q(z|x) of each drawn image, and images decoded from z ~ N(0, I)."""

    reconstructed: Float[Array, "P D"]
    sampled: Float[Array, "P D"]


def _noise(shape: tuple[int, ...], like: Array, draw: int = 0) -> Array:
    """Normal numbers, drawn in float32 whatever the precision."""
    return jax.random.normal(jax.random.key(draw), shape, jnp.float32).astype(like.dtype)


def _values(outputs: Array, likelihood: str) -> Array:
    """The mean of x from the outputs of a decoder."""
    return jax.nn.sigmoid(outputs) if likelihood == "bernoulli" else outputs


def _observations(x: Array, likelihood: str) -> Array:
    x = x.reshape(len(x), -1)
    return (x > 0.5).astype(x.dtype) if likelihood == "bernoulli" else x


def show_reconstructions(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    inputs: Any,
    key: Any,
    *,
    likelihood: str = "gaussian",
    **_: Any,
) -> Reconstructions:
    """Reconstructions and samples of an autoencoder; see `Reconstructions`."""
    mean, _variance = forward(params, state, _observations(inputs["x"], likelihood), method="encode")
    z = jnp.concatenate([mean, _noise(mean.shape, mean)])
    decoded = _values(forward(params, state, z, method="decode"), likelihood)
    return Reconstructions(decoded[: len(mean)], decoded[len(mean) :])


def _draw_samples(
    forward: Any, params: Any, state: Any, inputs: Any, count: int, likelihood: str, variance: Any
) -> Array:
    """Samples x of p(x|z)p(z); the mean of x given z where values are binary."""
    x = _observations(inputs["x"], likelihood)
    mean, _ = forward(params, state, x, method="encode")
    decoded = forward(params, state, _noise((count, mean.shape[-1]), mean), method="decode")
    if likelihood == "bernoulli":
        return _values(decoded, likelihood)
    return decoded + jnp.sqrt(jnp.asarray(variance, decoded.dtype)) * _noise(decoded.shape, decoded, 1)


def show_samples(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    inputs: Any,
    key: Any,
    *,
    variance: Any,
    likelihood: str = "gaussian",
    **_: Any,
) -> Samples:
    """Samples of two numbers from an autoencoder's p(x)."""
    return Samples(_draw_samples(forward, params, state, inputs, SAMPLES, likelihood, variance))


def show_histogram(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    inputs: Any,
    key: Any,
    *,
    variance: Any,
    likelihood: str = "gaussian",
    **_: Any,
) -> Histogram:
    """The density of one number under an autoencoder's p(x)."""
    x = _draw_samples(forward, params, state, inputs, HISTOGRAM_SAMPLES, likelihood, variance)[:, 0]
    return Histogram(_density(x, inputs["edges"]))


def _density(x: Float[Array, "S"], edges: Float[Array, "B1"]) -> Float[Array, "B"]:
    counts = jnp.sum((x[:, None] >= edges[None, :-1]) & (x[:, None] < edges[None, 1:]), axis=0)
    return counts / (len(x) * (edges[1] - edges[0]))


def show_adversaries(
    forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any
) -> Adversaries:
    """Samples in the plane and the discriminator's map."""
    sampled = forward(params, state, jax.random.fold_in(key, 0), method="sample", count=SAMPLES)
    logits = forward(params, state, inputs["grid"], method="discriminate")
    return Adversaries(sampled, jax.nn.sigmoid(logits).reshape(GRID, GRID))


def show_duel(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Duel:
    """Samples on the line and the discriminator along it."""
    sampled = forward(params, state, jax.random.fold_in(key, 0), method="sample", count=1)
    return Duel(sampled[:, 0], forward(params, state, inputs["curve"], method="discriminate"))


def show_pictures(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Pictures:
    """Images from the generator."""
    return Pictures(forward(params, state, jax.random.fold_in(key, 0), method="sample", count=PICTURES))


def reconstructions(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of an autoencoder: reconstructed and generated images, samples beside data of two numbers, or
    the density of one number. None for other vectors."""
    x = getattr(data, split)["x"]
    size = int(np.prod(x.shape[1:]))
    if dataset.pixels is not None:
        x = x[:RECONSTRUCTED]
        return Behavior(show_reconstructions, {"x": x}, {"images": x.reshape(-1, *dataset.pixels)})
    if size == 2:
        return Behavior(show_samples, {"x": x[:1]}, _plane(data, split))
    if size == 1:
        edges, drawn = _bins(data, split)
        return Behavior(show_histogram, {"x": x[:1], "edges": edges}, drawn)
    return None


def _bins(data: Data, split: str) -> tuple[np.ndarray, dict[str, Any]]:
    """The edges of a histogram of one number, and what is drawn with it."""
    edges = np.linspace(*drawn_range(data.train["x"].ravel()), BINS + 1)
    density = np.histogram(getattr(data, split)["x"].ravel(), edges, density=True)[0]
    box = [[float(edges[0]), float(edges[-1])], [0.0, 1.6 * float(density.max())]]
    return edges.astype(np.float32), {"density": density.astype(np.float32), "box": box}


def generated(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of a generator and a discriminator: images, or points on the line or in the plane with the
    discriminator's map. None for other vectors."""
    x = getattr(data, split)["x"]
    size = int(np.prod(x.shape[1:]))
    if dataset.pixels is not None:
        return Behavior(show_pictures, {}, {"shape": list(dataset.pixels)})
    if size == 2:
        picture = _plane(data, split)
        axes = [np.linspace(*ends, GRID) for ends in picture["box"]]
        grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2).astype(np.float32)
        return Behavior(show_adversaries, {"grid": grid}, picture)
    if size == 1:
        low, high = -2.5, 2.5  # the equilibrium is 0, and the game opens at 1
        curve = np.linspace(low, high, CURVE_POINTS, dtype=np.float32)[:, None]
        picture = {"points": x[:SAMPLES].ravel(), "box": [[low, high], [-2.0, 2.0]]}
        return Behavior(show_duel, {"curve": curve}, picture)
    return None


def generated_by(draw: Callable[..., Array]) -> Callable[[Dataset, Data, str], Behavior | None]:
    """The display of a model that `draw(forward, params, state, x, count, **knobs)` draws ["count D"] from: images
    whose values are cut off at 0 and 1, points beside the data, or the density of one number. `x` holds one
    example ["1 D"]. None for other vectors."""

    def draw_points(
        forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **knobs: Any
    ) -> Samples:
        return Samples(draw(forward, params, state, inputs["x"], SAMPLES, **knobs))

    def draw_pictures(
        forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **knobs: Any
    ) -> Pictures:
        return Pictures(jnp.clip(draw(forward, params, state, inputs["x"], PICTURES, **knobs), 0, 1))

    def draw_numbers(
        forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **knobs: Any
    ) -> Histogram:
        x = draw(forward, params, state, inputs["x"], HISTOGRAM_SAMPLES, **knobs)[:, 0]
        return Histogram(_density(x, inputs["edges"]))

    def behavior(dataset: Dataset, data: Data, split: str) -> Behavior | None:
        x = getattr(data, split)["x"]
        x = x.reshape(len(x), -1)
        if dataset.pixels is not None:
            return Behavior(draw_pictures, {"x": x[:1]}, {"shape": list(dataset.pixels)})
        if x.shape[1] == 2:
            return Behavior(draw_points, {"x": x[:1]}, _plane(data, split))
        if x.shape[1] == 1:
            edges, drawn = _bins(data, split)
            return Behavior(draw_numbers, {"x": x[:1], "edges": edges}, drawn)
        return None

    return behavior


def _plane(data: Data, split: str) -> dict[str, Any]:
    points = getattr(data, split)["x"].reshape(-1, 2)
    train = data.train["x"].reshape(-1, 2)
    # Samples lie outside of the data at first.
    middle, half = (train.max(0) + train.min(0)) / 2, 0.8 * (train.max(0) - train.min(0))
    box = [[float(middle[k] - half[k]), float(middle[k] + half[k])] for k in (0, 1)]
    return {"points": points[:SAMPLES], "box": box}
