"""Trajectories: what an optimizer does on a problem, step by step."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float, Int, PyTree

from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.objective import weighted_sum
from landscapes.optimization.checkpoint_files import open_checkpoints
from landscapes.optimization.checkpoints import Snapshots, check_steps, final_params, loss_curve
from landscapes.optimization.concurrency import interleave
from landscapes.optimization.descent import DIVERGENCE_FACTOR, OptimizerState
from landscapes.optimization.optax_adapter import point_of_path
from landscapes.optimization.outcome import Outcome
from landscapes.optimization.projection import Projection, projections_of_run
from landscapes.optimization.recorder import Record
from landscapes.optimization.run_setup import Optimizer, RunSetup, Schedule, check_optimizers, prepare_run
from landscapes.optimization.run_updates import RunUpdate, run_updates
from landscapes.optimization.summaries import trajectory_summary
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem

Progress = Callable[[float, Any], object]


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory(Display):
    """The path of one optimizer, in read-only NumPy arrays. Curves have every step, snapshots those of `steps`.

    A path that diverged ends at its last finite point; nothing is clipped.

    Attributes:
        steps: the steps of the snapshots that were kept, from 0 to the last finite point.
        params: θ at those steps: the structure of the parameters, with a leading axis of length S; or
            `Checkpoints`, which are read one at a time (see `snapshots`). Schedule-free optimizers take gradients
            at one point y and are evaluated at another, x: these are x.
        loss: L(θ_t) in the objective's own sense, as the optimizer saw it before update t: on the minibatch of
            step t where there are minibatches. One entry per update and one for the end of the path. NaN for a
            game, which has no single loss: its players' values are in `terms`.
        gradient_norm: Euclidean norm of the field that update t steps against, on the same examples.
        outcome: how it ended.
        terms: the unweighted terms of the loss along the path, {term: ["T"]}.
        final_loss, final_terms: the same at the end of the path, on all examples whatever the batch size; the last
            entries of `loss` and `terms` where they are not given.
        player_weights: of a game, each player's weights over the terms: its loss is their weighted sum.
        projections: every step on each plane that `descend` or `race` was given.
        evaluations: gradients that the updates before each entry of a curve took; None along checkpoints.
    """

    steps: Int[np.ndarray, "S"]
    params: PyTree[Float[np.ndarray, "S ..."]]
    loss: Float[np.ndarray, "T"]
    gradient_norm: Float[np.ndarray, "T"]
    outcome: Outcome
    terms: dict[str, Float[np.ndarray, "T"]]
    final_loss: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    final_terms: dict[str, float] = field(kw_only=True, default=None)  # type: ignore[assignment]
    player_weights: dict[str, dict[str, float]] = field(kw_only=True, default_factory=dict)
    projections: tuple[Projection, ...] = field(kw_only=True, default=())
    evaluations: Int[np.ndarray, "T"] | None = field(kw_only=True, default=None)
    summary = property(trajectory_summary)
    final_params = property(final_params)

    def __post_init__(self) -> None:
        if self.final_terms is None:
            object.__setattr__(self, "final_terms", {name: float(row[-1]) for name, row in self.terms.items()})
        if self.final_loss is None:
            object.__setattr__(self, "final_loss", float(self.loss[-1]))

    @classmethod
    def of(cls, checkpoints: Any, steps: Any = None, loss: Any = None) -> Trajectory:
        """The path through checkpoints of one's own training loop. They are read one at a time, when a function
        that receives the path asks for them, and are compared with the parameters of its problem.

        Args:
            checkpoints: a list of pytrees, or a sequence that makes each when it is asked for; an iterator of
                pytrees, which are written to a temporary directory; or a directory of `.npz`, `.safetensors` or
                Orbax checkpoints, sorted by the last number in their names. Leaves are matched by their paths,
                joined by "/" or "."; leaves may be tensors of PyTorch.
            steps: the step of each, increasing: the numbers in the names of the files, or 0, 1, 2, … if not given.
            loss: at each checkpoint, or at every step from 0 on; what a `Recorder` wrote if not given. The loss
                and the gradient norm are NaN at steps where they are not known.

        Raises:
            ValueError: for a directory that cannot be read, or steps or losses that do not fit.
        """
        series = open_checkpoints(checkpoints)
        steps = check_steps(series.steps if steps is None else steps, len(series.checkpoints))
        curve = loss_curve(series.loss if loss is None else loss, steps)
        note = f"{len(steps)} checkpoints, from step {steps[0]} to step {steps[-1]}."
        outcome = Outcome("finished", int(steps[-1]), note)
        return cls(steps, series.checkpoints, curve, np.full_like(curve, np.nan), outcome, {})

    def snapshots(self, params: PyTree) -> Snapshots:
        """The snapshots as trees with the structure of these parameters, those of the problem.

        Raises:
            ValueError: if the path runs through other parameters.
        """
        return Snapshots(self.params, params, len(self.steps))


@check_arguments
def descend(
    problem: Problem,
    optimizer: Optimizer,
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    snapshots: int | None = None,
    directory: str | os.PathLike[str] | None = None,
    plane: Plane | Sequence[Plane] | None = None,
    progress: Progress | None = None,
) -> Trajectory:
    """The path of an optimizer from `problem.params`, stepping against `problem.field`: down a loss, up a reward,
    and in a game all players at once.

    Learning rate, float knobs, schedule, key, weights and number of steps are traced: changing them compiles
    nothing.

    Args:
        optimizer: a name in `OPTIMIZERS`, a (name, knobs) pair, or any Optax transformation. The last is compiled
            once per object, and a schedule multiplies its updates, with peak 1.
        steps: number of updates, from 1 to 100,000.
        batch_size: examples per step, without replacement from a fresh shuffle of the data in every epoch; the
            remainder that fills no batch sits that epoch out. A stochastic objective draws anew at each step.
            None takes all examples and the problem's own fixed randomness: the surface as it is drawn.
        key: a key or an integer seed (0 if not given) for the order of the examples, which depends on nothing
            else.
        schedule: a name in `SCHEDULES` or a (name, knobs) pair; its peak is the learning rate.
        snapshots: the largest number kept, at evenly spaced steps and the end; steps + 1 keeps all. Without it
            201, or as many as fit into 256 MiB; with `plane` the start and the end. The result says how many.
        directory: an empty one that holds the snapshots in memory-mapped files, for a path larger than memory.
        plane: one plane or several, onto which every step is projected while the run goes on, for a path whose
            snapshots fit nowhere. `projections` of the result are drawn like those of `project_path`; on
            minibatches their losses are those of the minibatch of each step.
        progress: called with (fraction, the Trajectory so far) about every 50 ms; may raise to cancel.

    Raises:
        ValueError: for an unknown name, a knob out of range, too few or too many steps, a batch that the data
            cannot fill, more snapshots than memory or disk can keep, a plane through other parameters, a line
            search in a game, or a way for a game's players to move where there is none.
    """
    setup = prepare_run(problem, steps, batch_size, key, schedule, snapshots, directory, plane=plane)
    updates = run_updates(setup, optimizer, setup.directory)
    while True:
        update = next(updates)
        if progress is not None:
            progress(update.points / (steps + 1), _path(setup, update))
        if update.is_over:
            return _path(setup, update)


@check_arguments
def race(
    problem: Problem,
    optimizers: Mapping[str, Optimizer],
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    snapshots: int | None = None,
    directory: str | os.PathLike[str] | None = None,
    plane: Plane | Sequence[Plane] | None = None,
    progress: Progress | None = None,
) -> dict[str, Trajectory]:
    """The path of every optimizer by label: same start, same number of steps, same minibatches in the same order,
    same schedule under each one's own learning rate.

    The arguments are those of `descend`. `directory` holds one directory for each optimizer, 0, 1, … `progress`
    receives the paths so far; as many runs as there are processors work at the same time.

    Raises:
        ValueError: as `descend`, and without an optimizer.
    """
    check_optimizers(optimizers)
    setup = prepare_run(problem, steps, batch_size, key, schedule, snapshots, directory, len(optimizers), plane)
    paths: dict[str, Trajectory] = {}
    fractions = dict.fromkeys(optimizers, 0.0)
    runs = {
        label: run_updates(setup, optimizer, setup.directory and setup.directory / str(place))
        for place, (label, optimizer) in enumerate(optimizers.items())
    }
    with closing(interleave(runs)) as updates:
        for label, update in updates:
            fractions[label] = 1.0 if update.is_over else update.points / (setup.steps + 1)
            if update.is_over or progress is not None:
                paths[label] = _path(setup, update)
            if progress is not None:
                paths_so_far = {label: paths[label] for label in optimizers if label in paths}
                progress(sum(fractions.values()) / len(fractions), paths_so_far)
    return {label: paths[label] for label in optimizers}


def _path(setup: RunSetup, update: RunUpdate) -> Trajectory:
    if update.is_over:
        path = _finished_path(setup, update.record, update.state)
        return path if setup.batches is None else _with_final_values(setup.problem, path, update.state)
    taken = update.points - 1
    outcome = Outcome("running", taken, f"running: {taken} of {setup.steps} steps taken.")
    return _with_outcome(setup, update.record, update.state, outcome, update.record.path(points=update.points))


def _with_outcome(
    setup: RunSetup, record: Record, state: OptimizerState, outcome: Outcome, path: dict[str, Any]
) -> Trajectory:
    path["player_weights"] = setup.player_weights
    if not setup.planes:
        return Trajectory(outcome=outcome, **path)
    projections = projections_of_run(
        record.projected(int(np.asarray(state.step))),
        tuple(plane.dim for plane in setup.planes),
        path["loss"],
        path["terms"],
        start=np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(setup.problem.params)]),
        end=np.asarray(state.last_finite),
        outcome=outcome,
        batch_size=setup.batch_size,
    )
    return Trajectory(outcome=outcome, projections=projections, **path)


def _with_final_values(problem: Problem, path: Trajectory, state: OptimizerState) -> Trajectory:
    """The path with the values of its last point on all examples; the last entry of a curve is of one
    minibatch."""
    with precision(problem.params):
        loss, terms = _final_values(problem, np.asarray(state.last_finite))
    return replace(path, final_loss=float(loss), final_terms={name: float(value) for name, value in terms.items()})


@jax.jit
def _final_values(problem: Problem, vector: Any) -> tuple[Any, dict[str, Any]]:
    terms = problem.terms(ravel_pytree(problem.params)[1](vector))
    game = problem.objective.players is not None
    return np.nan if game else weighted_sum(terms, problem.weights), terms


def _finished_path(setup: RunSetup, record: Record, state: OptimizerState) -> Trajectory:
    path = record.path(np.asarray(state.last_finite))
    faults = np.asarray(state.faults)
    if not faults.any():
        norm = "norm of the field" if setup.player_weights else "gradient norm"
        note = f"{setup.steps} steps; the {norm} ends at {path['gradient_norm'][-1]:.3g}."
        note = f"{note} {point_of_path(state.optimizer)}".rstrip()
        return _with_outcome(setup, record, state, Outcome("finished", setup.steps, note), path)
    fault = (
        "the parameters are not finite",
        "the loss is not finite",
        "the gradient is not finite",
        f"the loss is {DIVERGENCE_FACTOR:.0e} times worse than at the start",
    )[int(np.argmax(faults))]
    note = f"diverged: after step {record.points} {fault}; lower the learning rate."
    if record.points == 0:
        note = f"diverged: {fault} at the start; start elsewhere."
    return _with_outcome(setup, record, state, Outcome("diverged", record.points, note), path)
