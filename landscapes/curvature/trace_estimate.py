"""The trace of the Hessian by Hutchinson's estimator."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import (
    Progress,
    check_finite,
    check_no_game,
    flatten,
    product_batches,
    progress_reporter,
)
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key


class Trace(NamedTuple):
    """An estimate of tr H and its standard error."""

    value: float
    error: float
    probes: int

    __repr__ = display.short_repr

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"{display.with_error(self.value, self.error)}, {self.probes} probes"


@check_arguments
def trace(
    problem: Problem,
    key: Any = 0,
    probes: int = 32,
    *,
    params: PyTree | None = None,
    progress: Progress | None = None,
) -> Trace:
    """tr H by Hutchinson's estimator: the mean of zᵀHz over Rademacher vectors z, with its standard error.

    It is exact for a diagonal Hessian. Otherwise the variance of one probe is 2·Σ_{i≠j} H²ᵢⱼ.

    Raises:
        ValueError: for a game, a point where the loss is not finite, or fewer than two probes.
    """
    check_no_game(problem)
    if probes < 2:
        raise ValueError(f"a standard error needs at least 2 probes, not {probes}")
    report = progress_reporter(progress)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        check_finite(problem, point)
        signs = np.asarray(jax.random.rademacher(as_key(key), (probes, problem.dim), jnp.float32), np.float64)
        values: list[float] = []
        for rows in product_batches(problem, point, signs):
            start = len(values)
            values.extend(np.sum(signs[start : start + len(rows)] * rows, axis=1))
            report(len(values) / probes, None)
    return Trace(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(probes)), probes)
