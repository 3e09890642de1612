"""Checkpoints: the snapshots of a path that are read one at a time, when they are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax.tree_util import register_static
from jaxtyping import Float, Int, PyTree

if TYPE_CHECKING:
    from landscapes.optimization.trajectory import Trajectory

ROOT_NAME = "params"
"""The name of a leaf that is the whole tree."""
MAX_STEP = 10**7
"""The largest step of a checkpoint: the loss of a path has an entry for every step."""


@register_static
@dataclass(frozen=True, eq=False)
class Checkpoints:
    """Checkpoints in order. Each is read when it is asked for and is not kept. A pytree without leaves, so that
    it may stand where the stacked parameters of a path do.

    Attributes:
        names: of each one in an error, such as "checkpoint 3" or the name of its file.
        read: the arrays of checkpoint i by the names of their leaves.
    """

    names: tuple[str, ...]
    read: Callable[[int], Mapping[str, np.ndarray]]

    def __len__(self) -> int:
        return len(self.names)

    def load(self, index: int, like: PyTree) -> PyTree:
        """Checkpoint `index` as a tree with the structure of these parameters.

        Raises:
            ValueError: if a leaf is missing, superfluous, of another shape or dtype, or not finite.
        """
        return match_leaves(self.read(index), like, self.names[index])


@dataclass(frozen=True, eq=False)
class Snapshots(Sequence[Any]):
    """The snapshots of a path as trees like the parameters: views where the path is in memory, and one read at
    each access where it is `Checkpoints`.

    Attributes:
        params: the path's.
        like: the parameters of the problem.
        count: number of snapshots.
    """

    params: PyTree
    like: PyTree
    count: int

    def __post_init__(self) -> None:
        if isinstance(self.params, Checkpoints):
            return
        shapes = [np.shape(leaf)[1:] for leaf in jax.tree.leaves(self.params)]
        expected = [np.shape(leaf) for leaf in jax.tree.leaves(self.like)]
        if jax.tree.structure(self.params) != jax.tree.structure(self.like) or shapes != expected:
            raise ValueError(
                "the path runs through other parameters than the problem or plane; take both from the same problem"
            )

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: Any) -> PyTree:
        index = range(self.count)[index]
        if isinstance(index, range):
            raise TypeError("one snapshot is read at a time; use block(start, stop)")
        if isinstance(self.params, Checkpoints):
            return self.params.load(index, self.like)
        return jax.tree.map(lambda leaf: leaf[index], self.params)

    def block(self, start: int, stop: int) -> PyTree:
        """Snapshots `start` to `stop` in one tree with a leading axis."""
        if not isinstance(self.params, Checkpoints):
            return jax.tree.map(lambda leaf: leaf[start:stop], self.params)
        rows = jax.tree.map(lambda leaf: np.empty((stop - start, *np.shape(leaf)), leaf.dtype), self.like)
        for row in range(start, stop):
            for target, leaf in zip(jax.tree.leaves(rows), jax.tree.leaves(self[row]), strict=True):
                target[row - start] = leaf
        return rows

    def write_flat(self, start: int, rows: Float[np.ndarray, "R n"]) -> None:
        """Writes the snapshots from `start` on, each as one vector, into these rows."""
        if isinstance(self.params, Checkpoints):
            for index, row in enumerate(rows, start):
                np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(self[index])], out=row)
            return
        column = 0
        for leaf in jax.tree.leaves(self.params):
            size = math.prod(np.shape(leaf)[1:])
            rows[:, column : column + size] = leaf[start : start + len(rows)].reshape(len(rows), size)
            column += size


def checkpoints_in_memory(trees: Sequence[PyTree]) -> Checkpoints:
    """The items of a sequence of pytrees, which may make each item when it is asked for."""
    names = tuple(f"checkpoint {index}" for index in range(len(trees)))
    return Checkpoints(names, lambda index: named_leaves(trees[index], names[index]))


def final_params(path: Trajectory) -> PyTree:
    """θ at the last snapshot of a path.

    Raises:
        ValueError: for a path of checkpoints, which are read as the parameters of a problem.
    """
    if isinstance(path.params, Checkpoints):
        raise ValueError(
            "checkpoints are read as the parameters of a problem; give path.snapshots(problem.params)[-1]"
        )
    return jax.tree.map(lambda leaf: leaf[-1], path.params)


def named_leaves(tree: PyTree, owner: str) -> dict[str, np.ndarray]:
    """The leaves of a tree as NumPy arrays by their paths, such as "layer/kernel". Tensors of PyTorch are taken
    from their device.

    Raises:
        ValueError: if a leaf is no array of numbers.
    """
    try:
        leaves = jax.tree_util.tree_leaves_with_path(tree)
    except ValueError as error:
        raise ValueError(f"{owner} holds a dict with keys of several types; name its leaves by text") from error
    if not leaves:
        raise ValueError(f"{owner} holds no arrays; give the parameters")
    return {leaf_name(path): _as_array(leaf, leaf_name(path), owner) for path, leaf in leaves}


def leaf_name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/") or ROOT_NAME


def _as_array(leaf: Any, name: str, owner: str) -> np.ndarray:
    try:
        array = leaf.detach().cpu().numpy() if hasattr(leaf, "detach") else np.asarray(leaf)
    except TypeError as error:
        raise ValueError(f"leaf {name!r} of {owner} has no NumPy array ({error}); cast it to float32") from error
    if not jax.numpy.issubdtype(array.dtype, jax.numpy.number):
        raise ValueError(
            f"leaf {name!r} of {owner} is a {type(leaf).__name__} and no array of numbers; give the "
            "parameters alone"
        )
    return array


def match_leaves(arrays: Mapping[str, np.ndarray], like: PyTree, owner: str) -> PyTree:
    """Named arrays as a tree with the structure of `like`. Names match whether their parts are joined by "/" or
    ".".

    Raises:
        ValueError: if a leaf is missing, superfluous, of another shape or dtype, or not finite.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(like)
    expected = {leaf_name(path): leaf for path, leaf in leaves}
    if set(arrays) != set(expected):
        arrays = {_joined_by_slashes(name): array for name, array in arrays.items()}
        expected = {_joined_by_slashes(name): leaf for name, leaf in expected.items()}
    if missing := [name for name in expected if name not in arrays]:
        raise ValueError(
            f"{owner} has no leaf {missing[0]!r}, which the parameters of the problem have; save these "
            "parameters, or make the problem of the model that was saved"
        )
    if extra := [name for name in arrays if name not in expected]:
        raise ValueError(
            f"{owner} has a leaf {extra[0]!r}, which the parameters of the problem do not have; save the "
            "parameters alone, without the optimizer's state"
        )
    for name, leaf in expected.items():
        array, shape, dtype = arrays[name], np.shape(leaf), np.dtype(leaf.dtype)
        if array.shape != shape:
            raise ValueError(
                f"leaf {name!r} of {owner} has the shape {array.shape}, and that of the problem {shape}; make the "
                "problem of the model that was saved"
            )
        if array.dtype != dtype:
            raise ValueError(
                f"leaf {name!r} of {owner} is {array.dtype}, and that of the problem {dtype}; cast one of them"
            )
        if not np.all(np.isfinite(array)):
            raise ValueError(f"leaf {name!r} of {owner} is not finite everywhere; leave this checkpoint out")
    return jax.tree.unflatten(structure, [arrays[name] for name in expected])


