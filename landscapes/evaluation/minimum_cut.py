"""Which values of a program are computed once for all points of a plane: a minimum cut.

A value that is computed once is *carried* to the points. Reading a carried affine value costs (1 + K) times its
size at every point, so a broadcast bias or a product with two inputs is cheaper to recompute than to read. Plain
evaluation, which carries the parameters alone, is one of the cuts, so that the plan never costs more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from landscapes.evaluation.affine import LOWER_BOUND, Kind, nbytes
from landscapes.evaluation.program import Program

# Bytes added to the cost of an evaluation, so that with min_saving = 1/16 hoisting saves at least 500 bytes. Over
# a thousand points that is some 20 µs, the time that computing the carried values takes.
_SETUP_BYTES = 8_000


class Plan(NamedTuple):
    """The numbers of the values to carry and of the steps to repeat at every point. A plain plan carries constants
    alone and repeats every step that depends on a parameter."""

    carried: tuple[int, ...]
    repeated: set[int]
    is_plain: bool


def plan(program: Program, *, copies: int, memory: int, min_saving: float) -> Plan:
    """The minimum cut. Plain evaluation if the cut saves less than the share `min_saving` of its cost, or less
    than computing the carried values costs."""
    live = program.steps_for(program.outputs)
    kinds = {n: program.kinds[program.steps[n].outputs[0]] for n in live}
    nonlinear = {n for n in live if kinds[n] == Kind.NONLINEAR}
    maker = {value: n for n in live if n not in nonlinear for value in program.steps[n].outputs}

    def read_cost(value: int) -> int:
        return nbytes(program.avals[value]) * (copies if program.kinds[value] == Kind.AFFINE else 1)

    def cost(carried: Iterable[int], repeated: Iterable[int]) -> float:
        # The points of a batch share the start of a product.
        return sum(map(read_cost, carried)) + sum(program.cost(n, unknown=LOWER_BOUND, start=0) for n in repeated)

    carried, recomputed = _minimum_cut(program, nonlinear, maker, read_cost, memory)
    varying = {n for n in live if kinds[n] != Kind.CONSTANT}
    read = {*program.outputs, *(i for n in varying for i in program.steps[n].inputs)} - set(program.literals)
    constants = {v for v in read if program.kinds[v] == Kind.CONSTANT}
    plain = cost(constants | read.intersection(program.inputs), varying)
    fits = sum(read_cost(v) for v in constants if v in maker) <= memory
    if not fits and min_saving == math.inf:
        return Plan(tuple(sorted(program.constants)), set(live), is_plain=True)
    if fits and plain - cost(carried, nonlinear | recomputed) < min_saving * (plain + _SETUP_BYTES):
        return Plan(tuple(sorted(constants)), varying, is_plain=True)
    return Plan(carried, nonlinear | recomputed, is_plain=False)


def _minimum_cut(
    program: Program,
    nonlinear: set[int],
    maker: dict[int, int],
    read_cost: Callable[[int], int],
    memory: int,
) -> tuple[tuple[int, ...], set[int]]:
    """The values to carry, and the steps besides the nonlinear ones to repeat at every point."""
    needed = {*program.outputs, *(i for n in nonlinear for i in program.steps[n].inputs)}
    needed = {i for i in needed if program.kinds[i] != Kind.NONLINEAR} - set(program.literals)
    first_step = len(program.avals)  # nodes of the network: the values, the steps, the source, the sink
    source = first_step + len(program.steps)
    finite, forced = _network(program, needed, maker, read_cost)
    while True:
        reached = _source_side(finite, forced, source, source + 1)
        repeated = {node - first_step for node in reached if first_step <= node < source}
        carried = sorted(v for v in reached if v < first_step and maker.get(v) not in repeated)
        extra = {v: read_cost(v) for v in carried if v in maker}
        if sum(extra.values()) <= memory:
            return tuple(carried), repeated
        largest = max(extra.values())
        forced.update((v, first_step + maker[v]) for v, size in extra.items() if size > memory or size == largest)


def _network(
    program: Program, needed: set[int], maker: dict[int, int], read_cost: Callable[[int], int]
) -> tuple[dict[tuple[int, int], float], set[tuple[int, int]]]:
    """The flow network whose minimum cut is the cheapest plan: edges with a capacity, and edges of unbounded
    capacity.

    A value that is needed at every point is either carried, at the cost of reading it, or computed by its step, at
    the cost of that step and of its inputs. The values needed and the steps repeated lie on the source's side of
    the cut.
    """
    first_step = len(program.avals)
    source = first_step + len(program.steps)
    finite: dict[tuple[int, int], float] = {}
    forced = {(source, i) for i in needed}
    pending, visited = list(needed), set(needed)
    while pending:
        value = pending.pop()
        if value not in maker:
            finite[value, source + 1] = read_cost(value)
            continue
        node = first_step + maker[value]
        finite[value, node] = read_cost(value)
        finite[node, source + 1] = program.cost(maker[value])
        inputs = set(program.steps[maker[value]].inputs) - set(program.literals)
        forced.update((node, i) for i in inputs)
        pending.extend(inputs - visited)
        visited |= inputs
    return finite, forced


def _source_side(
    finite: dict[tuple[int, int], float], forced: set[tuple[int, int]], source: int, sink: int
) -> set[int]:
    """The nodes on the source's side of the minimum cut, for the cut nearest to the source."""
    unbounded = 2**30  # capacities are int32
    scale = unbounded / 2 / max(sum(finite.values()), 1)
    capacities = {edge: int(np.ceil(cost * scale)) for edge, cost in finite.items()}
    capacities.update(dict.fromkeys(forced, unbounded))
    if not capacities:
        return set()
    tails, heads = np.array(list(capacities), np.int32).T
    shape = (sink + 1, sink + 1)
    network = csr_array((np.array(list(capacities.values()), np.int32), (tails, heads)), shape)
    residual = network - maximum_flow(network, source, sink).flow
    residual.eliminate_zeros()
    return set(breadth_first_order(residual, source, return_predecessors=False).tolist())
