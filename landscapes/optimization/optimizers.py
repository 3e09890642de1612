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

from landscapes.optimization.adaptive_optimizers import ADAPTIVE, DECAY, RATE, RATE_DOC
from landscapes.optimization.game_steps import MOVES
from landscapes.optimization.step_rules import StepRule, Update, Vector, after, before, entry, step_rule

_GRADIENT_MODEL = r"L(\theta_t) + g_t \cdot s + \frac{1}{2\eta} \lVert s \rVert^2"
_TRACE = {"v_{t-1}": before("trace"), "v_t": after("trace", "momentum")}


@step_rule(StepRule((r"s_t = -\eta g_t",), model=_GRADIENT_MODEL, linear="g_t"))
def sgd(learning_rate: Annotated[float, RATE, RATE_DOC] = 0.15) -> optax.GradientTransformation:
    """Gradient descent: θ ← θ − ηg. Stochastic when the trajectory draws minibatches."""
    return optax.sgd(learning_rate)


@step_rule(
    StepRule(
        (r"v_t = \beta v_{t-1} + g_t", r"s_t = -\eta v_t"),
        _TRACE,
        knobs={r"\beta": "beta"},
        model=_GRADIENT_MODEL.replace("g_t", "v_t"),
        linear="v_t",
    )
)
def momentum(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.03,
    *,
    beta: Annotated[float, DECAY, "β in v ← βv + g: heavy ball, not the average (1−β)g"] = 0.9,
) -> optax.GradientTransformation:
    """Heavy ball (Polyak 1964): v ← βv + g, θ ← θ − ηv.

    The exponential average v ← βv + (1−β)g that some libraries call momentum takes steps 1−β times as long.
    """
    return optax.sgd(learning_rate, momentum=beta)


@step_rule(
    StepRule(
        (r"v_t = \beta v_{t-1} + g_t", r"d_t = g_t + \beta v_t", r"s_t = -\eta d_t"),
        _TRACE | {"d_t": Vector(lambda u, at: u.gradient + u.knobs["beta"] * at["v_t"], "direction", sign=-1)},
        knobs={r"\beta": "beta"},
        model=_GRADIENT_MODEL.replace("g_t", "d_t"),
        linear="d_t",
    )
)
def nesterov(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.03,
    *,
    beta: Annotated[float, DECAY, "β in v ← βv + g, θ ← θ − η(g + βv)"] = 0.9,
) -> optax.GradientTransformation:
    """Nesterov's accelerated gradient (1983) in the form of Sutskever et al. (2013): v ← βv + g,
    θ ← θ − η(g + βv). The θ of the path are the points at which the gradient is taken."""
    return optax.sgd(learning_rate, momentum=beta, nesterov=True)


@step_rule(
    StepRule(
        (r"d_t = H_t g_t", r"s_t = -\alpha_t \eta d_t"),
        {"d_t": Vector(lambda u, _: _quasi_newton_direction(u), "direction", sign=-1)},
        scalars={r"\alpha_t": lambda u: entry(u.after, "learning_rate")},
        model=r"L(\theta_t) + g_t \cdot s + \frac{1}{2} s \cdot H_t^{-1} s",
        linear="g_t",
        # H⁻¹s = −αηg
        curvature=lambda slope, numbers: -numbers[r"\alpha_t"] * numbers[r"\eta"] * slope,
        is_diagonal=False,
    )
)
def lbfgs(
    learning_rate: Annotated[float, RATE, "first step length that the line search tries"] = 1.0,
    *,
    memory: Annotated[int, Interval(ge=1, le=50), "number of past steps that model the curvature"] = 10,
    line_search_steps: Annotated[int, Interval(ge=1, le=50), "most evaluations in one line search"] = 20,
) -> optax.GradientTransformationExtraArgs:
    """L-BFGS (Liu and Nocedal 1989) with a zoom line search for the strong Wolfe conditions.

    One step costs one gradient and as many more as its line search asks for.
    """
    search = optax.scale_by_zoom_linesearch(line_search_steps, initial_guess_strategy="one")
    return optax.lbfgs(learning_rate, memory_size=memory, linesearch=search)


