"""How kernels start, and the activations that they start for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import jax
from jax.nn.initializers import Initializer, variance_scaling

Activation = Annotated[Literal["relu", "tanh", "gelu", "silu", "sigmoid"], "nonlinearity φ of the hidden layers"]

ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "relu": jax.nn.relu,
    "tanh": jax.nn.tanh,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "sigmoid": jax.nn.sigmoid,
}

# The variance of a kernel is scale/fan_in. 2 keeps the second moment through a ReLU (He et al. 2015,
# 1502.01852), and nearly so through GELU and SiLU; 16 undoes the slope ¼ of the sigmoid at 0.
_SCALE = {"relu": 2.0, "gelu": 2.0, "silu": 2.0, "tanh": 1.0, "sigmoid": 16.0}


def kernel_init(activation: str, gain: float = 1.0) -> Initializer:
    """Normal weights of variance gain²·scale/fan_in for a layer that feeds `activation`.

    `gain` makes the branches of a residual network small enough that their sum does not grow with depth.
    """
    return variance_scaling(gain**2 * _SCALE[activation], "fan_in", "truncated_normal")


# The last, affine layer keeps the variance of what it reads.
output_init: Initializer = variance_scaling(1.0, "fan_in", "truncated_normal")
