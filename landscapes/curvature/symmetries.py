"""What leaves a network's function as it is: rescaled hidden units, and hidden units that change places.

Both act on the parameters alone, by the paths of the arrays that write a group of hidden units and of those that
read it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import flat, loss_and_gradient
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

SAME = 1e4  # in units of ε·max(1, |L|): what other rounding may do to the loss of the same function


class Units(NamedTuple):
    """A group of hidden units.

    Attributes:
        writes: paths of the arrays that make them, as `jax.tree_util.keystr(path, simple=True, separator="/")`
            writes them; the units are the last axis.
        reads: paths of the kernels that read them; the units are the last axis but one, or the pixels times the
            units are, where pixels were flattened.
        homogeneous: whether they are positively homogeneous: ReLU units without normalization are.
        layout: "in-out" as above; "out-in" as in PyTorch and Equinox, where the units are the first axis of what
            writes them and the second of what reads them, or the units times the pixels are.
    """

    writes: tuple[str, ...]
    reads: tuple[str, ...]
    homogeneous: bool = True
    layout: Literal["in-out", "out-in"] = "in-out"


@check_arguments
def rescaled(params: PyTree, units: Units, alpha: float) -> PyTree:
    """The parameters with everything that writes the units times α, and everything that reads them over α:
    relu(αz)/α = relu(z), so that the function is the same (Dinh et al. 2017, arXiv:1703.04933, section 4).

    Raises:
        ValueError: if the units are not homogeneous, or α is not positive and finite.
    """
    if not units.homogeneous:
        raise ValueError(
            "these units do not rescale with what feeds them; choose ReLU units without normalization"
        )
    if not (alpha > 0 and np.isfinite(alpha)):
        raise ValueError(f"alpha = {alpha} does not rescale a ReLU layer; give a positive number")
    both = set(units.writes) & set(units.reads)  # α·(1/α), exactly
    writes, reads = (tuple(path for path in paths if path not in both) for paths in units[:2])
    factor = np.asarray(alpha, dtype_of(params))
    return _changed(params, Units(writes, reads), lambda _, leaf: leaf * factor, lambda _, leaf: leaf / factor)


@check_arguments
def permuted(params: PyTree, units: Units, order: Int[np.ndarray, "h"]) -> PyTree:
    """The parameters with unit order[i] in the place of unit i: the same function.

    Raises:
        ValueError: if the order does not hold every unit once.
    """
    order = np.asarray(order)
    if order.ndim != 1 or not np.array_equal(np.sort(order), np.arange(order.size)):
        raise ValueError("the order must hold every unit once; give a permutation of 0, 1, 2, …")

    def change(path: str, leaf: np.ndarray, read: bool) -> np.ndarray:
        apart, axis = _apart(path, leaf, len(order), units, read)
        return np.take(apart, order, axis).reshape(leaf.shape)

    return _changed(
        params,
        units,
        lambda path, leaf: change(path, leaf, False),
        lambda path, leaf: change(path, leaf, True),
    )


def width(params: PyTree, units: Units) -> int:
    """How many units there are."""
    if not units.writes:
        raise ValueError("units need the paths of the arrays that write them; name at least one")
    shape = np.shape(leaves_at(params, units.writes)[0])
    return shape[0 if units.layout == "out-in" else -1]


def similarity(first: PyTree, second: PyTree, units: Units) -> np.ndarray:
    """⟨unit i of `first`, unit j of `second`⟩ over all the weights that write and read them, ["h h"]."""
    count = width(first, units)
    total = np.zeros((count, count))
    for paths, read in ((units.writes, False), (units.reads, True)):
        pairs = zip(leaves_at(first, paths), leaves_at(second, paths), strict=True)
        for path, pair in zip(paths, pairs, strict=True):
            rows = [_rows(path, np.asarray(leaf, np.float64), count, units, read) for leaf in pair]
            total += rows[0] @ rows[1].T
    return total


def check_same(problem: Problem, params: PyTree) -> None:
    """
    Raises:
        ValueError: if the loss at `params` is not that at problem.params, up to rounding.
    """
    with precision(problem.params):
        before, after = (
            float(loss_and_gradient(problem, flat(problem, point)[0])[0]) for point in (problem.params, params)
        )
    bound = SAME * float(jnp.finfo(dtype_of(problem.params)).eps) * max(1.0, abs(before))
    if np.isfinite(before) and not abs(after - before) <= bound:
        raise ValueError(
            f"the same function with other weights has the loss {after:.4g} instead of {before:.4g}; "
            "set the weights of the penalties to 0, or name the arrays that do write and read the units"
        )


def leaves_at(params: PyTree, paths: Sequence[str]) -> list[Any]:
    """The arrays at these paths.

    Raises:
        ValueError: for a path that is no parameter.
    """
    known = {_name(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params)}
    for path in paths:
        if path not in known:
            raise ValueError(f"{path!r} is no parameter; choose from {', '.join(known)}")
    return [known[path] for path in paths]


def _changed(
    params: PyTree, units: Units, write: Callable[[str, Any], Any], read: Callable[[str, Any], Any]
) -> PyTree:
    leaves_at(params, (*units.writes, *units.reads))

    def change(path: Any, leaf: Any) -> Any:
        leaf, name = np.asarray(leaf), _name(path)
        leaf = write(name, leaf) if name in units.writes else leaf
        return read(name, leaf) if name in units.reads else leaf

    return jax.tree_util.tree_map_with_path(change, params)


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")


def _apart(path: str, leaf: np.ndarray, count: int, units: Units, read: bool) -> tuple[np.ndarray, int]:
    """The array with an axis of its own for the units, and which that is. Flattened pixels come before channels
    in the one layout, and after them in the other."""
    rows, shape = units.layout == "out-in", leaf.shape
    if read:
        axis = 1 if rows else -2
        fits = leaf.ndim >= 2 and shape[axis] % count == 0
        shape = (*shape[:1], count, -1, *shape[2:]) if rows else (*shape[:-2], -1, count, *shape[-1:])
    else:
        axis = 0 if rows else -1
        fits = leaf.ndim >= 1 and shape[axis] == count
    if not fits:
        raise ValueError(
            f"{path!r} of shape {leaf.shape} does not {'read' if read else 'write'} {count} units in the layout "
            f"{units.layout}; name the array that does, or choose the other layout"
        )
    return leaf.reshape(shape), axis


def _rows(path: str, leaf: np.ndarray, count: int, units: Units, read: bool) -> np.ndarray:
    """Everything that belongs to one unit in one row."""
    apart, axis = _apart(path, leaf, count, units, read)
    return np.moveaxis(apart, axis, 0).reshape(count, -1)
