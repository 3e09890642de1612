"""Optimizers that treat a layer as a whole: its norm, or its rows and columns.

A layer ℓ is one array of the parameters; norms and means with the index ℓ are taken over it. A test function has
one layer, the vector of all coordinates. These optimizers see the tree of parameters, not one vector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import optax
from annotated_types import Interval
from jax.flatten_util import ravel_pytree

from landscapes.knobs import Value
from landscapes.optimization.adaptive_optimizers import BETAS, DECAY, EPSILON, MOMENTS, RATE, RATE_DOC, SHARE
from landscapes.optimization.step_rules import (
    StepRule,
    Update,
    Vector,
    before,
    entry,
    step_rule,
    vector_entry,
)

DECAY_DOC = "λ in θ ← θ − η(… + λθ); 0 switches it off"
SMALLEST_SCALE = 1e-3  # of the parameters of a layer, ε₂ of Adafactor


def over_layers(
    inner: optax.GradientTransformationExtraArgs, tree: Callable[[Any], Any] | None
) -> optax.GradientTransformationExtraArgs:
    """The optimizer over θ as one vector, whose layers `tree` restores; None for a single layer."""
    restore = tree or (lambda vector: vector)

    def update(updates, state, params: Any = None, **extra):
        step, state = inner.update(restore(updates), state, restore(params))
        return ravel_pytree(step)[0], state

    return optax.GradientTransformationExtraArgs(lambda params: inner.init(restore(params)), update)


def _by_layer(update: Update, function: Callable[..., Any], *vectors: Any) -> Any:
    """A number for each layer of these vectors, repeated over the layer's entries."""
    trees = [update.tree(vector) for vector in vectors]
    values = jax.tree.map(lambda *leaves: jnp.broadcast_to(function(*leaves), leaves[0].shape), *trees)
    return ravel_pytree(values)[0]


def _trust_ratio(parameters: Any, direction: Any) -> Any:
    """‖θ‖/‖u‖ of a layer, 1 where either is 0."""
    norms = jnp.linalg.norm(parameters.ravel()), jnp.linalg.norm(direction.ravel())
    is_zero = (norms[0] == 0) | (norms[1] == 0)
    return jnp.where(is_zero, 1, norms[0] / jnp.where(is_zero, 1, norms[1]))


def _trust_ratio_vector(symbol: str) -> Vector:
    return Vector(lambda u, at: _by_layer(u, _trust_ratio, u.params, at[symbol]))


_RATIO = r"\phi_t = \frac{\lVert \theta_t \rVert_\ell}{\lVert u_t \rVert_\ell}"
_TRUST_MODEL = r"L(\theta_t) + %s \cdot s + \frac{1}{2\eta} s \cdot P_t s, \quad P_t = \frac{%s}{\phi_t}"


@step_rule(
    StepRule(
        (
            r"u_t = g_t + \lambda \theta_t",
            _RATIO,
            r"s_t = \beta s_{t-1} - \eta c \phi_t u_t",
        ),
        {
            "s_{t-1}": before("trace"),
            "u_t": Vector(lambda u, _: u.gradient + u.knobs["weight_decay"] * u.params),
            r"\phi_t": _trust_ratio_vector("u_t"),
            "d_t": Vector(lambda u, at: -u.step / u.rate, "direction", sign=-1),
        },
        knobs={r"\beta": "beta", "c": "trust", r"\lambda": "weight_decay"},
        model=r"L(\theta_t) + d_t \cdot s + \frac{1}{2\eta} \lVert s \rVert^2, \quad d_t = -\frac{s_t}{\eta}",
        linear="d_t",
    )
)
def lars(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.1,
    *,
    beta: Annotated[float, DECAY, "β in s ← βs − ηcφu"] = 0.9,
    trust: Annotated[float, Interval(gt=0, le=10), "c, the share of its norm by which a layer moves: ηc"] = 0.1,
    weight_decay: Annotated[float, SHARE, "λ in u = g + λθ"] = 0.0,
) -> optax.GradientTransformation:
    """LARS (You et al. 2017, arXiv:1708.03888): u = g + λθ, s ← βs − ηc(‖θ‖/‖u‖)u with the norms of each layer.

    Without momentum every step is ηc of the layer's norm, however small the gradient, so that a constant learning
    rate does not converge. The paper's c is 0.001.
    """
    return optax.lars(
        learning_rate, weight_decay=weight_decay, trust_coefficient=trust, momentum=beta, weight_decay_mask=True
    )


