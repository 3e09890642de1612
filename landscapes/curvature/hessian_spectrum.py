"""The extreme eigenvalues of a Hessian, each with an error bar."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.convexity_verdict import Verdict, verdict
from landscapes.curvature.float64 import problem_in_float64
from landscapes.curvature.gradient_jump import Jump, find_jump
from landscapes.curvature.hessian import (
    Hessian,
    Progress,
    check_finite,
    check_no_game,
    flatten,
    jitted_linearize,
    product_batches,
    progress_reporter,
    unflatten,
    unsymmetrized_hessian,
)
from landscapes.curvature.rounding_error import WideProblem, collect_products, error_bars, machine_epsilon
from landscapes.curvature.spectral_density import open_probes, with_density
from landscapes.curvature.summaries import spectrum_summary
from landscapes.curvature.zero_hessian import explain_zero_hessian
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.objective import Sense
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

MAX_DENSE_PARAMETERS = 1000  # the largest number of parameters for which the dense Hessian is decomposed
MAX_BASIS_BYTES = 2**30  # of the Lanczos vectors, 1 GiB
MAX_VECTORS = 512  # in a basis
ROUNDING_UNITS = 8  # in units of ε|λ|max: the rounding error of residuals in working precision
DEFAULT_TOLERANCE_UNITS = 64  # in units of ε: the default tolerance


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(Display):
    """The extreme eigenvalues of a Hessian, in the objective's own sense.

    Attributes:
        eigenvalues: ascending, the `bottom` smallest and the `top` largest.
        errors: for an eigenvalue in float64 the residual ‖Hv − λv‖ + rounding. For one in float32
            |λ − ρ| + ‖Hv − ρv‖ with ρ = vᵀHv and Hv computed in float64, plus the rounding of that. The rounding
            is 2ε|λ|max + 4 times `rounding_error.observed_rounding_error`. Overlapping bars are widened to their
            root sum of squares. These are estimates. They held for all eigenvalues of 60 softmax policies, and not
            for 33 of 3,000 under `jax.nn.log_sigmoid`. They held for all of 120 under cos(ωx) with ω up to 10⁷.
        converged: whether each residual met the tolerance.
        nodes: Gauss nodes of the spectral density, one row per probe; see `density`.
        weights: their weights; each row sums to 1.
        rounding: the part of each error that bounds the rounding error of the Rayleigh quotient.
        dim: number of parameters.
        scale: |λ|max.
        method: "dense" (the whole Hessian was decomposed) or "lanczos".
        products: number of Hessian-vector products.
        bottom: how many of the eigenvalues are the smallest ones; the others are the largest.
        sense: that of the problem.
        eigenvectors: unit vectors of parameter space, in the order of the eigenvalues, or None.
        note: one sentence on what the numbers cannot show, or "".
        jump: the jump of a derivative at the point, or None. With a jump the eigenvalues are those of one side, or
            of none.
    """

    eigenvalues: Float[np.ndarray, "k"]
    errors: Float[np.ndarray, "k"]
    converged: Bool[np.ndarray, "k"]
    nodes: Float[np.ndarray, "R m"]
    weights: Float[np.ndarray, "R m"]
    rounding: Float[np.ndarray, "k"]
    dim: int
    scale: float
    method: Literal["dense", "lanczos"]
    products: int
    bottom: int
    sense: Sense = "minimize"
    eigenvectors: PyTree | None = field(default=None, repr=False)
    note: str = ""
    jump: Jump | None = None

    summary = property(spectrum_summary)

    @property
    def verdict(self) -> Verdict:
        """Whether the loss is convex at the point (concave, for an objective that is maximized); see `Verdict`.

        Raises:
            ValueError: if the decisive eigenvalue was not computed.
        """
        count, end = len(self.eigenvalues), -1 if self.sense == "maximize" else 0
        if count == 0 or (count < self.dim and (self.bottom == 0 if end == 0 else self.bottom == count)):
            raise ValueError(f"the verdict needs one more eigenvalue: ask for {'top' if end else 'bottom'}=1")
        return verdict(
            float(self.eigenvalues[end]),
            float(self.errors[end]),
            converged=bool(self.converged[end]),
            scale=self.scale,
            rounding=float(self.rounding[end]),
            sense=self.sense,
            jump=self.jump,
        )


@check_arguments
def spectrum(
    problem: Problem,
    key: Any = 0,
    *,
    params: PyTree | None = None,
    top: int | None = None,
    bottom: int | None = None,
    density: int = 0,
    eigenvectors: bool = False,
    tolerance: float | None = None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Spectrum:
    """The `top` largest and `bottom` smallest eigenvalues of the Hessian of problem.loss.

    Up to 1,000 parameters the whole Hessian is decomposed. For more, Lanczos with full reorthogonalization runs
    until every requested residual is below tolerance·|λ|max and a second chain has found no further copy of a
    repeated eigenvalue. `converged` marks eigenvalues that have not converged when the memory for the basis is
    full.

    Args:
        key: random key (seed 0 if not given) of the start vectors and of the probes of the density.
        params: the point, problem.params unless given.
        top: how many of the largest; 5 unless given, or all parameters if there are fewer.
        bottom: how many of the smallest, likewise.
        density: number of probes of stochastic Lanczos quadrature, 0 for none. A decomposed Hessian needs none:
            the nodes are then all eigenvalues, in one row.
        tolerance: the required residual, relative to |λ|max; 64ε unless given.
        progress: called with (fraction, partial Spectrum or None) between compiled segments of a tenth of a
            second at most; may raise to cancel.
        checkpoint: a directory to which finished probes are written. The same call with the same directory
            computes the others. Several processes share the probes; each computes the eigenvalues, in one chain.

    Raises:
        ValueError: for a game, a loss or gradient that is not finite at the point, more eigenvalues than
            parameters, or a directory without a density or with results of another problem.
    """
    check_no_game(problem)
    key = as_key(key)
    n = problem.dim
    for name, count in (("top", top), ("bottom", bottom)):
        if count is not None and not 0 <= count <= n:
            raise ValueError(f"{n} parameters have {n} eigenvalues: choose {name} from 0 to {n}, not {count}")
    if density < 0:
        raise ValueError(f"density is a number of probes, not {density}; give 0 for none")
    if checkpoint is not None and density == 0:
        raise ValueError("checkpoint keeps the probes of a density; give density=8 or more, or no checkpoint")
    if tolerance is not None and not tolerance > 0:
        raise ValueError(f"the tolerance is relative to |λ|max and positive, not {tolerance}; leave it out")
    largest, smallest = (min(5, n) if count is None else count for count in (top, bottom))
    report = progress_reporter(progress)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        hessian = jitted_linearize(problem, point)
        loss = check_finite(problem, point, hessian)
        results = open_probes(checkpoint, problem, point, key)
        wide = problem_in_float64(problem, point, loss)
        at_point = problem, point, hessian, wide, loss
        if n <= MAX_DENSE_PARAMETERS:
            result, vectors, image = _dense_spectrum(*at_point, largest, smallest, report)
        else:
            result, vectors, image = _lanczos_spectrum(*at_point, key, largest, smallest, tolerance, report)
            if density:
                result = with_density(result, problem, point, key, density, report, results)
        ends = [0, -1] if len(vectors) > 1 else slice(None)
        may_jump = any(float(problem.weights[name]) != 0 for name in hessian.kinked_terms)
        decisive = _decisive_vector(result, vectors)
        is_proven = decisive is not None and result.verdict.state == "non-convex"
        jump = None if not may_jump else find_jump(
            *wide,
            vector=decisive,
            vectors=vectors[ends],
            products=image[ends],
            scale=result.scale,
            resolution=0.0 if is_proven else machine_epsilon(point),
            pause=lambda: report(0.97, None),
        )  # fmt: skip
        note = explain_zero_hessian(problem, point, key) if result.scale == 0 else ""
        result = replace(result, jump=jump, note=note)
        return replace(result, eigenvectors=unflatten(problem, vectors)) if eigenvectors else result


def _dense_spectrum(
    problem: Problem,
    point: Any,
    hessian: Hessian,
    wide: WideProblem,
    loss: float,
    top: int,
    bottom: int,
    report: Progress,
) -> tuple[Spectrum, np.ndarray, np.ndarray]:
    matrix = unsymmetrized_hessian(
        problem, point, lambda fraction, _: report(0.9 * fraction, None), hessian=hessian
    )
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    indices = rayleigh_ritz.extreme_indices(len(values), top, bottom)
    density = (values[None], np.full((1, len(values)), 1 / len(values)))
    rows, scale = np.ascontiguousarray(vectors.T[indices]), float(np.max(np.abs(values)))
    # The residual is that of the matrix before symmetrization, whose asymmetry is rounding error.
    *bars, image = error_bars(wide, point.dtype, values[indices], rows, rows @ matrix.T, scale, report, loss)
    extremes = (values[indices], bars, np.full(len(indices), True))
    return _assemble(problem, extremes, scale, bottom, density, "dense", len(matrix) + len(rows)), rows, image


def _lanczos_spectrum(
    problem: Problem,
    point: Any,
    hessian: Hessian,
    wide: WideProblem,
    loss: float,
    key: Any,
    top: int,
    bottom: int,
    tolerance: float | None,
    report: Progress,
) -> tuple[Spectrum, np.ndarray, np.ndarray]:
    eps = machine_epsilon(point)
    required = DEFAULT_TOLERANCE_UNITS * eps if tolerance is None else max(float(tolerance), eps)
    no_density = (np.zeros((1, 0)), np.zeros((1, 0)))

    def report_pairs(fraction: float, pairs: rayleigh_ritz.RitzPairs | None) -> None:
        if pairs is None:
            return report(0.9 * fraction, None)
        indices = rayleigh_ritz.extreme_indices(len(pairs.values), top, bottom)
        scale = float(np.max(np.abs(pairs.values)))
        rounding = np.full(len(indices), ROUNDING_UNITS * eps * scale)
        bars = (pairs.residuals[indices] + rounding, rounding)
        extremes = (pairs.values[indices], bars, np.full(len(indices), False))
        partial = _assemble(problem, extremes, scale, bottom, no_density, "lanczos", len(pairs.values))
        report(0.9 * fraction, partial)

    capacity = int(
        np.clip(MAX_BASIS_BYTES // (point.size * point.dtype.itemsize), lanczos.INITIAL_ROWS, MAX_VECTORS)
    )
    pairs, basis, confirmed = rayleigh_ritz.extreme_ritz_pairs(
        problem,
        point,
        key,
        top=top,
        bottom=bottom,
        required_tolerance=lambda values: (required, True),
        capacity=capacity,
        report=report_pairs,
        hessian=hessian,
    )
    indices = rayleigh_ritz.extreme_indices(len(pairs.values), top, bottom)
    scale = float(np.max(np.abs(pairs.values)))
    vectors = rayleigh_ritz.ritz_vectors(basis, pairs.coefficients[:, indices])
    # One more product per vector gives the Rayleigh quotient and the true residual instead of the recurrence's.
    image = collect_products(product_batches(problem, point, vectors, hessian), vectors, report)
    values = np.sum(vectors * image, axis=1)
    order = np.argsort(values)
    values, vectors, image = values[order], vectors[order], image[order]
    residuals = np.linalg.norm(image - values[:, None] * vectors, axis=1)
    # Twice the tolerance, because the true residual includes the rounding error of one more product.
    converged = confirmed & (residuals <= 2 * required * scale)
    *bars, image = error_bars(wide, point.dtype, values, vectors, image, scale, report, loss)
    products = len(pairs.values) + 2 * len(vectors)
    extremes = (values, bars, converged)
    return _assemble(problem, extremes, scale, bottom, no_density, "lanczos", products), vectors, image


def _assemble(problem, extremes, scale, bottom, density, method, products) -> Spectrum:
    values, (errors, rounding), converged = extremes
    nodes, weights = density
    return Spectrum(
        frozen(values),
        frozen(errors),
        frozen(converged),
        frozen(nodes),
        frozen(weights),
        frozen(rounding),
        problem.dim,
        scale,
        method,
        products,
        min(bottom, len(values)),
        problem.sense,
    )


def _decisive_vector(result: Spectrum, vectors: np.ndarray) -> np.ndarray | None:
    """The eigenvector of the eigenvalue that decides about convexity; None if it was not requested."""
    end = -1 if result.sense == "maximize" else 0
    is_known = len(vectors) == result.dim or (result.bottom > 0 if end == 0 else result.bottom < len(vectors))
    return vectors[end] if is_known and len(vectors) else None
