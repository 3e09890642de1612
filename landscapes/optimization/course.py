"""Course: what the runs of a race share, and what is compiled for and traced of each of their optimizers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
from jaxtyping import Float

from landscapes.arguments import shown
from landscapes.knobs import check_knobs
from landscapes.optimization.descent import Method
from landscapes.optimization.minibatches import Minibatches, minibatches
from landscapes.optimization.optimizer_switch import Setting, chosen
from landscapes.optimization.optimizers import OPTIMIZERS, misfit
from landscapes.optimization.schedules import SCHEDULES
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

Optimizer = str | tuple[str, Mapping[str, Any]] | optax.GradientTransformation | optax.MultiSteps
Schedule = str | tuple[str, Mapping[str, Any]]

MAX_STEPS = 100_000
INTERVALS = 200  # between the snapshots of a path, at most
PATH_BYTES = 256 * 2**20  # for all snapshots of a path
SEGMENT_BYTES = 8 * 2**20  # for those that one compiled call hands over


class Course(NamedTuple):
    """What all runs of a race share; `starts` runs on one too."""

    problem: Problem  # on the device
    steps: int
    schedule: Schedule
    batch_size: int | None
    batches: Minibatches | None
    rows: int  # snapshots per compiled call
    stride: int  # steps between snapshots


def course_of(problem: Problem, steps: int, batch_size: int | None, key: Any, schedule: Schedule) -> Course:
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps = {steps!r} is not valid; give a whole number from 1 to {MAX_STEPS:,}")
    dtype = dtype_of(problem.params)
    rows, intervals = _capacity(problem)
    with precision(problem.params):
        # Strongly typed NumPy scalars: Python's would trace again, and a JAX array each costs more than the run.
        weights = {name: np.asarray(weight, dtype) for name, weight in problem.weights.items()}
        problem = jax.device_put(replace(problem, weights=weights))
    batches = None if batch_size is None else minibatches(problem, batch_size, key)
    # Odd: an optimizer that overshoots changes sides at every step, and every second step is a smooth curve.
    stride = math.ceil(steps / intervals) | 1
    return Course(problem, int(steps), schedule, batch_size, batches, rows, stride)


def method_of(problem: Problem, optimizer: Optimizer, dtype: Any) -> tuple[Method, Setting, float]:
    """What to compile for, what is traced of the optimizer, and its learning rate."""
    if isinstance(optimizer, optax.MultiSteps):
        optimizer = optimizer.gradient_transformation()
    if isinstance(optimizer, optax.GradientTransformation):
        return optimizer, Setting(np.int32(0), np.zeros(0, dtype)), 1.0
    name, _, settings = _registered("optimizer", OPTIMIZERS, optimizer)
    if wrong := misfit(name, problem.objective.players is not None):
        raise ValueError(wrong)
    members, setting = chosen(name, settings, dtype)
    return members, setting, float(settings["learning_rate"])


def rates_of(schedule: Schedule, peak: float, steps: int) -> Float[np.ndarray, "T"]:
    """The learning rate of every update, and the last one once more for the update that is dropped."""
    _, function, settings = _registered("schedule", SCHEDULES, schedule)
    rates = function(peak, steps, **settings)
    return np.append(rates, rates[-1])


def _registered(kind: str, registry: Mapping[str, Any], chosen: Any):
    """The name, the function and all its knobs, checked."""
    pair = isinstance(chosen, tuple) and len(chosen) == 2 and isinstance(chosen[1], Mapping)
    if not (pair or isinstance(chosen, str)):
        more = ", or an Optax transformation" if kind == "optimizer" else ""
        raise ValueError(f"{kind} = {shown(chosen)} is not valid; give a name or a (name, knobs) pair{more}")
    name, given = (chosen, {}) if isinstance(chosen, str) else chosen
    if name not in registry:
        raise ValueError(f"{kind} {name!r} is unknown; choose one of {', '.join(registry)}")
    return name, registry[name], check_knobs(name, registry[name], given)


def _capacity(problem: Problem) -> tuple[int, int]:
    """Snapshots per compiled call, and intervals between snapshots over the whole path."""
    size = problem.dim * dtype_of(problem.params).itemsize
    intervals = min(INTERVALS, PATH_BYTES // size - 2)
    if intervals < 1:
        limit = PATH_BYTES // 3 // dtype_of(problem.params).itemsize
        raise ValueError(f"a path of {problem.dim:,} parameters does not fit; use a model of at most {limit:,}")
    return max(1, min(INTERVALS + 1, SEGMENT_BYTES // size)), intervals
