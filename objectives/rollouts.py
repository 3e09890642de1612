"""Simulated episodes of a policy, and estimates from them with score-function gradients.

All random numbers are drawn before the first step and depend on the key alone. Every point of a surface uses the
same ones (common random numbers), so that two policies differ by their actions and not by chance. The sampled
return is piecewise constant, because actions are discrete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from . import cartpole
from .softmax import log_softmax

Policy = Callable[[Any], Float[Array, "N A"]]
Step = Callable[[Any, Int[Array, "N"], Float[Array, "N"]], tuple[Any, Float[Array, "N"], Any]]


class Episodes(NamedTuple):
    """N episodes of at most T steps. Entries after the end of an episode are 0.

    Attributes:
        rewards: rₜ, discounted: γᵗrₜ.
        entropies: γᵗ·H(π(·|sₜ)) in nats.
        log_probs: log π(aₜ|sₜ) of the action taken.
    """

    rewards: Float[Array, "T N"]
    entropies: Float[Array, "T N"]
    log_probs: Float[Array, "T N"]


def simulate(
    forward: Callable[..., Any],
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    count: int,
    horizon: int,
) -> Episodes:
    """`count` episodes of at most `horizon` steps under the policy, in the environment of `batch`: a process with
    known transitions, or the cart and pole; see `objectives.environments`. T is smaller where every episode ends
    sooner."""
    dtype = batch["x"].dtype
    if "max_steps" in batch:
        horizon = min(horizon, batch["max_steps"].shape[1])
    # In float32 for both precisions, so that both get the same random numbers.
    uniform = jax.random.uniform(key, (horizon + 1, count, 4), jnp.float32).astype(dtype)
    if "transitions" in batch:
        table = log_softmax(forward(params, state, batch["x"]))
        cumulative = jnp.cumsum(batch["transitions"], axis=-1)

        def policy(s: Int[Array, "N"]) -> Float[Array, "N A"]:
            return table[s]

        def step(s: Int[Array, "N"], action: Int[Array, "N"], chance: Float[Array, "N"]) -> tuple[Any, Any, Any]:
            next_state = jnp.sum(chance[:, None] >= cumulative[s, action], axis=-1)
            is_over = next_state == cumulative.shape[-1]
            return jnp.where(is_over, 0, next_state), batch["rewards"][s, action], is_over

        first = _sample(jnp.cumsum(batch["start"])[None], uniform[0, :, 0])
    else:

        def policy(s: Float[Array, "N F"]) -> Float[Array, "N A"]:
            return log_softmax(forward(params, state, s))

        def step(
            s: Float[Array, "N F"], action: Int[Array, "N"], chance: Float[Array, "N"]
        ) -> tuple[Any, Any, Any]:
            return cartpole.step(s, action)

        first = (2 * uniform[0] - 1) * batch["x"]
    return _run_episodes(policy, step, first, uniform[1:, :, 0], uniform[1:, :, 1], batch["discount"][0])


def _run_episodes(
    policy: Policy,
    step: Step,
    first_state: Any,
    choices: Float[Array, "T N"],
    chances: Float[Array, "T N"],
    discount: Float[Array, ""],
) -> Episodes:
    def advance(carry: Any, chances: Any) -> Any:
        s, factor = carry
        log_policy = policy(s)
        probabilities = jnp.exp(log_policy)
        action = _sample(jnp.cumsum(jax.lax.stop_gradient(probabilities), axis=-1), chances[0])
        log_prob = jnp.take_along_axis(log_policy, action[:, None], axis=-1)[:, 0]
        next_state, reward, is_over = step(s, action, chances[1])
        entropy = -jnp.sum(probabilities * log_policy, axis=-1)
        step_values = Episodes(factor * reward, factor * entropy, jnp.where(factor > 0, log_prob, 0))
        return (next_state, jnp.where(is_over, 0, discount * factor)), step_values

    factor = jnp.ones_like(choices[0])  # γᵗ, and 0 after the end of an episode
    return jax.lax.scan(advance, (first_state, factor), (choices, chances))[1]


def _sample(cumulative: Float[Array, "N A"], chance: Float[Array, "N"]) -> Int[Array, "N"]:
    """The outcome for a uniform number in [0, 1), by inversion; the last one where the sum is rounded below it."""
    return jnp.minimum(jnp.sum(chance[:, None] >= cumulative, axis=-1), cumulative.shape[-1] - 1)


def returns(parts: Float[Array, "T N"]) -> Float[Array, "N"]:
    """Σₜ γᵗrₜ of each episode."""
    return jnp.sum(parts, axis=0)


def estimate(parts: Float[Array, "T N"], log_probs: Float[Array, "T N"], baseline: bool) -> Float[Array, ""]:
    """The mean over the episodes of R = Σₜ partsₜ, with an unbiased estimate of its expectation's gradient.

    ∇E[R] = E[Σₜ ∇log π(aₜ|sₜ)·(Σ_{t′≥t} parts_{t′} − bₜ) + ∇parts] (Williams 1992). With `baseline`, bₜ is the
    mean of what the other episodes collect from step t on. It does not depend on the actions of this episode, so
    that the estimate stays unbiased and its variance is smaller.
    """
    remaining = jax.lax.stop_gradient(jnp.cumsum(parts[::-1], axis=0)[::-1])
    if baseline:
        count = parts.shape[1]
        leave_one_out_mean = (jnp.sum(remaining, axis=1, keepdims=True) - remaining) / (count - 1)
        remaining = remaining - leave_one_out_mean
    surrogate = jnp.mean(jnp.sum(log_probs * remaining + parts, axis=0))
    return _with_derivative_of(jnp.mean(returns(parts)), surrogate)


@jax.custom_jvp
def _with_derivative_of(value: Float[Array, ""], surrogate: Float[Array, ""]) -> Float[Array, ""]:
    """The value, with the derivative of the surrogate. XLA drops the surrogate where no derivative is taken."""
    return value


@_with_derivative_of.defjvp
def _(primals: Any, tangents: Any) -> Any:
    return primals[0], tangents[1]
