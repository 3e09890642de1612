"""A Hessian that is exactly zero: that of a piecewise linear loss, or of a degenerate point."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.curvature import lanczos
from landscapes.curvature.hessian import apply_hessian_at
from landscapes.problem import Problem

KINKS = (
    "Every second derivative is exactly zero, here and nearby: the loss is piecewise linear, and its kinks are "
    "invisible to the Hessian."
)
DEGENERATE = "Every second derivative is exactly zero here but not nearby: eigenvalues cannot classify this point."


def explain_zero_hessian(problem: Problem, point: Any, key: Any) -> str:
    """One sentence on whether the Hessian is zero at this flat point only, or nearby, too."""
    offset, direction = lanczos.random_unit_vectors(jax.random.split(key), problem.dim, point.dtype)
    reach = 1e-2 * (1 + float(jnp.linalg.norm(point)))
    flat = not np.any(np.asarray(apply_hessian_at(problem, point + reach * offset, direction[None], 1)))
    return KINKS if flat else DEGENERATE
