"""Sophia: momentum over an estimate of the Hessian's diagonal, clipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax.numpy as jnp
import optax
from annotated_types import Interval

from landscapes.optimization.adaptive_optimizers import DECAY, EPSILON, RATE, RATE_DOC, SHARE, corrected
from landscapes.optimization.step_rules import StepRule, Update, Vector, after, before, entry, step_rule


def _is_estimated(update: Update) -> Any:
    return (entry(update.before, "count") % update.knobs["interval"]) == 0


def _estimate(update: Update, at: Mapping[str, Any]) -> Any:
    """q_t from h_t = β₂h_{t-1} + (1−β₂)q_t; 0 where there is no new one."""
    b2 = update.knobs["b2"]
    return jnp.where(_is_estimated(update), (at["h_t"] - b2 * at["h_{t-1}"]) / (1 - b2), 0)


def _floored(update: Update, h: Any) -> Any:
    return jnp.maximum(update.knobs["gamma"] * h, update.knobs["eps"])


def _curvature_along_step(update: Update) -> Any:
    """s·Ps with P = max(γh, ε)/η."""
    return update.step**2 @ _floored(update, entry(update.before, "nu")) / update.rate


@step_rule(
    StepRule(
        (
            r"m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t",
            r"\hat m_t = \frac{m_t}{1-\beta_1^t}",
            r"P_t = \max(\gamma h_{t-1}, \varepsilon)",
            r"d_t = \min(\max(\frac{\hat m_t}{P_t}, -1), 1)",
            r"s_t = -\eta (d_t + \lambda \theta_t)",
            r"h_t = h_{t-1} + \kappa_t (1-\beta_2) (q_t - h_{t-1})",
        ),
        {
            "m_{t-1}": before("mu"),
            "m_t": after("mu", "momentum"),
            r"\hat m_t": corrected("mu", "b1"),
            "h_{t-1}": before("nu"),
            "h_t": after("nu"),
            "q_t": Vector(_estimate),
            "P_t": Vector(lambda u, at: _floored(u, at["h_{t-1}"])),
            "d_t": Vector(lambda u, at: jnp.clip(at[r"\hat m_t"] / at["P_t"], -1, 1), "direction", sign=-1),
        },
        scalars={
            r"\kappa_t": lambda u: 1.0 * _is_estimated(u),
            r"s_t \cdot P_t s_t": _curvature_along_step,
        },
        knobs={
            r"\beta_1": "b1",
            r"\beta_2": "b2",
            r"\gamma": "gamma",
            r"\varepsilon": "eps",
            r"\lambda": "weight_decay",
        },
        model=r"L(\theta_t) + \hat m_t \cdot s + \frac{1}{2\eta} s \cdot P_t s, \quad "
        r"\lVert s + \eta\lambda\theta_t \rVert_\infty \le \eta",
        linear=r"\hat m_t",
        curvature=lambda slope, numbers: numbers[r"s_t \cdot P_t s_t"],
        is_diagonal=False,
    )
)
def sophia(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.03,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.965,
    b2: Annotated[float, DECAY, "β₂ of the diagonal h ← β₂h + (1−β₂)q"] = 0.99,
    gamma: Annotated[float, Interval(gt=0, le=10), "γ in m̂/max(γh, ε)"] = 0.05,
    eps: Annotated[float, EPSILON, "ε in m̂/max(γh, ε), for directions of negative or no curvature"] = 1e-12,
    interval: Annotated[int, Interval(ge=1, le=1000), "steps between two estimates of the diagonal"] = 10,
    weight_decay: Annotated[float, SHARE, "λ in θ ← θ − η(… + λθ), decoupled; 0 switches it off"] = 0.0,
) -> optax.GradientTransformationExtraArgs:
    """Sophia-H (Liu et al. 2024, arXiv:2305.14342): θ ← θ − η(clip(m̂/max(γh, ε), ±1) + λθ).

    q = u∘∇²L(θ)u with random signs u estimates the Hessian's diagonal without bias every k steps (Hutchinson
    1990). Where h is not positive a coordinate moves by η, as in Lion; so does the first step, since h₀ = 0.
    """
    inner = optax.contrib.sophia(
        learning_rate,
        b1=b1,
        b2=b2,
        eps=eps,
        weight_decay=weight_decay,
        gamma=gamma,
        update_interval=interval,
    )

    def update(updates, state, params=None, **extra):
        return inner.update(updates, state, params, obj_fn=extra["value_fn"])

    return optax.GradientTransformationExtraArgs(inner.init, update)


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {"sophia": sophia}
