"""Minibatches: which examples an optimizer sees at each step, fixed by a seed and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from landscapes.problem import Problem

# Indices that go to one compiled call: as many epochs as fit, so that small data do not cut calls short.
INDICES = 2**16


@dataclass(frozen=True)
class Minibatches:
    """Step t takes the examples at (t mod batches)·size to … + size of epoch t // batches.

    Every epoch shuffles all examples anew; the remainder that fills no batch sits that epoch out. The shuffling is
    NumPy's, on the host: the same in either precision and on every device, and nothing to compile.
    """

    examples: int
    size: int
    seed: tuple[int, ...]

    @property
    def batches(self) -> int:
        """In an epoch."""
        return self.examples // self.size

    @property
    def epochs(self) -> int:
        """In the orders of one compiled call. It depends on the data's size alone, as shapes must."""
        return max(2, INDICES // self.examples)

    @property
    def longest(self) -> int:
        """Steps that one compiled call can take, wherever in an epoch it begins."""
        return (self.epochs - 1) * self.batches + 1

    def orders(self, step: int, count: int) -> Int[np.ndarray, "E N"]:
        """The order of the examples in the epochs that `count` steps from `step` on run through, one per row."""
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
    counts = {np.shape(leaf)[0] if np.ndim(leaf) else 0 for leaf in jax.tree.leaves(problem.data)}
    if len(counts) != 1 or 0 in counts:
        raise ValueError("minibatches need data with the examples along axis 0; leave batch_size out")
    examples = counts.pop()
    if isinstance(size, bool) or size != int(size) or not 1 <= size <= examples:
        raise ValueError(
            f"batch_size = {size} does not fit the data; give 1 to {examples}, or none for all of them"
        )
    if key is None or isinstance(key, int | np.integer):
        key = jax.random.key(0 if key is None else key)
    words = np.asarray(jax.random.key_data(key)).ravel()
    return Minibatches(examples, int(size), tuple(int(word) for word in words))
