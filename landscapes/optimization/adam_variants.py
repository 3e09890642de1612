"""Adam with Nesterov's momentum, with a rectified variance, and with an estimated learning rate.

`adaptive_optimizers` has Adam itself. Each docstring gives the recursion that runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax.numpy as jnp
import optax
from annotated_types import Interval

from landscapes.optimization.adaptive_optimizers import (
    BETAS,
    DECAY,
    EPSILON,
    MODEL,
    MOMENTS,
    RATE,
    RATE_DOC,
    SHARE,
)
from landscapes.optimization.step_rules import StepRule, Update, Vector, after, before, entry, step_rule

B1_DOC, B2_DOC = "β₁ of the mean m ← β₁m + (1−β₁)g", "β₂ of the square v ← β₂v + (1−β₂)g²"
_MEANS = (r"m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t", r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2")
_ROOT = r"\sqrt{\hat v_t} + \varepsilon"
# From this length of the average on, the variance of 1/√v̂ is known well enough (Liu et al. 2020).
RECTIFIED_FROM = 5.0


def _nesterov_mean(update: Update, at: Mapping[str, Any]) -> Any:
    """m̂ of NAdam: the average of the next step, with g_t in place of the gradient that is not known yet."""
    b1, count = update.knobs["b1"], entry(update.after, "count")
    return b1 * at["m_t"] / (1 - b1 ** (count + 1)) + (1 - b1) * update.gradient / (1 - b1**count)


@step_rule(
    StepRule(
        (
            *_MEANS,
            r"\hat m_t = \frac{\beta_1 m_t}{1-\beta_1^{t+1}} + \frac{(1-\beta_1) g_t}{1-\beta_1^t}",
            r"\hat v_t = \frac{v_t}{1-\beta_2^t}",
            rf"d_t = \frac{{\hat m_t}}{{{_ROOT}}}",
            r"s_t = -\eta d_t",
        ),
        MOMENTS | {r"\hat m_t": Vector(_nesterov_mean)},
        knobs=BETAS,
        model=MODEL % (r"\hat m_t", _ROOT),
        linear=r"\hat m_t",
    )
)
def nadam(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.01,
    *,
    b1: Annotated[float, DECAY, B1_DOC] = 0.9,
    b2: Annotated[float, DECAY, B2_DOC] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε)"] = 1e-8,
) -> optax.GradientTransformation:
    """NAdam (Dozat 2016): Adam with m̂ = β₁m/(1−β₁ᵗ⁺¹) + (1−β₁)g/(1−β₁ᵗ), the mean looked ahead by one step."""
    return optax.nadam(learning_rate, b1=b1, b2=b2, eps=eps)


def _length(b2: Any, count: Any) -> tuple[Any, Any]:
    """ρ_t and ρ_∞, the number of gradients in v at step t and in the limit."""
    limit = 2 / (1 - b2) - 1
    return limit - 2 * count * b2**count / (1 - b2**count), limit


def _rectification(update: Update) -> Any:
    """r_t; 0 where the variance is not known yet."""
    length, limit = _length(update.knobs["b2"], entry(update.after, "count"))
    known = length >= RECTIFIED_FROM
    ratio = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
    return jnp.where(known, jnp.sqrt(jnp.where(known, ratio, 1)), 0)


def _rectified_direction(update: Update, at: Mapping[str, Any]) -> Any:
    ratio = _rectification(update)
    scaled = ratio * at[r"\hat m_t"] / (jnp.sqrt(at[r"\hat v_t"]) + update.knobs["eps"])
    return jnp.where(ratio > 0, scaled, at[r"\hat m_t"])


@step_rule(
    StepRule(
        (
            *_MEANS,
            r"\hat m_t = \frac{m_t}{1-\beta_1^t}, \quad \hat v_t = \frac{v_t}{1-\beta_2^t}",
            r"\rho_t = \frac{2}{1-\beta_2} - 1 - \frac{2 t \beta_2^t}{1-\beta_2^t}",
            rf"d_t = [\rho_t < 5] \hat m_t + r_t \frac{{\hat m_t}}{{{_ROOT}}}",
            r"s_t = -\eta d_t",
        ),
        MOMENTS | {"d_t": Vector(_rectified_direction, "direction", sign=-1)},
        scalars={
            r"\rho_t": lambda u: _length(u.knobs["b2"], entry(u.after, "count"))[0],
            r"r_t": _rectification,
            r"[\rho_t < 5]": lambda u: _rectification(u) == 0,
        },
        knobs=BETAS,
        model=MODEL % (r"\hat m_t", r"\frac{\hat m_t}{d_t}"),
        linear=r"\hat m_t",
    )
)
def radam(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.01,
    *,
    b1: Annotated[float, DECAY, B1_DOC] = 0.9,
    b2: Annotated[float, DECAY, B2_DOC] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε)"] = 1e-8,
) -> optax.GradientTransformation:
    """RAdam (Liu et al. 2020, arXiv:1908.03265): Adam's step times r_t ≤ 1, which rises to 1 as the variance of
    1/√v̂ becomes known. Before ρ_t = 5 the step is ηm̂, that of momentum: long on a steep loss."""
    return optax.radam(learning_rate, b1=b1, b2=b2, eps=eps, threshold=RECTIFIED_FROM)


def _estimated_rate(update: Update) -> Any:
    """γ_t = η d_t √(1−β₂ᵗ)/(1−β₁ᵗ)."""
    knobs, count = update.knobs, entry(update.after, "count")
    correction = jnp.sqrt(1 - knobs["b2"] ** count) / (1 - knobs["b1"] ** count)
    return update.rate * entry(update.before, "estim_lr") * correction


def _divisor(update: Update, at: Mapping[str, Any]) -> Any:
    return jnp.sqrt(at["v_t"]) + entry(update.after, "estim_lr") * update.knobs["eps"]


def _prodigy_gradient(update: Update, at: Mapping[str, Any]) -> Any:
    total = at["m_t"] + update.knobs["weight_decay"] * at["D_t"] * update.params
    count = entry(update.after, "count")
    return total / (entry(update.before, "estim_lr") * (1 - update.knobs["b1"] ** count))


@step_rule(
    StepRule(
        (
            r"\gamma_t = \eta d_t \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}",
            r"m_t = \beta_1 m_{t-1} + (1-\beta_1) d_t g_t",
            r"v_t = \beta_2 v_{t-1} + (1-\beta_2) d_t^2 g_t^2",
            r"z_t = \sqrt{\beta_2} z_{t-1} + \frac{\gamma_t d_t}{d_1} g_t",
            r"r_t = \sqrt{\beta_2} r_{t-1} + \frac{\gamma_t d_t}{d_1} \langle g_t, \theta_1 - \theta_t \rangle",
            r"d_{t+1} = \max(d_t, \frac{r_t}{\lVert z_t \rVert_1})",
            r"D_t = \sqrt{v_t} + d_{t+1} \varepsilon",
            r"s_t = -\gamma_t (\frac{m_t}{D_t} + \lambda \theta_t)",
        ),
        {
            r"\theta_1": before("params0"),
            "m_{t-1}": before("exp_avg"),
            "v_{t-1}": before("exp_avg_sq"),
            "z_{t-1}": before("grad_sum"),
            "m_t": after("exp_avg", "momentum"),
            "v_t": after("exp_avg_sq"),
            "z_t": after("grad_sum"),
            "D_t": Vector(_divisor),
            "b_t": Vector(_prodigy_gradient),
        },
        scalars={
            r"\gamma_t": _estimated_rate,
            "d_t": lambda u: entry(u.before, "estim_lr"),
            "d_{t+1}": lambda u: entry(u.after, "estim_lr"),
            "r_{t-1}": lambda u: entry(u.before, "numerator_weighted"),
            "r_t": lambda u: entry(u.after, "numerator_weighted"),
        },
        knobs=BETAS | {"d_1": "first_estimate", r"\lambda": "weight_decay"},
        model=r"L(\theta_t) + b_t \cdot s + \frac{1}{2\gamma_t} s \cdot P_t s, \quad "
        r"b_t = \frac{m_t + \lambda D_t \theta_t}{d_t (1-\beta_1^t)}, \quad P_t = \frac{D_t}{d_t (1-\beta_1^t)}",
        linear="b_t",
    )
)
def prodigy(
    learning_rate: Annotated[float, RATE, "η, a factor of the estimated learning rate"] = 1.0,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)dg"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ of the square v ← β₂v + (1−β₂)d²g²"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m/(√v + dε)"] = 1e-8,
    first_estimate: Annotated[float, Interval(gt=0, le=10), "d₁, at most the distance to a minimum"] = 1e-3,
    weight_decay: Annotated[float, SHARE, "λ in θ ← θ − γ(… + λθ), decoupled; 0 switches it off"] = 0.0,
) -> optax.GradientTransformationExtraArgs:
    """Prodigy (Mishchenko and Defazio 2024, arXiv:2306.06101): Adam with the learning rate γ = ηd√(1−β₂ᵗ)/(1−β₁ᵗ).

    d bounds the distance from the start to a minimum from below, since ⟨g, θ₁ − θ_t⟩ ≤ ‖g‖₁‖θ₁ − θ*‖_∞ on a
    convex loss. It only grows. The paper starts it at 1e-6, which takes some tens of steps to grow from.
    """
    return optax.contrib.prodigy(
        learning_rate, (b1, b2), eps=eps, estim_lr0=first_estimate, weight_decay=weight_decay
    )


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "nadam": nadam,
    "radam": radam,
    "prodigy": prodigy,
}
