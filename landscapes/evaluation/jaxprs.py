"""Programs inside programs: what a jaxpr calls, loops over and branches to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr


def subprograms(value: Any) -> list[Jaxpr]:
    """The jaxprs in a parameter of an equation."""
    if isinstance(value, ClosedJaxpr):
        return [value.jaxpr]
    if isinstance(value, Jaxpr):
        return [value]
    return [sub for item in value for sub in subprograms(item)] if isinstance(value, tuple | list) else []


def primitives_of(jaxpr: Jaxpr) -> Iterator[str]:
    """The name of every primitive, those of the programs inside it included."""
    for eqn in jaxpr.eqns:
        yield eqn.primitive.name
        for value in eqn.params.values():
            for inner in subprograms(value):
                yield from primitives_of(inner)


def constants_of(program: ClosedJaxpr) -> list[Any]:
    """The arrays that a program closes over, those of the programs inside it included."""
    constants = list(program.consts)
    for eqn in program.jaxpr.eqns:
        for value in eqn.params.values():
            for inner in value if isinstance(value, tuple | list) else (value,):
                if isinstance(inner, ClosedJaxpr):
                    constants += constants_of(inner)
    return constants
