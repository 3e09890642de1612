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

from landscapes import lanczos
from landscapes.density import STEPS
from landscapes.hessian import (
    DENSE_LIMIT,
    Progress,
    flat,
    frozen,
    linearized,
    raw_hessian,
    refuse_game,
    refuse_nonfinite,
    telling,
)
from landscapes.problem import Problem, precision

By = Literal["module", "leaf"]
PROBES = 4  # chains per block
ROUNDING = 64  # in units of ε|λ|max of the block: what saturated units were seen to lose
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


def blocks(
    problem: Problem,
    key: Any,
    *,
    by: By = "module",
    params: PyTree | None = None,
    progress: Progress | None = None,
) -> tuple[Block, ...]:
    """The spectrum of every diagonal block of the Hessian of problem.loss, in the order of the parameters.

    Up to 2,000 parameters the whole matrix is computed and its blocks are decomposed; an error is then that of
    rounding. Beyond, four Lanczos chains per block start from random vectors inside it; the error is the residual
    of the outermost Ritz value, or, where that is more, the distance within which such chains find the end of a
    spectrum of this width: after k steps (ln(1.648·√n/δ)/(2k − 1))² of it, with a probability δ of missing it
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
    groups = _groups(problem.params, by)
    tell = telling(progress)
    with precision(problem.params):
        point, _ = flat(problem, problem.params if params is None else params)
        refuse_nonfinite(problem, point)
        if problem.dim <= DENSE_LIMIT:
            raw = raw_hessian(problem, point, lambda part, _: tell(0.95 * part, None))
            eps = float(jnp.finfo(point.dtype).eps)
            return tuple(_decomposed(name, raw[np.ix_(inside, inside)], eps) for name, inside in groups.items())
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


def _decomposed(name: str, raw: np.ndarray, eps: float) -> Block:
    values = np.linalg.eigvalsh((raw + raw.T) / 2)
    # The asymmetry of the products is rounding, and is charged for.
    error = float(np.linalg.norm((raw - raw.T) / 2, 2) + ROUNDING * eps * np.max(np.abs(values)))
    weights = np.full((1, len(values)), 1 / len(values))
    parts = map(frozen, (values[[0, -1]], np.full(2, error), values[None], weights))
    return Block(name, len(values), *parts, exact=True)


def _probed(
    problem: Problem, point: Any, keys: Any, name: str, inside: np.ndarray, pace: lanczos.Pace, report: Any
) -> Block:
    size = int(inside.sum())
    steps = min(STEPS, size)
    mask = inside.astype(point.dtype)
    held = problem.through(Partial(_held, point, mask), problem.params)
    starts = np.asarray(lanczos.random_unit(keys, point.size, point.dtype)) * mask[None]
    basis = lanczos.empty(jnp.asarray(starts / np.linalg.norm(starts, axis=1, keepdims=True)), STEPS)
    hessian = linearized(held, point)
    done, before = 0, -1
    while before < done < steps:
        basis = pace.extend(hessian, basis, steps)
        before, done = done, int(basis.size)
        report(done / steps)
    # A chain that breaks down has found its space whole; the others go on, and leave zeros in its rows.
    nodes, weights = np.zeros((PROBES, STEPS)), np.zeros((PROBES, STEPS))
    pairs = []
    for row, length in enumerate(lanczos.lengths(basis)):
        matrix = np.asarray(basis.projected[row])[:length, :length]
        found = lanczos.ritz(matrix, {length - 1: float(basis.beyond[row])})
        nodes[row, :length], weights[row, :length] = found.values, found.coefficients[0] ** 2
        pairs.append((found.values[[0, -1]], found.residuals[[0, -1]]))
    values, residuals = map(np.array, zip(*pairs, strict=True))
    best = [np.argmin(values[:, 0]), np.argmax(values[:, 1])]
    ends, errors = values[best, [0, 1]], residuals[best, [0, 1]]
    if np.all(np.asarray(basis.beyond) > 0) and done < size:
        missed = (np.log(1.648 * np.sqrt(size) / DOUBT ** (1 / PROBES)) / (2 * done - 1)) ** 2
        errors = np.maximum(errors, missed * (ends[1] - ends[0]))
    rounding = ROUNDING * float(jnp.finfo(point.dtype).eps) * float(np.max(np.abs(ends)))
    return Block(name, size, *map(frozen, (ends, errors + rounding, nodes, weights)), exact=False)


def _held(origin: Any, mask: Any, params: PyTree) -> PyTree:
    """θ₀ + m⊙(θ − θ₀), through which the Hessian is that of one block with zeros around it: one program serves all
    blocks."""
    point, unravel = ravel_pytree(params)
    return unravel(origin + mask * (point - origin))
