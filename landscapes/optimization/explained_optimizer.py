"""An optimizer that notes, in its own state, the vectors that its last step was made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from landscapes.optimization.averaged_optimizers import averaged_point, schedule_free
from landscapes.optimization.optimizer_switch import Member, OptimizerChoice, knobs_of_member, state_of_member
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_rules import StepRule, Update, rule_of

SHARES_OF_STEP = (0.5, 1.0, 1.5, 2.0)  # at which the loss along a step is noted


class Explained(NamedTuple):
    """The optimizers that one program serves, or an Optax transformation, with a note of every step."""

    method: tuple[Member, ...] | optax.GradientTransformation


class ExplainedState(NamedTuple):
    """The optimizer's own state, and the vectors and numbers of its last step in the order of its `StepRule`,
    followed by zeros; then the loss, in the sense in which it is descended, at θ_t + τ·s_t for each τ of
    `SHARES_OF_STEP`, 0 in a game."""

    opt_state: Any
    vectors: Float[Array, "V D"]
    numbers: Float[Array, "S"]
    losses: Float[Array, "P"]


def rules(explained: Explained) -> list[StepRule]:
    """The rule of each optimizer."""
    if isinstance(explained.method, optax.GradientTransformation):
        return [StepRule()]
    return [rule_of(OPTIMIZERS[name]) for name, _ in explained.method]


def noted_sizes(explained: Explained) -> tuple[int, int]:
    """How many vectors and numbers are noted of a step."""
    step_rules = rules(explained)
    return max(len(rule.symbols) for rule in step_rules), max(len(rule.numbers) for rule in step_rules)


def explaining(
    explained: Explained, inner: Any, rate: Any, choice: OptimizerChoice, tree: Any = None
) -> optax.GradientTransformationExtraArgs:
    """The optimizer `inner`, built with this rate and choice, whose steps stay the same. The steps that are noted
    are those of the path: of schedule-free optimizers those of the average. `tree` restores the layers of θ; None
    for a single one."""
    method, (vector_count, number_count) = explained.method, noted_sizes(explained)

    def init(params):
        zeros = jnp.zeros((vector_count, params.size), params.dtype)
        numbers, losses = (jnp.zeros(size, params.dtype) for size in (number_count, len(SHARES_OF_STEP)))
        return ExplainedState(inner.init(params), zeros, numbers, losses)

    def note(position: int, rule: StepRule, extra: dict[str, Any]):
        def noted_step(updates, params, before, after, step):
            knobs: dict[str, Any] = {}
            if not isinstance(method, optax.GradientTransformation):
                knobs = knobs_of_member(method[position], choice)
                before, after = (
                    state_of_member(method, position, choice, state, params) for state in (before, after)
                )
            update = Update(
                updates, params, before, after, step, rate, knobs, extra, tree or (lambda vector: vector)
            )
            vectors, numbers = rule.explain(update)
            rows = jnp.stack([jnp.asarray(vector, params.dtype) for vector in vectors.values()])
            row = jnp.stack([jnp.asarray(number, params.dtype) for number in numbers.values()])
            missing = vector_count - len(rows)
            return jnp.pad(rows, ((0, missing), (0, 0))), jnp.pad(row, (0, number_count - len(row)))

        return noted_step

    def update(updates, state, params: Any = None, **extra):
        step, opt_state = inner.update(updates, state.opt_state, params, **extra)
        branches = [note(position, rule, extra) for position, rule in enumerate(rules(explained))]
        point = averaged_point(state.opt_state, params)
        noted = averaged_point(opt_state, params + step) - point if schedule_free(opt_state) else step
        operands = (updates, point, state.opt_state, opt_state, noted)
        alone = len(branches) == 1
        vectors, numbers = branches[0](*operands) if alone else jax.lax.switch(choice.index, branches, *operands)
        losses = state.losses
        if "value_fn" in extra:
            ahead = point[None] + jnp.outer(jnp.asarray(SHARES_OF_STEP, params.dtype), noted)
            losses = jax.lax.map(extra["value_fn"], ahead)
        return step, ExplainedState(opt_state, vectors, numbers, losses)

    return optax.GradientTransformationExtraArgs(init, update)
