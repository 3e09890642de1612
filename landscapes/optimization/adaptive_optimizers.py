"""Optimizers that scale each coordinate, by its past gradients or to its sign; `optimizers` registers them with
the others. Each docstring gives the recursion that runs here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax.numpy as jnp
import optax
from annotated_types import Interval

from landscapes.knobs import Value
from landscapes.optimization.step_rules import (
    StepRule,
    Update,
    Vector,
    after,
    before,
    entry,
    step_rule,
    vector_entry,
)

# The large upper end allows a run that diverges on purpose, which is shown and not refused.
RATE = Interval(gt=0, le=1e10)
RATE_DOC = "η, the learning rate"
DECAY = Interval(ge=0, lt=1)
EPSILON = Interval(gt=0, le=1)
SHARE = Interval(ge=0, le=1)

MODEL = r"L(\theta_t) + %s \cdot s + \frac{1}{2\eta} s \cdot P_t s, \quad P_t = %s"
BETAS = {r"\beta_1": "b1", r"\beta_2": "b2", r"\varepsilon": "eps"}


def corrected(name: str, knob: str) -> Vector:
    """The average divided by 1 − βᵗ."""
    return Vector(lambda u, _: vector_entry(u.after, name) / (1 - u.knobs[knob] ** entry(u.after, "count")))


MOMENTS = {
    "m_{t-1}": before("mu"),
    "v_{t-1}": before("nu"),
    "m_t": after("mu", "momentum"),
    "v_t": after("nu"),
    r"\hat m_t": corrected("mu", "b1"),
    r"\hat v_t": corrected("nu", "b2"),
    "d_t": Vector(
        lambda u, at: at[r"\hat m_t"] / (jnp.sqrt(at[r"\hat v_t"]) + u.knobs["eps"]), "direction", sign=-1
    ),
}


def _adam_rule(second_moment: str, decay: bool = False) -> StepRule:
    """The rule of Adam with this formula of v_t. The model of decoupled decay has the gradient m̂_t + λP_tθ_t."""
    root = r"\sqrt{\hat v_t} + \varepsilon"
    formulas = (
        r"m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t",
        second_moment,
        r"\hat m_t = \frac{m_t}{1-\beta_1^t}, \quad \hat v_t = \frac{v_t}{1-\beta_2^t}",
        rf"d_t = \frac{{\hat m_t}}{{{root}}}",
        r"s_t = -\eta (d_t + \lambda \theta_t)" if decay else r"s_t = -\eta d_t",
    )
    return StepRule(
        formulas,
        MOMENTS | ({"b_t": Vector(_decayed_gradient)} if decay else {}),
        knobs=BETAS | ({r"\lambda": "weight_decay"} if decay else {}),
        model=MODEL % ((r"(\hat m_t + \lambda P_t \theta_t)" if decay else r"\hat m_t"), root),
        linear="b_t" if decay else r"\hat m_t",
    )


def _decayed_gradient(update: Update, at: Mapping[str, Any]) -> Any:
    scale = jnp.sqrt(at[r"\hat v_t"]) + update.knobs["eps"]
    return at[r"\hat m_t"] + update.knobs["weight_decay"] * scale * update.params


def _rmsprop_formulas(settings: Mapping[str, Value]) -> tuple[str, ...]:
    corrected = r"\frac{n_t}{1-\rho^t}" if settings["bias_correction"] else "n_t"
    mean = r"\left(\frac{m_t}{1-\rho^t}\right)^2" if settings["bias_correction"] else "m_t^2"
    square = f"{corrected} - {mean}" if settings["centered"] else corrected
    root = rf"\sqrt{{{square} + \varepsilon}}" if settings["eps_in_sqrt"] else rf"\sqrt{{{square}}} + \varepsilon"
    lines = (r"n_t = \rho n_{t-1} + (1-\rho) g_t^2", rf"d_t = \frac{{g_t}}{{{root}}}", r"s_t = -\eta d_t")
    average = (r"m_t = \rho m_{t-1} + (1-\rho) g_t",) if settings["centered"] else ()
    return (*average, *lines)


def _mean(update: Update, state: Any) -> Any:
    """The mean of the gradients, 0 where it is not kept."""
    return entry(state, "mu") if update.knobs["centered"] else jnp.zeros_like(update.gradient)


def _rmsprop_direction(update: Update, at: Mapping[str, Any]) -> Any:
    knobs = update.knobs
    correction = 1 - knobs["decay"] ** entry(update.after, "count") if knobs["bias_correction"] else 1
    square = entry(update.after, "nu") / correction
    if knobs["centered"]:
        square = square - (at["m_t"] / correction) ** 2
    root = jnp.sqrt(square + knobs["eps"]) if knobs["eps_in_sqrt"] else jnp.sqrt(square) + knobs["eps"]
    return update.gradient / root


def _adagrad_direction(update: Update, at: Mapping[str, Any]) -> Any:
    scale = jnp.where(at["n_t"] > 0, at["n_t"] + update.knobs["eps"], 1)
    return update.gradient / jnp.sqrt(scale)


@step_rule(
    StepRule(
        _rmsprop_formulas,
        {
            "m_{t-1}": Vector(lambda u, _: _mean(u, u.before)),
            "m_t": Vector(lambda u, _: _mean(u, u.after)),
            "n_{t-1}": before("nu"),
            "n_t": after("nu"),
            "d_t": Vector(_rmsprop_direction, "direction", sign=-1),
        },
        knobs={r"\rho": "decay", r"\varepsilon": "eps"},
        model=MODEL % ("g_t", r"\frac{g_t}{d_t}"),
        linear="g_t",
    )
)
def rmsprop(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.003,
    *,
    decay: Annotated[float, DECAY, "ρ in s ← ρs + (1−ρ)g², starting at 0"] = 0.9,
    eps: Annotated[float, EPSILON, "ε in g/√(s + ε)"] = 1e-8,
    eps_in_sqrt: Annotated[bool, "ε inside the root; off: g/(√s + ε), as in PyTorch"] = True,
    bias_correction: Annotated[bool, "divide s by 1−ρᵗ; without it the first steps are 1/√(1−ρ) long"] = False,
    centered: Annotated[bool, "subtract the squared mean of g from s (Graves 2013)"] = False,
) -> optax.GradientTransformation:
    """RMSProp (Tieleman and Hinton 2012): s ← ρs + (1−ρ)g², θ ← θ − ηg/√(s + ε)."""
    return optax.rmsprop(
        learning_rate,
        decay=decay,
        eps=eps,
        eps_in_sqrt=eps_in_sqrt,
        bias_correction=bias_correction,
        centered=centered,
    )


@step_rule(
    StepRule(
        (
            r"n_t = n_{t-1} + g_t^2",
            r"d_t = \frac{g_t}{\sqrt{n_t + \varepsilon}}",
            r"s_t = -\eta d_t",
        ),
        {
            "n_{t-1}": before("sum_of_squares"),
            "n_t": after("sum_of_squares"),
            "d_t": Vector(_adagrad_direction, "direction", sign=-1),
        },
        knobs={r"\varepsilon": "eps"},
        model=MODEL % ("g_t", r"\sqrt{n_t + \varepsilon}"),
        linear="g_t",
    )
)
def adagrad(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.1,
    *,
    initial_accumulator: Annotated[float, SHARE, "s at the start: 0.1 as in Optax, 0 in the paper"] = 0.1,
    eps: Annotated[float, EPSILON, "ε in g/√(s + ε)"] = 1e-7,
) -> optax.GradientTransformation:
    """Adagrad (Duchi et al. 2011): s ← s + g², θ ← θ − ηg/√(s + ε).

    Starting at s = 0.1, the first step is |g|/√(0.1 + g²) times η rather than η.
    """
    return optax.adagrad(learning_rate, initial_accumulator_value=initial_accumulator, eps=eps)


@step_rule(_adam_rule(r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2"))
def adam(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.01,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ of the square v ← β₂v + (1−β₂)g²"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε)"] = 1e-8,
) -> optax.GradientTransformation:
    """Adam (Kingma and Ba 2015) with its bias correction: m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ),
    θ ← θ − ηm̂/(√v̂ + ε). The first step is η in every coordinate."""
    return optax.adam(learning_rate, b1=b1, b2=b2, eps=eps)


@step_rule(_adam_rule(r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2", decay=True))
def adamw(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.01,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ of the square v ← β₂v + (1−β₂)g²"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε)"] = 1e-8,
    weight_decay: Annotated[float, SHARE, "λ in θ ← θ − η(… + λθ), decoupled from the gradient"] = 0.01,
) -> optax.GradientTransformation:
    """AdamW (Loshchilov and Hutter 2019): θ ← θ − η(m̂/(√v̂ + ε) + λθ).

    With λ > 0 it follows the gradient of no loss; see `caveat`.
    """
    return optax.adamw(learning_rate, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


@step_rule(
    StepRule(
        (
            r"c_t = \beta_1 m_{t-1} + (1-\beta_1) g_t",
            r"d_t = \operatorname{sign}(c_t)",
            r"s_t = -\eta (d_t + \lambda \theta_t)",
            r"m_t = \beta_2 m_{t-1} + (1-\beta_2) g_t",
        ),
        {
            "m_{t-1}": before("mu"),
            "c_t": Vector(
                lambda u, at: u.knobs["b1"] * at["m_{t-1}"] + (1 - u.knobs["b1"]) * u.gradient, "momentum", sign=-1
            ),
            "d_t": Vector(lambda u, at: jnp.sign(at["c_t"]), "direction", sign=-1),
            "m_t": after("mu"),
        },
        knobs={r"\beta_1": "b1", r"\beta_2": "b2", r"\lambda": "weight_decay"},
        model=r"L(\theta_t) + c_t \cdot s, \quad \lVert s + \eta\lambda\theta_t \rVert_\infty \le \eta",
        linear="c_t",
        curvature=lambda slope, _: 0 * slope,
        is_diagonal=False,
    )
)
def lion(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.003,
    *,
    b1: Annotated[float, DECAY, "β₁ in sign(β₁m + (1−β₁)g)"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ of the mean m ← β₂m + (1−β₂)g"] = 0.99,
    weight_decay: Annotated[float, SHARE, "λ in θ ← θ − η(… + λθ), decoupled; 0 switches it off"] = 0.0,
) -> optax.GradientTransformation:
    """Lion (Chen et al. 2023): θ ← θ − η(sign(β₁m + (1−β₁)g) + λθ), then m ← β₂m + (1−β₂)g.

    Every coordinate moves by η at every step, so that it never converges at a constant rate.
    """
    return optax.lion(learning_rate, b1=b1, b2=b2, weight_decay=weight_decay)


@step_rule(_adam_rule(r"v_t = v_{t-1} - (1-\beta_2) \operatorname{sign}(v_{t-1} - g_t^2) g_t^2"))
def yogi(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.01,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ in v ← v − (1−β₂)·sign(v − g²)·g²"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε)"] = 1e-3,
) -> optax.GradientTransformation:
    """Yogi (Zaheer et al. 2018): Adam with v ← v − (1−β₂)·sign(v − g²)·g², m and v starting at 1e-6."""
    return optax.yogi(learning_rate, b1=b1, b2=b2, eps=eps)


@step_rule(_adam_rule(r"v_t = \beta_2 v_{t-1} + (1-\beta_2) (g_t - m_t)^2 + \varepsilon"))
def adabelief(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.01,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ in s ← β₂s + (1−β₂)(g − m)² + ε"] = 0.999,
    eps: Annotated[float, EPSILON, "ε, added to s and to √ŝ"] = 1e-16,
) -> optax.GradientTransformation:
    """AdaBelief (Zhuang et al. 2020): Adam with s ← β₂s + (1−β₂)(g − m)² + ε in place of v.

    On the first step g − m = β₁g, so that the step is η/β₁.
    """
    return optax.adabelief(learning_rate, b1=b1, b2=b2, eps=eps, eps_root=eps)


ADAPTIVE: dict[str, Callable[..., optax.GradientTransformation]] = {
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adam": adam,
    "adamw": adamw,
    "lion": lion,
    "yogi": yogi,
    "adabelief": adabelief,
}
