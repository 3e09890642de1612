"""One optimizer from many starts at once: the end points, as for a map of basins of attraction."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Float, Int, PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.evaluation.batching import batch_size as runs_per_batch
from landscapes.evaluation.batching import cost
from landscapes.evaluation.devices import copy_to_devices, device_mesh, mesh_for
from landscapes.evaluation.pacing import next_count
from landscapes.evaluation.processes import each_piece
from landscapes.evaluation.result_directory import open_results, program_digest
from landscapes.immutable import frozen
from landscapes.optimization.descent import SEGMENT_STEPS, Method, take_step
from landscapes.optimization.run_file import RunFile
from landscapes.optimization.run_setup import (
    Optimizer,
    RunSetup,
    Schedule,
    check_optimizers,
    learning_rates,
    prepare_run,
    resolve_optimizer,
    with_plateau,
)
from landscapes.optimization.vectorized_runs import initial_states, run_vectorized
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

Progress = Callable[[float, Any], object]


@dataclass(frozen=True, eq=False, repr=False)
class Ends(Display):
    """The last finite point of each of S runs, in read-only NumPy arrays.

    Attributes:
        params: the points, with a leading axis of length S.
        loss: L there, in the objective's own sense, on the last minibatch where there are minibatches; NaN for a
            game.
        gradient_norm: Euclidean norm of the field there.
        steps: updates taken up to there.
        diverged: whether the run ended there because the next point was not finite or too far up, as
            `trajectory.Outcome` defines it.
        settled: the first step from which on the gradient norm stays at or below `tolerance` times that at the
            start; −1 if it does not, and where the run diverged.
        evaluations: gradients of all parameters that the updates took; a line search takes one for each point that
            it tries.
        settled_evaluations: those taken before the step `settled`; −1 where it is.
        start_loss: L at the starts; NaN where it is not finite.
    """

    params: PyTree[Float[np.ndarray, "S ..."]]
    loss: Float[np.ndarray, "S"]
    gradient_norm: Float[np.ndarray, "S"]
    steps: Int[np.ndarray, "S"]
    diverged: Bool[np.ndarray, "S"]
    settled: Int[np.ndarray, "S"]
    evaluations: Int[np.ndarray, "S"]
    settled_evaluations: Int[np.ndarray, "S"]
    start_loss: Float[np.ndarray, "S"]

    @property
    def summary(self) -> str:
        """The key figures, in one line."""
        count, diverged = len(self.steps), int(np.sum(self.diverged))
        return f"{count:,} runs, {diverged:,} diverged, loss {display.finite_range(self.loss)} at the end"


@check_arguments
def race_from(
    problem: Problem,
    optimizers: Mapping[str, Optimizer],
    points: PyTree[Float[Any, "S ..."]],
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    rate_factors: Float[Any, "S"] | None = None,
    tolerance: float = 1e-3,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> dict[str, Ends]:
    """The end points of every optimizer from each of S starts: `trajectory.race` from all starts at once, without
    the paths. The starts are divided over the available devices.

    Args:
        points: the starts, parameters with a leading axis of length S.
        rate_factors: of each start, by which the learning rates of its runs are multiplied; 1 by default. They are
            traced, so that a sweep over learning rates compiles one program.
        tolerance: the share of the gradient norm at the start at which a run counts as settled.
        progress: called with (fraction, the ends so far) between compiled calls; may raise to cancel.
        checkpoint: a directory to which the states of the runs are written every second. The same call with the
            same directory continues them; the ends are those of an uninterrupted call to the bit. Several
            processes of `jax.distributed` share the starts; `progress` then gets the ends of one process, and the
            call returns those of all.

    Other arguments are those of `race`.

    Raises:
        ValueError: as `race`, if the starts do not have the structure of the parameters, or if the directory holds
            results of another problem.
    """
    dtype = dtype_of(problem.params)
    if not (np.isfinite(tolerance) and tolerance > 0):
        raise ValueError(f"tolerance = {tolerance} is not valid; give a positive number such as 1e-3")
    leaves, structure = jax.tree.flatten(problem.params)
    start_leaves = jax.tree.leaves(points)
    if jax.tree.structure(points) != structure or any(
        np.shape(one)[1:] != np.shape(leaf) for one, leaf in zip(start_leaves, leaves, strict=True)
    ):
        raise ValueError("the starts must have the structure and shapes of the parameters, and a leading axis")
    if len({np.shape(one)[0] for one in start_leaves}) != 1 or len(start_leaves[0]) == 0:
        raise ValueError("every leaf of the starts needs the same number of rows, at least one")
    factors = np.ones(len(start_leaves[0])) if rate_factors is None else np.asarray(rate_factors, float)
    if factors.shape != (len(start_leaves[0]),) or not np.all(np.isfinite(factors) & (factors > 0)):
        raise ValueError("the rate factors must be positive numbers, one for each start")
    check_optimizers(optimizers)
    setup = prepare_run(problem, steps, batch_size, key, schedule, snapshots=2)
    ends_by_label: dict[str, Ends] = {}
    with precision(problem.params):
        rows = [np.asarray(one, dtype) for one in start_leaves]
        scaled = {"factors": np.asarray(factors, dtype), "tolerance": float(tolerance)}
        minibatches = setup.batches and astuple(setup.batches)
        settings = {"starts": rows, "steps": steps, "minibatches": minibatches, **scaled}
        results = open_results(checkpoint, "race_from", problem, {**settings, "weights": problem.weights})
        setup = setup._replace(problem=copy_to_devices(setup.problem))
        shares = 1 if results is None else min(results.shares, len(rows[0]))
        for place, (label, optimizer) in enumerate(optimizers.items()):

            def report(fraction: float, ends: Ends, place: int = place, label: str = label) -> None:
                if progress is not None:
                    progress((place + fraction) / len(optimizers), {**ends_by_label, label: ends})

            names = [f"run-{place}" if shares == 1 else f"run-{place}-{piece}" for piece in range(shares)]
            pieces: dict[int, Ends] = {}
            for piece in each_piece(results, names):
                if piece is None:
                    if pieces:
                        report(len(pieces) / shares, next(iter(pieces.values())))
                    continue
                run_file = None if results is None else RunFile(results, label, names[piece])
                count = len(factors[piece::shares])
                *starts, scale = _padded([leaf[piece::shares] for leaf in (*rows, np.asarray(factors, dtype))])
                padded = jax.tree.unflatten(structure, starts)
                pieces[piece] = _run(setup, optimizer, padded, scale, tolerance, count, report, run_file)
            ends_by_label[label] = _interleaved([pieces[piece] for piece in range(shares)])
    return ends_by_label


def _interleaved(pieces: list[Ends]) -> Ends:
    """The ends of all starts, of which piece k holds those of the starts k, k + n, k + 2n, …"""
    count = sum(len(piece.steps) for piece in pieces)

    def interleave(*rows: np.ndarray) -> np.ndarray:
        merged = np.empty((count, *rows[0].shape[1:]), rows[0].dtype)
        for piece, row in enumerate(rows):
            merged[piece :: len(rows)] = row
        return frozen(merged)

    parts = [{field.name: getattr(piece, field.name) for field in fields(piece)} for piece in pieces]
    return pieces[0] if len(pieces) == 1 else Ends(**jax.tree.map(interleave, *parts))


def _padded(leaves: list[np.ndarray]) -> list[np.ndarray]:
    """The starts, padded with copies of the last one to a power of two on each device, so that few shapes
    compile."""
    mesh = device_mesh()
    devices = 1 if mesh is None else mesh.size
    count = len(leaves[0])
    rows = devices * 2 ** max(0, int(np.ceil(np.log2(count / devices))))
    return [np.concatenate([leaf, np.repeat(leaf[-1:], rows - count, axis=0)]) for leaf in leaves]


def _run(
    setup: RunSetup,
    optimizer: Optimizer,
    starts: PyTree,
    factors: Float[np.ndarray, "S"],
    tolerance: float,
    count: int,
    report: Callable[[float, Ends], None],
    run_file: RunFile | None,
) -> Ends:
    problem, batches = setup.problem, setup.batches
    dtype = dtype_of(problem.params)
    method, choice, peak = resolve_optimizer(problem, optimizer, dtype)
    choice = with_plateau(choice, setup.schedule, dtype)
    rates = learning_rates(setup.schedule, peak, setup.steps)
    once = cost(jax.make_jaxpr(problem.terms)(problem.params).jaxpr)
    chunk = runs_per_batch(once, jax.default_backend())
    mesh = mesh_for(problem.terms, problem.params)
    states = initial_states(starts, choice, method=method, losses=len(problem.objective.players or "1"))
    entries = 8 + len(jax.eval_shape(problem.terms, problem.params))
    values = jnp.full((len(factors), entries), np.nan, dtype).at[:, -2:].set(jnp.array([-1, 0], dtype))
    done, segment = 0, 1
    if run_file is not None:
        program = _step_digest(problem, choice, jax.tree.map(lambda leaf: leaf[0], states), method)
        done, (states, values) = run_file.restore((states, values), (program, choice, rates, states))
    ends = _ends(problem, states, values, count)
    # The end point is evaluated like the others; the update computed there is discarded.
    while done <= setup.steps:
        segment = min(segment, SEGMENT_STEPS, setup.steps + 1 - done, batches.max_steps if batches else segment)
        segment_rates = np.zeros(SEGMENT_STEPS, dtype)
        segment_rates[:segment] = rates[done : done + segment]
        start_time = time.perf_counter()
        states, values = run_vectorized(
            problem,
            choice,
            states,
            values,
            factors,
            np.int32(done),
            segment_rates,
            batches.orders(done, segment) if batches else None,
            np.int32(segment),
            np.asarray(tolerance, dtype),
            method=method,
            batch_size=setup.batch_size,
            chunk=chunk,
            mesh=mesh,
        )
        ends = _ends(problem, states, values, count)
        done += segment
        if run_file is not None:
            run_file.write(done, (states, values), is_over=done > setup.steps)
        segment = next_count(segment, time.perf_counter() - start_time)
        report(done / (setup.steps + 1), ends)
    return ends


def _step_digest(problem: Problem, choice: Any, state: Any, method: Method) -> str:
    """The digest of one step of an optimizer on a problem."""

    def step(problem: Problem, choice: Any, state: Any) -> Any:
        return take_step(problem, choice, state, 1.0, ravel_pytree(problem.params)[1], method)

    return program_digest(step, problem, choice, state)


def _ends(problem: Problem, states: Any, values: Any, count: int) -> Ends:
    leaves, structure = jax.tree.flatten(problem.params)
    points, values = np.asarray(states.last_finite)[:count], np.asarray(values)[:count]
    parts = np.split(points, np.cumsum([leaf.size for leaf in leaves])[:-1], axis=1)
    shaped = [frozen(part.reshape(count, *leaf.shape)) for part, leaf in zip(parts, leaves, strict=True)]
    steps = np.maximum(np.asarray(states.step)[:count] - 1, 0)
    diverged = np.any(np.asarray(states.faults)[:count], axis=1)
    settled = values[:, -2].astype(int) + 1
    is_unsettled = diverged | (settled > steps)
    return Ends(
        params=jax.tree.unflatten(structure, shaped),
        loss=frozen(values[:, 0]),
        gradient_norm=frozen(values[:, 1]),
        steps=frozen(steps),
        diverged=frozen(diverged),
        settled=frozen(np.where(is_unsettled, -1, settled)),
        evaluations=frozen(np.nan_to_num(values[:, -5]).astype(int)),
        start_loss=frozen(values[:, -4]),
        settled_evaluations=frozen(np.where(is_unsettled, -1, values[:, -1].astype(int))),
    )
