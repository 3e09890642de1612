"""Affine hoisting: values that are affine in a plane's coordinates are computed once for all of its points.

Along θ = θ₀ + Σₖ αₖ·dₖ every value that is linear in the parameters stays affine in α until the first
nonlinearity: x·W = x·W₀ + Σₖ αₖ·x·Dₖ. `hoist` walks the jaxpr of a loss and computes such values once, as a
    constant c
and K parts uₖ. At each point a residual program computes c + Σₖ αₖ·uₖ and the rest of the loss. The result is
exact to rounding, for any model.

Hoisting fails where numbers are not finite: a part of ±∞ has the sign of its direction and not of the coordinate,
and 0·∞ is NaN. `Hoisted.finite` says whether every value that a carried value depends on is finite and far from
overflow. Otherwise evaluate plainly, with `min_saving=math.inf`.

`minimum_cut` decides which affine values to carry. Where that saves too little, evaluation is plain, to the last
bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.tree_util import register_dataclass
from jaxtyping import Array, Bool, Float, PyTree

from landscapes.evaluation.affine import Kind
from landscapes.evaluation.minimum_cut import plan
from landscapes.evaluation.program import Program, Step
from landscapes.plane import Plane

MIN_SAVING = 1 / 16  # share of an evaluation's cost
# Parts must not overflow at coordinates of up to a million, where the plain sum does not.
_LARGEST_COORDINATE = 2.0**20
# Up to this many numbers are summed by one matrix product. Fused into every loop that reads them, three numbers
# made the evaluation of a policy a fifth slower.
_SHORT_SIZE = 64


@partial(register_dataclass, data_fields=["carried", "finite"], meta_fields=["program"])
@dataclass(frozen=True, eq=False)
class Hoisted:
    """A function of parameters restricted to a plane, with the values that are affine in the coordinates already
    computed: `hoisted(coordinates)` is `fun(plane.point(coordinates))` to rounding, if `finite`.

    A pytree whose arrays are `carried`, so that one function compiled for it serves every plane:

        prepare = jax.jit(lambda problem, plane: hoist(problem.terms, plane))       # once per surface
        segment = jax.jit(lambda hoisted, points: jax.lax.map(hoisted, points))     # once per segment

    Attributes:
        carried: for each input of the residual program, its constant followed by its K parts; the constant alone
            if it does not depend on the coordinates. Parts are flat, because XLA's loops over short last axes are
            up to five times slower, and stacked if they are short. For plain evaluation: the plane and the
            constants.
        program: the residual program, or the whole one for plain evaluation. It is compared by identity, and the
            tree that a compiled `prepare` returns always holds the same one: a second plane retraces nothing.
        finite: whether every affine value is finite, and its parts times coordinates of up to 2²⁰ are. True for
            plain evaluation.
    """

    carried: tuple[tuple[Array, ...], ...]
    program: _Residual | _Plain
    finite: Bool[Array, ""]

    def __call__(self, coordinates: Float[Array, "K"]) -> PyTree[Array]:
        return self.program(self.carried, coordinates)


def hoist(
    fun: Callable[[PyTree], PyTree], plane: Plane, *, memory: int = 2**30, min_saving: float = MIN_SAVING
) -> Hoisted:
    """`fun` over a plane, with its affine values computed. Call it inside jit.

    Args:
        fun: from parameters to any pytree of arrays, such as `problem.terms`; it may close over tracers.
        plane: a line or a plane.
        memory: bytes that carried values may take, besides the parameters and data. A value that does not fit is
            computed at every point.
        min_saving: the share of an evaluation's estimated cost that hoisting must save. Where it saves less, the
            function is evaluated plainly, as `fun(plane.point(coordinates))` is. −∞ hoists always, ∞ never.
    """
    closed, shapes = jax.make_jaxpr(fun, return_shape=True)(plane.origin)
    origin, basis = jax.tree.leaves(plane.origin), jax.tree.leaves(plane.basis)
    program = Program.of(closed)
    cut = plan(program, copies=1 + plane.dim, memory=memory, min_saving=min_saving)
    steps = tuple(step for number, step in enumerate(program.steps) if number in cut.repeated)
    remainder = _Remainder(program.literals, steps, program.outputs, jax.tree.structure(shapes))
    carried, finite = _carry(program, cut.carried, origin, basis)
    if cut.is_plain:
        # Leaves and structure are kept apart: lowering puts placeholders in the tree, which a `Plane` would
        # refuse.
        leaves, structure = jax.tree.flatten(plane)
        return Hoisted(
            (tuple(leaves), *carried), _Plain(structure, program.inputs, cut.carried, remainder), finite
        )
    inputs = {number: program.avals[number].shape for number in cut.carried}
    return Hoisted(carried, _Residual(inputs, remainder), finite)


@dataclass(frozen=True, eq=False)
class _Remainder:
    """The steps that are repeated at a point, from the values that enter them to the outputs."""

    literals: dict[int, Any]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    structure: Any

    def __call__(self, values: dict[int, Any]) -> PyTree[Array]:
        values = {**self.literals, **values}
        for step in self.steps:
            step(values)
        return jax.tree.unflatten(self.structure, [values[i] for i in self.outputs])


@dataclass(frozen=True, eq=False)
class _Residual:
    inputs: dict[int, tuple[int, ...]]  # the shape of each carried value
    remainder: _Remainder

    def __call__(self, carried: Sequence[tuple[Array, ...]], coordinates: Float[Array, "K"]) -> PyTree[Array]:
        values: dict[int, Any] = {}
        for (number, shape), (value, *parts) in zip(self.inputs.items(), carried, strict=True):
            values[number] = value
            if parts and value.size <= _SHORT_SIZE:
                sums = jnp.dot(coordinates.astype(value.dtype), parts[0], precision="highest")
                values[number] = (value + sums).reshape(shape)
            elif parts:
                # A sum of products instead of a contraction, so that XLA fuses it into the loop that reads it.
                terms = (a.astype(u.dtype) * u for a, u in zip(coordinates, parts, strict=True))
                values[number] = sum(terms, start=value).reshape(shape)
        return self.remainder(values)


@dataclass(frozen=True, eq=False)
class _Plain:
    """Plain evaluation, except for values that depend on no parameter.

    Attributes:
        plane: the tree structure of the plane.
        parameters, constants: the numbers of these values in the program.
    """

    plane: Any
    parameters: tuple[int, ...]
    constants: tuple[int, ...]
    remainder: _Remainder

    def __call__(self, carried: Sequence[tuple[Array, ...]], coordinates: Float[Array, "K"]) -> PyTree[Array]:
        leaves, *constants = carried
        plane: Plane = jax.tree.unflatten(self.plane, leaves)
        values = dict(zip(self.parameters, jax.tree.leaves(plane.point(coordinates)), strict=True))
        return self.remainder(
            {**values, **{n: value for n, (value,) in zip(self.constants, constants, strict=True)}}
        )


def _carry(
    program: Program, carried: Sequence[int], origin: list[Array], basis: list[Array]
) -> tuple[tuple[tuple[Array, ...], ...], Array]:
    """The carried values, a constant as (constant,) and an affine value as (constant, part, …), and whether the
    affine ones and every affine value that they depend on are finite."""
    values = {**program.literals, **program.constants}
    preceding = [program.steps[n] for n in program.steps_for(carried)]
    for step in preceding:
        if program.kinds[step.outputs[0]] == Kind.CONSTANT:
            step(values)
    affine = [i for i in carried if program.kinds[i] == Kind.AFFINE]
    steps = [step for step in preceding if program.kinds[step.outputs[0]] == Kind.AFFINE]
    # A later division can hide an overflow, so every value is checked.
    checked = [*affine, *(i for step in steps for i in step.outputs)]

    def affine_values(params: list[Array]) -> list[Array]:
        local = {**values, **dict(zip(program.inputs, params, strict=True))}
        for step in steps:
            step(local)
        return [local[i] for i in checked]

    constants, derivative = jax.linearize(affine_values, origin)
    parts = [derivative([d[k] for d in basis]) for k in range(basis[0].shape[0])]
    finite = [_is_below(c, 1.0) for c in constants] + [
        _is_below(u, _LARGEST_COORDINATE) for us in parts for u in us
    ]
    affine_parts: dict[int, tuple[Array, ...]] = {}
    for i, constant, *directions in zip(affine, constants, *parts, strict=False):
        flat = [part.ravel() for part in directions]
        affine_parts[i] = (constant.ravel(), *([jnp.stack(flat)] if constant.size <= _SHORT_SIZE else flat))
    values_carried = tuple(affine_parts[i] if i in affine_parts else (values[i],) for i in carried)
    return values_carried, jnp.all(jnp.stack(finite)) if finite else jnp.bool_(True)


def _is_below(value: Array, factor: float) -> Array:
    """Whether every entry is finite, and remains finite when multiplied by a factor."""
    if not jnp.issubdtype(value.dtype, jnp.inexact):
        return jnp.bool_(True)
    return jnp.all(jnp.abs(value) <= float(jnp.finfo(value.dtype).max) / factor)
