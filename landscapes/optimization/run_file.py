"""A file that holds the states of one optimizer's runs, so that the same call continues them."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from landscapes.evaluation.result_directory import ResultDirectory, digest


class RunFile(NamedTuple):
    """Where the states of one optimizer's runs are kept."""

    results: ResultDirectory
    label: str
    name: str

    def restore(self, state: PyTree, depends_on: PyTree) -> tuple[int, PyTree]:
        """The number of steps taken, and the state after them; 0 and the given state where nothing is stored."""
        self.results.require({f"optimizer under {self.label!r}": digest(depends_on)}, f"{self.name}-optimizer")
        stored = self.results.read(self.name)
        if not stored:
            return 0, state
        leaves, structure = jax.tree.flatten(state)
        restored = [_as_leaf(stored[f"{index}"], leaf) for index, leaf in enumerate(leaves)]
        return int(stored["done"]), jax.tree.unflatten(structure, restored)

    def write(self, done: int, state: PyTree, *, is_over: bool) -> None:
        """Writes the state, if it is over or a write is due."""
        if is_over or self.results.is_due:
            leaves = {f"{index}": _as_array(leaf) for index, leaf in enumerate(jax.tree.leaves(state))}
            self.results.write(self.name, {**leaves, "done": np.array(done)}, is_finished=is_over)


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _as_array(leaf: Any) -> np.ndarray:
    return np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)


def _as_leaf(array: np.ndarray, like: Any) -> Any:
    return jax.random.wrap_key_data(jnp.asarray(array), impl=jax.random.key_impl(like)) if _is_key(like) else array
