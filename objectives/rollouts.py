"""Episodes of a policy, simulated side by side, and estimates from them whose gradient is the score function's.

All randomness is drawn before the first step and depends on the key alone: at every point of a surface the same
dice fall (common random numbers), so that two policies differ by what they do and not by their luck. What is left
is a staircase, because an action is one or another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from objectives import cartpole
from objectives.softmax import log_softmax

Policy = Callable[[Any], Float[Array, "N A"]]
Step = Callable[[Any, Int[Array, "N"], Float[Array, "N"]], tuple[Any, Float[Array, "N"], Any]]


class Episodes(NamedTuple):
    """N episodes of at most T steps; steps after the end of an episode are 0 throughout.

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
    """`count` episodes of at most `horizon` steps under the policy, in what `batch` describes: a written-out
    process or the cart and pole; see `objectives.environments`. T is less where all are known to end sooner."""
    dtype = batch["x"].dtype
    if "longest" in batch:
        horizon = min(horizon, batch["longest"].shape[1])
    # In float32 whatever the precision, so that both see the same dice.
    dice = jax.random.uniform(key, (horizon + 1, count, 4), jnp.float32).astype(dtype)
    if "transitions" in batch:
        table = log_softmax(forward(params, state, batch["x"]))
        ways = jnp.cumsum(batch["transitions"], axis=-1)

        def policy(s: Int[Array, "N"]) -> Float[Array, "N A"]:
            return table[s]

        def step(s: Int[Array, "N"], action: Int[Array, "N"], die: Float[Array, "N"]) -> tuple[Any, Any, Any]:
            way = ways[s, action]
            following = jnp.sum(die[:, None] >= way, axis=-1)
            ends = following == way.shape[-1]
            return jnp.where(ends, 0, following), batch["rewards"][s, action], ends

        first = _inverted(jnp.cumsum(batch["start"])[None], dice[0, :, 0])
    else:

        def policy(s: Float[Array, "N F"]) -> Float[Array, "N A"]:
            return log_softmax(forward(params, state, s))

        def step(s: Float[Array, "N F"], action: Int[Array, "N"], die: Float[Array, "N"]) -> tuple[Any, Any, Any]:
            return cartpole.step(s, action)

        first = (2 * dice[0] - 1) * batch["x"]
    return _roll(policy, step, first, dice[1:, :, 0], dice[1:, :, 1], batch["discount"][0])


def _roll(
    policy: Policy,
    step: Step,
    first: Any,
    choices: Float[Array, "T N"],
    chances: Float[Array, "T N"],
    discount: Float[Array, ""],
) -> Episodes:
    def advance(carry: Any, dice: Any) -> Any:
        s, worth = carry
        log_policy = policy(s)
        probabilities = jnp.exp(log_policy)
        action = _inverted(jnp.cumsum(jax.lax.stop_gradient(probabilities), axis=-1), dice[0])
        taken = jnp.take_along_axis(log_policy, action[:, None], axis=-1)[:, 0]
        following, reward, ends = step(s, action, dice[1])
        entropy = -jnp.sum(probabilities * log_policy, axis=-1)
        seen = Episodes(worth * reward, worth * entropy, jnp.where(worth > 0, taken, 0))
        return (following, jnp.where(ends, 0, discount * worth)), seen

    worth = jnp.ones_like(choices[0])
    return jax.lax.scan(advance, (first, worth), (choices, chances))[1]


def _inverted(cumulative: Float[Array, "N A"], die: Float[Array, "N"]) -> Int[Array, "N"]:
    """The outcome that a number in [0, 1) draws; the last one where rounding leaves the sum below it."""
    return jnp.minimum(jnp.sum(die[:, None] >= cumulative, axis=-1), cumulative.shape[-1] - 1)


def returns(parts: Float[Array, "T N"]) -> Float[Array, "N"]:
    """Σₜ γᵗrₜ of each episode."""
    return jnp.sum(parts, axis=0)


def estimate(parts: Float[Array, "T N"], log_probs: Float[Array, "T N"], baseline: bool) -> Float[Array, ""]:
    """The mean over the episodes of R = Σₜ partsₜ, with an unbiased estimate of its expectation's gradient.

    ∇E[R] = E[Σₜ ∇log π(aₜ|sₜ)·(Σ_{t′≥t} parts_{t′} − bₜ) + ∇parts] (Williams 1992). With `baseline`, bₜ of an
    episode is the mean of what the other episodes collect from step t on: it knows nothing of this one's actions,
    so that the estimate stays unbiased, and it varies less.
    """
    ahead = jax.lax.stop_gradient(jnp.cumsum(parts[::-1], axis=0)[::-1])
    if baseline:
        count = parts.shape[1]
        others = (jnp.sum(ahead, axis=1, keepdims=True) - ahead) / (count - 1)
        ahead = ahead - others
    surrogate = jnp.mean(jnp.sum(log_probs * ahead + parts, axis=0))
    return _differentiated_as(jnp.mean(returns(parts)), surrogate)


@jax.custom_jvp
def _differentiated_as(value: Float[Array, ""], surrogate: Float[Array, ""]) -> Float[Array, ""]:
    """The value, with the derivative of the surrogate, which costs nothing where no derivative is taken."""
    return value


@_differentiated_as.defjvp
def _(primals: Any, tangents: Any) -> Any:
    return primals[0], tangents[1]
