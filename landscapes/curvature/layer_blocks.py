"""The Hessian layer by layer: the spectrum of each diagonal block, all other parameters held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.tree_util import Partial
from jaxtyping import Bool, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.extreme_eigenvalues import FLOAT64_EPS
from landscapes.curvature.hessian import (
    DENSE_LIMIT,
    Progress,
    flat,
    in_float64,
    linearized,
    raw_hessian,
    refuse_game,
    refuse_nonfinite,
    telling,
)
from landscapes.curvature.krylov_basis import Basis
from landscapes.curvature.quadrature import LANCZOS_STEPS
from landscapes.curvature.ritz_bounds import ritz_value_bound
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

By = Literal["module", "leaf"]
PROBES = 4  # chains per block
ROUNDING = 64  # in units of ε|λ|max of the block: what saturated units were seen to lose
SETTLED = 1e-3  # residual of a chain that has come down to an end, relative to |λ|max
DOUBT = 0.01  # the probability that an end of a block lies beyond its error bar


@dataclass(frozen=True, eq=False)
class Block:
    """The spectrum of one diagonal block.

    Attributes:
        name: the path of the module or leaf.
        size: how many parameters it has.
        ends: its smallest and its largest eigenvalue.
        errors: of each; see `blocks`.
        nodes, weights: of its spectral density, as those of `Spectrum`; one row of all eigenvalues where the block
            was decomposed.
        exact: whether it was.
    """

    name: str
    size: int
    ends: Float[np.ndarray, "2"]
    errors: Float[np.ndarray, "2"]
    nodes: Float[np.ndarray, "R m"]
    weights: Float[np.ndarray, "R m"]
    exact: bool

    @property
    def trace(self) -> tuple[float, float]:
        """The trace of the block and its standard error over the probes, 0 where it is exact."""
        traces = self.size * np.sum(self.weights * self.nodes, axis=1)
        error = 0.0 if len(traces) == 1 else float(np.std(traces, ddof=1) / np.sqrt(len(traces)))
        return float(np.mean(traces)), error

    def quantile(self, share: float) -> float:
        """The eigenvalue below which this share of the block's eigenvalues lies, as far as is known."""
        nodes, weights = self.nodes[self.weights > 0], self.weights[self.weights > 0]
        order = np.argsort(nodes)
        below = np.cumsum(weights[order]) / np.sum(weights)
        return float(nodes[order][np.searchsorted(below, share - 1e-12).clip(0, len(nodes) - 1)])


@check_arguments
def blocks(
    problem: Problem,
    key: Any,
    *,
    by: By = "module",
    params: PyTree | None = None,
    progress: Progress | None = None,
) -> tuple[Block, ...]:
    """The spectrum of every diagonal block of the Hessian of problem.loss, in the order of the parameters.

    Up to 2,000 parameters the whole matrix is computed and its blocks are decomposed. Beyond, four Lanczos chains
    per block start from random vectors inside it. Either way an end is the Rayleigh quotient of its vector in
    float64, with the bar of `ritz_bounds.ritz_value_bound` and 64ε|λ|max. Where the four chains do not agree to
    within their bars, the error is at least the residual and the distance within which such chains find the end of
    a spectrum of this width: after k steps (ln(1.648·√n/δ)/(2k − 1))² of it, with a probability δ of missing it
    (Kuczyński & Woźniakowski 1992) that is 1 % for the four chains together.

    The eigenvalues of a block lie between those of the whole Hessian (Cauchy). Negative ones in a block prove that
    the loss is not convex; their absence proves nothing.

    Args:
        key: draws the starts.
        by: "module" takes a layer's kernel and bias together, "leaf" each array by itself.
        params: the point, problem.params unless given.
        progress: called with (fraction, blocks so far) between compiled segments; may raise to cancel.

    Raises:
        ValueError: for a game, or a point where the loss is not finite.
    """
    refuse_game(problem)
    key = as_key(key)
    groups = _groups(problem.params, by)
    tell = telling(progress)
    with precision(problem.params):
        point, _ = flat(problem, problem.params if params is None else params)
        refuse_nonfinite(problem, point)
        if problem.dim <= DENSE_LIMIT:
            raw = raw_hessian(problem, point, lambda part, _: tell(0.95 * part, None))
            return tuple(_decomposed(problem, point, name, inside, raw) for name, inside in groups.items())
        found: list[Block] = []
        pace = lanczos.Pace()
        for number, (name, inside) in enumerate(groups.items()):

            def within(part: float, number: int = number) -> None:
                tell((number + part) / len(groups), tuple(found))

            keys = jax.random.split(jax.random.fold_in(key, number), PROBES)
            found.append(_probed(problem, point, keys, name, inside, pace, within))
            within(1.0)
        return tuple(found)


