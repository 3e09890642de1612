"""Affine hoisting: what is linear in a plane's coordinates is computed once for all of its points.

Along θ = θ₀ + Σₖ αₖ·dₖ every value that is linear in the parameters stays affine in α until the first
nonlinearity: x·W = x·W₀ + Σₖ αₖ·x·Dₖ. `hoist` walks the jaxpr of a loss, computes such values once as a
constant and K parts, and leaves a residual program that forms c + Σₖ αₖ·uₖ at each point and goes on from
there. It is exact to rounding and needs no knowledge of the model.

It fails where numbers are not finite: a part of ±∞ has the sign of its direction and not of the coordinate, and
0·∞ is NaN. `Hoisted.finite` says that no value on the way to a carried one is infinite, NaN or close to overflow;
otherwise evaluate plainly, with `worth=math.inf`.

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
from jaxtyping import Array, Bool, Float, PyTree

from landscapes.evaluation.affine import Kind
from landscapes.evaluation.minimum_cut import plan
from landscapes.evaluation.program import Program, Step
from landscapes.plane import Plane

WORTH = 1 / 16
# Coordinates of up to a million must not make a part overflow that the sum plainly evaluated does not.
_LARGEST_COORDINATE = 2.0**20
_SHORT = 64  # numbers formed once, by a product: fused into all that read them, three cost a policy a fifth


@partial(register_dataclass, data_fields=["carried", "finite"], meta_fields=["program"])
@dataclass(frozen=True, eq=False)
class Hoisted:
    """A function of parameters restricted to a plane, with everything that is affine in the coordinates
    computed already: `hoisted(coordinates)` is `fun(plane.point(coordinates))` to rounding, if `finite`.

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
        finite: whether every affine value that was computed is finite, and its parts stay so when multiplied by
            coordinates of up to 2²⁰. True for plain evaluation.
    """

    carried: tuple[tuple[Array, ...], ...]
    program: _Residual | _Plain
    finite: Bool[Array, ""]

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
            the function is evaluated plainly, as `fun(plane.point(coordinates))` is. −∞ hoists always, ∞ never.
    """
    closed, shapes = jax.make_jaxpr(fun, return_shape=True)(plane.origin)
    origin, basis = jax.tree.leaves(plane.origin), jax.tree.leaves(plane.basis)
    program = Program.of(closed)
    chosen = plan(program, copies=1 + plane.dim, memory=memory, worth=worth)
    steps = tuple(step for number, step in enumerate(program.steps) if number in chosen.taken)
    rest = _Rest(program.literals, steps, program.outputs, jax.tree.structure(shapes))
    carried, finite = _carry(program, chosen.carried, origin, basis)
    if chosen.plain:
        # Leaves and structure apart: what is lowered is described by placeholders, which a plane would refuse.
        leaves, structure = jax.tree.flatten(plane)
        return Hoisted((tuple(leaves), *carried), _Plain(structure, program.inputs, chosen.carried, rest), finite)
    inputs = {number: program.avals[number].shape for number in chosen.carried}
    return Hoisted(carried, _Residual(inputs, rest), finite)


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
) -> tuple[tuple[tuple[Array, ...], ...], Array]:
    """The carried values, constants alone and affine values as (constant, part, …), and whether the affine ones
    and all that lead to them are finite."""
    values = {**program.literals, **program.constants}
    path = [program.steps[n] for n in program.leading_to(carried)]
    for step in path:
        if program.kinds[step.outputs[0]] == Kind.CONSTANT:
            step(values)
    affine = [i for i in carried if program.kinds[i] == Kind.AFFINE]
    steps = [step for step in path if program.kinds[step.outputs[0]] == Kind.AFFINE]
    # An overflow on the way may be divided away again, so every value on the way is looked at.
    watched = [*affine, *(i for step in steps for i in step.outputs)]

    def affine_values(params: list[Array]) -> list[Array]:
        local = {**values, **dict(zip(program.inputs, params, strict=True))}
        for step in steps:
            step(local)
        return [local[i] for i in watched]

    constants, derivative = jax.linearize(affine_values, origin)
    parts = [derivative([d[k] for d in basis]) for k in range(basis[0].shape[0])]
    finite = [_is_below(c, 1.0) for c in constants] + [
        _is_below(u, _LARGEST_COORDINATE) for us in parts for u in us
    ]
    whole: dict[int, tuple[Array, ...]] = {}
    for i, constant, *own in zip(affine, constants, *parts, strict=False):
        flat = [part.ravel() for part in own]
        whole[i] = (constant.ravel(), *([jnp.stack(flat)] if constant.size <= _SHORT else flat))
    carrying = tuple(whole[i] if i in whole else (values[i],) for i in carried)
    return carrying, jnp.all(jnp.stack(finite)) if finite else jnp.bool_(True)


def _is_below(value: Array, factor: float) -> Array:
    """Whether all of it is finite, and stays so when multiplied by a factor."""
    if not jnp.issubdtype(value.dtype, jnp.inexact):
        return jnp.bool_(True)
    return jnp.all(jnp.abs(value) <= float(jnp.finfo(value.dtype).max) / factor)
