"""Minibatches: the examples of each step, which depend on the seed and the sizes alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

# Indices that one compiled call receives. As many epochs as fit are passed, so that small data do not shorten
# calls.
MAX_INDICES = 2**16


@dataclass(frozen=True)
class Minibatches:
    """Step t takes the examples at (t mod batches)·size to … + size of epoch t // batches.

    Every epoch shuffles all examples again and leaves out the remainder that fills no batch. NumPy shuffles on the
    host: the order is the same in either precision and on every device, and nothing is compiled.
    """

    examples: int
    size: int
    seed: tuple[int, ...]

    @property
    def batches(self) -> int:
        """Batches in an epoch."""
        return self.examples // self.size

    @property
    def epochs(self) -> int:
        """Epochs whose orders one compiled call receives. It depends on the size of the data alone, as a shape
        must."""
        return max(2, MAX_INDICES // self.examples)

    @property
    def max_steps(self) -> int:
        """Steps that one compiled call can take, wherever in an epoch it begins."""
        return (self.epochs - 1) * self.batches + 1

    def orders(self, step: int, count: int) -> Int[np.ndarray, "E N"]:
        """The order of the examples in each epoch that `count` steps from `step` on touch, one epoch per row."""
        first, last = step // self.batches, (step + count - 1) // self.batches
        orders = np.zeros((self.epochs, self.examples), np.int32)
        for epoch in range(first, last + 1):
            orders[epoch - first] = np.random.default_rng([*self.seed, epoch]).permutation(self.examples)
        return orders


def minibatches(problem: Problem, size: int, key: Any) -> Minibatches:
    """Minibatches of the problem's data.

    Args:
        key: a key or an integer seed; None is 0.

    Raises:
        ValueError: if the data has no examples along axis 0, or too few.
    """
    examples = _examples(problem.data)
    if isinstance(size, bool) or size != int(size) or not 1 <= size <= examples:
        raise ValueError(
            f"batch_size = {size} does not fit the data; give 1 to {examples}, or none for all of them"
        )
    key = as_key(0 if key is None else key)
    words = np.asarray(jax.random.key_data(key)).ravel()
    return Minibatches(examples, int(size), tuple(int(word) for word in words))


def _examples(data: Any) -> int:
    """How many examples there are."""
    leaves = {
        jax.tree_util.keystr(path, simple=True, separator="/") or "data": np.shape(leaf)
        for path, leaf in jax.tree_util.tree_leaves_with_path(data)
    }
    if not leaves:
        raise ValueError("minibatches need data with the examples along axis 0; leave batch_size out")
    for name, shape in leaves.items():
        if not shape:
            raise ValueError(
                f"minibatches need data with the examples along axis 0, and {name!r} is a single value; "
                "pass it in constants= of Problem.from_loss (a random key as key=), or leave batch_size out"
            )
    counts = Counter(shape[0] for shape in leaves.values())
    (examples, _), *other_counts = counts.most_common()
    if other_counts:
        odd, shape = next((name, shape) for name, shape in leaves.items() if shape[0] != examples)
        raise ValueError(
            f"minibatches need data with the examples along axis 0, and {odd!r} has {shape[0]} rows where others "
            f"have {examples}; pass what is no example in constants= of Problem.from_loss, or leave batch_size out"
        )
    return examples


@contextmanager
def explain_sliced_data(problem: Problem, size: int | None) -> Iterator[None]:
    """A context in which a step on a minibatch is traced. If the loss fails because an array was sliced that holds
    no examples, such as an adjacency matrix with as many rows, the error says so."""
    try:
        yield
    except (TypeError, ValueError):
        if size is not None:
            _check_sliced(problem, size)
        raise


def _check_sliced(problem: Problem, size: int) -> None:
    examples = jax.tree.leaves(problem.data)[0].shape[0]
    sliced = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((size, *leaf.shape[1:]), leaf.dtype), problem.data)
    with precision(problem.params):
        try:
            jax.eval_shape(lambda data: replace(problem, data=data).terms(problem.params), sliced)
        except (TypeError, ValueError) as error:
            square = [
                jax.tree_util.keystr(path, simple=True, separator="/") or "data"
                for path, leaf in jax.tree_util.tree_leaves_with_path(problem.data)
                if examples in np.shape(leaf)[1:]
            ]
            named = f", such as {' and '.join(map(repr, square))}," if square else ""
            raise ValueError(
                f"the loss fails on {size} of the {examples} examples; pass what is no example{named} in "
                f"constants= of Problem.from_loss, or choose another batch_size ({str(error).splitlines()[0]})"
            ) from error
