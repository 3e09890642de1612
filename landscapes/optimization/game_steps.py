"""Optimizers for games alone; `optimizers` registers them with the others.

v is the field that is stepped against: each player's gradient of its own loss, with the other players held. An
update receives `field_fn(params, player=None)`, the field at any point or one player's part of it, and `players`,
their names in the order in which they move.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import jax.numpy as jnp
import optax
from annotated_types import Interval

from landscapes.optimization.step_rules import StepRule, Update, Vector, step_rule

Rate = Annotated[float, Interval(gt=0, le=1e10), "η, the learning rate of every player"]


@step_rule(StepRule((r"s_t = -\eta g_t",)))
def simultaneous(learning_rate: Rate = 0.1) -> optax.GradientTransformation:
    """All players at once, each down its own gradient: θ ← θ − ηv(θ). In a game `sgd` is the same."""
    return optax.sgd(learning_rate)


@step_rule(
    StepRule(
        (r"a_t = -\eta g^1(\theta_t)", r"b_t = -\eta g^2(\theta_t + a_t)", r"s_t = a_t + b_t"),
        {
            "a_t": Vector(lambda u, _: _step_of_player(u, 0, u.params), "ascent"),
            "b_t": Vector(lambda u, at: _step_of_player(u, 1, u.params + at["a_t"]), "direction", "a_t"),
        },
    )
)
def alternating(learning_rate: Rate = 0.1) -> optax.GradientTransformationExtraArgs:
    """The players in turn, each against the current parameters of the others: θ ← θ − ηv₁(θ), then θ ← θ − ηv₂(θ),
    with vₚ the field of player p alone."""

    def update(updates, state, params: Any = None, **extra):
        step = jnp.zeros_like(updates)
        for player in extra["players"]:
            step = step - learning_rate * extra["field_fn"](params + step, player)
        return step, state

    return optax.GradientTransformationExtraArgs(_no_state, update)


@step_rule(
    StepRule(
        (r"e_t = -\eta g_t", r"\tilde g_t = g(\theta_t + e_t)", r"s_t = -\eta \tilde g_t"),
        {
            "e_t": Vector(lambda u, _: -u.rate * u.gradient, "ascent"),
            r"\tilde g_t": Vector(lambda u, at: u.extra["field_fn"](u.params + at["e_t"]), "direction", "e_t", -1),
        },
    )
)
def extragradient(learning_rate: Rate = 0.1) -> optax.GradientTransformationExtraArgs:
    """Extragradient (Korpelevich 1976): θ ← θ − ηv(θ − ηv(θ)), two fields a step, both on the same examples."""

    def update(updates, state, params: Any = None, **extra):
        return -learning_rate * extra["field_fn"](params - learning_rate * updates), state

    return optax.GradientTransformationExtraArgs(_no_state, update)


@step_rule(
    StepRule(
        (r"d_t = 2 g_t - g_{t-1}", r"s_t = -\eta d_t"),
        {
            "g_{t-1}": Vector(lambda u, _: jnp.where(u.before[1], u.before[0], u.gradient), "momentum", sign=-1),
            "d_t": Vector(lambda u, at: 2 * u.gradient - at["g_{t-1}"], "direction", sign=-1),
        },
    )
)
def optimistic(learning_rate: Rate = 0.1) -> optax.GradientTransformation:
    """Optimistic gradient descent (Daskalakis et al. 2018, arXiv:1711.00141): θ ← θ − η(2vₜ − vₜ₋₁). The first
    step takes v₀ for the field before it."""

    def update(updates, state, params=None):
        previous, has_previous = state
        previous = jnp.where(has_previous, previous, updates)
        return -learning_rate * (2 * updates - previous), (updates, jnp.ones_like(has_previous))

    return optax.GradientTransformation(lambda params: (jnp.zeros_like(params), jnp.zeros((), bool)), update)


def _step_of_player(update: Update, place: int, params: Any) -> Any:
    """−η times the field of the first player (0) or the second (1) at a point."""
    return -update.rate * update.extra["field_fn"](params, update.extra["players"][place])


def _no_state(params: Any) -> optax.EmptyState:
    return optax.EmptyState()


MOVES: dict[str, Callable[..., optax.GradientTransformation]] = {
    "simultaneous": simultaneous,
    "alternating": alternating,
    "extragradient": extragradient,
    "optimistic": optimistic,
}
