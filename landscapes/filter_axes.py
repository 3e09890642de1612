"""Filter axes: along which axes of each weight array its output units lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

Axes = int | Iterable[int]
FilterAxes = Axes | np.integer | Mapping[str, Any] | Callable[[str, Any], Axes | None]
"""Output axes for all weight arrays, or by path, or `function(path, leaf)` with None for the last axis."""


def filter_axes_of(params: PyTree, filter_axes: FilterAxes | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """(path, output axes) of every leaf whose filters are named, sorted by path.

    Axes that are given for all leaves leave out those of fewer than two dimensions, which have no filters.

    Raises:
        ValueError: for a path that is no parameter, or axes that an array does not have, has twice, or has no more
            than.
    """
    leaves: dict[str, Any] = {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf
        for path, leaf in jax.tree_util.tree_leaves_with_path(params)
    }
    if filter_axes is None:
        return ()
    chosen: dict[str, Any]
    if isinstance(filter_axes, Mapping):
        for name in filter_axes:
            # A misspelt path would silently leave the filters where they are by default.
            if name not in leaves:
                raise ValueError(
                    f"filter_axes names {name!r}, which is no parameter; choose from {', '.join(leaves)}"
                )
        chosen = {str(name): value for name, value in filter_axes.items()}
    else:
        weights = {name: leaf for name, leaf in leaves.items() if np.ndim(leaf) >= 2}
        chosen = {
            name: filter_axes(name, leaf) if callable(filter_axes) else filter_axes
            for name, leaf in weights.items()
        }
    axes = {
        name: _checked(name, np.ndim(leaves[name]), value) for name, value in chosen.items() if value is not None
    }
    return tuple(sorted(axes.items()))


def _checked(name: str, ndim: int, value: Any) -> tuple[int, ...]:
    axes = tuple(value) if isinstance(value, Iterable) else (value,)
    are_integers = all(isinstance(axis, int | np.integer) and not isinstance(axis, bool) for axis in axes)
    fits = are_integers and axes and all(-ndim <= axis < ndim for axis in axes)
    if not fits or len({axis % ndim for axis in axes}) < len(axes):
        raise ValueError(
            f"filter_axes = {value!r} does not fit {name!r}, an array of {ndim} axes; give the axis of its output "
            f"units, or several, from 0 to {ndim - 1}"
        )
    return tuple(int(axis) for axis in axes)
