"""A surface from arrays, on another grid, in one line, and as a data set of xarray."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes import display
from landscapes.immutable import read_only
from landscapes.slices.grid import grid_of_values, nodes
from landscapes.slices.spline import interpolate_on_grid

if TYPE_CHECKING:
    from landscapes.slices.surface import Surface


def fields_from_grid(axes: Sequence[Any], values: Any, name: str) -> dict[str, Any]:
    """The fields of a surface with one term, all of whose points are evaluated and whose error is unknown.

    Raises:
        ValueError: if the arrays do not fit.
    """
    checked, grid = grid_of_values(axes, values)
    return {
        "axes": tuple(map(read_only, checked)),
        "terms": {name: read_only(grid)},
        "evaluated": read_only(np.ones(grid.shape, bool)),
        "weights": {name: 1.0},
        "errors": {name: math.inf},
        "evaluations": grid.size,
    }


def resampled_fields(surface: Surface, n: int) -> dict[str, Any]:
    """The fields of a surface that change on a grid of n nodes per axis, by a spline through its grid."""
    axes = tuple(read_only(nodes(axis[0], axis[-1], n)) for axis in surface.axes)
    mask = np.where(surface.evaluated, 0.0, np.nan)
    terms = {}
    with np.errstate(over="ignore"):  # next to huge values the spline may overflow
        for name, grid in surface.terms.items():
            values = interpolate_on_grid(surface.axes, np.where(surface.evaluated, grid, np.nan), axes)
            terms[name] = read_only(values.astype(grid.dtype))
    evaluated = read_only(np.isfinite(interpolate_on_grid(surface.axes, mask, axes)))
    return {"axes": axes, "terms": terms, "evaluated": evaluated}


def summary(surface: Surface) -> str:
    """The range of the loss, its error, and the grid, in one line."""
    grid = f"{display.grid_shape(surface.axes)} grid, {surface.evaluations:,} evaluations"
    if surface.game or not surface.terms:
        return f"{', '.join(surface.terms) or 'no values yet'}, {grid}"
    name = next(iter(surface.terms)) if len(surface.terms) == 1 else f"sum of {len(surface.terms)} terms"
    error = f"error about {surface.error:.2g}" if math.isfinite(surface.error) else "error unknown"
    blank = f", {surface.nonfinite:,} not finite" if surface.nonfinite else ""
    return f"{name} {display.finite_range(surface.loss)}, {error}, {grid}{blank}"


def dataset(surface: Surface) -> Any:
    """An `xarray.Dataset` with the coordinates x, y and z. Each term has the attributes "weight" and "error".

    Raises:
        ValueError: if xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise ValueError("to_xarray needs the package xarray; install it with pip install xarray") from None
    dims = ("x", "y", "z")[: len(surface.axes)]
    variables = {
        name: (dims, grid, {"weight": surface.weights.get(name, 0.0), "error": surface.errors[name]})
        for name, grid in surface.terms.items()
    }
    if not surface.game:
        variables["weighted sum"] = (dims, surface.loss, {"error": surface.error})
    facts = {"sense": surface.sense, "evaluations": surface.evaluations, "note": surface.note}
    return xarray.Dataset(variables, dict(zip(dims, surface.axes, strict=True)), facts)
