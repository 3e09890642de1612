"""Activations, and initializers of the kernels that feed them."""

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

# The variance of a kernel is scale/fan_in. A scale of 2 preserves the second moment through a ReLU (He et al.
# 2015, 1502.01852) and nearly through GELU and SiLU; 16 compensates the slope ¼ of the sigmoid at 0.
_VARIANCE_SCALE = {"relu": 2.0, "gelu": 2.0, "silu": 2.0, "tanh": 1.0, "sigmoid": 16.0}


def kernel_init(activation: str, gain: float = 1.0) -> Initializer:
    """Normal weights of variance gain²·scale/fan_in for a layer that feeds `activation`.

    `gain` scales the branches of a residual network so that their sum does not grow with depth.
    """
    return variance_scaling(gain**2 * _VARIANCE_SCALE[activation], "fan_in", "truncated_normal")


# The last, affine layer preserves the variance of its inputs.
output_init: Initializer = variance_scaling(1.0, "fan_in", "truncated_normal")
