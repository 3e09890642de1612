"""Equinox modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxtyping import PyTree

from landscapes.problem import Problem


def from_equinox(model: Any, loss: Callable[..., Any], data: PyTree = None, **options: Any) -> Problem:
    """The problem of `loss(model)` or `loss(model, data)` over the floating-point arrays of an Equinox module.

    Everything else in the module rides along. Equinox stores the weights of its layers as (out, in), so the output
    units lie along axis 0.

    Args:
        options: of `Problem.from_loss`; `where` restricts what varies, `filter_axes` replaces 0.
    """
    return Problem.from_loss(loss, model, data, **{"where": "*", "filter_axes": 0} | options)
