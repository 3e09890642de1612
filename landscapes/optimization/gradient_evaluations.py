"""How many gradients one step of an optimizer takes, so that races can be compared at equal cost."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PyTree

from landscapes.optimization.step_rules import entry

# Gradients of all parameters that one update takes, of optimizers that take more than one. A line search takes one
# for each point that it tries, and their number differs from step to step.
GRADIENTS_PER_STEP = {"sam": 2, "extragradient": 2}
GRADIENTS_PER_HESSIAN_PRODUCT = 2
LINE_SEARCHES = frozenset({"lbfgs"})


def gradients_of_step(method: Any, state: PyTree) -> Float[Array, ""]:
    """The gradients that the update took after which this is the optimizer's state. An Optax transformation of
    one's own without a zoom line search counts as one.

    Args:
        method: what the program is compiled for; see `descent.Method`.
    """
    kind = optax.ScaleByZoomLinesearchState
    parts = jax.tree.leaves(state, is_leaf=lambda part: isinstance(part, kind))
    searches = [part for part in parts if isinstance(part, kind)]
    if searches:
        return 1 + jnp.asarray(searches[0].info.num_linesearch_steps)
    if isinstance(method, optax.GradientTransformation) or len(method) > 1:
        return jnp.asarray(1)  # only optimizers with one gradient a step share a program with others
    if method[0][0] == "sophia":
        is_estimated = (entry(state, "count") - 1) % dict(method[0][1])["interval"] == 0
        return 1 + GRADIENTS_PER_HESSIAN_PRODUCT * is_estimated
    return jnp.asarray(GRADIENTS_PER_STEP.get(method[0][0], 1))


def steps_within(budget: int, optimizer: str) -> int:
    """The most steps that an optimizer can take with a number of gradients, at least one; for a line search those
    of a search that accepts its first point."""
    return max(1, budget // (2 if optimizer in LINE_SEARCHES else GRADIENTS_PER_STEP.get(optimizer, 1)))
