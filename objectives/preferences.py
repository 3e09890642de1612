"""Learned rewards: a reward model fitted to preferences, and policies that maximize it.

Expectations are exact sums over all completions y of `length` tokens. A policy is π_θ(y) ∝ π_ref(y)·exp f_θ(y)
with the model's single output f, so that f = 0 is the reference policy. A reward model uses the same output as a
score.

Kind "completions": x["N length tokens"], every completion one-hot. Kind "preferences": pairs of completions by
their index, `chosen["P"]` and `rejected["P"]`; and for each completion log π_ref in `reference["N"]`, the
learned reward in `learned["N"]`, the true reward that the labels came from in `truth["N"]`, and rewards learned
from resampled pairs in `ensemble["N 5"]`. All rewards have mean 0 under the reference policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .data import Data, Dataset
from .entry import Entry, Fits, Known, Opening, Page
from .scores import policy, rewards
from .softmax import log_softmax, softplus

Terms = dict[str, Float[Array, ""]]
TOKENS = 3  # in the vocabulary of the completions
# The probabilities of the tokens under the reference policy. The rewarded token is the least likely one, as the
# behaviour that a language model is trained for is rare before.
REFERENCE_PROBABILITIES = (0.15, 0.45, 0.4)
RIDGE = 0.05  # weight of ½‖w‖² in the fit of the learned reward
MEMBERS = 5  # reward models in the ensemble, as in Coste et al. 2023

Beta = Annotated[float, Interval(gt=0, le=10), "β, weight of the divergence from the reference policy"]


def preferences(
    seed: int,
    *,
    length: Annotated[int, Interval(ge=2, le=6), "tokens in a completion, of 3 kinds"] = 4,
    examples: Annotated[int, Interval(ge=1, le=5000), "number of pairs that were compared"] = 200,
    noise: Annotated[float, Interval(ge=0, le=0.5), "share of the labels that are reversed"] = 0.1,
) -> Data:
    """Pairs of completions drawn from the reference policy, labelled by a true reward under the Bradley–Terry
    model.

    The true reward of n copies of the first token is 2n − 0.6n². The learned reward is linear in the one-hot
    tokens and fitted to the pairs by maximum likelihood with a ridge penalty. The two agree on completions that
    the reference policy often draws, and may differ elsewhere.
    """
    rng = np.random.default_rng(seed)
    tokens = np.stack(np.meshgrid(*[np.arange(TOKENS)] * length, indexing="ij"), -1).reshape(-1, length)
    x = np.eye(TOKENS)[tokens]
    steps = np.log(REFERENCE_PROBABILITIES) + 0.3 * rng.standard_normal((TOKENS, TOKENS))
    steps -= np.log(np.exp(steps).sum(axis=1, keepdims=True))
    reference = np.log(REFERENCE_PROBABILITIES)[tokens[:, 0]] + sum(
        steps[tokens[:, k], tokens[:, k + 1]] for k in range(length - 1)
    )
    reference -= np.log(np.exp(reference).sum())
    count = np.sum(tokens == 0, axis=1)
    truth = _centred(2 * count - 0.6 * count**2, reference)
    first, second = (rng.choice(len(x), examples, p=np.exp(reference)) for _ in range(2))
    # A pair of equal completions carries no information, so the second is replaced by the next one.
    second = np.where(first == second, (second + 1) % len(x), second)
    likes_first = rng.random(examples) < 1 / (1 + np.exp(truth[second] - truth[first]))
    likes_first ^= rng.random(examples) < noise
    chosen, rejected = np.where(likes_first, (first, second), (second, first))
    learned = _centred(_bradley_terry(x.reshape(len(x), -1), chosen, rejected), reference)
    draws = np.random.default_rng([seed, 1]).integers(0, examples, (MEMBERS, examples))
    members = [_bradley_terry(x.reshape(len(x), -1), chosen[drawn], rejected[drawn]) for drawn in draws]
    arrays = {
        "chosen": chosen.astype(np.int32),
        "ensemble": np.stack([_centred(member, reference) for member in members], axis=1).astype(np.float32),
        "learned": learned.astype(np.float32),
        "reference": reference.astype(np.float32),
        "rejected": rejected.astype(np.int32),
        "truth": truth.astype(np.float32),
        "x": x.astype(np.float32),
    }
    for array in arrays.values():
        array.flags.writeable = False
    return Data(arrays, arrays, None)


def _centred(reward: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return reward - np.exp(reference) @ reward


def _bradley_terry(x: np.ndarray, chosen: np.ndarray, rejected: np.ndarray) -> np.ndarray:
    """Scores x·w that maximize the likelihood of the labels minus RIDGE·½‖w‖², by 30 steps of Newton's method. The
    problem is strictly convex."""
    difference, w = x[chosen] - x[rejected], np.zeros(x.shape[1])
    for _ in range(30):
        wrong = 1 / (1 + np.exp(difference @ w))
        slope = RIDGE * w - difference.T @ wrong / len(difference)
        curvature = (difference * (wrong * (1 - wrong))[:, None]).T @ difference / len(difference)
        w = w - np.linalg.solve(curvature + RIDGE * np.eye(len(w)), slope)
    return x @ w


def bradley_terry(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """−mean log σ(s(chosen) − s(rejected)) (Bradley & Terry 1952). In free scores its Hessian is the Laplacian of
    the graph of comparisons, weighted by σ(1 − σ): convex, and flat along one direction for each component."""
    scores = forward(params, state, batch["x"])[:, 0]
    margin = scores[batch["chosen"]] - scores[batch["rejected"]]
    return {"bradley-terry": jnp.mean(softplus(-margin))}


def rlhf(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """E_π[r̂] under the learned reward r̂, and KL(π‖π_ref), which is weighted by −β: their weighted sum is largest
    where π ∝ π_ref·exp(r̂/β), with value β·log Σ π_ref·exp(r̂/β). E_π of the true reward is a term of weight 0."""
    log_pi = log_policy(forward, params, state, batch)
    pi = jnp.exp(log_pi)
    return {
        "reward": pi @ batch["learned"],
        "kl": pi @ (log_pi - batch["reference"]),
        "true-reward": pi @ batch["truth"],
    }


def dpo(
    forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, beta: Beta = 0.2
) -> Terms:
    """−mean log σ(βh), h the difference of log π/π_ref between chosen and rejected (Rafailov et al. 2023,
    2305.18290): ln 2 at the reference; without contradicting preferences there is no finite minimizer."""
    h, extra_terms = margins(forward, params, state, batch)
    return {"dpo": jnp.mean(softplus(-jnp.asarray(beta, h.dtype) * h)), **extra_terms}


def ipo(
    forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, beta: Beta = 0.2
) -> Terms:
    """mean (h − 1/(2β))², h as in DPO (Azar et al. 2023, 2310.12036): quadratic in h, so that the minimizer is
    finite without contradictions; 1/(4β²) at the reference."""
    h, extra_terms = margins(forward, params, state, batch)
    return {"ipo": jnp.mean((h - 0.5 / jnp.asarray(beta, h.dtype)) ** 2), **extra_terms}


def log_policy(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array]) -> Float[Array, "N"]:
    """log π_θ of every completion."""
    tilt = forward(params, state, batch["x"])[:, 0]
    return log_softmax(batch["reference"].astype(tilt.dtype) + tilt)


def margins(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array]) -> tuple[Any, Terms]:
    """h, the difference of log π/π_ref between chosen and rejected, and terms of weight 0: KL(π‖π_ref), E_π of the
    true reward."""
    log_pi = log_policy(forward, params, state, batch)
    gain = log_pi - batch["reference"]
    pi = jnp.exp(log_pi)
    extra_terms = {"kl": pi @ gain, "true-reward": pi @ batch["truth"]}
    return gain[batch["chosen"]] - gain[batch["rejected"]], extra_terms


def rlhf_optimum(params: PyTree, data: Data, weights: Mapping[str, float]) -> PyTree | None:
    """f = r̂/β in the parameters of a table of scores or of a linear model (its bias does not change the policy);
    None for other models."""
    if weights["reward"] <= 0 or weights["kl"] >= 0 or weights["true-reward"]:
        return None
    return tilted(params, data, weights["reward"] / -weights["kl"] * data.train["learned"].astype(np.float64))


def tilted(params: PyTree, data: Data, tilt: np.ndarray) -> PyTree | None:
    """The parameters at which f is `tilt`, or nearest to it for a linear model; None for other models."""
    if not isinstance(params, Mapping):
        return None
    if "scores" in params:
        return {"scores": tilt.reshape(np.shape(params["scores"]))}
    if "affine" in params:
        x = data.train["x"].reshape(len(tilt), -1).astype(np.float64)
        kernel, *_ = np.linalg.lstsq(x, tilt, rcond=None)
        return {"affine": {"bias": np.zeros(1), "kernel": kernel[:, None]}}
    return None


COMPLETIONS = Fits({"preferences"}, {"completions"}, outputs=lambda data: 1)
SETTINGS = {
    "data": "preferences",
    "model": "score-table",
    "steps": "150",
    "optimizers": "adam+sgd",
    "adam.learning_rate": "0.1",
}
EXTRA_TERMS = {"kl": 0.0, "true-reward": 0.0}
FAMILY = "Learned rewards"

OBJECTIVES = {
    "bradley-terry": Entry(
        "Bradley–Terry loss (reward model)",
        bradley_terry,
        {"bradley-terry": 1.0},
        Page(
            r"-\frac1P\sum_p\log\sigma\bigl(s(y_p^+)-s(y_p^-)\bigr)",
            "Bradley & Terry 1952, Biometrika 39",
            "Convex in the scores, and constant when the same number is added to all of them.",
            FAMILY,
        ),
        COMPLETIONS,
        # At 10 gradient descent diverged with an MLP.
        Opening(SETTINGS | {"sgd.learning_rate": "10"}, rates={"sgd": 1.0}),
        behavior=rewards,
    ),
    "rlhf": Entry(
        "RLHF objective (learned reward − β·KL)",
        rlhf,
        {"reward": 1.0, "kl": -0.1, "true-reward": 0.0},
        Page(
            r"\mathbb E_{\pi_\theta}[\hat r]-\beta\,\mathrm{KL}(\pi_\theta\Vert\pi_{\mathrm{ref}})",
            "Ziegler et al. 2019, arXiv:1909.08593",
            "With the true reward as second picture: from some step on it falls while the learned one rises.",
            FAMILY,
            "learned reward − β·KL",
        ),
        COMPLETIONS,
        # The optimum of a linear policy lies within the picture, because the learned reward is linear. That of a
        # table depends on the scores of completions that hardly ever occur.
        Opening(SETTINGS | {"model": "linear", "sgd.learning_rate": "5"}),
        Known(optimum=rlhf_optimum),
        sense="maximize",
        signs={"kl": -1},
        behavior=policy,
    ),
    "dpo": Entry(
        "Direct preference optimization",
        dpo,
        {"dpo": 1.0, **EXTRA_TERMS},
        Page(
            r"-\frac1P\sum_p\log\sigma(\beta h_p),\quad h_p="
            r"\log\tfrac{\pi_\theta(y_p^+)}{\pi_{\mathrm{ref}}(y_p^+)}-\log\tfrac{\pi_\theta(y_p^-)}{\pi_{\mathrm{ref}}(y_p^-)}",
            "Rafailov et al. 2023, arXiv:2305.18290",
            "Without contradicting labels the loss has no minimum: it decreases forever as the margins grow.",
            FAMILY,
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"sgd.learning_rate": "20"}),
        behavior=policy,
    ),
    "ipo": Entry(
        "Identity preference optimization",
        ipo,
        {"ipo": 1.0, **EXTRA_TERMS},
        Page(
            r"\frac1P\sum_p\bigl(h_p-\tfrac1{2\beta}\bigr)^2",
            "Azar et al. 2023, arXiv:2310.12036",
            "The same preferences as DPO, but the minimum is at finite margins.",
            FAMILY,
        ),
        COMPLETIONS,
        Opening(SETTINGS | {"sgd.learning_rate": "0.5"}),
        behavior=policy,
    ),
}

DATASETS = {
    "preferences": Dataset(
        preferences,
        "completions",
        "preferences",
        "Preferences between completions",
        "generated",
        unit="pairs",
        whole=True,
    ),
}