def _joined_by_slashes(name: str) -> str:
    return name.replace(".", "/")


def check_steps(steps: Any, count: int) -> Int[np.ndarray, "S"]:
    """The steps of `count` checkpoints.

    Raises:
        ValueError: unless they are as many whole numbers from 0 on, and increase.
    """
    steps = np.array(steps)
    if steps.shape != (count,) or steps.dtype.kind not in "iu":
        raise ValueError(f"the steps must be {count} whole numbers, one for each checkpoint")
    if np.any(steps[1:] <= steps[:-1]) or steps[0] < 0:
        raise ValueError("the steps must increase, from 0 or more; sort the checkpoints and remove duplicates")
    if steps[-1] > MAX_STEP:
        raise ValueError(f"the last step is {steps[-1]:,}; give steps of at most {MAX_STEP:,}")
    return steps.astype(np.int64)


def loss_curve(loss: Any, steps: Int[np.ndarray, "S"]) -> Float[np.ndarray, "T"]:
    """The loss at every step up to the last checkpoint, NaN where it is not known.

    Args:
        loss: at every checkpoint, or at every step; None where it is not known at all.

    Raises:
        ValueError: for another number of values.
    """
    curve = np.full(steps[-1] + 1, np.nan)
    if loss is None:
        return curve
    try:
        values = np.array(loss, np.float64)
    except (TypeError, ValueError):
        raise ValueError("loss must be a list of numbers, one for each checkpoint") from None
    if values.shape == curve.shape:
        return values
    if values.shape != steps.shape:
        raise ValueError(f"loss must have {len(steps)} numbers, one for each checkpoint, or {len(curve)}")
    curve[steps] = values
    return curve
