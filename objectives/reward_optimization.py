"""Policies that maximize learned rewards: GRPO, the distribution of best-of-n, and a reward ensemble.

All three read the rewards and the policy of `preferences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .data import Data
from .entry import Entry, Known, Opening, Page
from .preferences import COMPLETIONS, FAMILY, SETTINGS, Terms, log_policy, tilted
from .scores import policy

MIN_DEVIATION = 1e-6  # added to the standard deviation of a group; one of equal rewards has advantages 0


def grpo(
    forward: Any,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    groups: Annotated[int, Interval(ge=1, le=256), "groups that are sampled from the reference policy"] = 64,
    size: Annotated[int, Interval(ge=2, le=64), "completions in a group"] = 8,
    clip: Annotated[float, Interval(gt=0, le=10), "ε, the range of the ratio in which the gain grows"] = 0.2,
) -> Terms:
    """mean min(ρA, clip(ρ, 1 − ε, 1 + ε)A) over groups of G completions, ρ = π/π_old and A = (r̂ − mean)/deviation
    within the group, and KL(π‖π_ref), weighted by −β (Shao et al. 2024, 2402.03300, eq. 3).

    π_old is the reference policy, from which all groups are drawn with the same random numbers everywhere. The KL
    is the sum over all completions instead of the paper's estimate. The first term is 0 at the reference.
    """
    log_pi = log_policy(forward, params, state, batch)
    pi = jnp.exp(log_pi)
    logits = batch["reference"].astype(jnp.float32)  # both precisions draw the same completions
    drawn = jax.random.categorical(key, logits, shape=(groups, size))
    rewards = batch["learned"][drawn].astype(pi.dtype)
    deviation = jnp.std(rewards, axis=1, keepdims=True) + MIN_DEVIATION
    advantages = (rewards - jnp.mean(rewards, axis=1, keepdims=True)) / deviation
    ratio, epsilon = jnp.exp(log_pi - batch["reference"])[drawn], jnp.asarray(clip, pi.dtype)
    gain = jnp.minimum(ratio * advantages, jnp.clip(ratio, 1 - epsilon, 1 + epsilon) * advantages)
    return {
        "surrogate": jnp.mean(gain),
        "kl": pi @ (log_pi - batch["reference"]),
        "reward": pi @ batch["learned"],
        "true-reward": pi @ batch["truth"],
    }


def log_best_of_n(reference: Float[Array, "N"], reward: Float[Array, "N"], n: Any) -> Float[Array, "N"]:
    """log of F(r)ⁿ − F(r−)ⁿ, the probability that a completion has the largest reward of n draws from the
    reference policy, whose rewards have the distribution function F. Of equal rewards the later index counts as
    larger."""
    order = jnp.argsort(reward)
    p = jnp.exp(reference[order])
    cumulative = jnp.cumsum(p)
    cumulative = cumulative / cumulative[-1]
    share = jnp.clip(p / cumulative, 0, 1).at[0].set(1)  # of the completion among those up to it
    n = jnp.asarray(n, p.dtype)
    log_q = n * jnp.log(cumulative) + jnp.log(-jnp.expm1(n * jnp.log1p(-share)))
    return jnp.zeros_like(log_q).at[order].set(log_q)


def best_of_n(
    forward: Any,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    n: Annotated[int, Interval(ge=1, le=64), "draws of which the one with the largest learned reward is kept"] = 4,
) -> Terms:
    """KL(q‖π) and KL(π‖q) to the distribution q of best-of-n under the learned reward, which the policy is to draw
    from at once (Sessa et al. 2024, 2407.14622). Both are 0 at π = q.

    At the reference KL(q‖π) is at most log n − (n − 1)/n (Beirami et al. 2024, 2401.01879).
    """
    log_pi = log_policy(forward, params, state, batch)
    log_q = log_best_of_n(batch["reference"], batch["learned"], n).astype(log_pi.dtype)
    pi = jnp.exp(log_pi)
    return {
        "forward": jnp.exp(log_q) @ (log_q - log_pi),
        "backward": pi @ (log_pi - log_q),
        "kl": pi @ (log_pi - batch["reference"]),
        "true-reward": pi @ batch["truth"],
    }


def reward_ensemble(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """E_π of the mean of the rewards that were learned from resampled pairs, E_π of their variance, E_π of the
    smallest of them, and KL(π‖π_ref) (Coste et al. 2023, 2310.02743, eqs. 4 and 5). Variance and KL have
    the weights −λ and −β. Every sum of these is largest at π ∝ π_ref·exp(Σ weight·reward/β)."""
    log_pi = log_policy(forward, params, state, batch)
    pi = jnp.exp(log_pi)
    members = batch["ensemble"]
    return {
        "mean-reward": pi @ jnp.mean(members, axis=1),
        "disagreement": pi @ jnp.var(members, axis=1),
        "smallest-reward": pi @ jnp.min(members, axis=1),
        "kl": pi @ (log_pi - batch["reference"]),
        "true-reward": pi @ batch["truth"],
    }


def ensemble_optimum(params: PyTree, data: Data, weights: Mapping[str, float]) -> PyTree | None:
    """f = (mean − λ·variance + …)/β in the parameters of a table of scores; None for other models."""
    if weights["kl"] >= 0 or weights["true-reward"]:
        return None
    members = data.train["ensemble"].astype(np.float64)
    reward = (
        weights["mean-reward"] * members.mean(axis=1)
        + weights["disagreement"] * members.var(axis=1)
        + weights["smallest-reward"] * members.min(axis=1)
    )
    # The reward is not linear in the tokens, so no linear policy has this optimum.
    return tilted(params, data, reward / -weights["kl"]) if _is_table(params) else None


def best_of_n_optimum(params: PyTree, data: Data, weights: Mapping[str, float], *, n: int) -> PyTree | None:
    """f = log q − log π_ref in the parameters of a table of scores; None for other models."""
    if not _is_table(params) or weights["kl"] or weights["true-reward"] or min(weights.values()) < 0:
        return None
    reference = data.train["reference"]
    log_q = np.asarray(log_best_of_n(jnp.asarray(reference), jnp.asarray(data.train["learned"]), n))
    return tilted(params, data, (log_q - reference).astype(np.float64))


def _is_table(params: PyTree) -> bool:
    return isinstance(params, Mapping) and "scores" in params


OBJECTIVES = {
    "grpo": Entry(
        "Group-relative policy optimization",
        grpo,
        {"surrogate": 1.0, "kl": -0.04, "reward": 0.0, "true-reward": 0.0},
        Page(
            r"\frac1G\sum_{i=1}^G\min\bigl(\rho_iA_i,\,\mathrm{clip}(\rho_i,1\pm\varepsilon)A_i\bigr)"
            r"-\beta\,\mathrm{KL}(\pi_\theta\Vert\pi_{\mathrm{ref}}),\quad "
            r"A_i=\tfrac{\hat r_i-\mathrm{mean}(\hat r)}{\mathrm{std}(\hat r)}",
            "Shao et al. 2024, arXiv:2402.03300",
            "One round: the old policy is the reference. Beyond the ratios 1 ± ε nothing is gained, and only the "
            "KL term is left, which pulls back.",
            FAMILY,
            "surrogate − β·KL",
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"adam.learning_rate": "0.02", "sgd.learning_rate": "2", "beside": "term:true-reward"}),
        sense="maximize",
        signs={"kl": -1},
        stochastic=True,
        behavior=policy,
    ),
    "best-of-n": Entry(
        "Best-of-n distillation",
        best_of_n,
        {"forward": 0.5, "backward": 0.5, "kl": 0.0, "true-reward": 0.0},
        Page(
            r"\tfrac12\mathrm{KL}(q\Vert\pi_\theta)+\tfrac12\mathrm{KL}(\pi_\theta\Vert q),"
            r"\quad q=F(\hat r)^n-F(\hat r-)^n",
            "Sessa et al. 2024, arXiv:2407.14622",
            "At its minimum one draw of the policy is what the best of n draws would be.",
            FAMILY,
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"sgd.learning_rate": "2"}),
        Known(optimum=best_of_n_optimum),
        behavior=policy,
    ),
    "reward-ensemble": Entry(
        "Reward ensemble (mean − λ·variance − β·KL)",
        reward_ensemble,
        {"mean-reward": 1.0, "disagreement": -1.0, "smallest-reward": 0.0, "kl": -0.1, "true-reward": 0.0},
        Page(
            r"\mathbb E_{\pi_\theta}\bigl[\bar r-\lambda\,\mathrm{Var}_k\,\hat r_k\bigr]-\beta\,\mathrm{KL}"
            r"(\pi_\theta\Vert\pi_{\mathrm{ref}})",
            "Coste et al. 2023, arXiv:2310.02743",
            "Where the members disagree the reward is lowered, so that the policy gains less from their errors.",
            FAMILY,
            "pessimistic reward − β·KL",
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"sgd.learning_rate": "5", "beside": "term:true-reward"}),
        Known(optimum=ensemble_optimum),
        sense="maximize",
        signs={"kl": -1},
        behavior=policy,
    ),
}
