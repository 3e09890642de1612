"""Which values of a program to carry through the points of a plane: a minimum cut.

Reading a carried value costs (1 + K) times its size at every point, so a broadcast bias or a product with two
inputs is cheaper to form anew than to read. Plain evaluation (carry the parameters alone) is one of the cuts, so
the plan is never worse than it under these costs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from landscapes.evaluation.affine import AT_LEAST, Kind, nbytes
from landscapes.evaluation.program import Program

# Added to what an evaluation costs, in bytes: with worth = 1/16 at least 500 are to be saved of it. Over a
# thousand points that is some 20 µs, which computing the carried values takes.
_SETUP = 8_000


class Plan(NamedTuple):
    """The values to carry and the steps to take at every point, by number. A plain plan carries constants alone
    and takes every step that a parameter enters."""

    carried: tuple[int, ...]
    taken: set[int]
    plain: bool


def plan(program: Program, *, copies: int, memory: int, worth: float) -> Plan:
    """The minimum cut, or plain evaluation if the cut would save less than the share `worth` of its cost, or too
    little for what the carried values take to compute."""
    live = program.leading_to(program.outputs)
    kinds = {n: program.kinds[program.steps[n].outputs[0]] for n in live}
    nonlinear = {n for n in live if kinds[n] == Kind.NONLINEAR}
    maker = {value: n for n in live if n not in nonlinear for value in program.steps[n].outputs}

    def read_cost(value: int) -> int:
        return nbytes(program.avals[value]) * (copies if program.kinds[value] == Kind.AFFINE else 1)

    def cost(carried: Iterable[int], taken: Iterable[int]) -> float:
        # Where the beginning of a product would decide, the many points of a batch share it.
        return sum(map(read_cost, carried)) + sum(program.cost(n, dear=AT_LEAST, begin=0) for n in taken)

    carried, again = _minimum_cut(program, nonlinear, maker, read_cost, memory)
    moving = {n for n in live if kinds[n] != Kind.CONSTANT}
    read = {*program.outputs, *(i for n in moving for i in program.steps[n].inputs)} - set(program.literals)
    constants = {v for v in read if program.kinds[v] == Kind.CONSTANT}
    plain = cost(constants | read.intersection(program.inputs), moving)
    fits = sum(read_cost(v) for v in constants if v in maker) <= memory
    if not fits and worth == math.inf:
        return Plan(tuple(sorted(program.constants)), set(live), plain=True)
    if fits and plain - cost(carried, nonlinear | again) < worth * (plain + _SETUP):
        return Plan(tuple(sorted(constants)), moving, plain=True)
    return Plan(carried, nonlinear | again, plain=False)


def _minimum_cut(
    program: Program,
    nonlinear: set[int],
    maker: dict[int, int],
    read_cost: Callable[[int], int],
    memory: int,
) -> tuple[tuple[int, ...], set[int]]:
    """The values to carry, and the steps to take again at every point besides the nonlinear ones."""
    needed = {*program.outputs, *(i for n in nonlinear for i in program.steps[n].inputs)}
    needed = {i for i in needed if program.kinds[i] != Kind.NONLINEAR} - set(program.literals)
    first_step = len(program.avals)  # nodes of the network: the values, the steps, the source, the sink
    source = first_step + len(program.steps)
    finite, forced = _network(program, needed, maker, read_cost)
    while True:
        reached = _source_side(finite, forced, source, source + 1)
        taken = {node - first_step for node in reached if first_step <= node < source}
        carried = sorted(v for v in reached if v < first_step and maker.get(v) not in taken)
        extra = {v: read_cost(v) for v in carried if v in maker}
        if sum(extra.values()) <= memory:
            return tuple(carried), taken
        largest = max(extra.values())
        forced.update((v, first_step + maker[v]) for v, size in extra.items() if size > memory or size == largest)


def _network(
    program: Program, needed: set[int], maker: dict[int, int], read_cost: Callable[[int], int]
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
        node = first_step + maker[value]
        finite[value, node] = read_cost(value)
        finite[node, source + 1] = program.cost(maker[value])
        inputs = set(program.steps[maker[value]].inputs) - set(program.literals)
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
