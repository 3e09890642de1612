"""A race in compiled loops against the loop that everyone writes: one jitted step at a time, from Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import optax

from landscapes import Problem, race
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS
from tests.benchmarks import networks
from tests.benchmarks.measure import Line, side_by_side

STEPS = 1000
RATE = 1e-3
NAMES = [name for name in OPTIMIZERS if name not in NEEDS_LOSS | NEEDS_GAME]


def lines(repeats: int) -> Iterator[Line]:
    problem = networks.rosenbrock()
    size = f"{len(NAMES)} optimizers, {STEPS:,} steps"
    times = side_by_side(lambda: compiled(problem), lambda: stepwise(problem), repeats)
    ours, theirs = compiled(problem), stepwise(problem)
    error = max(float(np.max(np.abs(ours[name] - theirs[name])) / np.ptp(theirs[name])) for name in NAMES)
    yield Line("race on Rosenbrock ÷ jitted steps, warm", size, *times, error)
    # Programs are dropped before each turn, on either side; what is kept on disk is not used here.
    cold = side_by_side(lambda: afresh(compiled, problem), lambda: afresh(stepwise, problem), repeats, warm=False)
    yield Line("race on Rosenbrock ÷ jitted steps, with compilation", size, *cold, error)


def compiled(problem: Problem) -> dict[str, np.ndarray]:
    """The loss at every step of each optimizer."""
    entries = {name: (name, {"learning_rate": RATE}) for name in NAMES}
    return {name: path.loss for name, path in race(problem, entries, STEPS).items()}


def stepwise(problem: Problem) -> dict[str, np.ndarray]:
    """The same, from a Python loop over a jitted step that is never waited for."""
    result = {}
    for name in NAMES:
        step, params = _step(name), problem.params
        state, losses = OPTIMIZERS[name](RATE).init(params), []
        for _ in range(STEPS + 1):
            loss, params, state = step(problem, params, state)
            losses.append(loss)
        result[name] = np.asarray(jax.device_get(losses))
    return result


def afresh(work: Any, problem: Problem) -> Any:
    """The work with nothing compiled yet."""
    jax.clear_caches()
    _STEPS.clear()
    return work(problem)


_STEPS: dict[str, Any] = {}


def _step(name: str) -> Any:
    @jax.jit
    def step(problem: Problem, params: Any, state: Any) -> tuple[Any, Any, Any]:
        loss, gradient = jax.value_and_grad(problem.loss)(params)
        updates, state = OPTIMIZERS[name](RATE).update(gradient, state, params)
        return loss, optax.apply_updates(params, updates), state

    return _STEPS.setdefault(name, step)
