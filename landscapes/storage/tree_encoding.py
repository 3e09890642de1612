"""Results as a tree that JSON can hold, with their arrays beside it, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import jax
import numpy as np

from landscapes.curvature.gradient_jump import Jump
from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.directions.line_bands import Band
from landscapes.games.game_flow import Flow
from landscapes.games.game_jacobian import Jacobian
from landscapes.games.step_stability import UnitCircle
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (Surface, Projection, Trajectory, Outcome, Spectrum, Jump, Jacobian, UnitCircle, Flow, Band)
}
# The names of arrays in the file where they are not those of the fields.
KEYS: dict[type, dict[str, str]] = {
    Surface: {"axes": "axis", "terms": "term"},
    Projection: {"terms": "term", "plane_terms": "plane_term"},
    Trajectory: {"terms": "term"},
    Spectrum: {
        "errors": "eigenvalue_errors",
        "converged": "eigenvalues_converged",
        "rounding": "eigenvalue_rounding",
        "nodes": "density/nodes",
        "weights": "density/weights",
    },
    Flow: {"axes": ""},
}
# Types that NumPy's file format does not know, as integers of the same width.
EXTENSION_TYPES = {"bfloat16": np.uint16}
MISFIT = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)


def encode(value: Any, key: str, arrays: dict[str, np.ndarray]) -> Any:
    """The value as JSON; each array goes into `arrays` under a name that begins with `key`.

    Trees whose nodes are mappings, tuples, lists or results keep their structure, up to the type of a mapping.
    Other nodes, such as modules of a library, become dicts by the names of their children.

    Raises:
        ValueError: for a leaf that is neither an array nor a number, text or None.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    if isinstance(value, int):
        return value
    if isinstance(value, float | np.floating):
        return {"float": repr(float(value))}
    if TYPES.get(type(value).__name__) is type(value):
        names = KEYS.get(type(value), {})
        return {
            "type": type(value).__name__,
            "fields": {name: encode(getattr(value, name), _join(key, names.get(name, name)), arrays)
                       for name in _field_names(type(value))},
        }  # fmt: skip
    if isinstance(value, Mapping):
        return {"dict": [[str(name), encode(each, _join(key, _quote(str(name))), arrays)]
                         for name, each in value.items()]}  # fmt: skip
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(each, _join(key, str(k)), arrays) for k, each in enumerate(value)]}
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return _encode_array(np.asarray(value), key, arrays)
    return encode(_as_dicts(value, key), key, arrays)


def decode(node: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """The value of a tree that `encode` made.

    Raises:
        ValueError: if an array is missing or does not fit the tree.
    """
    if not isinstance(node, dict):
        return node
    if "float" in node:
        return float(node["float"])
    if "array" in node:
        return _decode_array(node, arrays)
    if "dict" in node:
        if not all(isinstance(name, str) for name, _ in node["dict"]):
            raise TypeError("a name is no text")
        return {name: decode(each, arrays) for name, each in node["dict"]}
    if "tuple" in node or "list" in node:
        kind: Callable[..., Any] = tuple if "tuple" in node else list
        return kind(decode(each, arrays) for each in node["tuple" if "tuple" in node else "list"])
    kind = TYPES[node["type"]]
    return kind(**{name: decode(each, arrays) for name, each in node["fields"].items()})


def _field_names(kind: Any) -> list[str]:
    return [spec.name for spec in fields(kind)] if is_dataclass(kind) else list(kind._fields)


def _encode_array(array: np.ndarray, key: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    while key in arrays:
        key += "~"
    node = {"array": key, "dtype": array.dtype.name, "shape": list(array.shape)}
    if array.dtype.name in EXTENSION_TYPES:
        array = array.view(EXTENSION_TYPES[array.dtype.name])
    if array.dtype.kind not in "fiubc":
        raise ValueError(f"{key} is an array of {array.dtype}; give arrays of numbers")
    arrays[key] = array
    return node


def _decode_array(node: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    array = arrays[node["array"]]
    if node["dtype"] in EXTENSION_TYPES:
        array = array.view(node["dtype"])
    if array.dtype.name != node["dtype"] or list(array.shape) != node["shape"]:
        raise ValueError(node["array"])
    array = array.view()
    array.flags.writeable = False
    return array


def _as_dicts(value: Any, key: str) -> dict[str, Any]:
    """The children of a node of a pytree by name.

    Raises:
        ValueError: for a leaf.
    """
    children, _ = jax.tree.flatten_with_path(value, is_leaf=lambda each: each is not value)
    if not children or any(not path for path, _ in children):
        raise ValueError(f"{key or 'a result'} holds a {type(value).__name__}; give arrays or numbers")
    return {jax.tree_util.keystr(path, simple=True, separator="/"): each for path, each in children}


def _join(key: str, name: str) -> str:
    return f"{key}/{name}" if key and name else key or name


def _quote(name: str) -> str:
    """The name without characters that separate names in a file."""
    return re.sub(r"[/\\%\x00-\x1f]", lambda match: f"%{ord(match[0]):02X}", name)
