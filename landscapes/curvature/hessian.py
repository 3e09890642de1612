"""The Hessian H of a problem's loss: products Hv, and the whole matrix of a small problem."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.tree_util import register_dataclass
from jaxtyping import Array, Bool, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.differentiation import linear_map
from landscapes.evaluation.batching import cost, map_rows
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

DENSE_LIMIT = 2000  # parameters up to which the whole matrix is handed out
TOGETHER = 4  # products in one batch
BUSY = 1e8  # operations of a loss that keeps a processor busy by itself: a batch would only be padded in vain
# Rows that one compiled call may take, and numbers, in four rows at least: to hand over sixteen rows of 200,000
# took as long as to compute five of them.
BUFFER, ROOM = 16, 2**20
SAME_LOSS = 1e-2  # relative difference up to which two precisions are taken to compute the same loss

Progress = Callable[[float, Any], Any]
Tree = TypeVar("Tree")


def telling(progress: Progress | None) -> Progress:
    """`progress`, called in the precision that its owner runs in, or nothing."""
    if progress is None:
        return lambda fraction, partial: None
    outside = jnp.result_type(float) == jnp.float64

    def tell(fraction: float, partial: Any) -> None:
        with jax.enable_x64(outside):
            progress(float(fraction), partial)

    return tell


@check_arguments
def hvp(problem: Problem, params: PyTree, vector: PyTree) -> PyTree[Float[Array, "..."]]:
    """H(θ)v, the Hessian of problem.loss times a vector of the parameters' structure, forward over reverse;
    reverse over reverse for a loss under `jax.custom_vjp` that forward mode refuses.

    Raises:
        ValueError: for a game.
    """
    refuse_game(problem)
    with precision(problem.params):
        point, unravel = flat(problem, params)
        direction, _ = flat(problem, vector)
        return unravel(products(problem, point, direction[None], 1)[0])


@check_arguments
def dense_hessian(
    problem: Problem,
    params: PyTree | None = None,
    *,
    among: Bool[np.ndarray, "n"] | None = None,
    progress: Progress | None = None,
) -> Float[np.ndarray, "m m"]:
    """The whole Hessian, in the order of `jax.flatten_util.ravel_pytree`, symmetrized, in float64.

    Args:
        params: the point, problem.params unless given.
        among: which parameters to keep, for a principal submatrix; all unless given.

    Raises:
        ValueError: for a game, a point where the loss is not finite, or more than 2,000 parameters.
    """
    refuse_game(problem)
    if among is not None and (
        np.shape(among) != (problem.dim,) or np.asarray(among).dtype != bool or not any(among)
    ):
        raise ValueError(
            f"among must hold True or False for each of the {problem.dim} parameters, and True for one"
        )
    count = problem.dim if among is None else int(np.sum(among))
    if count > DENSE_LIMIT:
        raise ValueError(
            f"the dense Hessian of {count:,} parameters would hold {count**2:,} numbers; "
            f"ask for it up to {DENSE_LIMIT:,} parameters, or for eigenvalues instead"
        )
    with precision(problem.params):
        point, _ = flat(problem, problem.params if params is None else params)
        refuse_nonfinite(problem, point)
        raw = raw_hessian(problem, point, telling(progress), among)
    return frozen((raw + raw.T) / 2)


def raw_hessian(problem: Problem, point: Any, tell: Progress, among: Any = None) -> np.ndarray:
    """H as computed, row by row; its asymmetry is rounding."""
    kept = np.arange(problem.dim) if among is None else np.flatnonzero(among)
    rows = []
    # Unit vectors of a large problem are made as they are needed: all at once they could fill the memory.
    for first in range(0, len(kept), 8 * BUFFER):
        which = kept[first : first + 8 * BUFFER]
        units = np.zeros((len(which), problem.dim))
        units[np.arange(len(which)), which] = 1
        for part in images(problem, point, units):
            rows.extend(part[:, kept])
            tell(len(rows) / len(kept), None)
    return np.stack(rows)


def images(problem: Problem, point: Any, vectors: np.ndarray) -> Iterator[np.ndarray]:
    """Hv for every row, in float64, yielded in pieces that take a tenth of a second or less.

    The buffer has one length, so that the number of rows is never a shape of the program.
    """
    with jax.enable_x64(point.dtype == jnp.float64):  # never across a yield: the caller must not see it
        hessian = linearized(problem, point)
    done, count = 0, TOGETHER
    rows = int(np.clip(ROOM // vectors.shape[1], TOGETHER, BUFFER))
    while done < len(vectors):
        part = vectors[done : done + min(count, rows)]
        buffer = np.zeros((rows, vectors.shape[1]), point.dtype)
        buffer[: len(part)] = part
        began = time.perf_counter()
        with jax.enable_x64(point.dtype == jnp.float64):
            found = np.asarray(applied(hessian, buffer, len(part)), np.float64)[: len(part)]
        count = next_count(len(part), time.perf_counter() - began)
        done += len(part)
        yield found


def in_float64(problem: Problem, point: Any, vectors: np.ndarray) -> Iterator[np.ndarray]:
    """`images` of the same problem computed in float64: what shows the rounding of a narrower computation.

    Yields nothing if the loss comes out different, as that of an objective does which draws its randomness in
    the parameters' own precision.
    """
    wide, there = same_in_float64(problem, point)
    if there.dtype == np.float64:
        yield from images(wide, there, vectors)


def same_in_float64(problem: Problem, point: Any) -> tuple[Problem, Float[np.ndarray, "n"]]:
    """A problem and a flat point in float64; as they are, where the loss comes out different there."""
    here = np.asarray(point)
    if here.dtype == np.float64:
        return problem, here
    wide, there = widened(problem), here.astype(np.float64)
    with jax.enable_x64(False):
        loss = float(loss_and_gradient(problem, point)[0])
    with jax.enable_x64(True):
        reference = float(loss_and_gradient(wide, there)[0])
    same = abs(loss - reference) <= SAME_LOSS * max(abs(loss), abs(reference), 1e-30)
    return (wide, there) if same else (problem, here)


def widened(tree: Tree) -> Tree:
    """A problem, a plane or any other tree with every floating-point leaf in float64."""

    def wider(leaf):
        narrow = hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)
        # In NumPy: JAX would compile one program for each shape.
        return jnp.asarray(np.asarray(leaf, np.float64)) if narrow else leaf

    with jax.enable_x64(True):
        return jax.tree.map(wider, tree)


def descended(problem: Problem) -> Problem:
    """The problem whose loss is what optimizers descend: with the weights of a reward turned round."""
    if problem.sense == "minimize":
        return problem
    with precision(problem.params):
        return replace(problem, weights={name: -weight for name, weight in problem.weights.items()})


@jit_with_fast_compile
def loss_at(problem: Problem, point: Any) -> Any:
    """L at a flat point."""
    return problem.loss(ravel_pytree(problem.params)[1](point))


@partial(register_dataclass, data_fields=["product", "gradient"], meta_fields=["together"])
@dataclass(frozen=True, eq=False)
class Hessian:
    """v["R n"] -> Hv["R n"] at one point, with all that does not depend on v computed already.

    A pytree: a compiled `linearized` returns the same structure every time, so that a program compiled for one
    point serves every other. Several vectors go through one batched product, except where the loss is large, or
    convolves: batched over vectors a convolution becomes a grouped one, some nine times slower than one at a time.

    Attributes:
        product: v["n"] -> Hv["n"], linear.
        gradient: ∇L at the point.
        together: rows to give it at a time.
    """

    product: Any
    gradient: Any
    together: int

    def __call__(self, vectors: Any) -> Any:
        # A GPU would otherwise multiply in TF32, three digits short of what the error bars assume.
        with jax.default_matmul_precision("highest"):
            if len(vectors) == 1:
                return self.product(vectors[0])[None]
            return jax.lax.map(self.product, vectors) if self.together == 1 else map_rows(self.product, vectors)


def linearize(problem: Problem, point: Any) -> Hessian:
    """The Hessian at a flat point. A product costs half of one that begins anew. For use inside jit.

    Products are forward over reverse, or reverse over reverse where forward mode is refused: see `linear_map`.
    """
    _, unravel = ravel_pytree(problem.params)

    def loss(theta):
        return problem.loss(unravel(theta))

    with jax.default_matmul_precision("highest"):
        once = cost(jax.make_jaxpr(loss)(point).jaxpr)
        gradient, product = linear_map(jax.grad(loss), point, symmetric=True)
    alone = once.has_convolution or (once.flops > BUSY and jax.default_backend() == "cpu")
    return Hessian(product, gradient, 1 if alone else TOGETHER)


linearized = jit_with_fast_compile(linearize)


@jit_with_fast_compile
def applied(hessian: Hessian, vectors: Any, count: Any) -> Any:
    """Hv for the first `count` rows of vectors["R n"], a batch at a time; zero beyond."""
    rows, n = vectors.shape
    batch = min(hessian.together, rows)
    blocks = jnp.pad(vectors, ((0, -rows % batch), (0, 0))).reshape(-1, batch, n)

    def step(carry):
        index, out = carry
        return index + 1, out.at[index].set(hessian(blocks[index]))

    start = (jnp.zeros((), jnp.int32), jnp.zeros_like(blocks))
    _, out = jax.lax.while_loop(lambda carry: carry[0] * batch < count, step, start)
    return out.reshape(-1, n)[:rows]


def products(problem: Problem, point: Any, vectors: Any, count: Any) -> Any:
    """`applied` at a flat point of the problem."""
    return applied(linearized(problem, point), vectors, count)


def value_and_gradient(problem: Problem, point: Any) -> tuple[Any, Any]:
    """L and ∇L at a flat point. For use inside jit."""
    _, unravel = ravel_pytree(problem.params)
    return jax.value_and_grad(lambda theta: problem.loss(unravel(theta)))(point)


loss_and_gradient = jit_with_fast_compile(value_and_gradient)


def flat(problem: Problem, tree: PyTree) -> tuple[Any, Callable[[Any], PyTree]]:
    """A point or vector of the parameters' structure as one array in their dtype, and the way back.

    Raises:
        ValueError: if structure or shapes differ from those of problem.params.
    """
    dtype = dtype_of(problem.params)
    leaves, structure = jax.tree.flatten(problem.params)
    given = jax.tree.leaves(tree)
    if jax.tree.structure(tree) != structure or list(map(np.shape, given)) != list(map(np.shape, leaves)):
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


def refuse_game(problem: Problem) -> None:
    """Raises a ValueError for a game, which has no Hessian."""
    if problem.objective.players is not None:
        raise ValueError(
            "a game has no Hessian, since its players descend different losses; look at the complex "
            "eigenvalues of the Jacobian of problem.field instead"
        )


def refuse_nonfinite(problem: Problem, point: Any) -> None:
    """Raises a ValueError where the loss or its gradient is not finite."""
    loss, gradient = loss_and_gradient(problem, point)
    if not (np.isfinite(loss) and np.all(np.isfinite(gradient))):
        what = "gradient" if np.isfinite(loss) else "loss"
        raise ValueError(f"the {what} is not finite at this point, so it has no curvature; choose another point")