def _groups(params: PyTree, by: By) -> dict[str, Bool[np.ndarray, "n"]]:
    """Which entries of the flat parameters belong to each module or leaf."""
    if by not in ("module", "leaf"):
        raise ValueError(f"by = {by!r} is neither 'module' nor 'leaf'")
    found: dict[str, Any] = {}
    done, total = 0, sum(np.size(leaf) for leaf in jax.tree.leaves(params))
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        whole = jax.tree_util.keystr(path, simple=True, separator="/")
        parent, slash, _ = whole.rpartition("/")
        name = (parent if by == "module" and slash else whole) or "all parameters"
        found.setdefault(name, np.zeros(total, bool))[done : done + np.size(leaf)] = True
        done += np.size(leaf)
    return found


def _decomposed(problem: Problem, point: Any, name: str, inside: np.ndarray, raw: np.ndarray) -> Block:
    block = raw[np.ix_(inside, inside)]
    values, vectors = np.linalg.eigh((block + block.T) / 2)
    found = rayleigh_ritz.RitzPairs(values, np.zeros(len(values)), vectors)
    # The asymmetry of the products is rounding, and is charged for.
    asymmetry = float(np.linalg.norm((block - block.T) / 2, 2))
    ends, errors = _ends(problem, point, inside, (found, found), vectors[:, [0, -1]].T, asymmetry)
    weights = np.full((1, len(values)), 1 / len(values))
    return Block(name, len(values), *map(frozen, (ends, errors, values[None], weights)), exact=True)


