"""Policies that are fitted to preferences without a learned reward: KTO, SimPO and ORPO.

All three read the pairs and the policy of `preferences`, in which every completion has T tokens.
"""

from __future__ import annotations

from typing import Annotated, Any

import jax.numpy as jnp
from annotated_types import Interval
from jaxtyping import Array, PyTree

from .entry import Entry, Opening, Page
from .preferences import COMPLETIONS, EXTRA_TERMS, FAMILY, SETTINGS, Beta, Terms, log_policy
from .scores import policy
from .softmax import sigmoid, softplus


def kto(
    forward: Any,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    beta: Beta = 0.2,
    loss_aversion: Annotated[float, Interval(gt=0, le=10), "λ_U/λ_D, weight of a rejected completion"] = 1.0,
) -> Terms:
    """Mean over all labelled completions of 1 − σ(β(r − z)) where chosen and λ(1 − σ(β(z − r))) where rejected,
    with r = log π/π_ref and z = KL(π‖π_ref) (Ethayarajh et al. 2024, 2402.01306, eq. 8).

    (1 + λ)/4 at the reference. A label belongs to one completion, so pairs are not needed. z is the sum over all
    completions and part of the gradient; the paper estimates z from a batch and holds it constant.
    """
    log_pi = log_policy(forward, params, state, batch)
    gain, pi = log_pi - batch["reference"], jnp.exp(log_pi)
    kl = pi @ gain
    scale, aversion = (jnp.asarray(value, gain.dtype) for value in (beta, loss_aversion))
    desirable = jnp.mean(sigmoid(scale * (kl - gain[batch["chosen"]])))
    undesirable = jnp.mean(sigmoid(scale * (gain[batch["rejected"]] - kl)))
    return {"kto": (desirable + aversion * undesirable) / 2, "kl": kl, "true-reward": pi @ batch["truth"]}


def simpo(
    forward: Any,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    beta: Annotated[float, Interval(gt=0, le=10), "β, scale of the mean log-probability of a token"] = 2.0,
    margin: Annotated[float, Interval(ge=0, le=10), "γ, by how much the chosen one shall lead"] = 0.5,
) -> Terms:
    """−mean log σ((β/T)(log π(chosen) − log π(rejected)) − γ) (Meng et al. 2024, 2405.14734, eq. 6): the reward is
    the mean log-probability of a token, and the reference policy is only the start."""
    log_pi = log_policy(forward, params, state, batch)
    scale, target = (jnp.asarray(value, log_pi.dtype) for value in (beta, margin))
    lead = scale / batch["x"].shape[1] * (log_pi[batch["chosen"]] - log_pi[batch["rejected"]])
    return {"simpo": jnp.mean(softplus(target - lead)), **_extra_terms(log_pi, batch)}


def orpo(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """−mean log P(chosen) and −mean log σ(log odds(chosen) − log odds(rejected)) with log P = (log π)/T and
    odds = P/(1 − P) (Hong et al. 2024, 2403.07691, eq. 6). Alone the first is least where π draws the completions
    as often as they were chosen."""
    log_pi = log_policy(forward, params, state, batch)
    log_p = log_pi / batch["x"].shape[1]
    log_odds = log_p - jnp.log(-jnp.expm1(log_p))
    ratio = log_odds[batch["chosen"]] - log_odds[batch["rejected"]]
    return {
        "nll": -jnp.mean(log_p[batch["chosen"]]),
        "odds-ratio": jnp.mean(softplus(-ratio)),
        **_extra_terms(log_pi, batch),
    }


def _extra_terms(log_pi: Array, batch: dict[str, Array]) -> Terms:
    pi = jnp.exp(log_pi)
    return {"kl": pi @ (log_pi - batch["reference"]), "true-reward": pi @ batch["truth"]}


OBJECTIVES = {
    "kto": Entry(
        "Kahneman–Tversky optimization",
        kto,
        {"kto": 1.0, **EXTRA_TERMS},
        Page(
            r"\frac1{2P}\sum_p\bigl[1-\sigma(\beta(r_p^+-z))+\lambda(1-\sigma(\beta(z-r_p^-)))\bigr],\quad "
            r"r=\log\tfrac{\pi_\theta}{\pi_{\mathrm{ref}}},\ z=\mathrm{KL}(\pi_\theta\Vert\pi_{\mathrm{ref}})",
            "Ethayarajh et al. 2024, arXiv:2402.01306",
            "The loss is bounded: it becomes flat where completions are far better or worse than the reference.",
            FAMILY,
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"sgd.learning_rate": "100"}),
        behavior=policy,
    ),
    "simpo": Entry(
        "Simple preference optimization",
        simpo,
        {"simpo": 1.0, **EXTRA_TERMS},
        Page(
            r"-\frac1P\sum_p\log\sigma\Bigl(\tfrac\beta T\log\tfrac{\pi_\theta(y_p^+)}"
            r"{\pi_\theta(y_p^-)}-\gamma\Bigr)",
            "Meng et al. 2024, arXiv:2405.14734",
            "Nothing holds the policy to the reference: with the KL divergence as second picture it keeps rising.",
            FAMILY,
        ),
        COMPLETIONS,
        # From no viewpoint are both paths in sight: the loss falls where the KL divergence rises.
        Opening(SETTINGS | {"sgd.learning_rate": "20", "beside": "term:kl", "view": "contour"}),
        behavior=policy,
    ),
    "orpo": Entry(
        "Odds-ratio preference optimization",
        orpo,
        {"nll": 1.0, "odds-ratio": 0.1, **EXTRA_TERMS},
        Page(
            r"-\frac1P\sum_p\Bigl[\log P_\theta(y_p^+)+\lambda\log\sigma\Bigl(\log"
            r"\tfrac{\mathrm{odds}_\theta(y_p^+)}{\mathrm{odds}_\theta(y_p^-)}\Bigr)\Bigr]",
            "Hong et al. 2024, arXiv:2403.07691",
            "The likelihood holds the policy near the chosen completions; the odds ratio lowers the others.",
            FAMILY,
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"sgd.learning_rate": "20"}),
        behavior=policy,
    ),
}
