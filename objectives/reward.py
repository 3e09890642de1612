"""Expected reward: the return of a policy, J(π) = E[Σₜ γᵗr(sₜ, aₜ)], which is maximized.

π(·|s) is the softmax of the model's outputs for s. The discounted entropy Σₜ γᵗH(π(·|sₜ)) is a separate term,
whose weight is the temperature τ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from . import rollouts
from .actions import actions
from .entry import Entry, Fits, Known, Opening, Page
from .planning import plan
from .softmax import log_softmax

Forward = Callable[..., Float[Array, "N A"]]
Terms = dict[str, Float[Array, ""]]


def expected_return(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """J = μᵀ(I − γP_π)⁻¹r_π, without sampling, to the rounding of one linear solve. The entropy
    likewise, with H(π(·|s)) for the reward.

    In a bandit J = Σ_a π(a)r(a). It is neither convex nor concave: with two arms J″ = Δσ(1−σ)(1−2σ) along their
    logits' difference changes its sign at σ = ½. The gradient fades as π nears any one action, the worst included
    (Mei et al. 2020, arXiv:2005.06392).
    """
    log_policy = log_softmax(forward(params, state, batch["x"]))
    policy = jnp.exp(log_policy)
    visits = _visits(policy, batch)
    continuation = batch["discount"][:, None] * jnp.sum(batch["transitions"], axis=-1)
    ending = jnp.sum(policy * (1 - continuation), axis=-1)
    return {
        "return": _total(visits, ending, jnp.sum(policy * batch["rewards"], axis=-1)),
        "entropy": -_total(visits, ending, jnp.sum(policy * log_policy, axis=-1)),
    }


def reinforce(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    episodes: Annotated[int, Interval(ge=2, le=4096), "episodes that the return is a mean of"] = 64,
    horizon: Annotated[int, Interval(ge=1, le=1000), "steps after which an episode is cut off"] = 100,
    baseline: Annotated[bool, "subtract what the other episodes collect from that step on"] = True,
) -> Terms:
    """The mean return of episodes with fixed random numbers, and its standard error s/√n; the gradient is
    REINFORCE's.

    The value is the mean over these episodes; the gradient is an unbiased estimate of the gradient of its
    expectation, see `objectives.rollouts.estimate`. The standard error carries no gradient.
    """
    sampled = rollouts.simulate(forward, params, state, batch, key, episodes, horizon)
    collected = jax.lax.stop_gradient(rollouts.returns(sampled.rewards))
    return {
        "return": rollouts.estimate(sampled.rewards, sampled.log_probs, baseline),
        "entropy": rollouts.estimate(sampled.entropies, sampled.log_probs, baseline),
        "standard error": jnp.std(collected, ddof=1) / np.sqrt(episodes),
    }


def clipped_surrogate(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    clip: Annotated[float, Interval(gt=0, le=1), "ε, the range of the ratio in which the gain grows"] = 0.2,
) -> Terms:
    """J(π₀) + Σ_s d₀(s) Σ_a π₀(a|s)·min(ρA₀, clip(ρ, 1 − ε, 1 + ε)A₀) with ρ = π(a|s)/π₀(a|s).

    π₀ is the old policy, here the uniform one; d₀ are its discounted visits and A₀ its advantages, both exact.
    With J(π₀) added, value and gradient equal those of the true return at π = π₀. The true return is another term.
    The surrogate is flat where every ratio that could gain is clipped.
    """
    old = batch["behaviour"]
    visits = _visits(old, batch)
    values = jnp.linalg.solve(_resolvent(old, batch), jnp.sum(old * batch["rewards"], axis=-1))
    next_values = batch["discount"][:, None] * jnp.einsum("sat,t->sa", batch["transitions"], values)
    advantages = batch["rewards"] + next_values - values[:, None]
    log_policy = log_softmax(forward(params, state, batch["x"]))
    ratio = jnp.exp(log_policy) / old
    epsilon = jnp.asarray(clip, ratio.dtype)
    gain = jnp.minimum(ratio * advantages, jnp.clip(ratio, 1 - epsilon, 1 + epsilon) * advantages)
    exact = expected_return(forward, params, state, batch, key)
    surrogate = jnp.sum(batch["start"] * values) + jnp.sum(visits * jnp.sum(old * gain, axis=-1))
    return {"surrogate": surrogate, **exact}


def _visits(policy: Float[Array, "S A"], batch: dict[str, Array]) -> Float[Array, "S"]:
    """d = (I − γP_πᵀ)⁻¹μ: the discounted number of visits to each state."""
    return jnp.linalg.solve(_resolvent(policy, batch).T, batch["start"])


def _total(visits: Float[Array, "S"], ending: Float[Array, "S"], gains: Float[Array, "S"]) -> Float[Array, ""]:
    """dᵀg, the total over all visits, as c + dᵀ(g − c·ℓ) with c ≈ dᵀg and ℓ = 1 − γP_π1.

    ℓ is the probability that a visit is the last one, if discounting counts as an end, so that dᵀℓ = 1. In float32
    the linear solve is off by some 1/(1 − γ) ulp, nearly all of it in the size of d, which this form cancels: at
    γ = 0.999 the return is right to 7 ulp where a plain sum is off by 36.
    """
    estimate = jax.lax.stop_gradient(jnp.sum(visits * gains))
    return estimate + jnp.sum(visits * (gains - estimate * ending))


def _resolvent(policy: Float[Array, "S A"], batch: dict[str, Array]) -> Float[Array, "S S"]:
    """I − γP_π."""
    moves = jnp.einsum("sa,sat->st", policy, batch["transitions"])
    return batch["x"] - batch["discount"][:, None] * moves


def _best(data: Any, weights: Mapping[str, float], horizon: int | None = None) -> tuple[float, Any] | None:
    """The return of the optimal policy under these weights and its action values; None where they are not
    known."""
    scale, temperature = weights["return"], weights["entropy"]
    if (
        "transitions" not in data.train
        or temperature < 0
        or any(weight for term, weight in weights.items() if term not in ("return", "entropy"))
    ):
        return None
    return _planned(data, scale, temperature, horizon)


@lru_cache(maxsize=32)
def _planned(data: Any, scale: float, temperature: float, horizon: int | None) -> tuple[float, Any]:
    """`plan`, cached: pages ask at every rerun, and with γ near 1 it takes half a second."""
    solution = plan({**data.train, "rewards": scale * data.train["rewards"]}, temperature, horizon)
    solution[1].flags.writeable = False
    return solution


def _references(data: Any, weights: Mapping[str, float]) -> dict[str, float]:
    solution = _best(data, weights)
    return {} if solution is None else {"optimal policy": solution[0]}


def _sampled_references(
    data: Any, weights: Mapping[str, float], *, episodes: int, horizon: int, baseline: bool
) -> dict[str, float]:
    if "transitions" not in data.train:
        is_return_alone = {term for term, weight in weights.items() if weight} == {"return"}
        discount = float(data.train["discount"][0])
        maximum = weights["return"] * sum(discount**t for t in range(horizon))
        return {"never falling": maximum} if is_return_alone and maximum > 0 else {}
    solution = _best(data, weights, horizon)
    return {} if solution is None else {"optimal policy": solution[0]}


def _surrogate_references(data: Any, weights: Mapping[str, float], *, clip: float) -> dict[str, float]:
    """The best true return, in the units of a surrogate that is drawn alone."""
    if {term: weight for term, weight in weights.items() if weight} != {"surrogate": 1.0}:
        return {}
    return {"optimal policy": _planned(data, 1.0, 0.0, None)[0]}


def _optimum(params: PyTree, data: Any, weights: Mapping[str, float]) -> PyTree | None:
    """Logits Q/τ, shifted in each state to the mean that they have in `params`, which does not change the policy.
    None without entropy, because the optimum is then at infinity."""
    solution = _best(data, weights)
    if solution is None or weights["entropy"] == 0 or set(params) != {"logits"}:
        return None
    logits = solution[1] / weights["entropy"]
    mean = np.asarray(params["logits"], float).mean(axis=1, keepdims=True)
    return {"logits": logits - logits.mean(axis=1, keepdims=True) + mean}


_POLICY = Fits({"rewards"}, {"states"}, {"policy"})
_FAMILY, _VALUE = "Expected reward", "expected return"

OBJECTIVES = {
    "expected-return": Entry(
        "Expected return (closed form)",
        expected_return,
        {"return": 1.0, "entropy": 0.0},
        Page(
            r"\mu^\top(I-\gamma P_\pi)^{-1}r_\pi",
            "Sutton et al. 1999, NeurIPS 12; Mei et al. 2020, arXiv:2005.06392",
            "The return is nearly flat wherever the policy is nearly deterministic, so gradient ascent from a bad "
            "deterministic policy starts slowly.",
            _FAMILY,
            _VALUE,
        ),
        _POLICY,
        Opening(
            {
                "data": "bandit",
                "model": "policy-table",
                "policy-table.spread": "0",
                "policy-table.lean": "2",
                "optimizers": "momentum+sgd",
                "sgd.learning_rate": "1",
                "momentum.learning_rate": "0.2",
                "steps": "200",
            },
            place={"extent": "2"},
        ),
        Known(_references, _optimum),
        sense="maximize",
        behavior=actions,
    ),
    "reinforce": Entry(
        "Sampled return (REINFORCE)",
        reinforce,
        {"return": 1.0, "entropy": 0.0, "standard error": 0.0},
        Page(
            r"\frac1n\sum_{i=1}^n\sum_t\gamma^t r(s_t^{(i)},a_t^{(i)})",
            "Williams 1992, Machine Learning 8",
            "The sampled return is piecewise constant. Every point uses the same random numbers; the standard "
            "error is a term of its own.",
            _FAMILY,
            _VALUE,
        ),
        replace(_POLICY, inputs={"states", "observations"}),
        Opening(
            {
                "data": "cartpole",
                "model": "policy-mlp",
                "optimizers": "adam+sgd",
                "adam.learning_rate": "0.05",
                "sgd.learning_rate": "0.01",
                "steps": "60",
                "view": "contour",  # in 3-D the plateau would cover the slope in front of it
            }
        ),
        Known(_sampled_references),
        sense="maximize",
        behavior=actions,
        stochastic=True,
        gradient="estimate",
    ),
    "ppo": Entry(
        "PPO's clipped surrogate",
        clipped_surrogate,
        {"surrogate": 1.0, "return": 0.0, "entropy": 0.0},
        Page(
            r"J(\pi_0)+\sum_{s,a}d_0(s)\pi_0(a|s)\min\bigl(\rho A_0,"
            r"\,\mathrm{clip}(\rho,1\pm\varepsilon)A_0\bigr)",
            "Schulman et al. 2017, arXiv:1707.06347",
            "The surrogate touches the true return at the old policy, where the paths start. It is flat once "
            "every gain is clipped; the true return is not.",
            _FAMILY,
            "surrogate return",
        ),
        _POLICY,
        Opening(
            {
                "data": "gridworld",
                "model": "policy-table",
                "policy-table.spread": "0",
                "optimizers": "adam+sgd",
                "adam.learning_rate": "0.02",
                "sgd.learning_rate": "0.3",
                "steps": "150",
                "beside": "term:return",
            }
        ),
        Known(_surrogate_references),
        sense="maximize",
        behavior=actions,
    ),
}
