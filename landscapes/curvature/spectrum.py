"""The extreme eigenvalues of a Hessian, each with an error bar."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import jax
import numpy as np
from jaxtyping import Bool, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.density import density
from landscapes.curvature.float64 import problem_in_float64
from landscapes.curvature.gradient_jump import Jump, find_jump
from landscapes.curvature.hessian import (
    Progress,
    check_finite,
    check_no_game,
    dense_hessian,
    flatten,
    hvp,
    product_batches,
    progress_reporter,
    unflatten,
    unsymmetrized_hessian,
)
from landscapes.curvature.quadrature import quadrature
from landscapes.curvature.rounding_error import WideProblem, collect_products, error_bars, machine_epsilon
from landscapes.curvature.trace import trace
from landscapes.curvature.verdict import Verdict, verdict
from landscapes.curvature.zero_hessian import explain_zero_hessian
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem, Sense
from landscapes.random_key import as_key

__all__ = ["Spectrum", "dense_hessian", "density", "hvp", "spectrum", "trace"]

DENSE = 1000  # parameters up to which the whole Hessian is decomposed
MEMORY = 2**30  # bytes that a basis may take
STEPS = 512  # vectors that a basis may hold
ROUNDING = 8  # in units of ε|λ|max, what products in working precision may add to a residual
# Residuals, in units of ε|λ|max, at which an eigenvalue counts as converged unless the caller says otherwise.
CONVERGED = 64


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The ends of a Hessian's spectrum, in the objective's own sense.

    Attributes:
        eigenvalues: ascending, the `bottom` smallest and the `top` largest.
        errors: of a float64 eigenvalue the residual ‖Hv − λv‖ + rounding. Of a narrower one |λ − ρ| + ‖Hv − ρv‖
            with ρ = vᵀHv and Hv computed in float64, plus the rounding of that. Rounding is measured: it is
            2ε|λ|max + 4 times what `rounding_error.observed_rounding_error` estimates. Overlapping bars are
            widened to their root sum of squares. An estimate: it held all eigenvalues of 60 softmax policies; 33
            of 3,000 under `jax.nn.log_sigmoid` lay outside, and so may those under cos(ωx): ε|ωx| moves them alike
            all around.
        converged: whether each residual met the tolerance.
        nodes: Gauss nodes of the spectral density, one row per probe; see `density`.
        weights: their weights, each row summing to 1.
        rounding: the part of each error by which rounding may have moved the Rayleigh quotient.
        dim: number of parameters.
        scale: |λ|max.
        method: "dense" (the whole Hessian decomposed) or "lanczos".
        products: Hessian-vector products spent.
        sense: that of the problem.
        bottom: how many of the eigenvalues are the smallest ones; the others are the largest.
        eigenvectors: unit vectors of parameter space, in the order of the eigenvalues, or None.
        note: one sentence about what the numbers cannot show, or "".
        jump: of a derivative at the point, or None. The eigenvalues are then those of one side, or of none.
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

    @property
    def verdict(self) -> Verdict:
        """Is it convex here (concave, for an objective that is maximized)? See `Verdict`.

        Raises:
            ValueError: if the end of the spectrum that decides was not computed.
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
    key: Any,
    *,
    params: PyTree | None = None,
    top: int | None = None,
    bottom: int | None = None,
    density: int = 0,
    eigenvectors: bool = False,
    tolerance: float | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    """The `top` largest and `bottom` smallest eigenvalues of the Hessian of problem.loss.

    Up to 1,000 parameters the whole Hessian is decomposed; beyond, Lanczos with full reorthogonalization runs
    until every wanted residual is below tolerance·|λ|max and a second chain has found no further copy of a
    repeated eigenvalue. What has not converged when the memory for the basis is full says so.

    Args:
        key: draws the start vectors and the probes of the density.
        params: the point, problem.params unless given.
        top: how many of the largest; 5, or fewer where there are fewer parameters, unless given.
        bottom: how many of the smallest, likewise.
        density: number of probes of stochastic Lanczos quadrature, 0 for none. Where the whole Hessian is
            decomposed it needs none: the nodes are then all eigenvalues, in one row.
        tolerance: the residual asked for, relative to |λ|max; 64ε unless given.
        progress: called with (fraction, partial Spectrum or None) between compiled segments of a tenth of a
            second at most; may raise to cancel.

    Raises:
        ValueError: for a game, a loss or gradient that is not finite at the point, or more eigenvalues than
            parameters.
    """
    check_no_game(problem)
    key = as_key(key)
    n = problem.dim
    for name, count in (("top", top), ("bottom", bottom)):
        if count is not None and not 0 <= count <= n:
            raise ValueError(f"{n} parameters have {n} eigenvalues: choose {name} from 0 to {n}, not {count}")
    if density < 0:
        raise ValueError(f"density is a number of probes, not {density}; give 0 for none")
    if tolerance is not None and not tolerance > 0:
        raise ValueError(f"the tolerance is relative to |λ|max and positive, not {tolerance}; leave it out")
    high, low = (min(5, n) if count is None else count for count in (top, bottom))
    tell = progress_reporter(progress)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        check_finite(problem, point)
        wide = problem_in_float64(problem, point)
        if n <= DENSE:
            found, vectors = _dense(problem, point, wide, high, low, tell)
        else:
            found, vectors = _iterative(problem, point, wide, key, high, low, tolerance, tell)
            if density:
                found = _probed(found, problem, point, key, density, tell)
        asked: Any = {
            "vector": _decisive(found, vectors),
            "vectors": vectors[[0, -1]] if len(vectors) > 1 else vectors,
            "scale": found.scale,
            "resolution": machine_epsilon(point),
            "pause": lambda: tell(0.97, None),
        }
        found = replace(found, jump=find_jump(*wide, **asked))
        if found.scale == 0:
            found = replace(found, note=explain_zero_hessian(problem, point, key))
        return replace(found, eigenvectors=unflatten(problem, vectors)) if eigenvectors else found


