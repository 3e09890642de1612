"""A function as a flat list of primitives over numbered values, each classified as constant, affine or
nonlinear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import jax
from jax.extend import core

from landscapes.evaluation.affine import Kind, kind_of, recompute_cost
from landscapes.evaluation.convolutions import convolve, pixels_at_once

# Calls whose body is inlined, and the parameter that holds the body. Nothing differentiates through a residual
# program, so a function with a custom derivative is its body.
_BODIES = {
    "jit": "jaxpr",
    "closed_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat2": "jaxpr",
}
# Primitives that are the identity in value but not in derivative.
_IDENTITIES = {"stop_gradient", "optimization_barrier"}


class Step(NamedTuple):
    """One application of a primitive to numbered values."""

    primitive: Any
    params: dict[str, Any]
    context: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def __call__(self, values: dict[int, Any]) -> None:
        operands = [values[i] for i in self.inputs]
        if self.primitive.name == "conv_general_dilated" and jax.default_backend() == "cpu":
            images, kernel = operands
            if (count := pixels_at_once(images, kernel, self.params)) > 1:
                values[self.outputs[0]] = convolve(images, kernel, self.params, count)
                return
        with self.context.manager:
            results = self.primitive.bind(*operands, **self.primitive.get_bind_params(self.params))
        values.update(zip(self.outputs, results if self.primitive.multiple_results else [results], strict=True))


class Program:
    """A jaxpr as a flat list of steps over numbered values, with the bodies of its calls in place."""

    def __init__(self) -> None:
        self.avals: list[Any] = []
        self.literals: dict[int, Any] = {}  # known while tracing
        self.constants: dict[int, Any] = {}  # arrays that the function closes over
        self.steps: list[Step] = []
        self.inputs: tuple[int, ...] = ()
        self.outputs: tuple[int, ...] = ()
        self.kinds: dict[int, Kind] = {}

    @classmethod
    def of(cls, closed: core.ClosedJaxpr) -> Program:
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
                step = Step(eqn.primitive, eqn.params, eqn.ctx, tuple(inputs), tuple(outputs))
                self.steps.append(step)
            numbers.update(zip(eqn.outvars, outputs, strict=True))
        return [number(atom) for atom in jaxpr.outvars]

    def steps_for(self, wanted: Iterable[int]) -> list[int]:
        """The numbers of the steps that the wanted values depend on, in order."""
        needed, numbers = set(wanted), []
        for position in reversed(range(len(self.steps))):
            step = self.steps[position]
            if needed.intersection(step.outputs):
                needed.update(step.inputs)
                numbers.append(position)
        return numbers[::-1]

    def cost(self, number: int, **rates: float) -> float:
        """The cost of repeating a step at every point, in bytes of traffic."""
        step = self.steps[number]
        operands, results = ([self.avals[i] for i in side] for side in (step.inputs, step.outputs))
        return recompute_cost(step.primitive.name, operands, results, step.params, **rates)

    def _classify(self) -> dict[int, Kind]:
        kinds = dict.fromkeys([*self.literals, *self.constants], Kind.CONSTANT)
        kinds.update(dict.fromkeys(self.inputs, Kind.AFFINE))
        for step in self.steps:
            kind = kind_of(step.primitive.name, [kinds[i] for i in step.inputs], step.params)
            kinds.update(dict.fromkeys(step.outputs, kind))
        return kinds
