"""Models of a density that is known at every point.

A module with the capability "density" has two methods. `log_density(x["N D"])` returns log p(x) in nats, ["N"], of
a density whose integral is 1 whatever the parameters are. `sample(key, count=N)` returns N points drawn from it,
["N D"]; random numbers are drawn in float32 whatever the precision.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP
from .initialization import Activation
from .model import Model

LARGEST_LOG_SCALE = 3.0  # of one coupling layer: exp(s) stays between 0.05 and 20


class CouplingFlow(nnx.Module):
    """x ↦ z by layers that move every second coordinate: z = x·exp(s) + t, where s and t are a multilayer
    perceptron of the others (Dinh et al. 2017). z is standard normal, so that log p(x) = log N(z; 0, I) + Σ s.

    s = 3 tanh(raw/3). The output layers begin small, so that the flow begins near the identity.
    """

    def __init__(self, size: int, layers: int, width: int, activation: str, rngs: nnx.Rngs) -> None:
        self.size = size
        self.layers = nnx.List(
            MLP(size, 2 * size, width, 1, activation, "none", False, "batch", rngs) for _ in range(layers)
        )
        for layer in self.layers:
            layer.output.kernel[...] = 0.1 * layer.output.kernel[...]

    def _layer(self, k: int, x: Float[Array, "N D"]) -> tuple[Array, Array, Array]:
        """Which coordinates the layer moves, s and t."""
        moves = jnp.asarray((np.arange(self.size) + k) % 2 == 0, x.dtype)[None]
        raw, shift = jnp.split(self.layers[k](x * (1 - moves)), 2, axis=-1)
        return moves, LARGEST_LOG_SCALE * jnp.tanh(raw / LARGEST_LOG_SCALE) * moves, shift * moves

    def log_density(self, x: Float[Array, "N D"]) -> Float[Array, "N"]:
        total = jnp.zeros(len(x), x.dtype)
        for k in range(len(self.layers)):
            _, log_scale, shift = self._layer(k, x)
            x = x * jnp.exp(log_scale) + shift
            total = total + jnp.sum(log_scale, axis=-1)
        return total - 0.5 * jnp.sum(x**2 + jnp.log(2 * jnp.pi), axis=-1)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N D"]:
        dtype = jax.tree.leaves(nnx.state(self, nnx.Param))[0].dtype
        z = jax.random.normal(key, (count, self.size), jnp.float32).astype(dtype)
        for k in reversed(range(len(self.layers))):
            _, log_scale, shift = self._layer(k, z)
            z = (z - shift) * jnp.exp(-log_scale)
        return z


class Autoregressive(nnx.Module):
    """p(x) = ∏ᵢ p(xᵢ|x₁ … xᵢ₋₁), each factor a mixture of normals whose logits, means and log deviations are one
    multilayer perceptron of the coordinates before i and of i."""

    def __init__(
        self, size: int, components: int, width: int, depth: int, activation: str, rngs: nnx.Rngs
    ) -> None:
        self.size = size
        self.network = MLP(2 * size, 3 * components, width, depth, activation, "none", False, "batch", rngs)

    def _mixture(self, x: Float[Array, "N D"], i: Any) -> tuple[Array, Array, Array]:
        """Log weights, means and log deviations of xᵢ, ["N K"] each."""
        at = jnp.arange(self.size)
        before = jnp.where((at < i)[None], x, 0)
        place = jnp.broadcast_to((at == i).astype(x.dtype)[None], x.shape)
        logits, means, log_deviations = jnp.split(self.network(jnp.concatenate([before, place], -1)), 3, axis=-1)
        return jax.nn.log_softmax(logits), means, log_deviations

    def log_density(self, x: Float[Array, "N D"]) -> Float[Array, "N"]:
        def factor(i: Array) -> Array:
            log_weights, means, log_deviations = self._mixture(x, i)
            z = (jnp.take(x, i, axis=1)[:, None] - means) * jnp.exp(-log_deviations)
            parts = log_weights - 0.5 * (z**2 + jnp.log(2 * jnp.pi)) - log_deviations
            return jax.scipy.special.logsumexp(parts, axis=-1)

        return jnp.sum(jax.vmap(factor)(jnp.arange(self.size)), axis=0)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N D"]:
        dtype = jax.tree.leaves(nnx.state(self, nnx.Param))[0].dtype
        x = jnp.zeros((count, self.size), dtype)
        for i in range(self.size):
            choice, normal = jax.random.split(jax.random.fold_in(key, i))
            log_weights, means, log_deviations = self._mixture(x, i)
            uniform = jax.random.uniform(choice, (count, 1), jnp.float32).astype(dtype)
            chosen = jnp.sum(uniform > jnp.cumsum(jnp.exp(log_weights), axis=-1)[:, :-1], axis=-1)[:, None]
            mean, log_deviation = (jnp.take_along_axis(each, chosen, -1)[:, 0] for each in (means, log_deviations))
            z = jax.random.normal(normal, (count,), jnp.float32).astype(dtype)
            x = x.at[:, i].set(mean + jnp.exp(log_deviation) * z)
        return x


Width = Annotated[int, Interval(ge=1, le=256), "units in each hidden layer"]


def coupling_flow(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    layers: Annotated[
        int, Interval(ge=1, le=16), "coupling layers, which move every second coordinate in turn"
    ] = 6,
    width: Width = 16,
    activation: Activation = "tanh",
) -> nnx.Module:
    """A normalizing flow of affine coupling layers, see `CouplingFlow`."""
    return CouplingFlow(prod(input_shape), layers, width, activation, rngs)


def autoregressive(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    components: Annotated[int, Interval(ge=1, le=32), "normals in the mixture of each coordinate"] = 8,
    width: Width = 24,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers"] = 2,
    activation: Activation = "tanh",
) -> nnx.Module:
    """An autoregressive mixture density, see `Autoregressive`."""
    return Autoregressive(prod(input_shape), components, width, depth, activation, rngs)


_VECTORS, _TARGETS, _DENSITY = frozenset({"vector"}), frozenset({"samples", "none"}), frozenset({"density"})

MODELS = {
    "coupling-flow": Model(coupling_flow, _VECTORS, _TARGETS, "Affine coupling flow", _DENSITY),
    "autoregressive": Model(autoregressive, _VECTORS, _TARGETS, "Autoregressive mixture density", _DENSITY),
}
