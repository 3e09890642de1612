"""The Hessian H of a problem's loss: products Hv, and the dense matrix of a small problem."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.tree_util import register_dataclass
from jaxtyping import Array, Bool, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.differentiation import linear_map
from landscapes.curvature.smoothness import smooth_results
from landscapes.evaluation.batching import cost, map_rows
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

MAX_DENSE_PARAMETERS = 2000  # the largest number of parameters of a dense Hessian
BATCH_SIZE = 4  # products in one batch
# FLOPs of a loss above which one product keeps the processor busy, so that a batch saves no time.
MAX_BATCHED_FLOPS = 1e8
# Rows, and numbers, in one compiled call, but at least one batch. Transferring sixteen rows of 200,000 took as
# long as computing five of them.
MAX_ROWS, MAX_NUMBERS = 16, 2**20

Progress = Callable[[float, Any], Any]


def progress_reporter(progress: Progress | None) -> Progress:
    """`progress`, called in the precision of the present caller; a function that does nothing if it is None."""
    if progress is None:
        return lambda fraction, partial: None
    is_x64 = jnp.result_type(float) == jnp.float64

    def report(fraction: float, partial: Any) -> None:
        with jax.enable_x64(is_x64):
            progress(float(fraction), partial)

    return report


@check_arguments
def hvp(problem: Problem, params: PyTree, vector: PyTree) -> PyTree[Float[Array, "..."]]:
    """H(θ)v, the Hessian of problem.loss times a vector with the structure of the parameters.

    It is computed forward over reverse, or reverse over reverse for a loss under `jax.custom_vjp` for which JAX
    refuses forward mode.

    Raises:
        ValueError: for a game.
    """
    check_no_game(problem)
    with precision(problem.params):
        point, unravel = flatten(problem, params)
        direction, _ = flatten(problem, vector)
        return unravel(apply_hessian_at(problem, point, direction[None], 1)[0])


@check_arguments
def dense_hessian(
    problem: Problem,
    params: PyTree | None = None,
    *,
    mask: Bool[np.ndarray, "n"] | None = None,
    progress: Progress | None = None,
) -> Float[np.ndarray, "m m"]:
    """The dense Hessian, symmetrized, in float64, with parameters in the order of `jax.flatten_util.ravel_pytree`.

    Args:
        params: the point, problem.params unless given.
        mask: which parameters to keep, for a principal submatrix; all unless given.

    Raises:
        ValueError: for a game, a point where the loss is not finite, or more than 2,000 parameters.
    """
    check_no_game(problem)
    if mask is not None and (np.shape(mask) != (problem.dim,) or np.asarray(mask).dtype != bool or not any(mask)):
        raise ValueError(
            f"mask must hold True or False for each of the {problem.dim} parameters, and True for one"
        )
    count = problem.dim if mask is None else int(np.sum(mask))
    if count > MAX_DENSE_PARAMETERS:
        raise ValueError(
            f"the dense Hessian of {count:,} parameters would hold {count**2:,} numbers; "
            f"ask for it up to {MAX_DENSE_PARAMETERS:,} parameters, or for eigenvalues instead"
        )
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        check_finite(problem, point)
        matrix = unsymmetrized_hessian(problem, point, progress_reporter(progress), mask)
    return frozen((matrix + matrix.T) / 2)


def unsymmetrized_hessian(
    problem: Problem, point: Any, report: Progress, mask: Any = None, hessian: Hessian | None = None
) -> np.ndarray:
    """H row by row as computed. Its asymmetry is rounding error."""
    row_indices = np.arange(problem.dim) if mask is None else np.flatnonzero(mask)
    rows = []
    # Unit vectors are created in parts, because all of a large problem could fill the memory.
    for first in range(0, len(row_indices), 8 * MAX_ROWS):
        indices = row_indices[first : first + 8 * MAX_ROWS]
        units = np.zeros((len(indices), problem.dim))
        units[np.arange(len(indices)), indices] = 1
        for batch in product_batches(problem, point, units, hessian):
            rows.extend(batch[:, row_indices])
            report(len(rows) / len(row_indices), None)
    return np.stack(rows)


def product_batches(
    problem: Problem, point: Any, vectors: np.ndarray, hessian: Hessian | None = None
) -> Iterator[np.ndarray]:
    """Hv for every row, in float64, in batches that take a tenth of a second or less.

    The buffer has a fixed length, so that the compiled program does not depend on the number of rows.

    Args:
        hessian: the Hessian at the point, if it is known.
    """
    if hessian is None:
        with jax.enable_x64(
            point.dtype == jnp.float64
        ):  # not across a yield: the setting would leak to the caller
            hessian = jitted_linearize(problem, point)
    done, count = 0, BATCH_SIZE
    rows = int(np.clip(MAX_NUMBERS // vectors.shape[1], BATCH_SIZE, MAX_ROWS))
    while done < len(vectors):
        batch = vectors[done : done + min(count, rows)]
        buffer = np.zeros((rows, vectors.shape[1]), point.dtype)
        buffer[: len(batch)] = batch
        start_time = time.perf_counter()
        with jax.enable_x64(point.dtype == jnp.float64):
            products = np.asarray(apply_hessian(hessian, buffer, len(batch)), np.float64)[: len(batch)]
        count = next_count(len(batch), time.perf_counter() - start_time)
        done += len(batch)
        yield products


def as_minimization(problem: Problem) -> Problem:
    """The problem whose loss the optimizers minimize: with negated weights for an objective that is maximized."""
    if problem.sense == "minimize":
        return problem
    with precision(problem.params):
        return replace(problem, weights={name: -weight for name, weight in problem.weights.items()})


@jit_with_fast_compile
def loss_at(problem: Problem, point: Any) -> Any:
    """L at a flat point."""
    return problem.loss(ravel_pytree(problem.params)[1](point))


@partial(
    register_dataclass, data_fields=["product", "gradient", "loss"], meta_fields=["batch_size", "kinked_terms"]
)
@dataclass(frozen=True, eq=False)
class Hessian:
    """The map v["R n"] -> Hv["R n"] at one point, with everything that does not depend on v computed in advance.

    A pytree. `jitted_linearize` always returns the same structure, so a program compiled for one point serves all
    others. Several vectors share one batched product, except for a large loss or one with convolutions: batched
    over vectors a convolution becomes a grouped one, which is up to nine times slower than one product at a time.

    Attributes:
        product: v["n"] -> Hv["n"], linear.
        gradient: ∇L at the point.
        batch_size: number of rows per product.
        kinked_terms: the terms of the loss whose programs do not show that they have no kinks.
        loss: L at the point.
    """

    product: Any
    gradient: Any
    batch_size: int
    kinked_terms: tuple[str, ...] = ()
    loss: Any = None

    def __call__(self, vectors: Any) -> Any:
        # The default of a GPU is TF32, which has three digits fewer than the error bars assume.
        with jax.default_matmul_precision("highest"):
            if len(vectors) == 1:
                return self.product(vectors[0])[None]
            return jax.lax.map(self.product, vectors) if self.batch_size == 1 else map_rows(self.product, vectors)


def linearize(problem: Problem, point: Any) -> Hessian:
    """The Hessian at a flat point, for use inside jit. A product costs half of one without linearization.

    Products are forward over reverse, or reverse over reverse if JAX refuses forward mode; see `linear_map`.
    """
    _, unravel = ravel_pytree(problem.params)

    def loss(theta):
        return problem.loss(unravel(theta))

    with jax.default_matmul_precision("highest"):
        loss_cost = cost(jax.make_jaxpr(loss)(point).jaxpr)
        terms, names = jax.make_jaxpr(lambda theta: problem.terms(unravel(theta)), return_shape=True)(point)
        gradient, product = linear_map(jax.grad(loss), point, symmetric=True)
    is_large = loss_cost.flops > MAX_BATCHED_FLOPS and jax.default_backend() == "cpu"
    batch_size = 1 if loss_cost.has_convolution or is_large else BATCH_SIZE
    kinked = tuple(name for name, smooth in zip(sorted(names), smooth_results(terms), strict=True) if not smooth)
    # XLA shares the forward pass, so that no program of its own is compiled for the loss.
    return Hessian(product, gradient, batch_size, kinked, loss(point))


jitted_linearize = jit_with_fast_compile(linearize)


@jit_with_fast_compile
def apply_hessian(hessian: Hessian, vectors: Any, count: Any) -> Any:
    """Hv for the first `count` rows of vectors["R n"], batch by batch; the other rows are zero."""
    rows, n = vectors.shape
    batch = min(hessian.batch_size, rows)
    blocks = jnp.pad(vectors, ((0, -rows % batch), (0, 0))).reshape(-1, batch, n)

    def step(carry):
        index, out = carry
        return index + 1, out.at[index].set(hessian(blocks[index]))

    start = (jnp.zeros((), jnp.int32), jnp.zeros_like(blocks))
    _, out = jax.lax.while_loop(lambda carry: carry[0] * batch < count, step, start)
    return out.reshape(-1, n)[:rows]


def apply_hessian_at(problem: Problem, point: Any, vectors: Any, count: Any) -> Any:
    """`apply_hessian` at a flat point of the problem."""
    return apply_hessian(jitted_linearize(problem, point), vectors, count)


def value_and_gradient(problem: Problem, point: Any) -> tuple[Any, Any]:
    """L and ∇L at a flat point. For use inside jit."""
    _, unravel = ravel_pytree(problem.params)
    return jax.value_and_grad(lambda theta: problem.loss(unravel(theta)))(point)


loss_and_gradient = jit_with_fast_compile(value_and_gradient)


def flatten(problem: Problem, tree: PyTree) -> tuple[Any, Callable[[Any], PyTree]]:
    """A point or vector with the structure of the parameters as one array in their dtype, and the inverse
    function.

    Raises:
        ValueError: if structure or shapes differ from those of problem.params.
    """
    dtype = dtype_of(problem.params)
    leaves, structure = jax.tree.flatten(problem.params)
    shapes = list(map(np.shape, leaves))
    if jax.tree.structure(tree) != structure or list(map(np.shape, jax.tree.leaves(tree))) != shapes:
        raise ValueError("the point must have the structure and shapes of problem.params")
    return ravel_pytree(jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), tree))


def unflatten(problem: Problem, rows: np.ndarray) -> PyTree:
    """Rows["k n"] as a pytree of the parameters' structure with a leading axis of length k."""
    leaves, structure = jax.tree.flatten(problem.params)
    parts = np.split(rows, np.cumsum([np.size(leaf) for leaf in leaves])[:-1], axis=1)
    shaped = [
        frozen(part.reshape(len(rows), *np.shape(leaf)).astype(dtype_of(problem.params)))
        for part, leaf in zip(parts, leaves, strict=True)
    ]
    return jax.tree.unflatten(structure, shaped)


def check_no_game(problem: Problem) -> None:
    """Raises a ValueError for a game, which has no Hessian."""
    if problem.objective.players is not None:
        raise ValueError(
            "a game has no Hessian, since its players descend different losses; look at the complex "
            "eigenvalues of the Jacobian of problem.field instead"
        )


def check_finite(problem: Problem, point: Any, hessian: Hessian | None = None) -> float:
    """The loss; raises a ValueError if it or its gradient is not finite."""
    loss, gradient = loss_and_gradient(problem, point) if hessian is None else (hessian.loss, hessian.gradient)
    if not (np.isfinite(loss) and np.all(np.isfinite(gradient))):
        quantity = "gradient" if np.isfinite(loss) else "loss"
        raise ValueError(
            f"the {quantity} is not finite at this point, so it has no curvature; choose another point"
        )
    return float(loss)
