"""The spectral density of the Hessian from random probes."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import Progress, flatten, progress_reporter
from landscapes.curvature.quadrature import quadrature
from landscapes.evaluation.result_directory import ResultDirectory, open_results
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

if TYPE_CHECKING:
    from landscapes.curvature.hessian_spectrum import Spectrum


@check_arguments
def density(spectrum: Spectrum, grid: Float[np.ndarray, "g"], width: float) -> Float[np.ndarray, "R g"]:
    """The spectral density on a grid, one row per probe: Σᵢ wᵢ·N(λ; nodeᵢ, width²).

    Each row integrates to one. The mean of the rows is the estimate, their spread its uncertainty.

    Raises:
        ValueError: if the spectrum was computed without a density, the width is not positive, or the grid is not
            one array of numbers.
    """
    if spectrum.nodes.shape[1] == 0:
        raise ValueError("this spectrum has no density; compute it with density=8 probes or more")
    if not (width > 0 and np.isfinite(width)):
        raise ValueError(f"the kernel width must be positive, not {width}")
    offset = (np.asarray(grid, np.float64)[None, :, None] - spectrum.nodes[:, None, :]) / width
    kernel = np.exp(-(offset**2) / 2) / (width * np.sqrt(2 * np.pi))
    return frozen(np.einsum("rgm,rm->rg", kernel, spectrum.weights))


@check_arguments
def add_density(
    result: Spectrum,
    problem: Problem,
    key: Any,
    probes: int,
    *,
    params: PyTree | None = None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Spectrum:
    """The same spectrum with a density from this many probes, as if it had been computed with `density=probes`.

    Args:
        checkpoint: a directory to which finished probes are written, as in `spectrum`.
    """
    if result.method == "dense" or probes == 0:
        return result
    key = as_key(key)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        results = open_probes(checkpoint, problem, point, key)
        return with_density(result, problem, point, key, probes, progress_reporter(progress), results)


def open_probes(checkpoint: Any, problem: Problem, point: Any, key: Any) -> ResultDirectory | None:
    """The directory of the probes at a flat point. Probes do not depend on their number."""
    parts = {"point": point, "key": key, "weights": problem.weights}
    return open_results(checkpoint, "spectrum", problem, parts)


def with_density(
    result: Spectrum,
    problem: Problem,
    point: Any,
    key: Any,
    probes: int,
    report: Progress,
    results: ResultDirectory | None,
) -> Spectrum:
    """The spectrum at a flat point with a density."""
    probe_key = jax.random.fold_in(key, 2**31 - 1)
    nodes, weights = quadrature(
        problem, point, probe_key, probes, lambda fraction: report(fraction, result), results
    )
    products = result.products + probes * nodes.shape[1]
    return replace(result, nodes=frozen(nodes), weights=frozen(weights), products=products)
