"""The spectrum of each diagonal block of the Hessian, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.tree_util import Partial
from jaxtyping import Bool, Float, PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.extreme_eigenvalues import FLOAT64_EPS
from landscapes.curvature.float64 import products_in_float64
from landscapes.curvature.hessian import (
    MAX_DENSE_PARAMETERS,
    Progress,
    check_finite,
    check_no_game,
    flatten,
    jitted_linearize,
    progress_reporter,
    unsymmetrized_hessian,
)
from landscapes.curvature.krylov_basis import Basis
from landscapes.curvature.quadrature import LANCZOS_STEPS
from landscapes.curvature.ritz_bounds import ritz_value_bound
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

By = Literal["module", "leaf"]
PROBES = 4  # Lanczos chains per block
BLOCK_ROUNDING_UNITS = 64  # in units of ε|λ|max of the block: rounding errors observed with saturated units
CONVERGED_RESIDUAL = 1e-3  # of an extreme Ritz value, relative to |λ|max
MISS_PROBABILITY = 0.01  # that an extreme eigenvalue of a block lies outside its error bar


@dataclass(frozen=True, eq=False, repr=False)
class Block(Display):
    """The spectrum of one diagonal block.

    Attributes:
        name: the path of the module or leaf.
        size: number of parameters.
        ends: the smallest and the largest eigenvalue.
        errors: error bars of `ends`; see `blocks`.
        nodes, weights: of the spectral density, as in `Spectrum`; a single row of all eigenvalues if `is_exact`.
        is_exact: whether the block was decomposed as a dense matrix.
    """

    name: str
    size: int
    ends: Float[np.ndarray, "2"]
    errors: Float[np.ndarray, "2"]
    nodes: Float[np.ndarray, "R m"]
    weights: Float[np.ndarray, "R m"]
    is_exact: bool

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        low, high = (display.with_error(self.ends[k], self.errors[k]) for k in (0, 1))
        return f"{self.name}, {self.size:,} parameters, eigenvalues from {low} to {high}"

    @property
    def trace(self) -> tuple[float, float]:
        """The trace of the block and its standard error over the probes, 0 if `is_exact`."""
        traces = self.size * np.sum(self.weights * self.nodes, axis=1)
        error = 0.0 if len(traces) == 1 else float(np.std(traces, ddof=1) / np.sqrt(len(traces)))
        return float(np.mean(traces)), error

    def quantile(self, share: float) -> float:
        """An estimate of the eigenvalue below which this share of the block's eigenvalues lies."""
        nodes, weights = self.nodes[self.weights > 0], self.weights[self.weights > 0]
        order = np.argsort(nodes)
        cumulative_weights = np.cumsum(weights[order]) / np.sum(weights)
        return float(nodes[order][np.searchsorted(cumulative_weights, share - 1e-12).clip(0, len(nodes) - 1)])


@check_arguments
def blocks(
    problem: Problem,
    key: Any = 0,
    *,
    by: By = "module",
    params: PyTree | None = None,
    progress: Progress | None = None,
) -> tuple[Block, ...]:
    """The spectrum of every diagonal block of the Hessian of problem.loss, in the order of the parameters.

    Up to 2,000 parameters the dense Hessian is computed and its blocks are decomposed. For more, four Lanczos
    chains per block start from random vectors of the block. In both cases an end is the Rayleigh quotient of its
    vector in float64. Its error is the bound of `ritz_bounds.ritz_value_bound` plus 64ε|λ|max. If the four chains
    do not agree to within their errors, the error is at least the residual, and at least the share
    (ln(1.648·√n/δ)/(2k − 1))² of the width of the spectrum: after k steps a chain misses that neighbourhood of an
    end with probability δ (Kuczyński & Woźniakowski 1992), which is 1 % for the four chains together.

    The eigenvalues of a block lie between the extreme eigenvalues of the Hessian (Cauchy). A negative eigenvalue
    of a block proves that the loss is not convex; if no block has one, nothing is proved.

    Args:
        key: random key (seed 0 if not given) of the start vectors.
        by: "module" groups the kernel and the bias of a layer, "leaf" takes each array separately.
        params: the point, by default problem.params.
        progress: called with (fraction, blocks so far) between compiled segments; may raise to cancel.

    Raises:
        ValueError: for a game, or a point where the loss is not finite.
    """
    check_no_game(problem)
    key = as_key(key)
    groups = _groups(problem.params, by)
    report = progress_reporter(progress)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        check_finite(problem, point)
        if problem.dim <= MAX_DENSE_PARAMETERS:
            raw = unsymmetrized_hessian(problem, point, lambda part, _: report(0.95 * part, None))
            return tuple(_dense_block(problem, point, name, mask, raw) for name, mask in groups.items())
        results: list[Block] = []
        segments = lanczos.AdaptiveSegments()
        for number, (name, mask) in enumerate(groups.items()):

            def report_block(part: float, number: int = number) -> None:
                report((number + part) / len(groups), tuple(results))

            keys = jax.random.split(jax.random.fold_in(key, number), PROBES)
            results.append(_lanczos_block(problem, point, keys, name, mask, segments, report_block))
            report_block(1.0)
        return tuple(results)


