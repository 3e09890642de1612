"""The trace of the Hessian by Hutchinson's estimator."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import (
    BATCH_SIZE,
    Progress,
    check_finite,
    check_no_game,
    flatten,
    product_batches,
    progress_reporter,
)
from landscapes.evaluation.processes import each_piece
from landscapes.evaluation.result_directory import open_results
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key


class Trace(NamedTuple):
    """An estimate of tr H and its standard error; `examples` is the number in the batches of a loader, or None."""

    value: float
    error: float
    probes: int
    examples: int | None = None

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
    checkpoint: str | os.PathLike[str] | None = None,
) -> Trace:
    """tr H by Hutchinson's estimator: the mean of zᵀHz over Rademacher vectors z, with its standard error.

    It is exact for a diagonal Hessian. Otherwise the variance of one probe is 2·Σ_{i≠j} H²ᵢⱼ.

    Args:
        checkpoint: a directory to which finished probes are written. The same call with the same directory
            computes the others, and several processes share them.

    Raises:
        ValueError: for a game, a point where the loss is not finite, fewer than two probes, or a directory that
            holds results of another problem.
    """
    check_no_game(problem)
    if probes < 2:
        raise ValueError(f"a standard error needs at least 2 probes, not {probes}")
    report = progress_reporter(progress)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        check_finite(problem, point)
        key = as_key(key)
        parts = {"point": point, "key": key, "probes": probes, "weights": problem.weights}
        results = open_results(checkpoint, "trace", problem, parts)
        signs = np.asarray(jax.random.rademacher(key, (probes, problem.dim), jnp.float32), np.float64)
        values, count = np.full(probes, np.nan), probes if results is None else BATCH_SIZE
        firsts = range(0, probes, count)
        names = [f"probes-{first}" for first in firsts]
        for number in each_piece(results, names):
            if number is None:
                report(float(np.mean(np.isfinite(values))), None)
                continue
            piece = slice(firsts[number], firsts[number] + count)
            if results is not None and (saved_values := results.read(names[number])):
                values[piece] = saved_values["values"]
                continue
            done = piece.start
            for rows in product_batches(problem, point, signs[piece]):
                part = slice(done, done + len(rows))
                values[part], done = np.sum(signs[part] * rows, axis=1), part.stop
                report(float(np.mean(np.isfinite(values))), None)
            if results is not None:
                results.write(names[number], {"values": values[piece]})
    return Trace(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(probes)), probes)
