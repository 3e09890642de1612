"""Whether the arrays of a result have the types and shapes that its fields are annotated with."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import jax
import numpy as np

from landscapes.curvature.gradient_jump import Jump
from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.games.game_jacobian import Jacobian
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.slices.grid import check_axes
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

ARRAY = re.compile(r"(Float|Int|Bool|Complex)\[[\w.]+, ['\"]([^'\"]*)['\"]\]")
KINDS = {"Float": "f", "Int": "iu", "Bool": "b", "Complex": "c"}
SCALARS: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool}
SENSES = ("minimize", "maximize")


def check_result(result: Any) -> None:
    """
    Raises:
        ValueError: with the name of the first field that does not fit.
    """
    lengths: dict[str, int] = {}
    for spec in fields(result):
        if not _fits(getattr(result, spec.name), str(spec.type), lengths):
            raise ValueError(spec.name)
    if isinstance(result, Surface):
        _check_surface(result)
    if isinstance(result, Projection) and (len(result.steps) == 0 or result.coordinates.shape[1] not in (1, 2, 3)):
        raise ValueError("coordinates")
    if isinstance(result, Trajectory) and (
        len(result.loss) == 0
        or any(np.shape(leaf)[:1] != result.steps.shape for leaf in jax.tree.leaves(result.params))
    ):
        raise ValueError("params")
    if isinstance(result, Spectrum) and not 0 <= result.bottom <= len(result.eigenvalues) <= result.dim:
        raise ValueError("eigenvalues")
    if isinstance(result, Jacobian) and not len(result.eigenvalues) <= result.dim == len(result.owners):
        raise ValueError("owners")


def _fits(value: Any, annotation: str, lengths: dict[str, int]) -> bool:
    if value is None:
        return "None" in annotation or "PyTree" in annotation
    if annotation.startswith("Jump"):
        return isinstance(value, Jump) and _is_jump(value)
    if annotation == "Outcome":
        return isinstance(value, Outcome) and check_result(value) is None
    if annotation == "tuple[Projection, ...]":
        return (
            isinstance(value, tuple)
            and all(isinstance(each, Projection) for each in value)
            and not any(map(check_result, value))
        )
    if annotation == "dict[str, dict[str, float]]":
        return isinstance(value, Mapping) and all(
            _fits(entries, "dict[str, float]", {}) for entries in value.values()
        )
    if annotation == "int | None":
        return isinstance(value, int) and not isinstance(value, bool)
    if annotation.startswith("PyTree"):
        return all(hasattr(leaf, "dtype") or isinstance(leaf, int | float) for leaf in jax.tree.leaves(value))
    if annotation.startswith("Literal"):
        return value in ast.literal_eval(annotation.removeprefix("Literal"))
    if annotation == "Sense":
        return value in SENSES
    if (kind := SCALARS.get(annotation)) is not None:
        return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if annotation.startswith("dict[str, float]"):
        return isinstance(value, Mapping) and all(isinstance(each, float) for each in value.values())
    if (match := ARRAY.search(annotation)) is None:
        return True
    values: list[Any]
    if annotation.startswith("dict"):
        values = list(value.values()) if isinstance(value, Mapping) else [None]
    elif annotation.startswith("tuple"):
        values = list(value) if isinstance(value, tuple) else [None]
        return all(_is_array(each, match[1]) for each in values)
    else:
        values = [value]
    return all(_is_array(each, match[1]) and _has_shape(each.shape, match[2].split(), lengths) for each in values)


def _is_jump(jump: Jump) -> bool:
    numbers = (jump.size, jump.nearby_curvature, *jump.slopes)
    is_known = jump.kind in ("gradient", "second derivative") and len(jump.slopes) == 2
    has_row = jump.direction is None or (_is_array(jump.direction, "Float") and jump.direction.ndim == 1)
    return is_known and has_row and all(isinstance(each, float) for each in numbers)


def _is_array(value: Any, kind: str) -> bool:
    return isinstance(value, np.ndarray) and (value.dtype.kind in KINDS[kind] or value.dtype.name == "bfloat16")


def _has_shape(shape: tuple[int, ...], names: list[str], lengths: dict[str, int]) -> bool:
    """Whether a shape has the axes of these names; axes of one name have one length in all fields."""
    if "..." in names:
        return True
    if len(shape) != len(names):
        return False
    return all(
        name == "_" or length == (int(name) if name.isdigit() else lengths.setdefault(name, length))
        for length, name in zip(shape, names, strict=True)
    )


def _check_surface(surface: Surface) -> None:
    if len(surface.axes) not in (1, 2, 3):
        raise ValueError("axes")
    try:
        check_axes(surface.axes, len(surface.axes))
    except ValueError:
        raise ValueError("axes") from None
    shape = tuple(len(axis) for axis in surface.axes)
    if min(shape) < 2 or surface.evaluated.shape != shape:
        raise ValueError("evaluated")
    if not surface.terms or any(grid.shape != shape for grid in surface.terms.values()):
        raise ValueError("terms")
    if not set(surface.weights) <= set(surface.terms) or not all(map(math.isfinite, surface.weights.values())):
        raise ValueError("weights")
    if set(surface.errors) != set(surface.terms):
        raise ValueError("errors")
    if surface.sense not in SENSES:
        raise ValueError("sense")
