"""Schedule-free optimizers: gradients are taken at y, steps are made by z, and the solution is the average x.

The path and its values are those of x, the point at which such a run is evaluated; θ_t is x_t here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import optax
from annotated_types import Interval
from jax.flatten_util import ravel_pytree
from jaxtyping import PyTree

from landscapes.optimization.adaptive_optimizers import DECAY, EPSILON, RATE, RATE_DOC, SHARE, corrected
from landscapes.optimization.step_rules import StepRule, Vector, after, before, entry, step_rule

BETA = Annotated[float, Interval(gt=0, lt=1), "β in y = (1−β)z + βx, where gradients are taken"]


def schedule_free(state: PyTree) -> Any:
    """The state of the schedule-free optimizer within an optimizer's state, None where there is none."""
    kind = optax.contrib.ScheduleFreeState
    parts = jax.tree.leaves(state, is_leaf=lambda part: isinstance(part, kind))
    return next((part for part in parts if isinstance(part, kind)), None)


def averaged_point(state: PyTree, params: Any) -> Any:
    """x = y + (y − z)(1−β)/β, the point of the path, for y as one vector; y itself where β = 0 and for other
    optimizers."""
    average = schedule_free(state)
    if average is None:
        return params
    z = ravel_pytree(average.z)[0]
    b1 = jnp.where(average.b1 > 0, average.b1, 1)
    return jnp.where(average.b1 > 0, params + (params - z) * (1 - b1) / b1, params)


def _share(update: Any) -> Any:
    """c_t, the weight of z_{t+1} in the average: 1/t at a constant learning rate."""
    return entry(update.after, "max_lr") ** 2 / entry(update.after, "weight_sum")


def _rule(*steps: str, **more: Any) -> StepRule:
    """The rule with these formulas of z_{t+1}."""
    return StepRule(
        (
            r"e_t = (1-\beta_1)(z_t - \theta_t)",
            r"g_t = \nabla L(\theta_t + e_t)",
            *steps,
            r"s_t = c_t (z_{t+1} - \theta_t)",
        ),
        {
            "z_t": before("z"),
            "e_t": Vector(lambda u, at: (1 - u.knobs["b1"]) * (at["z_t"] - u.params), "ascent"),
            **more.pop("vectors", {}),
            "z_{t+1}": after("z"),
        },
        scalars={"c_t": _share},
        knobs={r"\beta_1": "b1"} | more.pop("knobs", {}),
        gradient_base="e_t",
    )


@step_rule(_rule(r"z_{t+1} = z_t - \eta g_t"))
def schedule_free_sgd(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.15, *, b1: BETA = 0.9
) -> optax.GradientTransformationExtraArgs:
    """Schedule-free SGD (Defazio et al. 2024, arXiv:2405.15682): z ← z − η∇L(y), x the average of all z, and
    y = (1−β)z + βx. A learning rate that does not fall then converges as one that does."""
    return optax.contrib.schedule_free_sgd(learning_rate, b1=b1)


@step_rule(
    _rule(
        r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2",
        r"\hat v_t = \frac{v_t}{1-\beta_2^t}",
        r"d_t = \frac{g_t}{\sqrt{\hat v_t} + \varepsilon}",
        r"z_{t+1} = z_t - \eta (d_t + \lambda (\theta_t + e_t))",
        vectors={
            "v_{t-1}": before("nu"),
            "v_t": after("nu"),
            r"\hat v_t": corrected("nu", "b2"),
            "d_t": Vector(
                lambda u, at: u.gradient / (jnp.sqrt(at[r"\hat v_t"]) + u.knobs["eps"]), "direction", "e_t", -1
            ),
        },
        knobs={r"\beta_2": "b2", r"\varepsilon": "eps", r"\lambda": "weight_decay"},
    )
)
def schedule_free_adamw(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.03,
    *,
    b1: BETA = 0.9,
    b2: Annotated[float, DECAY, "β₂ of the square v ← β₂v + (1−β₂)g²"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in g/(√v̂ + ε)"] = 1e-8,
    weight_decay: Annotated[float, SHARE, "λ in z ← z − η(… + λy), decoupled; 0 switches it off"] = 0.0,
) -> optax.GradientTransformationExtraArgs:
    """Schedule-free AdamW (Defazio et al. 2024): z ← z − η(g/(√v̂ + ε) + λy) with g = ∇L(y); the average x takes
    the place of Adam's mean of gradients."""
    return optax.contrib.schedule_free_adamw(learning_rate, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "schedule-free-sgd": schedule_free_sgd,
    "schedule-free-adamw": schedule_free_adamw,
}
