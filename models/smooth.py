"""Smooth networks: functions of position and time that can be differentiated by their inputs.

Their inputs are coordinates x["N d"] of the kinds "interval" and "space-time"; their targets are of the kind
"solution".
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Literal

from annotated_types import Interval
from flax import nnx

from .dense import MLP, mlp_units
from .model import Model

SmoothActivation = Annotated[
    Literal["tanh", "gelu", "silu", "sigmoid"], "smooth nonlinearity φ of the hidden layers"
]


def smooth_mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "number of units in each hidden layer"] = 24,
    depth: Annotated[int, Interval(ge=1, le=8), "number of hidden layers"] = 2,
    activation: SmoothActivation = "tanh",
) -> nnx.Module:
    """A multilayer perceptron, see `MLP`, whose second derivatives by its inputs exist and are not 0, unlike those
    of a ReLU network."""
    return MLP(prod(input_shape), outputs, width, depth, activation, "none", False, "batch", rngs)


def smooth_units(*, depth: int, **_: object) -> tuple:
    """One group of units per hidden layer, none of them homogeneous."""
    return mlp_units(depth=depth, activation="tanh", normalization="none", residual=False)


MODELS = {
    "smooth-mlp": Model(
        smooth_mlp,
        frozenset({"interval", "space-time"}),
        frozenset({"solution"}),
        "Smooth multilayer perceptron",
        units=smooth_units,
    )
}
