"""Which primitives keep a value affine in a plane's coordinates, and what each primitive costs.

A value is *constant* if it does not depend on the coordinates, *affine* if it is c + Σₖ αₖ·uₖ with constant c and
uₖ, and *nonlinear* otherwise. The tables list the primitives that keep an affine operand affine. They need no rule
for computing c and uₖ: the derivative of an affine function is its linear part, and JAX knows the derivative of
every primitive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

import jax.numpy as jnp


class Kind(IntEnum):
    CONSTANT = 0
    AFFINE = 1
    NONLINEAR = 2


# Primitives that are jointly affine in the operands at these positions (None: in all); the others must be
# constant.
_JOINTLY: dict[str, tuple[int, ...] | None] = {
    "add": None,
    "add_any": None,
    "sub": None,
    "neg": None,
    "copy": None,
    "copy_p": None,
    "name": None,
    "reshape": None,
    "transpose": None,
    "broadcast_in_dim": None,
    "squeeze": None,
    "expand_dims": None,
    "slice": None,
    "split": None,
    "rev": None,
    "tile": None,
    "concatenate": None,
    "pad": None,
    "reduce_sum": None,
    "reduce_window_sum": None,
    "cumsum": None,
    "convert_element_type": None,
    "div": (0,),
    "dynamic_slice": (0,),
    "gather": (0,),
    "dynamic_update_slice": (0, 1),
    "scatter-add": (0, 2),
}

# Primitives that are affine in either operand while the other is constant.
_BILINEAR = {"mul", "dot_general", "conv_general_dilated"}

# Bytes of traffic per byte written, measured on XLA's CPU backend against reading c, u₁ and u₂ at 12 bytes per
# number. A primitive that fuses into the loop that reads its result needs no pass over memory of its own.
_FUSED = (
    *("add", "add_any", "sub", "neg", "mul", "div", "max", "min", "abs", "sign", "select_n", "clamp", "square"),
    *("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor", "not", "is_finite", "convert_element_type"),
    *("copy", "copy_p", "name", "reshape", "squeeze", "expand_dims", "broadcast_in_dim", "iota", "slice"),
    *("rev", "transpose", "split", "tile", "reduce_sum", "reduce_max", "reduce_min"),
)
_TRAFFIC = {
    **dict.fromkeys(_FUSED, 0.25),
    **dict.fromkeys(("gather", "dynamic_slice", "dynamic_update_slice", "scatter-add"), 2),
    "concatenate": 4,
    **dict.fromkeys(("pad", "cumsum", "reduce_window_sum"), 16),
}
# Bytes of traffic per byte of random bits, transcendental functions, sorts and loops: always more than reading the
# result costs, but not known. The second is a lower bound, for steps that every plan contains.
_UNKNOWN_COST, LOWER_BOUND = 64, 4
# A matrix product does about eight multiplications and additions in the time of a byte of traffic, after a start
# that costs as much as 16 KiB: a layer of two inputs is cheaper to recompute at 512 × 32 outputs and to read at 64
# × 16.
_FLOPS_PER_BYTE = 8
_START_BYTES = 16_384
# Bytes of traffic per byte written by a convolution with a window: 5 to 14 ns per output, with 9 taps or 144,
# where reading takes 0.5 ns.
_CONVOLUTION_COST = 32


def kind_of(name: str, operands: Sequence[Kind], params: Mapping[str, Any]) -> Kind:
    """The kind of a primitive's results, from the kinds of its operands."""
    highest = max(operands, default=Kind.CONSTANT)
    if highest != Kind.AFFINE:
        return highest
    affine = {position for position, kind in enumerate(operands) if kind == Kind.AFFINE}
    if name in _BILINEAR:
        return Kind.AFFINE if len(affine) == 1 else Kind.NONLINEAR
    if name == "select_n":
        return Kind.NONLINEAR if 0 in affine else Kind.AFFINE
    if name == "convert_element_type":
        # A half-precision part would be rounded before a coordinate scales it, and a small step would be lost.
        target = params["new_dtype"]
        wide = jnp.issubdtype(target, jnp.floating) and jnp.finfo(target).bits >= 32
        return Kind.AFFINE if wide else Kind.NONLINEAR
    if name in _JOINTLY:
        positions = _JOINTLY[name]
        return Kind.AFFINE if positions is None or affine <= set(positions) else Kind.NONLINEAR
    return Kind.NONLINEAR


def nbytes(aval: Any) -> int:
    return math.prod(aval.shape) * aval.dtype.itemsize


def recompute_cost(
    name: str,
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    params: Mapping[str, Any],
    unknown: float = _UNKNOWN_COST,
    start: float = _START_BYTES,
) -> float:
    """The cost of applying a primitive once per point, in bytes of memory traffic. Reading its inputs is not
    counted.

    Args:
        inputs, outputs: abstract values.
        unknown: cost per byte of a primitive that is in none of the tables.
        start: cost of starting a matrix product or convolution, in bytes.
    """
    written = sum(map(nbytes, outputs))
    if name == "dot_general":
        (contracted, _), _ = params["dimension_numbers"]
        terms = math.prod(inputs[0].shape[d] for d in contracted)
        return start + _product(outputs[0], terms) + 1.5 * written
    if name == "conv_general_dilated":
        kernel, layout = inputs[1].shape, params["dimension_numbers"].rhs_spec
        taps = math.prod(size for axis, size in enumerate(kernel) if axis != layout[0])
        windowed = any(kernel[axis] > 1 for axis in layout[2:])
        return start + _product(outputs[0], taps) + (_CONVOLUTION_COST if windowed else 2) * written
    if name.startswith("reduce") and name in _FUSED:
        return _TRAFFIC[name] * sum(map(nbytes, inputs))
    return _TRAFFIC[name] * written if name in _TRAFFIC else unknown * (written + sum(map(nbytes, inputs)))


def _product(output: Any, terms: int) -> float:
    """The cost of a matrix product in which each output is a sum of `terms` products. Double precision costs twice
    as much."""
    return 2 * terms * nbytes(output) / 4 / _FLOPS_PER_BYTE
