"""Affine hoisting: what is linear in a plane's coordinates is computed once for all of its points.

Along θ = θ₀ + Σₖ αₖ·dₖ every value that is linear in the parameters stays affine in α until the first
nonlinearity: x·W = x·W₀ + Σₖ αₖ·x·Dₖ. `hoist` walks the jaxpr of a loss, computes such values once as a
constant and K parts, and leaves a residual program that forms c + Σₖ αₖ·uₖ at each point and goes on from
there. It is exact to rounding and needs no knowledge of the model.

Which affine values to carry is a minimum cut: reading a carried value costs (1 + K) times its size at every
point, so a broadcast bias or a product with two inputs is cheaper to form anew than to read. Plain evaluation
(carry the parameters alone) is one of the cuts, so the plan is never worse than it under these costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core
from jax.tree_util import register_dataclass
from jaxtyping import Array, Float, PyTree
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from landscapes.affine import Kind, kind_of, nbytes, recompute_cost
from landscapes.plane import Plane

# Calls whose body is evaluated in place, and the parameter that holds it. Nothing differentiates through a
# residual program, so the body of a function with a custom derivative is all of it.
_BODIES = {
    "jit": "jaxpr",
    "closed_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat2": "jaxpr",
}
# The identity as a function, but not as a derivative.
_IDENTITIES = {"stop_gradient", "optimization_barrier"}
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
            (XLA's loops over short last axes are up to five times slower), or the constant alone if it does
            not depend on the coordinates.
        program: the residual program. It is compared by identity, and the tree that a compiled `prepare`
            returns holds the same one every time: a second plane retraces nothing.
    """

    carried: tuple[tuple[Array, ...], ...]
    program: _Residual

    def __call__(self, coordinates: Float[Array, "K"]) -> PyTree[Array]:
        return self.program(self.carried, coordinates)


def hoist(fun: Callable[[PyTree], PyTree], plane: Plane, *, memory: int = 2**30) -> Hoisted:
    """Splits `fun` over a plane into what is affine in the coordinates and the rest. Call it inside jit.

    Args:
        fun: from parameters to any pytree of arrays, such as `problem.terms`; it may close over tracers.
        plane: a line or a plane.
        memory: bytes that carried values may take beyond the parameters and data themselves; what does
            not fit is computed at every point.
    """
    closed, shapes = jax.make_jaxpr(fun, return_shape=True)(plane.origin)
    origin, basis = jax.tree.leaves(plane.origin), jax.tree.leaves(plane.basis)
    program = _Program.of(closed)
    carried, recomputed = _plan(program, copies=1 + plane.dim, memory=memory)
    steps = tuple(step for number, step in enumerate(program.steps) if number in recomputed)
    inputs = {number: program.avals[number].shape for number in carried}
    residual = _Residual(program.literals, inputs, steps, program.outputs, jax.tree.structure(shapes))
    return Hoisted(_carry(program, carried, origin, basis), residual)


class _Step(NamedTuple):
    """One application of a primitive to numbered values."""

    primitive: Any
    params: dict[str, Any]
    context: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def __call__(self, values: dict[int, Any]) -> None:
        with self.context.manager:
            operands = [values[i] for i in self.inputs]
            results = self.primitive.bind(*operands, **self.primitive.get_bind_params(self.params))
        values.update(zip(self.outputs, results if self.primitive.multiple_results else [results], strict=True))


@dataclass(frozen=True, eq=False)
class _Residual:
    literals: dict[int, Any]
    inputs: dict[int, tuple[int, ...]]  # the shape of each carried value
    steps: tuple[_Step, ...]
    outputs: tuple[int, ...]
    structure: Any

    def __call__(self, carried: Sequence[tuple[Array, ...]], coordinates: Float[Array, "K"]) -> PyTree[Array]:
        values = dict(self.literals)
        for (number, shape), (value, *parts) in zip(self.inputs.items(), carried, strict=True):
            values[number] = value
            if parts and value.size <= _SHORT:
                sums = jnp.dot(coordinates.astype(value.dtype), jnp.stack(parts), precision="highest")
                values[number] = (value + sums).reshape(shape)
            elif parts:
                # Written out rather than contracted, so that the sum is fused into the loop that reads it.
                terms = (a.astype(u.dtype) * u for a, u in zip(coordinates, parts, strict=True))
                values[number] = sum(terms, start=value).reshape(shape)
        for step in self.steps:
            step(values)
        return jax.tree.unflatten(self.structure, [values[i] for i in self.outputs])


