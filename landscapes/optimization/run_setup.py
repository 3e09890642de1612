"""The setup of a run: what all runs of a race share, and the static and traced parts of each optimizer."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
from jaxtyping import Float

from landscapes.arguments import describe_value
from landscapes.evaluation.memory import available_memory
from landscapes.knobs import check_knobs, check_no_text
from landscapes.optimization.minibatches import Minibatches, minibatches
from landscapes.optimization.optimizer_switch import Member, OptimizerChoice, choose_optimizer
from landscapes.optimization.optimizers import OPTIMIZERS, OWN_OPTIMIZERS, mismatch, own_transformation
from landscapes.optimization.plateau import PLATEAU, plateau_knobs, schedule_mismatch
from landscapes.optimization.schedules import SCHEDULES
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

Optimizer = str | tuple[str, Mapping[str, Any]] | optax.GradientTransformation | optax.MultiSteps
Schedule = str | tuple[str, Mapping[str, Any]]

MAX_STEPS = 100_000  # of one run, whose curves hold every step
MAX_INTERVALS = 200  # between the snapshots of a path
MAX_PATH_BYTES = 256 * 2**20  # of all snapshots of a path
MAX_SEGMENT_BYTES = 8 * 2**20  # of the snapshots that one compiled call returns


class RunSetup(NamedTuple):
    """What all runs of a race share."""

    problem: Problem  # on the device
    steps: int
    schedule: Schedule
    batch_size: int | None
    batches: Minibatches | None
    rows: int  # snapshots per compiled call
    stride: int  # steps between snapshots
    directory: Path | None  # of the snapshots; None in memory
    planes: tuple[Plane, ...]  # that every step is projected onto
    player_weights: dict[str, dict[str, float]]  # of a game
    explain: bool = False  # whether the vectors of every step are noted, on the first plane, in place of that


def prepare_run(
    problem: Problem,
    steps: int,
    batch_size: int | None,
    key: Any,
    schedule: Schedule,
    snapshots: int | None = None,
    directory: str | os.PathLike[str] | None = None,
    runs: int = 1,
    plane: Plane | Sequence[Plane] | None = None,
) -> RunSetup:
    """The setup of as many runs, after its arguments are checked.

    Raises:
        ValueError: for too few or too many steps, a batch that the data cannot fill, more snapshots than memory or
            the directory can hold, a plane through other parameters, or a schedule that a game cannot have.
    """
    name, _, _ = _registered("schedule", SCHEDULES, schedule)
    if wrong := schedule_mismatch(name, problem.objective.players is not None):
        raise ValueError(wrong)
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps = {steps!r} is not valid; give a whole number from 1 to {MAX_STEPS:,}")
    planes = () if plane is None else (plane,) if isinstance(plane, Plane) else tuple(plane)
    for each in planes:
        check_space(each, problem.params)
    if planes and snapshots is None:
        snapshots = 2  # the path is in the projections
    dtype = dtype_of(problem.params)
    size = problem.dim * dtype.itemsize
    folder = None if directory is None else _empty_directory(directory)
    stride = _stride(size, int(steps), snapshots, folder, runs)
    with precision(problem.params):
        # Strongly typed NumPy scalars: Python's would trace again, and converting each to a JAX array takes longer
        # than the run.
        weights = {name: np.asarray(weight, dtype) for name, weight in problem.weights.items()}
        problem, planes = jax.device_put((replace(problem, weights=weights), planes))
    player_weights = {
        player: {term: float(weight) * float(weights.get(term, 1.0)) for term, weight in term_weights.items()}
        for player, term_weights in (problem.objective.players or {}).items()
    }
    batches = None if batch_size is None else minibatches(problem, batch_size, key)
    rows = max(1, min(MAX_INTERVALS + 1, MAX_SEGMENT_BYTES // size))
    return RunSetup(
        problem, int(steps), schedule, batch_size, batches, rows, stride, folder, planes, player_weights
    )


def check_optimizers(optimizers: Mapping[str, Optimizer]) -> None:
    """
    Raises:
        ValueError: if there is no optimizer to run.
    """
    if not optimizers:
        raise ValueError("there is no optimizer to run; give at least one by label, such as {'adam': 'adam'}")


def resolve_optimizer(
    problem: Problem, optimizer: Optimizer, dtype: Any
) -> tuple[tuple[Member, ...] | optax.GradientTransformation, OptimizerChoice, float]:
    """The static part of the optimizer, its traced part, and its learning rate."""
    if isinstance(optimizer, optax.MultiSteps):
        optimizer = optimizer.gradient_transformation()
    if isinstance(optimizer, optax.GradientTransformation):
        return optimizer, OptimizerChoice(np.int32(0), np.zeros(0, dtype)), 1.0
    name, function, settings = _registered("optimizer", OPTIMIZERS, optimizer)
    if name in OWN_OPTIMIZERS:
        transformation = own_transformation(function, tuple(sorted(settings.items())))
        return resolve_optimizer(problem, transformation, dtype)
    if wrong := mismatch(name, problem.objective.players is not None):
        raise ValueError(wrong)
    members, choice = choose_optimizer(name, settings, dtype)
    return members, choice, float(settings["learning_rate"])


def with_plateau(choice: OptimizerChoice, schedule: Schedule, dtype: Any) -> OptimizerChoice:
    """The choice with the knobs of a schedule that depends on the losses of the run."""
    name, _, settings = _registered("schedule", SCHEDULES, schedule)
    return choice._replace(plateau=plateau_knobs(settings, dtype)) if name == PLATEAU else choice


def learning_rates(schedule: Schedule, peak: float, steps: int) -> Float[np.ndarray, "T"]:
    """The learning rate of every update, before any reduction on a plateau; the last one is repeated for the
    update at the end point, which is discarded."""
    _, function, settings = _registered("schedule", SCHEDULES, schedule)
    rates = function(peak, steps, **settings)
    return np.append(rates, rates[-1])


def _registered(kind: str, registry: Mapping[str, Any], entry: Any):
    """The name, the function and the checked values of all its knobs."""
    pair = isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], Mapping)
    if not (pair or isinstance(entry, str)):
        more = ", or an Optax transformation" if kind == "optimizer" else ""
        raise ValueError(
            f"{kind} = {describe_value(entry)} is not valid; give a name or a (name, knobs) pair{more}"
        )
    name, settings = (entry, {}) if isinstance(entry, str) else entry
    if name not in registry:
        raise ValueError(f"{kind} {name!r} is unknown; choose one of {', '.join(registry)}")
    check_no_text(name, registry[name], settings)
    return name, registry[name], check_knobs(name, registry[name], settings)


def _stride(size: int, steps: int, snapshots: int | None, directory: Path | None, runs: int) -> int:
    """Steps between the snapshots of `size` bytes of each of the runs."""
    if snapshots is None:
        fitting = MAX_INTERVALS if directory else MAX_PATH_BYTES // size - 2
        if fitting < 1:
            raise ValueError(
                f"two snapshots of {size / 2**20:,.0f} MiB exceed what a path keeps by default; give the number "
                "in snapshots=, or a directory= for them"
            )
        # Odd: an optimizer that overshoots alternates between two sides, and an even stride would show one.
        stride = math.ceil(steps / min(MAX_INTERVALS, fitting)) | 1
    elif isinstance(snapshots, bool) or snapshots < 2:
        raise ValueError(
            f"snapshots = {snapshots} make no path; give at least 2, such as {steps + 1} for every step"
        )
    else:
        stride = math.ceil(steps / (snapshots - 1))
    need = runs * (steps // stride + 2) * size
    room = shutil.disk_usage(directory).free if directory else available_memory()
    if need > room and (directory or snapshots is not None):
        place, remedy = ("on the disk", "") if directory else ("in memory", ", or give a directory= for them")
        raise ValueError(
            f"the snapshots take {need / 2**30:.2g} GiB, and {room / 2**30:.2g} GiB may be used {place}; keep "
            f"fewer with snapshots={remedy}"
        )
    return stride


def _empty_directory(directory: str | os.PathLike[str]) -> Path:
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise ValueError(f"the directory {str(folder)!r} cannot be used ({error}); give another") from None
    if not is_empty:
        raise ValueError(f"the directory {str(folder)!r} holds other files; give an empty one for the snapshots")
    return folder
