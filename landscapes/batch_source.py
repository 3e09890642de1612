"""Data larger than memory: a loader whose batches are read again for every pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

Batches = Callable[[], Iterable[PyTree]] | Iterable[PyTree]
"""A function that returns a fresh iterator over batches, or a loader that can be iterated again and again."""


class BatchSource:
    """The batches of a loader, each a pytree of NumPy arrays with the examples along axis 0.

    The next batch is read on a thread while the last one is worked on. All batches have one shape; the last one of
    a pass may have fewer examples.

    Attributes:
        sizes: the examples of each batch.
        shapes: the shapes and dtypes of the first batch and of the last one.
    """

    def __init__(self, batches: Batches) -> None:
        """Reads all batches once, to count them.

        Raises:
            ValueError: if there are none, if they cannot be read again, or if they are not arrays of one shape.
        """
        if isinstance(batches, Iterator):
            raise ValueError(
                "batches is an iterator, which is empty after one pass; give the loader itself, or a function "
                "that makes an iterator"
            )
        if not callable(batches) and not isinstance(batches, Iterable):
            raise ValueError(f"batches is a {type(batches).__name__}; give a function that returns an iterator")
        self._batches = batches
        self._lock = threading.Lock()
        self._reader: Iterator[PyTree] | None = None
        self._position = 0
        shapes = []
        for number, batch in enumerate(self.read()):
            shapes.append(_shapes(batch, number))
        if not shapes:
            raise ValueError("batches yields nothing; give a loader with at least one batch")
        for number, shape in enumerate(shapes[:-1]):
            if shape != shapes[0]:
                raise ValueError(
                    f"batch {number} has other shapes than batch 0; only the last batch may have fewer examples"
                )
        self.sizes = tuple(jax.tree.leaves(shape)[0].shape[0] for shape in shapes)
        self.shapes = shapes[0], shapes[-1]
        if _per_example(shapes[0]) != _per_example(shapes[-1]):
            raise ValueError("the last batch has other shapes than batch 0; it may only have fewer examples")

    @property
    def examples(self) -> int:
        """Examples in one pass."""
        return sum(self.sizes)

    def read(self) -> Iterator[PyTree]:
        """One pass over the batches; the next one is read ahead."""
        iterator = iter(self._batches() if callable(self._batches) else self._batches)
        with ThreadPoolExecutor(1, thread_name_prefix="batches") as pool:

            def ahead() -> Future:
                return pool.submit(lambda: _arrays(next(iterator, None)))

            waiting = ahead()
            while (batch := waiting.result()) is not None:
                waiting = ahead()
                yield batch

    def batch(self, index: Any) -> PyTree:
        """Batch number `index` of a pass. Batches are asked for in order, so that one reader serves a pass.

        Raises:
            ValueError: if the loader gives another number of batches, or other shapes, than at first.
        """
        index = int(index)
        with self._lock:
            if self._reader is None or index < self._position:
                self._reader, self._position = self.read(), 0
            for batch in self._reader:
                self._position += 1
                if self._position == index + 1:
                    expected = self.shapes[index == len(self.sizes) - 1]
                    if _shapes(batch, index) != expected:
                        raise ValueError(f"batch {index} has other shapes than when the loader was first read")
                    return batch
            self._reader = None  # the next call begins a new pass
            raise ValueError(
                f"the loader gave {self._position} batches instead of {len(self.sizes)}; let it repeat itself"
            )


def _arrays(batch: Any) -> PyTree:
    return None if batch is None else jax.tree.map(_array, batch)


def _array(leaf: Any) -> np.ndarray:
    if hasattr(leaf, "detach"):  # a tensor of PyTorch
        leaf = leaf.detach().cpu().numpy()
    return np.asarray(leaf)


def _shapes(batch: PyTree, number: int) -> PyTree:
    leaves = jax.tree.leaves(batch)
    lengths = {leaf.shape[:1] for leaf in leaves}
    if not leaves or len(lengths) != 1 or lengths == {()} or any(leaf.dtype == object for leaf in leaves):
        raise ValueError(
            f"batch {number} is not made of arrays with the examples along axis 0; give a dict or tuple of them"
        )
    return jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, jax.dtypes.canonicalize_dtype(leaf.dtype)), batch
    )


def _per_example(shapes: PyTree) -> Any:
    return jax.tree.map(lambda leaf: (leaf.shape[1:], leaf.dtype), shapes)