class _Program:
    """A jaxpr as a flat list of steps over numbered values, with the bodies of its calls in place."""

    def __init__(self) -> None:
        self.avals: list[Any] = []
        self.literals: dict[int, Any] = {}  # known while tracing
        self.constants: dict[int, Any] = {}  # arrays that the function closes over
        self.steps: list[_Step] = []
        self.inputs: tuple[int, ...] = ()
        self.outputs: tuple[int, ...] = ()
        self.kinds: dict[int, Kind] = {}

    @classmethod
    def of(cls, closed: core.ClosedJaxpr) -> _Program:
        program = cls()
        program.inputs = tuple(program._new(v.aval) for v in closed.jaxpr.invars)
        program.outputs = tuple(program._inline(closed.jaxpr, closed.consts, program.inputs))
        program.kinds = program._classify()
        return program

    def _new(self, aval: Any) -> int:
        self.avals.append(aval)
        return len(self.avals) - 1

    def _inline(self, jaxpr: core.Jaxpr, consts: Sequence[Any], arguments: Sequence[int]) -> list[int]:
        numbers: dict[core.Var, int] = dict(zip(jaxpr.invars, arguments, strict=True))
        for variable, value in zip(jaxpr.constvars, consts, strict=True):
            numbers[variable] = self._new(variable.aval)
            self.constants[numbers[variable]] = value

        def number(atom: Any) -> int:
            if not isinstance(atom, core.Literal):
                return numbers[atom]
            self.literals[literal := self._new(atom.aval)] = atom.val
            return literal

        for eqn in jaxpr.eqns:
            inputs = [number(atom) for atom in eqn.invars]
            name = eqn.primitive.name
            if name in _IDENTITIES:
                outputs = inputs
            elif name in _BODIES:
                body = eqn.params[_BODIES[name]]
                inner, consts = (body.jaxpr, body.consts) if isinstance(body, core.ClosedJaxpr) else (body, ())
                outputs = self._inline(inner, consts, inputs)
            else:
                outputs = [self._new(v.aval) for v in eqn.outvars]
                step = _Step(eqn.primitive, eqn.params, eqn.ctx, tuple(inputs), tuple(outputs))
                self.steps.append(step)
            numbers.update(zip(eqn.outvars, outputs, strict=True))
        return [number(atom) for atom in jaxpr.outvars]

    def leading_to(self, wanted: Iterable[int], available: Iterable[int] = ()) -> list[int]:
        """The steps, by number, that compute the wanted values from the available ones."""
        needed, known, found = set(wanted), set(available), []
        for position in reversed(range(len(self.steps))):
            step = self.steps[position]
            if needed & set(step.outputs) - known:
                needed.update(step.inputs)
                found.append(position)
        return found[::-1]

    def _classify(self) -> dict[int, Kind]:
        kinds = dict.fromkeys([*self.literals, *self.constants], Kind.CONSTANT)
        kinds.update(dict.fromkeys(self.inputs, Kind.AFFINE))
        for step in self.steps:
            kind = kind_of(step.primitive.name, [kinds[i] for i in step.inputs], step.params)
            kinds.update(dict.fromkeys(step.outputs, kind))
        return kinds