@step_rule(
    StepRule(
        (
            r"e_t = \rho \frac{g_t}{\lVert g_t \rVert}",
            r"\tilde g_t = \nabla L(\theta_t + e_t)",
            r"v_t = \beta v_{t-1} + \tilde g_t",
            r"s_t = -\eta v_t",
        ),
        {
            "e_t": Vector(lambda u, _: _ascent(u.gradient, u.knobs["rho"]), "ascent"),
            r"\tilde g_t": Vector(
                lambda u, at: jax.grad(u.extra["value_fn"])(u.params + at["e_t"]), "direction", "e_t", -1
            ),
            **_TRACE,
        },
        knobs={r"\rho": "rho", r"\beta": "beta"},
        model=_GRADIENT_MODEL.replace("g_t", "v_t"),
        linear="v_t",
    )
)
def sam(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.15,
    *,
    rho: Annotated[float, Interval(gt=0, le=10), "ρ, the radius at which the gradient is taken"] = 0.05,
    beta: Annotated[float, DECAY, "β in v ← βv + g, as for momentum"] = 0.0,
) -> optax.GradientTransformationExtraArgs:
    """Sharpness-aware minimization (Foret et al. 2021): g ← ∇L(θ + ρg/‖g‖), then v ← βv + g and θ ← θ − ηv.

    One step costs two gradients. Where g = 0 it is an ordinary step.
    """
    inner = optax.sgd(learning_rate, momentum=beta)

    def update(updates, state, params=None, **extra):
        value_fn = extra["value_fn"]
        beyond = jax.grad(value_fn)(jax.tree.map(jnp.add, params, _ascent(updates, rho)))
        return inner.update(beyond, state, params)

    return optax.GradientTransformationExtraArgs(inner.init, update)


def _ascent(gradient: Any, rho: Any) -> Any:
    """ρg/‖g‖, 0 where g = 0."""
    norm = optax.tree.norm(gradient)
    reach = rho / jnp.where(norm > 0, norm, 1)
    return jax.tree.map(lambda g: reach * g, gradient)


def _quasi_newton_direction(update: Update) -> Any:
    """H_t g_t, from the differences of steps and gradients that the state holds after the update."""
    memory = len(entry(update.before, "weights_memory"))
    estimate = optax.scale_by_lbfgs(memory)
    return estimate.update(update.gradient, update.before[0], update.params)[0]


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    **ADAPTIVE,
    "lbfgs": lbfgs,
    "sam": sam,
    **MOVES,
}

# Names of the entries that the user brought. Each may depend on the shapes of the parameters and has a program of
# its own.
OWN_OPTIMIZERS: set[str] = set()
# Optimizers that evaluate the loss at points other than θ. A game has no single loss and cannot use them.
NEEDS_LOSS = frozenset({"lbfgs", "sam", "sophia"})
# Optimizers that see the layers of the parameters (see `layerwise_optimizers`).
LAYERWISE = frozenset({"muon", "lars", "lamb", "adafactor"})
# Optimizers of a gradient that do not share the program of the others, so that its compilation stays short.
OWN_PROGRAM = frozenset({"prodigy", "schedule-free-sgd", "schedule-free-adamw"}) | LAYERWISE
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
        return f"{name} evaluates a loss and a game has no single one; choose another optimizer"
    if not game and name in NEEDS_GAME:
        return f"{name} moves the players of a game, and here is one loss; choose sgd or another optimizer"
    return ""


def caveat(name: str, knobs: Mapping[str, Any]) -> str:
    """One sentence for the caption of this optimizer's path, or "".

    Decoupled weight decay is not part of the loss, so a path can end where the drawn surface slopes.
    """
    if name == "muon":
        return "muon orthogonalizes the steps of matrices; vectors, as of a test function, step as in NAdam."
    if knobs.get("weight_decay", 0) > 0:
        return f"{name}'s decoupled weight decay is the gradient of no loss, so its path may rest on a slope."
    return ""