def _groups(params: PyTree, by: By) -> dict[str, Bool[np.ndarray, "n"]]:
    """For each module or leaf a mask of its entries in the flat parameters."""
    if by not in ("module", "leaf"):
        raise ValueError(f"by = {by!r} is neither 'module' nor 'leaf'")
    masks: dict[str, Any] = {}
    offset, total = 0, sum(np.size(leaf) for leaf in jax.tree.leaves(params))
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        full_path = jax.tree_util.keystr(path, simple=True, separator="/")
        parent, slash, _ = full_path.rpartition("/")
        name = (parent if by == "module" and slash else full_path) or "all parameters"
        masks.setdefault(name, np.zeros(total, bool))[offset : offset + np.size(leaf)] = True
        offset += np.size(leaf)
    return masks


def _dense_block(problem: Problem, point: Any, name: str, mask: np.ndarray, raw: np.ndarray) -> Block:
    block = raw[np.ix_(mask, mask)]
    values, vectors = np.linalg.eigh((block + block.T) / 2)
    ritz = rayleigh_ritz.RitzPairs(values, np.zeros(len(values)), vectors)
    # The products are symmetric up to rounding, so their asymmetry is part of the error.
    asymmetry = float(np.linalg.norm((block - block.T) / 2, 2))
    ends, errors = _ends(problem, point, mask, (ritz, ritz), vectors[:, [0, -1]].T, asymmetry)
    weights = np.full((1, len(values)), 1 / len(values))
    return Block(name, len(values), *map(frozen, (ends, errors, values[None], weights)), is_exact=True)


