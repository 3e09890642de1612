"""Symmetries of a network: permuting hidden units and rescaling ReLU units do not change its function.

Both act on the parameters. A group of hidden units is given by the paths of the arrays that write it (its incoming
weights) and of those that read it (its outgoing weights).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import flatten, loss_and_gradient
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

SAME_LOSS_ROUNDING = 1e4  # in units of ε·max(1, |L|): bound on the rounding error of the loss of the same function


class Units(NamedTuple):
    """A group of hidden units.

    Attributes:
        writes: paths of their incoming weights and biases, formatted as by
            `jax.tree_util.keystr(path, simple=True, separator="/")`; the last axis counts the units.
        reads: paths of their outgoing kernels; the last axis but one counts the units, or pixels × units where an
            image was flattened.
        homogeneous: whether they are positively homogeneous, as ReLU units without normalization.
        layout: "in-out" as above, or "out-in" as in PyTorch and Equinox, where the units are the first axis of the
            incoming and the second of the outgoing weights, or units × pixels.
    """

    writes: tuple[str, ...]
    reads: tuple[str, ...]
    homogeneous: bool = True
    layout: Literal["in-out", "out-in"] = "in-out"


@check_arguments
def rescale_units(params: PyTree, units: Units, alpha: float) -> PyTree:
    """The parameters with all incoming weights of the units times α and all outgoing weights divided by α.

    The function is the same, because relu(αz)/α = relu(z) (Dinh et al. 2017, arXiv:1703.04933, section 4).

    Raises:
        ValueError: if the units are not homogeneous, or α is not positive and finite.
    """
    if not units.homogeneous:
        raise ValueError("these units are not positively homogeneous; choose ReLU units without normalization")
    if not (alpha > 0 and np.isfinite(alpha)):
        raise ValueError(f"alpha = {alpha} does not rescale a ReLU layer; give a positive number")
    read_and_written = set(units.writes) & set(units.reads)  # times α·(1/α) = 1, exactly
    writes, reads = (tuple(path for path in paths if path not in read_and_written) for paths in units[:2])
    factor = np.asarray(alpha, dtype_of(params))
    return _map_units(params, Units(writes, reads), lambda _, leaf: leaf * factor, lambda _, leaf: leaf / factor)


@check_arguments
def permute_units(params: PyTree, units: Units, order: Int[np.ndarray, "h"]) -> PyTree:
    """The parameters with unit i replaced by unit order[i]. The function is the same.

    Raises:
        ValueError: if the order does not hold every unit once.
    """
    order = np.asarray(order)
    if order.ndim != 1 or not np.array_equal(np.sort(order), np.arange(order.size)):
        raise ValueError("the order must hold every unit once; give a permutation of 0, 1, 2, …")

    def permute(path: str, leaf: np.ndarray, is_read: bool) -> np.ndarray:
        array, axis = _with_unit_axis(path, leaf, len(order), units, is_read)
        return np.take(array, order, axis).reshape(leaf.shape)

    return _map_units(
        params,
        units,
        lambda path, leaf: permute(path, leaf, False),
        lambda path, leaf: permute(path, leaf, True),
    )


def unit_count(params: PyTree, units: Units) -> int:
    """The number of units in a group."""
    if not units.writes:
        raise ValueError("units need the paths of the arrays that write them; name at least one")
    shape = np.shape(leaves_at(params, units.writes)[0])
    return shape[0 if units.layout == "out-in" else -1]


def unit_similarity(first: PyTree, second: PyTree, units: Units) -> np.ndarray:
    """⟨unit i of `first`, unit j of `second`⟩ over all incoming and outgoing weights, ["h h"]."""
    count = unit_count(first, units)
    total = np.zeros((count, count))
    for paths, is_read in ((units.writes, False), (units.reads, True)):
        pairs = zip(leaves_at(first, paths), leaves_at(second, paths), strict=True)
        for path, pair in zip(paths, pairs, strict=True):
            rows = [_rows(path, np.asarray(leaf, np.float64), count, units, is_read) for leaf in pair]
            total += rows[0] @ rows[1].T
    return total


def check_same_loss(problem: Problem, params: PyTree) -> None:
    """Checks that the loss at `params` is that at problem.params, up to rounding.

    Raises:
        ValueError: if it is not.
    """
    with precision(problem.params):
        expected, actual = (
            float(loss_and_gradient(problem, flatten(problem, point)[0])[0]) for point in (problem.params, params)
        )
    bound = SAME_LOSS_ROUNDING * float(jnp.finfo(dtype_of(problem.params)).eps) * max(1.0, abs(expected))
    if np.isfinite(expected) and not abs(actual - expected) <= bound:
        raise ValueError(
            f"the same function with other weights has the loss {actual:.4g} instead of {expected:.4g}; "
            "set the weights of the penalties to 0, or name the arrays that do write and read the units"
        )


def leaves_at(params: PyTree, paths: Sequence[str]) -> list[Any]:
    """The arrays at these paths.

    Raises:
        ValueError: for a path that is no parameter.
    """
    leaves = {_name(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params)}
    for path in paths:
        if path not in leaves:
            raise ValueError(f"{path!r} is no parameter; choose from {', '.join(leaves)}")
    return [leaves[path] for path in paths]


def _map_units(
    params: PyTree, units: Units, write: Callable[[str, Any], Any], read: Callable[[str, Any], Any]
) -> PyTree:
    """The parameters with `write` applied to the incoming weights and `read` to the outgoing ones."""
    leaves_at(params, (*units.writes, *units.reads))

    def change(path: Any, leaf: Any) -> Any:
        leaf, name = np.asarray(leaf), _name(path)
        leaf = write(name, leaf) if name in units.writes else leaf
        return read(name, leaf) if name in units.reads else leaf

    return jax.tree_util.tree_map_with_path(change, params)


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")


def _with_unit_axis(
    path: str, leaf: np.ndarray, count: int, units: Units, is_read: bool
) -> tuple[np.ndarray, int]:
    """The array reshaped so that one axis counts the units, and the index of that axis. Flattened pixels come
    before channels in the layout "in-out", and after them in "out-in"."""
    out_in, shape = units.layout == "out-in", leaf.shape
    if is_read:
        axis = 1 if out_in else -2
        fits = leaf.ndim >= 2 and shape[axis] % count == 0
        shape = (*shape[:1], count, -1, *shape[2:]) if out_in else (*shape[:-2], -1, count, *shape[-1:])
    else:
        axis = 0 if out_in else -1
        fits = leaf.ndim >= 1 and shape[axis] == count
    if not fits:
        action = "read" if is_read else "write"
        raise ValueError(
            f"{path!r} of shape {leaf.shape} does not {action} {count} units in the layout "
            f"{units.layout}; name the array that does, or choose the other layout"
        )
    return leaf.reshape(shape), axis


def _rows(path: str, leaf: np.ndarray, count: int, units: Units, is_read: bool) -> np.ndarray:
    """The weights of each unit as one row."""
    array, axis = _with_unit_axis(path, leaf, count, units, is_read)
    return np.moveaxis(array, axis, 0).reshape(count, -1)
