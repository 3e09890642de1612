"""The vectors that every step of an optimizer is made of, projected on a plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from landscapes.arguments import check_arguments
from landscapes.immutable import frozen
from landscapes.knobs import Value, check_knobs
from landscapes.optimization.explained_optimizer import SHARES_OF_STEP
from landscapes.optimization.optimizers import OPTIMIZERS, OWN_OPTIMIZERS
from landscapes.optimization.run_setup import Optimizer, Schedule, prepare_run
from landscapes.optimization.run_updates import run_updates
from landscapes.optimization.step_rules import StepRule, rule_of
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem


@dataclass(frozen=True, eq=False)
class StepVectors:
    """The vectors of every step t = 0, …, S−1 of a run, in read-only NumPy arrays.

    Attributes:
        rule: the optimizer's rule; its symbols are the keys below.
        settings: the optimizer's knobs.
        coordinates: of the projection of θ_t on the plane.
        loss: L(θ_t) as the optimizer saw it, on a minibatch where there are minibatches; NaN in a game.
        losses_along: the same at θ_t + τ·s_t, for each τ of `SHARES_OF_STEP`.
        components: ⟨dₖ, v⟩ of each vector.
        norms: ‖v‖ of each vector in the full space.
        numbers: of each step, by name; t counts from 1.
        is_whole_space: whether the plane is all of parameter space.
        batch_size: examples in the minibatch of a step, None for all.
    """

    rule: StepRule
    settings: Mapping[str, Value]
    coordinates: Float[np.ndarray, "S K"]
    loss: Float[np.ndarray, "S"]
    losses_along: Float[np.ndarray, "S P"]
    components: dict[str, Float[np.ndarray, "S K"]]
    norms: dict[str, Float[np.ndarray, "S"]]
    numbers: dict[str, Float[np.ndarray, "S"]]
    is_whole_space: bool
    batch_size: int | None = None


@check_arguments
def step_vectors(
    problem: Problem,
    plane: Plane,
    optimizer: Optimizer,
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    progress: Callable[[float, Any], object] | None = None,
) -> StepVectors:
    """The vectors of every step that `descend` takes with these arguments. The run is computed again, so that it
    costs what the run costs, and may differ from it by rounding.

    Args:
        progress: called with (fraction, None) about every 50 ms; may raise to cancel.

    Raises:
        ValueError: as `descend`.
    """
    setup = prepare_run(problem, steps, batch_size, key, schedule, plane=plane)._replace(explain=True)
    updates = run_updates(setup, optimizer, None)
    while True:
        update = next(updates)
        if progress is not None:
            progress(update.record.points / (steps + 1), None)
        if update.is_over:
            break
    rule, settings = _rule(optimizer)
    path, rows = update.record.path(), update.record.projected(update.record.points)
    taken = len(path["loss"]) - 1  # the update at the end point is not taken
    numbers = dict(zip(rule.numbers, rows[:, :taken], strict=False))
    losses, vectors = np.split(rows[len(update.state.optimizer.numbers) :, :taken], [len(SHARES_OF_STEP)])
    sign = 1 if problem.sense == "minimize" else -1
    blocks = vectors.reshape(-1, plane.dim + 1, taken)
    components = {s: frozen(block[:-1].T) for s, block in zip(rule.symbols, blocks, strict=False)}
    norms = {s: frozen(block[-1]) for s, block in zip(rule.symbols, blocks, strict=False)}
    with precision(problem.params):
        origin = np.asarray(plane.components(plane.origin))
    return StepVectors(
        rule,
        settings,
        frozen(components[r"\theta_t"] - origin),
        path["loss"][:taken],
        frozen(sign * losses.T if problem.objective.players is None else np.full_like(losses.T, np.nan)),
        components,
        norms,
        {name: frozen(row) for name, row in numbers.items()} | {"t": frozen(np.arange(1, taken + 1))},
        plane.dim == problem.dim,
        batch_size,
    )


def _rule(optimizer: Optimizer) -> tuple[StepRule, Mapping[str, Value]]:
    """The rule and the knobs of an optimizer; those of an Optax transformation have no names."""
    entry: Any = (optimizer, {}) if isinstance(optimizer, str) else optimizer
    if not isinstance(entry, tuple) or not isinstance(entry[0], str) or entry[0] in OWN_OPTIMIZERS:
        return StepRule(), {}
    name, settings = entry
    return rule_of(OPTIMIZERS[name]), check_knobs(name, OPTIMIZERS[name], settings)