@check_arguments
def probed(
    found: Spectrum,
    problem: Problem,
    key: Any,
    probes: int,
    *,
    params: PyTree | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    """The same spectrum with a density from this many probes, as if it had been computed with `density=probes`."""
    if found.method == "dense" or probes == 0:
        return found
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        return _probed(found, problem, point, as_key(key), probes, progress_reporter(progress))


def _probed(found: Spectrum, problem: Problem, point: Any, key: Any, probes: int, tell: Progress) -> Spectrum:
    fold = jax.random.fold_in(key, 2**31 - 1)
    nodes, weights = quadrature(problem, point, fold, probes, lambda part: tell(part, found))
    spent = found.products + probes * nodes.shape[1]
    return replace(found, nodes=frozen(nodes), weights=frozen(weights), products=spent)


def _dense(
    problem: Problem, point: Any, wide: WideProblem, top: int, bottom: int, tell: Progress
) -> tuple[Spectrum, np.ndarray]:
    raw = unsymmetrized_hessian(problem, point, lambda part, _: tell(0.9 * part, None))
    values, vectors = np.linalg.eigh((raw + raw.T) / 2)
    chosen = rayleigh_ritz.extreme_indices(len(values), top, bottom)
    whole = (values[None], np.full((1, len(values)), 1 / len(values)))
    rows, scale = np.ascontiguousarray(vectors.T[chosen]), float(np.max(np.abs(values)))
    # The residual against the products as computed: their asymmetry is rounding, and is charged for.
    bars = error_bars(wide, point.dtype, values[chosen], rows, rows @ raw.T, scale, tell)
    ends = (values[chosen], bars, np.full(len(chosen), True))
    return _assemble(problem, ends, scale, bottom, whole, "dense", len(raw) + len(rows)), rows


def _iterative(
    problem: Problem,
    point: Any,
    wide: WideProblem,
    key: Any,
    top: int,
    bottom: int,
    tolerance: float | None,
    tell: Progress,
) -> tuple[Spectrum, np.ndarray]:
    eps = machine_epsilon(point)
    asked = CONVERGED * eps if tolerance is None else max(float(tolerance), eps)
    none = (np.zeros((1, 0)), np.zeros((1, 0)))

    def report(fraction: float, now: rayleigh_ritz.RitzPairs | None) -> None:
        if now is None:
            return tell(0.9 * fraction, None)
        chosen = rayleigh_ritz.extreme_indices(len(now.values), top, bottom)
        scale = float(np.max(np.abs(now.values)))
        rounding = np.full(len(chosen), ROUNDING * eps * scale)
        bars = (now.residuals[chosen] + rounding, rounding)
        ends = (now.values[chosen], bars, np.full(len(chosen), False))
        tell(0.9 * fraction, _assemble(problem, ends, scale, bottom, none, "lanczos", len(now.values)))

    capacity = int(np.clip(MEMORY // (point.size * point.dtype.itemsize), lanczos.INITIAL_ROWS, STEPS))
    found, basis, looked_twice = rayleigh_ritz.extreme_ritz_pairs(
        problem,
        point,
        key,
        top=top,
        bottom=bottom,
        required_tolerance=lambda values: (asked, True),
        capacity=capacity,
        report=report,
    )
    chosen = rayleigh_ritz.extreme_indices(len(found.values), top, bottom)
    scale = float(np.max(np.abs(found.values)))
    vectors = rayleigh_ritz.ritz_vectors(basis, found.coefficients[:, chosen])
    # One more product each gives the Rayleigh quotient and the true residual, instead of what the recurrence
    # believes.
    image = collect_products(product_batches(problem, point, vectors), vectors, tell)
    values = np.sum(vectors * image, axis=1)
    order = np.argsort(values)
    values, vectors, image = values[order], vectors[order], image[order]
    residuals = np.linalg.norm(image - values[:, None] * vectors, axis=1)
    # Twice the tolerance, because the true residual also holds the rounding of one more product.
    settled = looked_twice & (residuals <= 2 * asked * scale)
    bars = error_bars(wide, point.dtype, values, vectors, image, scale, tell)
    spent = len(found.values) + 2 * len(vectors)
    return _assemble(problem, (values, bars, settled), scale, bottom, none, "lanczos", spent), vectors


def _assemble(problem, ends, scale, bottom, density, method, products) -> Spectrum:
    values, (errors, rounding), converged = ends
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


def _decisive(found: Spectrum, vectors: np.ndarray) -> np.ndarray | None:
    """The eigenvector of the eigenvalue that decides about convexity, None where it was not asked for."""
    end = -1 if found.sense == "maximize" else 0
    known = len(vectors) == found.dim or (found.bottom > 0 if end == 0 else found.bottom < len(vectors))
    return vectors[end] if known and len(vectors) else None
