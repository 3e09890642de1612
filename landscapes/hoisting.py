"""Affine hoisting: what is linear in a plane's coordinates is computed once for all of its points.

Along θ = θ₀ + Σₖ αₖ·dₖ every value that is linear in the parameters stays affine in α until the first
nonlinearity: x·W = x·W₀ + Σₖ αₖ·x·Dₖ. `hoist` walks the jaxpr of a loss, computes such values once as a
constant and K parts, and leaves a residual program that forms c + Σₖ αₖ·uₖ at each point and goes on from
there. It is exact to rounding and needs no knowledge of the model.

Which affine values to carry is decided in `cut`; where that would save too little it is plain evaluation, to the
last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.tree_util import register_dataclass
from jaxtyping import Array, Float, PyTree

from landscapes.affine import Kind
from landscapes.cut import plan
from landscapes.plane import Plane
from landscapes.program import Program, Step

WORTH = 1 / 16
_SHORT = 64  # numbers formed once, by a product: fused into all that read them, three cost a policy a fifth


@partial(register_dataclass, data_fields=["carried"], meta_fields=["program"])
@dataclass(frozen=True, eq=False)
class Hoisted:
    """A function of parameters restricted to a plane, with everything that is affine in the coordinates
    computed already: `hoisted(coordinates)` is `fun(plane.point(coordinates))` to rounding.

    A pytree whose arrays are `carried`, so that one function compiled for it serves every plane:

        prepare = jax.jit(lambda problem, plane: hoist(problem.terms, plane))       # once per surface
        segment = jax.jit(lambda hoisted, points: jax.lax.map(hoisted, points))     # once per segment

    Attributes:
        carried: for each value that enters the residual program, its constant followed by its K parts, flat
            (XLA's loops over short last axes are up to five times slower), stacked if they are short, or the
            constant alone if it does not depend on the coordinates. The plane and constants where hoisting is
            not worth it.
        program: the residual program, or the whole one. It is compared by identity, and the tree that a
            compiled `prepare` returns holds the same one every time: a second plane retraces nothing.
    """

    carried: tuple[tuple[Array, ...], ...]
    program: _Residual | _Plain

    def __call__(self, coordinates: Float[Array, "K"]) -> PyTree[Array]:
        return self.program(self.carried, coordinates)


def hoist(fun: Callable[[PyTree], PyTree], plane: Plane, *, memory: int = 2**30, worth: float = WORTH) -> Hoisted:
    """Splits `fun` over a plane into what is affine in the coordinates and the rest. Call it inside jit.

    Args:
        fun: from parameters to any pytree of arrays, such as `problem.terms`; it may close over tracers.
        plane: a line or a plane.
        memory: bytes that carried values may take beyond the parameters and data themselves; what does
            not fit is computed at every point.
        worth: the share of an evaluation, by its estimated cost, that hoisting must save; where it saves less
            the function is evaluated plainly, as `fun(plane.point(coordinates))` is. −∞ hoists always.
    """
    closed, shapes = jax.make_jaxpr(fun, return_shape=True)(plane.origin)
    origin, basis = jax.tree.leaves(plane.origin), jax.tree.leaves(plane.basis)
    program = Program.of(closed)
    chosen = plan(program, copies=1 + plane.dim, memory=memory, worth=worth)
    steps = tuple(step for number, step in enumerate(program.steps) if number in chosen.taken)
    rest = _Rest(program.literals, steps, program.outputs, jax.tree.structure(shapes))
    carried = _carry(program, chosen.carried, origin, basis)
    if chosen.plain:
        # Leaves and structure apart: what is lowered is described by placeholders, which a plane would refuse.
        leaves, structure = jax.tree.flatten(plane)
        return Hoisted((tuple(leaves), *carried), _Plain(structure, program.inputs, chosen.carried, rest))
    return Hoisted(carried, _Residual({number: program.avals[number].shape for number in chosen.carried}, rest))


@dataclass(frozen=True, eq=False)
class _Rest:
    """What is left to do at a point once the values that enter it are known."""

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
    rest: _Rest

    def __call__(self, carried: Sequence[tuple[Array, ...]], coordinates: Float[Array, "K"]) -> PyTree[Array]:
        values: dict[int, Any] = {}
        for (number, shape), (value, *parts) in zip(self.inputs.items(), carried, strict=True):
            values[number] = value
            if parts and value.size <= _SHORT:
                sums = jnp.dot(coordinates.astype(value.dtype), parts[0], precision="highest")
                values[number] = (value + sums).reshape(shape)
            elif parts:
                # Written out rather than contracted, so that the sum is fused into the loop that reads it.
                terms = (a.astype(u.dtype) * u for a, u in zip(coordinates, parts, strict=True))
                values[number] = sum(terms, start=value).reshape(shape)
        return self.rest(values)


@dataclass(frozen=True, eq=False)
class _Plain:
    """Plain evaluation, but for what no parameter enters."""

    plane: Any  # its structure
    parameters: tuple[int, ...]
    constants: tuple[int, ...]
    rest: _Rest

    def __call__(self, carried: Sequence[tuple[Array, ...]], coordinates: Float[Array, "K"]) -> PyTree[Array]:
        leaves, *constants = carried
        plane: Plane = jax.tree.unflatten(self.plane, leaves)
        values = dict(zip(self.parameters, jax.tree.leaves(plane.point(coordinates)), strict=True))
        return self.rest({**values, **{n: own for n, (own,) in zip(self.constants, constants, strict=True)}})


def _carry(
    program: Program, carried: Sequence[int], origin: list[Array], basis: list[Array]
) -> tuple[tuple[Array, ...], ...]:
    """The carried values: constants alone, affine values as (constant, part, …)."""
    values = {**program.literals, **program.constants}
    path = [program.steps[n] for n in program.leading_to(carried)]
    for step in path:
        if program.kinds[step.outputs[0]] == Kind.CONSTANT:
            step(values)
    affine = [i for i in carried if program.kinds[i] == Kind.AFFINE]

    def affine_values(params: list[Array]) -> list[Array]:
        local = {**values, **dict(zip(program.inputs, params, strict=True))}
        for step in path:
            if program.kinds[step.outputs[0]] == Kind.AFFINE:
                step(local)
        return [local[i] for i in affine]

    constants, derivative = jax.linearize(affine_values, origin)
    parts = zip(*(derivative([d[k] for d in basis]) for k in range(basis[0].shape[0])), strict=True)
    whole: dict[int, tuple[Array, ...]] = {}
    for i, constant, own in zip(affine, constants, parts, strict=True):
        # Where a constant is infinite already (a log of zero, a division by zero), a part of ±∞ or NaN would turn
        # it into NaN; it stays what it is at the origin.
        flat = [jnp.where(jnp.isfinite(constant), part, 0).ravel() for part in own]
        whole[i] = (constant.ravel(), *([jnp.stack(flat)] if constant.size <= _SHORT else flat))
    return tuple(whole[i] if i in whole else (values[i],) for i in carried)
