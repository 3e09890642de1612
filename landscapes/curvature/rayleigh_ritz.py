"""Extreme eigenpairs of a Hessian by the Rayleigh–Ritz method on Krylov subspaces."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from landscapes.curvature.hessian import Hessian, jitted_linearize
from landscapes.curvature.krylov_basis import Basis, linear_combinations
from landscapes.curvature.lanczos import AdaptiveSegments, empty_basis, norm_outside, random_unit_vector, restart
from landscapes.curvature.missed_eigenvalues import is_excluded
from landscapes.problem import Problem

# Steps of the chain that searches for repeated eigenvalues: at most, and between looks at whether any can be left.
SECOND_CHAIN_STEPS, SECOND_CHAIN_CHECK = 16, 3
# Converged values must stay within a tenth of their tolerance over this many further steps. Without this check 35
# of 1,458 smallest eigenvalues of small networks were off by more than their residual, by up to 4 % of |λ|max,
# because the chain had started near the eigenvector of the second smallest.
CONFIRMATION_STEPS = 8
# The limit on BLAS threads belongs to the whole process. Two limits that overlap would leave it set.
BLAS_LIMIT_LOCK = Lock()
ROUNDING_UNITS = 8  # in units of ε|λ|max: the rounding error of a residual computed by the recurrence


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


class RitzPairs(NamedTuple):
    """Ritz values of a basis, ascending, their estimated residual norms and their coefficients (columns)."""

    values: np.ndarray
    residuals: np.ndarray
    coefficients: np.ndarray


def ritz_pairs(projected: np.ndarray, chain_ends: dict[int, float]) -> RitzPairs:
    """Eigenpairs of the projected matrix (upper triangle), in float64.

    `chain_ends` maps the index e of the last vector of each chain to β_e, the norm of the part of its product
    outside the basis. The residual of V·s is at most Σ β_e·|s_e|.
    """
    upper = np.triu(np.asarray(projected, np.float64))
    # After each call the threads of BLAS spin for some milliseconds and occupy a processor that the compiled
    # products need. With all threads a convexity map took 5.3 s instead of 4.3 s, and twice the processor time.
    with BLAS_LIMIT_LOCK, _blas().limit(limits=1, user_api="blas"):
        values, coefficients = np.linalg.eigh(upper + np.triu(upper, 1).T)
    residuals = sum((beta * np.abs(coefficients[end]) for end, beta in chain_ends.items()), np.zeros(len(values)))
    return RitzPairs(values, np.asarray(residuals), coefficients)


def extreme_ritz_pairs(
    problem: Problem,
    point: Any,
    key: Any,
    *,
    top: int,
    bottom: int,
    required_tolerance: Callable[[np.ndarray], tuple[float, bool]],
    capacity: int,
    report: Callable[[float, RitzPairs | None], None],
    start: Any = None,
    hessian: Hessian | None = None,
    segments: AdaptiveSegments | None = None,
) -> tuple[RitzPairs, Basis, bool]:
    """Ritz pairs whose `top` largest and `bottom` smallest values have converged, the basis, and whether they
    have.

    Chains run until the residuals are small enough or the basis is full. A small residual only shows that *some*
    eigenvalue is near. The values must therefore also stay the same, either under a second chain from a new random
    vector or under a few more steps of the same chain. The second chain ends when it excludes another eigenvalue
    among the wanted ones, and after 16 steps at the latest.

    Args:
        required_tolerance: returns, for the Ritz values so far, the residual required, relative to |λ|max, and
            whether a second chain must confirm the values.
        capacity: the largest number of vectors in the basis.
        report: called as report(fraction, Ritz pairs so far or None) between compiled segments.
        start: first vector of the first chain, a unit vector["n"]; random unless given.
        hessian: the Hessian at the point, if it is known.
    """
    n = point.size
    full = min(n, capacity)
    indices = iter(range(full + 2))

    def random_start() -> Any:
        return random_unit_vector(key, np.int32(next(indices)), n, point.dtype)

    if hessian is None:
        hessian = jitted_linearize(problem, point)
    basis = empty_basis(random_start() if start is None else start[None], full)
    segments = segments or AdaptiveSegments()
    chain_ends: dict[int, float] = {}  # of the chains before the present one
    chain_residuals: list[Any] = []  # the part of each of their last products outside the basis at that time
    first_chain_values: np.ndarray | None = None  # the converged values before the second chain
    earlier_values: np.ndarray | None = None  # the converged values some steps ago, on the present chain
    pairs: RitzPairs | None = None
    last_check = np.inf, 1  # the largest residual at the last check, and the steps from there to the next check
    size, check = 0, min(full, top + bottom + 4)
    chain_start = 0  # the index of the first vector of the present chain
    limits: tuple[Any, Any] | None = None  # the values below and above which the second chain looks for others
    while True:
        while size < check and _residual_norm(basis) > 0:
            basis = segments.extend(hessian, basis, check)
            size = int(basis.size)
            report(size / full, pairs)
        # A look at the second chain alone costs little beside the decomposition of the whole projected matrix.
        second_chain_end = min(full, chain_start + SECOND_CHAIN_STEPS)
        if (
            limits is not None
            and size < second_chain_end
            and _residual_norm(basis) > 0
            and not _excludes_others(basis, chain_start, *limits)
        ):
            check = min(size + SECOND_CHAIN_CHECK, second_chain_end)
            continue
        pairs = _current_pairs(basis, chain_ends)
        extreme = extreme_indices(len(pairs.values), top, bottom)
        tolerance, needs_second_chain = required_tolerance(pairs.values)
        error = tolerance * np.max(np.abs(pairs.values))
        if chain_ends and np.any(pairs.residuals[extreme] > error):
            # The present chain may have taken up a part of the earlier chains' residuals.
            norms = [norm_outside(basis, residual) for residual in chain_residuals]
            chain_ends = dict(zip(chain_ends, map(float, norms), strict=True))
            pairs = _current_pairs(basis, chain_ends)
        converged = size >= min(full, top + bottom) and bool(np.all(pairs.residuals[extreme] <= error))
        values = pairs.values[extreme]
        confirmed = first_chain_values is not None and np.allclose(
            values, first_chain_values, rtol=0, atol=2 * error
        )
        stable = earlier_values is not None and np.allclose(values, earlier_values, rtol=0, atol=error / 10)
        if size == n or (converged and (confirmed or (stable and not needs_second_chain))):
            return pairs, basis, True
        if size >= full:
            return pairs, basis, False
        earlier_values = values if converged else None
        if (converged and needs_second_chain) or _residual_norm(basis) == 0:
            if _residual_norm(basis) > 0:
                chain_ends[size - 1] = _residual_norm(basis)
                chain_residuals.append(np.asarray(basis.next_vector) * _residual_norm(basis))
            first_chain_values, earlier_values = values if converged else None, None
            limits = None
            if converged:
                limits = values[bottom - 1] - error if bottom else None, values[-top] + error if top else None
            basis, chain_start = restart(basis, random_start()), size
            check = min(full, size + (SECOND_CHAIN_CHECK if converged else 1))
        elif converged:
            check = min(full, size + CONFIRMATION_STEPS)
        else:
            # Each check decomposes the projected matrix, which soon costs more than a step.
            interval, worst = max(4, size // 5), float(np.max(pairs.residuals[extreme]))
            check = min(full, size + min(interval, _steps_left(worst, error, *last_check)))
            last_check = worst, check - size


def _excludes_others(basis: Basis, first: int, low: float | None, high: float | None) -> bool:
    """Whether the chain that starts at row `first` leaves no eigenvalue below `low` and above `high`."""
    size, n = int(basis.size), basis.next_vector.shape[1]
    projected = np.asarray(basis.projected, np.float64)[0, first:size, first:size]
    chain = np.diag(projected), np.append(np.diag(projected, 1), _residual_norm(basis))
    ends = [(value, is_above) for value, is_above in ((low, False), (high, True)) if value is not None]
    return all(is_excluded(*chain, value, is_above=is_above, n=n) for value, is_above in ends)


def _steps_left(residual: float, required: float, last_residual: float, steps: int) -> int:
    """The number of steps until a residual is as small as required, if it shrinks as it did over the last `steps`.

    One step is added, because a check too early costs a compiled call. Without limit if the residual does not
    shrink.
    """
    if not 0 < residual < last_residual < np.inf or required <= 0:
        return sys.maxsize
    return max(1, math.ceil(steps * math.log(residual / required) / math.log(last_residual / residual))) + 1


def _current_pairs(basis: Basis, chain_ends: dict[int, float]) -> RitzPairs:
    size = int(basis.size)
    return ritz_pairs(
        np.asarray(basis.projected)[0, :size, :size], {**chain_ends, size - 1: _residual_norm(basis)}
    )


def _residual_norm(basis: Basis) -> float:
    return float(np.asarray(basis.residual_norm)[0])


def extreme_indices(count: int, top: int, bottom: int) -> np.ndarray:
    """Indices of the `bottom` first and `top` last of `count` ascending values, each once."""
    return np.array([i for i in range(count) if i < bottom or i >= count - top], int)


def ritz_vectors(basis: Basis, coefficients: np.ndarray) -> np.ndarray:
    """Unit vectors V·s for each column s of `coefficients`, as rows in float64."""
    vectors = np.asarray(linear_combinations(basis, coefficients), np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def linear_combination(basis: Basis, coefficients: np.ndarray) -> Any:
    """V·s for one column, on the device of the basis."""
    return linear_combinations(basis, coefficients[:, None])[0]
