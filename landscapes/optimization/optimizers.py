"""Optimizers, each a function whose signature lists its knobs.

An optimizer is built inside the compiled step, so that its float knobs are traced: a new value compiles nothing.
Publications and libraries use the same name for different recursions; each docstring gives the one that runs here.
g is the field that is stepped against, η the learning rate, and t counts from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import optax
from annotated_types import Interval

from landscapes.optimization.game_steps import MOVES

# The large upper end allows a run that diverges on purpose, which is shown and not refused.
_Rate = Interval(gt=0, le=1e10)
_RATE = "η, the learning rate"
_Decay = Interval(ge=0, lt=1)
_Epsilon = Interval(gt=0, le=1)
_Share = Interval(ge=0, le=1)


def sgd(learning_rate: Annotated[float, _Rate, _RATE] = 0.15) -> optax.GradientTransformation:
    """Gradient descent: θ ← θ − ηg. Stochastic when the trajectory draws minibatches."""
    return optax.sgd(learning_rate)


def momentum(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.03,
    *,
    beta: Annotated[float, _Decay, "β in v ← βv + g: heavy ball, not the average (1−β)g"] = 0.9,
) -> optax.GradientTransformation:
    """Heavy ball (Polyak 1964): v ← βv + g, θ ← θ − ηv.

    The exponential average v ← βv + (1−β)g that some libraries call momentum takes steps 1−β times as long.
    """
    return optax.sgd(learning_rate, momentum=beta)


def nesterov(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.03,
    *,
    beta: Annotated[float, _Decay, "β in v ← βv + g, θ ← θ − η(g + βv)"] = 0.9,
) -> optax.GradientTransformation:
    """Nesterov's accelerated gradient (1983) in the form of Sutskever et al. (2013): v ← βv + g,
    θ ← θ − η(g + βv). The θ of the path are the points at which the gradient is taken."""
    return optax.sgd(learning_rate, momentum=beta, nesterov=True)


def rmsprop(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.003,
    *,
    decay: Annotated[float, _Decay, "ρ in s ← ρs + (1−ρ)g², starting at 0"] = 0.9,
    eps: Annotated[float, _Epsilon, "ε in g/√(s + ε)"] = 1e-8,
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


def adagrad(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.1,
    *,
    initial_accumulator: Annotated[float, _Share, "s at the start: 0.1 as in Optax, 0 in the paper"] = 0.1,
    eps: Annotated[float, _Epsilon, "ε in g/√(s + ε)"] = 1e-7,
) -> optax.GradientTransformation:
    """Adagrad (Duchi et al. 2011): s ← s + g², θ ← θ − ηg/√(s + ε).

    Starting at s = 0.1, the first step is |g|/√(0.1 + g²) times η rather than η.
    """
    return optax.adagrad(learning_rate, initial_accumulator_value=initial_accumulator, eps=eps)


def adam(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.01,
    *,
    b1: Annotated[float, _Decay, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, _Decay, "β₂ of the square v ← β₂v + (1−β₂)g²"] = 0.999,
    eps: Annotated[float, _Epsilon, "ε in m̂/(√v̂ + ε)"] = 1e-8,
) -> optax.GradientTransformation:
    """Adam (Kingma and Ba 2015) with its bias correction: m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ),
    θ ← θ − ηm̂/(√v̂ + ε). The first step is η in every coordinate."""
    return optax.adam(learning_rate, b1=b1, b2=b2, eps=eps)


def adamw(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.01,
    *,
    b1: Annotated[float, _Decay, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, _Decay, "β₂ of the square v ← β₂v + (1−β₂)g²"] = 0.999,
    eps: Annotated[float, _Epsilon, "ε in m̂/(√v̂ + ε)"] = 1e-8,
    weight_decay: Annotated[float, _Share, "λ in θ ← θ − η(… + λθ), decoupled from the gradient"] = 0.01,
) -> optax.GradientTransformation:
    """AdamW (Loshchilov and Hutter 2019): θ ← θ − η(m̂/(√v̂ + ε) + λθ).

    With λ > 0 it follows the gradient of no loss; see `caveat`.
    """
    return optax.adamw(learning_rate, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


def lion(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.003,
    *,
    b1: Annotated[float, _Decay, "β₁ in sign(β₁m + (1−β₁)g)"] = 0.9,
    b2: Annotated[float, _Decay, "β₂ of the mean m ← β₂m + (1−β₂)g"] = 0.99,
    weight_decay: Annotated[float, _Share, "λ in θ ← θ − η(… + λθ), decoupled; 0 switches it off"] = 0.0,
) -> optax.GradientTransformation:
    """Lion (Chen et al. 2023): θ ← θ − η(sign(β₁m + (1−β₁)g) + λθ), then m ← β₂m + (1−β₂)g.

    Every coordinate moves by η at every step, so that it never converges at a constant rate.
    """
    return optax.lion(learning_rate, b1=b1, b2=b2, weight_decay=weight_decay)


def yogi(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.01,
    *,
    b1: Annotated[float, _Decay, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, _Decay, "β₂ in v ← v − (1−β₂)·sign(v − g²)·g²"] = 0.999,
    eps: Annotated[float, _Epsilon, "ε in m̂/(√v̂ + ε)"] = 1e-3,
) -> optax.GradientTransformation:
    """Yogi (Zaheer et al. 2018): Adam with v ← v − (1−β₂)·sign(v − g²)·g², m and v starting at 1e-6."""
    return optax.yogi(learning_rate, b1=b1, b2=b2, eps=eps)


def adabelief(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.01,
    *,
    b1: Annotated[float, _Decay, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, _Decay, "β₂ in s ← β₂s + (1−β₂)(g − m)² + ε"] = 0.999,
    eps: Annotated[float, _Epsilon, "ε, added to s and to √ŝ"] = 1e-16,
) -> optax.GradientTransformation:
    """AdaBelief (Zhuang et al. 2020): Adam with s ← β₂s + (1−β₂)(g − m)² + ε in place of v.

    On the first step g − m = β₁g, so that the step is η/β₁.
    """
    return optax.adabelief(learning_rate, b1=b1, b2=b2, eps=eps, eps_root=eps)


def lbfgs(
    learning_rate: Annotated[float, _Rate, "first step length that the line search tries"] = 1.0,
    *,
    memory: Annotated[int, Interval(ge=1, le=50), "number of past steps that model the curvature"] = 10,
    line_search_steps: Annotated[int, Interval(ge=1, le=50), "most evaluations in one line search"] = 20,
) -> optax.GradientTransformationExtraArgs:
    """L-BFGS (Liu and Nocedal 1989) with a zoom line search for the strong Wolfe conditions.

    One step costs one gradient and as many more as its line search asks for.
    """
    search = optax.scale_by_zoom_linesearch(line_search_steps, initial_guess_strategy="one")
    return optax.lbfgs(learning_rate, memory_size=memory, linesearch=search)


def sam(
    learning_rate: Annotated[float, _Rate, _RATE] = 0.15,
    *,
    rho: Annotated[float, Interval(gt=0, le=10), "ρ, the radius at which the gradient is taken"] = 0.05,
    beta: Annotated[float, _Decay, "β in v ← βv + g, as for momentum"] = 0.0,
) -> optax.GradientTransformationExtraArgs:
    """Sharpness-aware minimization (Foret et al. 2021): g ← ∇L(θ + ρg/‖g‖), then v ← βv + g and θ ← θ − ηv.

    One step costs two gradients. Where g = 0 it is an ordinary step.
    """
    inner = optax.sgd(learning_rate, momentum=beta)

    def update(updates, state, params=None, **extra):
        value_fn = extra["value_fn"]
        norm = optax.tree.norm(updates)
        reach = rho / jnp.where(norm > 0, norm, 1)
        beyond = jax.grad(value_fn)(jax.tree.map(lambda p, g: p + reach * g, params, updates))
        return inner.update(beyond, state, params)

    return optax.GradientTransformationExtraArgs(inner.init, update)


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adam": adam,
    "adamw": adamw,
    "lion": lion,
    "yogi": yogi,
    "adabelief": adabelief,
    "lbfgs": lbfgs,
    "sam": sam,
    **MOVES,
}

# Names of the entries that the user brought. Each may depend on the shapes of the parameters and has a program of
# its own.
OWN_OPTIMIZERS: set[str] = set()
# Optimizers that evaluate the loss at points other than θ. A game has no single loss and cannot use them.
NEEDS_LOSS = frozenset({"lbfgs", "sam"})
# Optimizers that step several players, offered only for games.
NEEDS_GAME = frozenset(MOVES)


@lru_cache(maxsize=64)
def own_transformation(
    function: Callable[..., optax.GradientTransformation], settings: tuple[tuple[str, Any], ...]
) -> optax.GradientTransformation:
    """What an own optimizer's function returns, one object for equal settings, so that it is compiled once."""
    return function(**dict(settings))


def mismatch(name: str, game: bool) -> str:
    """The reason why an optimizer cannot run on a game, or on a problem that is none; "" where it can."""
    if game and name in NEEDS_LOSS:
        return f"{name} searches along a loss and a game has no single one; choose another optimizer"
    if not game and name in NEEDS_GAME:
        return f"{name} moves the players of a game, and here is one loss; choose sgd or another optimizer"
    return ""


def caveat(name: str, knobs: Mapping[str, Any]) -> str:
    """One sentence for the caption of this optimizer's path, or "".

    Decoupled weight decay is not part of the loss, so a path can end where the drawn surface slopes.
    """
    if knobs.get("weight_decay", 0) > 0:
        return f"{name}'s decoupled weight decay is the gradient of no loss, so its path may rest on a slope."
    return ""