@step_rule(
    StepRule(
        (
            r"m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t",
            r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2",
            r"\hat m_t = \frac{m_t}{1-\beta_1^t}, \quad \hat v_t = \frac{v_t}{1-\beta_2^t}",
            r"u_t = \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon} + \lambda \theta_t",
            _RATIO,
            r"s_t = -\eta \phi_t u_t",
        ),
        {
            **{symbol: vector for symbol, vector in MOMENTS.items() if symbol != "d_t"},
            "u_t": Vector(
                lambda u, at: MOMENTS["d_t"].value(u, at) + u.knobs["weight_decay"] * u.params,
                "direction",
                sign=-1,
            ),
            r"\phi_t": _trust_ratio_vector("u_t"),
            "b_t": Vector(lambda u, at: (jnp.sqrt(at[r"\hat v_t"]) + u.knobs["eps"]) * at["u_t"]),
        },
        knobs=BETAS | {r"\lambda": "weight_decay"},
        model=_TRUST_MODEL % (r"(\hat m_t + \lambda \phi_t P_t \theta_t)", r"\sqrt{\hat v_t} + \varepsilon"),
        linear="b_t",
    )
)
def lamb(
    learning_rate: Annotated[float, RATE, "η, the share of its norm by which a layer moves"] = 0.03,
    *,
    b1: Annotated[float, DECAY, "β₁ of the mean m ← β₁m + (1−β₁)g"] = 0.9,
    b2: Annotated[float, DECAY, "β₂ of the square v ← β₂v + (1−β₂)g²"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε)"] = 1e-6,
    weight_decay: Annotated[float, SHARE, DECAY_DOC] = 0.0,
) -> optax.GradientTransformation:
    """LAMB (You et al. 2020, arXiv:1904.00962): Adam's direction u, s = −η(‖θ‖/‖u‖)u with the norms of each layer.

    Every step is η of the layer's norm, so that a constant learning rate does not converge.
    """
    return optax.lamb(learning_rate, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


def _second_moments(gamma: Any, factored: bool) -> optax.GradientTransformation:
    def decay(count, exponent):
        return 1 - (count + 1.0) ** -exponent

    return optax.scale_by_factored_rms(factored, gamma, min_dim_size_to_factor=2, decay_rate_fn=decay)


def _rescaled(update: Update, at: Mapping[str, Any]) -> Any:
    """u_t, as Optax computes it from the state before the update."""
    rule = _second_moments(update.knobs["gamma"], update.knobs["factored"])
    state = optax.FactoredState(*(entry(update.before, name) for name in ("count", "v_row", "v_col", "v")))
    return ravel_pytree(rule.update(update.tree(update.gradient), state, update.tree(update.params))[0])[0]


def _kept_square(update: Update, at: Mapping[str, Any]) -> Any:
    """v before the update, 0 where only the means of rows and columns are kept."""
    if update.knobs["factored"]:
        return jnp.zeros_like(update.gradient)
    return vector_entry(update.before, "v")


def _rms(values: Any) -> Any:
    return jnp.sqrt(jnp.mean(values**2))


def _adafactor_formulas(settings: Mapping[str, Value]) -> tuple[str, ...]:
    average = r"\hat\beta_t v_{t-1} + (1-\hat\beta_t) g_t^2"
    return (
        r"\hat\beta_t = 1 - \frac{1}{t^\gamma}",
        rf"v_t = \operatorname{{rank}}_1({average})" if settings["factored"] else f"v_t = {average}",
        r"u_t = \frac{g_t}{\sqrt{v_t}}",
        r"\hat u_t = \frac{u_t}{\max(1, \operatorname{rms}_\ell(u_t))}",
        r"s_t = -\eta \max(0.001, \operatorname{rms}_\ell(\theta_t)) \hat u_t",
    )


@step_rule(
    StepRule(
        _adafactor_formulas,
        {
            "v_{t-1}": Vector(_kept_square),
            "u_t": Vector(_rescaled),
            "v_t": Vector(lambda u, at: jnp.where(at["u_t"] != 0, (u.gradient / at["u_t"]) ** 2, 0)),
            r"\hat u_t": Vector(
                lambda u, at: at["u_t"] / jnp.maximum(1, _by_layer(u, _rms, at["u_t"])), "direction", sign=-1
            ),
        },
        scalars={r"\hat\beta_t": lambda u: 1 - (entry(u.before, "count") + 1.0) ** -u.knobs["gamma"]},
        knobs={r"\gamma": "gamma"},
        model=r"L(\theta_t) + g_t \cdot s + \frac{1}{2\eta} s \cdot P_t s, \quad P_t = -\frac{\eta g_t}{s_t}",
        linear="g_t",
    )
)
def adafactor(
    learning_rate: Annotated[float, RATE, "η, the share of its size by which a layer moves"] = 0.05,
    *,
    gamma: Annotated[float, Interval(gt=0, le=1), "γ in the decay 1 − t^−γ of v"] = 0.8,
    factored: Annotated[bool, "keep only the means of rows and columns of a matrix's g²"] = True,
) -> optax.GradientTransformation:
    """Adafactor (Shazeer and Stern 2018, arXiv:1804.04235): u = g/√v clipped to a root mean square of 1, times the
    root mean square of the layer, at least 0.001.

    v of a matrix is the product of the means of the rows and of the columns of g²'s average over the mean of all,
    which is the average itself if that has rank 1. A vector keeps all of v.
    """
    return optax.chain(
        _second_moments(gamma, factored),
        optax.clip_by_block_rms(1.0),
        optax.scale_by_param_block_rms(SMALLEST_SCALE),
        optax.scale_by_learning_rate(learning_rate),
    )


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "lars": lars,
    "lamb": lamb,
    "adafactor": adafactor,
}
