"""A part of the parameters that varies while the rest stays: one layer, or adapters of low rank."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import register_dataclass
from jaxtyping import PyTree

Where = str | Iterable[str] | Callable[[str, Any], bool]
"""A pattern of paths such as "*/lora_*", several of them, or `function(path, leaf)` that is true for leaves that
vary. A path is `jax.tree_util.keystr(path, simple=True, separator="/")`."""


@partial(register_dataclass, data_fields=["arrays"], meta_fields=["structure", "kinds", "values"])
@dataclass(frozen=True, eq=False)
class FixedParameters:
    """The leaves that do not vary.

    Attributes:
        arrays: those that are arrays, in the order of the tree. They are traced.
        structure: of the whole tree.
        kinds: for each leaf of the whole tree "varied", "array" or "value".
        values: leaves that are no arrays, such as a layer's activation function. They are static.
    """

    arrays: tuple[Any, ...]
    structure: Any
    kinds: tuple[str, ...]
    values: tuple[Any, ...]

    def complete(self, varied: PyTree) -> PyTree:
        """The whole tree, with these leaves in their places."""
        sources = {
            "varied": iter(jax.tree.leaves(varied)),
            "array": iter(self.arrays),
            "value": iter(self.values),
        }
        return jax.tree.unflatten(self.structure, [next(sources[kind]) for kind in self.kinds])


def split_parameters(params: PyTree, where: Where) -> tuple[PyTree, FixedParameters]:
    """The parameters that vary, as the same tree with None in place of every other leaf, and the others.

    Only floating-point arrays can vary. Integers, keys and leaves that are no arrays stay, whatever `where` says.

    Raises:
        ValueError: if nothing varies, or if a leaf that is no array cannot be hashed.
    """
    paths_and_leaves, structure = jax.tree_util.tree_flatten_with_path(params)
    names = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in paths_and_leaves]
    leaves = [leaf for _, leaf in paths_and_leaves]
    is_varied = _predicate(where)
    kinds = tuple(
        ("varied" if _is_floating(leaf) and is_varied(name, leaf) else "array") if _is_array(leaf) else "value"
        for name, leaf in zip(names, leaves, strict=True)
    )
    if "varied" not in kinds:
        floating = [name for name, leaf in zip(names, leaves, strict=True) if _is_floating(leaf)]
        raise ValueError(
            f"where = {where!r} chooses no floating-point array; choose among {', '.join(floating) or 'none'}"
        )
    groups = {kind: tuple(leaf for leaf, k in zip(leaves, kinds, strict=True) if k == kind) for kind in {*kinds}}
    for name, kind, leaf in zip(names, kinds, leaves, strict=True):
        if kind == "value" and getattr(type(leaf), "__hash__", None) is None:
            raise ValueError(f"{name!r} is a {type(leaf).__name__}, which is no array; leave it out of the tree")
    varied = [leaf if kind == "varied" else None for leaf, kind in zip(leaves, kinds, strict=True)]
    fixed = FixedParameters(groups.get("array", ()), structure, kinds, groups.get("value", ()))
    return jax.tree.unflatten(structure, varied), fixed


def _predicate(where: Where) -> Callable[[str, Any], bool]:
    if callable(where):
        return where
    if not isinstance(where, str | Iterable) or not all(isinstance(pattern, str) for pattern in where):
        raise ValueError(f"where = {where!r} is no pattern of paths; give text such as '*/lora_*', or a function")
    patterns = (where,) if isinstance(where, str) else tuple(where)
    return lambda name, leaf: any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray | np.generic)


def _is_floating(leaf: Any) -> bool:
    return _is_array(leaf) and jnp.issubdtype(leaf.dtype, jnp.floating)
