"""A loss as the mean over the batches of a loader, differentiable as often as its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
from jax.tree_util import register_dataclass
from jaxtyping import PyTree

from landscapes.batch_source import BatchSource
from landscapes.loss_function import LossFunction


@partial(register_dataclass, data_fields=[], meta_fields=["loss", "source"])
@dataclass(frozen=True)
class StreamedLoss:
    """L(θ) = Σ_b n_b·L_b(θ) / Σ_b n_b over the batches b of n_b examples."""

    loss: LossFunction
    source: BatchSource

    players: ClassVar[None] = None

    @property
    def sense(self) -> Literal["minimize", "maximize"]:
        return self.loss.sense

    def __call__(self, params: PyTree, state: Any, batch: PyTree, key: Any) -> dict[str, Any]:
        def terms(params: PyTree, constants: Any, batch: PyTree) -> dict[str, Any]:
            state, key = constants
            return self.loss(params, state, batch, key)

        sums = _sum_over_batches(terms, self.source, params, (state, key))
        return {name: value / self.source.examples for name, value in sums.items()}


Function = Callable[[PyTree, PyTree, PyTree], PyTree]
"""function(varied, constants, batch); derivatives are taken with respect to the first argument."""


def _sum_over_batches(function: Function, source: BatchSource, varied: PyTree, constants: PyTree) -> PyTree:
    """Σ_b n_b·function(varied, constants, b), in the order of the batches.

    The reverse pass of a loop would ask for the batches backwards and keep what every step computed. The gradient
    here is another sum over batches in their order: Σ_b n_b·(∂function(varied, constants, b))ᵀ·cotangent.
    """

    @jax.custom_vjp
    def total(varied, constants):
        return _loop(function, source, varied, constants)

    def forward(varied, constants):
        return total(varied, constants), (varied, constants)

    def backward(saved, cotangent):
        varied, constants = saved

        def pulled_back(pair, constants, batch):
            varied, cotangent = pair
            _, pullback = jax.vjp(lambda varied: function(varied, constants, batch), varied)
            return pullback(cotangent)[0]

        return _sum_over_batches(pulled_back, source, (varied, cotangent), constants), None

    total.defvjp(forward, backward)
    return total(varied, constants)


def _loop(function: Function, source: BatchSource, varied: PyTree, constants: PyTree) -> PyTree:
    first, last = source.shapes
    count = len(source.sizes)

    def weighted(index: Any, shapes: PyTree, size: int) -> PyTree:
        batch = jax.pure_callback(source.batch, shapes, index)
        return jax.tree.map(lambda leaf: size * leaf, function(varied, constants, batch))

    def step(carry: PyTree, index: Any) -> tuple[PyTree, None]:
        return jax.tree.map(jnp.add, carry, weighted(index, first, source.sizes[0])), None

    shape = jax.eval_shape(lambda: weighted(0, last, source.sizes[-1]))
    start = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shape)
    total, _ = jax.lax.scan(step, start, jnp.arange(count - 1))
    return jax.tree.map(jnp.add, total, weighted(count - 1, last, source.sizes[-1]))