def _ends(
    problem: Problem,
    point: Any,
    mask: np.ndarray,
    ritz: tuple[rayleigh_ritz.RitzPairs, rayleigh_ritz.RitzPairs],
    vectors: np.ndarray,
    asymmetry: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of a block's spectrum with their errors, from the Ritz values of the chain that found each and
    from their Ritz vectors["2 size"]. Rayleigh quotients and residuals are computed in float64, unless the loss is
    another one in float64."""
    full_vectors = np.zeros((2, problem.dim))
    full_vectors[:, mask] = vectors
    scale, eps = max(float(np.max(np.abs(each.values))) for each in ritz), float(jnp.finfo(point.dtype).eps)
    ends = np.array([each.values[end] for each, end in zip(ritz, (0, -1), strict=True)])
    residuals = np.array([each.residuals[end] for each, end in zip(ritz, (0, -1), strict=True)]) + asymmetry
    noise, rounding = rayleigh_ritz.ROUNDING_UNITS * eps * scale + asymmetry, BLOCK_ROUNDING_UNITS * eps * scale
    batches = [batch[:, mask] for batch in products_in_float64(problem, point, full_vectors)]
    if batches:
        images = np.concatenate(batches)
        ends = np.sum(vectors * images, axis=1)
        residuals = np.linalg.norm(images - ends[:, None] * vectors, axis=1)
        rounding = BLOCK_ROUNDING_UNITS * FLOAT64_EPS * scale
    bounds = [
        ritz_value_bound(each.values, each.residuals, end, residual=residual, noise=noise)
        for each, end, residual in zip(ritz, (0, -1), residuals, strict=True)
    ]
    return ends, np.array(bounds) + rounding


def _lanczos_block(
    problem: Problem,
    point: Any,
    keys: Any,
    name: str,
    mask: np.ndarray,
    segments: lanczos.AdaptiveSegments,
    report: Any,
) -> Block:
    size = int(mask.sum())
    steps = min(LANCZOS_STEPS, size)
    float_mask = mask.astype(point.dtype)
    masked = problem.reparametrized(Partial(_masked, point, float_mask), problem.params)
    starts = np.asarray(lanczos.random_unit_vectors(keys, point.size, point.dtype)) * float_mask[None]
    basis = lanczos.empty_basis(jnp.asarray(starts / np.linalg.norm(starts, axis=1, keepdims=True)), LANCZOS_STEPS)
    hessian = jitted_linearize(masked, point)
    done, previous = 0, -1
    while previous < done < steps:
        basis = segments.extend(hessian, basis, steps)
        previous, done = done, int(basis.size)
        report(done / steps)
    # A chain that breaks down spans an invariant subspace; the others continue, and its rows end in zeros.
    nodes, weights = np.zeros((PROBES, LANCZOS_STEPS)), np.zeros((PROBES, LANCZOS_STEPS))
    chains: list[rayleigh_ritz.RitzPairs] = []
    for row, length in enumerate(lanczos.chain_lengths(basis)):
        matrix = np.asarray(basis.projected[row])[:length, :length]
        ritz = rayleigh_ritz.ritz_pairs(matrix, {length - 1: float(basis.residual_norm[row])})
        nodes[row, :length], weights[row, :length] = ritz.values, ritz.coefficients[0] ** 2
        chains.append(ritz)
    low = int(np.argmin([ritz.values[0] for ritz in chains]))
    high = int(np.argmax([ritz.values[-1] for ritz in chains]))
    extreme_chains = chains[low], chains[high]
    rows = [
        _ritz_vector(basis, row, chains[row].coefficients[:, end])[mask] for row, end in ((low, 0), (high, -1))
    ]
    vectors = np.stack([row / np.linalg.norm(row) for row in rows])
    ends, errors = _ends(problem, point, mask, extreme_chains, vectors, 0.0)
    if np.all(np.asarray(basis.residual_norm) > 0) and done < size:
        missed_share = (np.log(1.648 * np.sqrt(size) / MISS_PROBABILITY ** (1 / PROBES)) / (2 * done - 1)) ** 2
        residuals = np.array([extreme_chains[0].residuals[0], extreme_chains[1].residuals[-1]])
        wide_errors = np.maximum(errors, np.maximum(residuals, missed_share * (ends[1] - ends[0])))
        errors = np.where([_agree(chains, 0), _agree(chains, -1)], errors, wide_errors)
    return Block(name, size, *map(frozen, (ends, errors, nodes, weights)), is_exact=False)


def _agree(chains: list[rayleigh_ritz.RitzPairs], end: int) -> bool:
    """Whether all chains have converged to the same end, to within their errors."""
    eps = float(jnp.finfo(jnp.float32).eps)
    ends = np.array([ritz.values[end] for ritz in chains])
    outermost = ends.min() if end == 0 else ends.max()
    for ritz in chains:
        scale, residual = float(np.max(np.abs(ritz.values))), float(ritz.residuals[end])
        noise = rayleigh_ritz.ROUNDING_UNITS * eps * scale
        bound = ritz_value_bound(ritz.values, ritz.residuals, end, residual=residual, noise=noise)
        if abs(ritz.values[end] - outermost) > bound + noise or residual > CONVERGED_RESIDUAL * scale:
            return False
    return True


def _ritz_vector(basis: Basis, row: int, coefficients: np.ndarray) -> np.ndarray:
    """V·s of one of several bases, in float64."""
    vectors = np.concatenate([np.asarray(block[row], np.float64) for block in basis.blocks])
    return coefficients @ vectors[: len(coefficients)]


def _masked(origin: Any, mask: Any, params: PyTree) -> PyTree:
    """θ₀ + m⊙(θ − θ₀). The Hessian of the loss of this is one block surrounded by zeros, so that all blocks share
    one compiled program."""
    point, unravel = ravel_pytree(params)
    return unravel(origin + mask * (point - origin))
