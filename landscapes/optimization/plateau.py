"""Reduction on a plateau: a learning rate that falls once the loss has stopped falling.

The rates are not known before the run, because they depend on its losses: every compiled step carries this state.
Optax's `reduce_on_plateau` is the same rule for a positive loss. It checks its numbers in Python, so that each
would be compiled in, and it asks for L < (1 − tolerance)·best, which a negative loss passes without falling.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, Int

PLATEAU = "reduce-on-plateau"


class PlateauState(NamedTuple):
    """`scale` is the factor of the learning rate so far. `best` is the lowest mean loss, `waited` the means since
    then, `resting` those that are left of the cooldown; `mean` is that of the last `count` losses."""

    scale: Float[Array, ""]
    best: Float[Array, ""]
    waited: Int[Array, ""]
    resting: Int[Array, ""]
    mean: Float[Array, ""]
    count: Int[Array, ""]


def reduce_on_plateau(
    peak: float,
    steps: int,
    *,
    factor: Annotated[float, Interval(gt=0, lt=1), "factor of the rate at each reduction"] = 0.5,
    patience: Annotated[int, Interval(ge=1, le=1000), "losses in a row that do not improve on the best one"] = 10,
    tolerance: Annotated[float, Interval(gt=0, lt=1), "smallest fall that counts, as a share of the best"] = 1e-4,
    cooldown: Annotated[int, Interval(ge=0, le=1000), "losses that are ignored after a reduction"] = 0,
    average: Annotated[int, Interval(ge=1, le=1000), "steps whose mean is one loss, for minibatches"] = 1,
    final: Annotated[float, Interval(ge=0, le=1), "smallest rate as a share of the first"] = 0.0,
) -> Float[np.ndarray, "T"]:
    """η, times factor whenever as many losses in a row as patience says have not improved on the best one
    (Optax's `reduce_on_plateau`). The loss is the one whose gradient the step takes, on its minibatch where there
    are minibatches. These are the rates without a reduction; `reduced_rates` gives those of a run."""
    return np.full(steps, peak)


def initial_plateau(dtype: Any) -> PlateauState:
    """The state before the first loss."""
    numbers = np.asarray([1, np.inf, 0], dtype)
    return PlateauState(numbers[0], numbers[1], np.int32(0), np.int32(0), numbers[2], np.int32(0))  # type: ignore


def plateau_knobs(settings: Mapping[str, Any], dtype: Any) -> dict[str, Any]:
    """The knobs as strongly typed scalars, which a compiled step traces."""
    return {name: np.asarray(v, dtype if isinstance(v, float) else np.int32) for name, v in settings.items()}


def observe_loss(knobs: Mapping[str, Any], state: PlateauState, loss: Float[Array, ""]) -> PlateauState:
    """The state after one more loss, in the sense in which it is descended. An improvement on the best loss B is
    a loss below B − tolerance·|B|."""
    count = state.count + 1
    mean = (state.count * state.mean + loss) / count
    bar = jnp.where(jnp.isfinite(state.best), state.best - knobs["tolerance"] * jnp.abs(state.best), jnp.inf)
    improves = mean < bar
    waited, rests = jnp.where(improves, 0, state.waited + 1), state.resting > 0
    reduces = ~rests & (waited == knobs["patience"])
    lower = jnp.maximum(state.scale * knobs["factor"], knobs["final"])
    after_mean = PlateauState(
        jnp.where(reduces, lower, state.scale),
        jnp.where(improves, mean, state.best),
        jnp.where(rests | reduces, 0, waited),
        jnp.where(rests, state.resting - 1, jnp.where(reduces, knobs["cooldown"], 0)),
        jnp.zeros_like(mean),
        jnp.zeros_like(count),
    )
    is_whole = count == knobs["average"]
    waiting = state._replace(mean=mean, count=count)
    return jax.tree.map(partial(jnp.where, is_whole), after_mean, waiting)


def reduced_rates(
    rates: Float[np.ndarray, "T"], losses: Float[np.ndarray, "S"], settings: Mapping[str, Any]
) -> Float[np.ndarray, "T"]:
    """The rates that a run with these losses had, S ≤ T, in the sense in which they are descended. The last
    reduction holds for the steps that the run did not take.

    Raises:
        ValueError: if a loss before the last one is not known.
    """
    if np.isnan(losses[:-1]).any():
        raise ValueError(
            f"the rates under {PLATEAU} depend on the loss of every step, and this path does not hold all of "
            "them; give a path of `descend` or `race`"
        )
    knobs = plateau_knobs(settings, losses.dtype)

    def step(state: PlateauState, loss: Any) -> tuple[PlateauState, Any]:
        state = observe_loss(knobs, state, loss)
        return state, state.scale

    scales = np.asarray(jax.lax.scan(step, initial_plateau(losses.dtype), losses)[1], np.float64)
    return rates * np.pad(scales, (0, len(rates) - len(scales)), mode="edge")


def schedule_mismatch(name: str, game: bool) -> str:
    """The reason why a schedule cannot run on a game; "" where it can."""
    return f"{name} reads a loss and a game has no single one; choose another schedule" * (
        game and name == PLATEAU
    )