def _ends(
    problem: Problem,
    point: Any,
    inside: np.ndarray,
    found: tuple[rayleigh_ritz.RitzPairs, rayleigh_ritz.RitzPairs],
    vectors: np.ndarray,
    asymmetry: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The ends of a block's spectrum with their error bars, from the Ritz values that each belongs to and their
    vectors["2 size"]: Rayleigh quotients and residuals in float64, where the loss is the same there."""
    whole = np.zeros((2, problem.dim))
    whole[:, inside] = vectors
    scale, eps = max(float(np.max(np.abs(each.values))) for each in found), float(jnp.finfo(point.dtype).eps)
    ends = np.array([each.values[end] for each, end in zip(found, (0, -1), strict=True)])
    residuals = np.array([each.residuals[end] for each, end in zip(found, (0, -1), strict=True)]) + asymmetry
    noise, rounding = rayleigh_ritz.ROUNDING_UNITS * eps * scale + asymmetry, ROUNDING * eps * scale
    pieces = [piece[:, inside] for piece in in_float64(problem, point, whole)]
    if pieces:
        images = np.concatenate(pieces)
        ends = np.sum(vectors * images, axis=1)
        residuals = np.linalg.norm(images - ends[:, None] * vectors, axis=1)
        rounding = ROUNDING * FLOAT64_EPS * scale
    bars = [
        ritz_value_bound(each.values, each.residuals, end, residual=residual, noise=noise)
        for each, end, residual in zip(found, (0, -1), residuals, strict=True)
    ]
    return ends, np.array(bars) + rounding


def _probed(
    problem: Problem, point: Any, keys: Any, name: str, inside: np.ndarray, pace: lanczos.Pace, report: Any
) -> Block:
    size = int(inside.sum())
    steps = min(LANCZOS_STEPS, size)
    mask = inside.astype(point.dtype)
    held = problem.reparametrized(Partial(_held, point, mask), problem.params)
    starts = np.asarray(lanczos.random_unit_vectors(keys, point.size, point.dtype)) * mask[None]
    basis = lanczos.empty_basis(jnp.asarray(starts / np.linalg.norm(starts, axis=1, keepdims=True)), LANCZOS_STEPS)
    hessian = linearized(held, point)
    done, before = 0, -1
    while before < done < steps:
        basis = pace.extend(hessian, basis, steps)
        before, done = done, int(basis.size)
        report(done / steps)
    # A chain that breaks down has found its space whole; the others go on, and leave zeros in its rows.
    nodes, weights = np.zeros((PROBES, LANCZOS_STEPS)), np.zeros((PROBES, LANCZOS_STEPS))
    chains: list[rayleigh_ritz.RitzPairs] = []
    for row, length in enumerate(lanczos.chain_lengths(basis)):
        matrix = np.asarray(basis.projected[row])[:length, :length]
        found = rayleigh_ritz.ritz_pairs(matrix, {length - 1: float(basis.residual_norm[row])})
        nodes[row, :length], weights[row, :length] = found.values, found.coefficients[0] ** 2
        chains.append(found)
    low = int(np.argmin([found.values[0] for found in chains]))
    high = int(np.argmax([found.values[-1] for found in chains]))
    best = chains[low], chains[high]
    rows = [_vector(basis, row, chains[row].coefficients[:, end])[inside] for row, end in ((low, 0), (high, -1))]
    vectors = np.stack([row / np.linalg.norm(row) for row in rows])
    ends, errors = _ends(problem, point, inside, best, vectors, 0.0)
    if np.all(np.asarray(basis.residual_norm) > 0) and done < size:
        missed = (np.log(1.648 * np.sqrt(size) / DOUBT ** (1 / PROBES)) / (2 * done - 1)) ** 2
        residuals = np.array([best[0].residuals[0], best[1].residuals[-1]])
        loose = np.maximum(errors, np.maximum(residuals, missed * (ends[1] - ends[0])))
        errors = np.where([_agree(chains, 0), _agree(chains, -1)], errors, loose)
    return Block(name, size, *map(frozen, (ends, errors, nodes, weights)), exact=False)


def _agree(chains: list[rayleigh_ritz.RitzPairs], end: int) -> bool:
    """Whether all chains have come down to the same end, to within the bar of each: then none has stayed at
    another."""
    eps = float(jnp.finfo(jnp.float32).eps)
    ends = np.array([found.values[end] for found in chains])
    outermost = ends.min() if end == 0 else ends.max()
    for found in chains:
        scale, residual = float(np.max(np.abs(found.values))), float(found.residuals[end])
        noise = rayleigh_ritz.ROUNDING_UNITS * eps * scale
        bar = ritz_value_bound(found.values, found.residuals, end, residual=residual, noise=noise)
        if abs(found.values[end] - outermost) > bar + noise or residual > SETTLED * scale:
            return False
    return True


def _vector(basis: Basis, row: int, coefficients: np.ndarray) -> np.ndarray:
    """V·s of one of several bases, in float64."""
    kept = np.concatenate([np.asarray(block[row], np.float64) for block in basis.blocks])
    return coefficients @ kept[: len(coefficients)]


def _held(origin: Any, mask: Any, params: PyTree) -> PyTree:
    """θ₀ + m⊙(θ − θ₀), through which the Hessian is that of one block with zeros around it: one program serves all
    blocks."""
    point, unravel = ravel_pytree(params)
    return unravel(origin + mask * (point - origin))
