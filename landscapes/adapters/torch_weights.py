"""Weights of PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import PyTree

from landscapes.problem import Problem

# The names of a BatchNorm layer's buffers, which are no parameters.
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def from_torch(
    state_dict: Mapping[str, Any], loss: Callable[..., Any], data: PyTree = None, **options: Any
) -> Problem:
    """The problem of `loss(weights)` or `loss(weights, data)` over the tensors of a `state_dict`.

    `weights` is {name: array} with the names of PyTorch, such as "layers.0.weight". The forward pass is the loss's
    own, in JAX: a linear layer is `x @ weights["fc.weight"].T + weights["fc.bias"]`, a convolution
    `jax.lax.conv_general_dilated(x, weights["conv.weight"], …, dimension_numbers=("NCHW", "OIHW", "NCHW"))`.
    Output units lie along axis 0. Integers and the buffers of BatchNorm ride along; bfloat16 is read as float32.

    Args:
        state_dict: tensors, on any device, or arrays.
        options: of `Problem.from_loss`; `where` replaces the rule for buffers, `filter_axes` replaces 0.
    """
    weights = {name: _array(name, tensor) for name, tensor in state_dict.items()}
    defaults = {"where": lambda path, leaf: not path.endswith(BUFFERS), "filter_axes": 0}
    return Problem.from_loss(loss, weights, data, **defaults | options)


def _array(name: str, tensor: Any) -> np.ndarray:
    if isinstance(tensor, np.ndarray):
        return tensor
    if not hasattr(tensor, "detach"):
        raise ValueError(f"{name!r} is a {type(tensor).__name__}, no tensor; give module.state_dict()")
    tensor = tensor.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