def _plan(program: _Program, *, copies: int, memory: int) -> tuple[tuple[int, ...], set[int]]:
    """The values to carry, and the steps to take at every point, both by number."""
    live = program.leading_to(program.outputs)
    nonlinear = {n for n in live if program.kinds[program.steps[n].outputs[0]] == Kind.NONLINEAR}
    maker = {value: n for n in live if n not in nonlinear for value in program.steps[n].outputs}
    needed = {*program.outputs, *(i for n in nonlinear for i in program.steps[n].inputs)}
    needed = {i for i in needed if program.kinds[i] != Kind.NONLINEAR} - set(program.literals)
    first_step = len(program.avals)  # nodes of the network: the values, the steps, the source, the sink
    source = first_step + len(program.steps)

    def read_cost(value: int) -> int:
        return nbytes(program.avals[value]) * (copies if program.kinds[value] == Kind.AFFINE else 1)

    finite, forced = _network(program, needed, maker, read_cost)
    while True:
        reached = _source_side(finite, forced, source, source + 1)
        taken = {node - first_step for node in reached if first_step <= node < source}
        carried = sorted(v for v in reached if v < first_step and maker.get(v) not in taken)
        extra = {v: read_cost(v) for v in carried if v in maker}
        if sum(extra.values()) <= memory:
            return tuple(carried), nonlinear | taken
        largest = max(extra.values())
        forced.update((v, first_step + maker[v]) for v, size in extra.items() if size > memory or size == largest)


def _network(
    program: _Program, needed: set[int], maker: dict[int, int], read_cost: Callable[[int], int]
) -> tuple[dict[tuple[int, int], float], set[tuple[int, int]]]:
    """The flow network whose minimum cut is the cheapest plan: edges with a capacity, and edges without end.

    A value needed at every point is either carried, for its size, or formed by its step, for the cost of that step
    and of needing its inputs. On the source's side of the cut are the values needed and the steps taken.
    """
    first_step = len(program.avals)
    source = first_step + len(program.steps)
    finite: dict[tuple[int, int], float] = {}
    forced = {(source, i) for i in needed}
    pending, seen = list(needed), set(needed)
    while pending:
        value = pending.pop()
        if value not in maker:
            finite[value, source + 1] = read_cost(value)
            continue
        step, node = program.steps[maker[value]], first_step + maker[value]
        operands, results = ([program.avals[i] for i in side] for side in (step.inputs, step.outputs))
        finite[value, node] = read_cost(value)
        finite[node, source + 1] = recompute_cost(step.primitive.name, operands, results, step.params)
        inputs = set(step.inputs) - set(program.literals)
        forced.update((node, i) for i in inputs)
        pending.extend(inputs - seen)
        seen |= inputs
    return finite, forced


def _source_side(
    finite: dict[tuple[int, int], float], forced: set[tuple[int, int]], source: int, sink: int
) -> set[int]:
    """The nodes on the source's side of the minimum cut that lies nearest to the source."""
    unbounded = 2**30  # capacities are int32
    scale = unbounded / 2 / max(sum(finite.values()), 1)
    capacities = {edge: int(np.ceil(cost * scale)) for edge, cost in finite.items()}
    capacities.update(dict.fromkeys(forced, unbounded))
    if not capacities:
        return set()
    tails, heads = np.array(list(capacities), np.int32).T
    shape = (sink + 1, sink + 1)
    network = csr_array((np.array(list(capacities.values()), np.int32), (tails, heads)), shape)
    left = network - maximum_flow(network, source, sink).flow
    left.eliminate_zeros()
    return set(breadth_first_order(left, source, return_predecessors=False).tolist())


def _carry(
    program: _Program, carried: Sequence[int], origin: list[Array], basis: list[Array]
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
    # Where a constant is infinite already (a log of zero, a division by zero), a part of ±∞ or NaN would turn
    # it into NaN; it stays what it is at the origin.
    whole: dict[int, tuple[Array, ...]] = {
        i: (constant.ravel(), *(jnp.where(jnp.isfinite(constant), part, 0).ravel() for part in own))
        for i, constant, own in zip(affine, constants, parts, strict=True)
    }
    return tuple(whole[i] if i in whole else (values[i],) for i in carried)
