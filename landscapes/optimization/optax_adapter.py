"""Any Optax transformation as an optimizer over θ as one vector."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import jax
import optax
from jax.flatten_util import ravel_pytree
from jaxtyping import PyTree

# Extra arguments of the transformations of Optax, in sets that none of its chains refuses.
_LINE_SEARCH = ("value", "grad", "value_fn")
_OFFERS = (_LINE_SEARCH, (*_LINE_SEARCH, "obj_fn"), ("grad_fn",), ())


def over_vector(
    method: optax.GradientTransformation, rate: Any, tree: Callable[[Any], PyTree]
) -> optax.GradientTransformationExtraArgs:
    """The transformation with updates times `rate`. It sees the tree that it may have been written for, and gets
    the extra arguments that it names of value, grad, value_fn, obj_fn (the same function) and grad_fn(θ, i).

    Raises:
        ValueError: from `init` or `update`, if these arguments are not enough.
    """
    inner = _with_plain_params(optax.with_extra_args_support(method))
    takes = inspect.signature(inner.update).parameters
    takes_all = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in takes.values())

    def init(params):
        return _first_that_works(inner.init, (tree(params),), [{}])

    def update(updates, state, params=None, *, value_fn=None, **extra):
        if value_fn is not None:

            def value(params):
                return value_fn(ravel_pytree(params)[0])

            extra = {"value": extra["value"], "grad": tree(extra["grad"]), "value_fn": value, "obj_fn": value}
            extra["grad_fn"] = lambda params, _=0: jax.grad(value)(params)
        offers = [[name for name in names if name in extra] for names in _OFFERS]
        # A chain hands everything on to its parts, which may refuse what they have no name for.
        choices = [*offers, list(extra)] if takes_all else [[name for name in extra if name in takes]]
        extras = [{name: extra[name] for name in names} for names in choices]
        updates, state = _first_that_works(inner.update, (tree(updates), state, tree(params)), extras)
        return rate * ravel_pytree(updates)[0], state

    return optax.GradientTransformationExtraArgs(init, update)


def point_of_path(state: PyTree) -> str:
    """Which of its points a path is made of, by the final state of an optimizer that has several; "" where
    there is one."""
    points = {
        optax.contrib.ScheduleFreeState: "the average x, not of the points y at which gradients are taken",
        optax.LookaheadState: "the fast parameters, at which gradients are taken, not of the slow ones",
        optax.contrib.SAMState: "all points at which gradients are taken, among them those of SAM's ascent steps",
    }
    kinds = tuple(points)
    parts = jax.tree.leaves(state, is_leaf=lambda part: isinstance(part, kinds))
    # Opaque SAM climbs within its step, and keeps no parameters to return to.
    states = [part for part in parts if isinstance(part, kinds) and getattr(part, "cache", part) is not None]
    return f"The path is that of {points[type(states[0])]}." if states else ""


def _first_that_works(function: Callable[..., Any], arguments: tuple, choices: list[dict[str, Any]]) -> Any:
    errors: list[Exception] = []
    for extra in choices:
        try:
            return function(*arguments, **extra)
        except Exception as error:
            errors.append(error)
    reason = f"{type(errors[0]).__name__}: {str(errors[0]).splitlines()[0]}"
    raise ValueError(
        f"this Optax transformation fails on a step ({reason}); write one whose update needs no more than the "
        "gradient, the parameters, value, grad, value_fn, obj_fn and grad_fn"
    ) from errors[0]


def _with_plain_params(inner: optax.GradientTransformationExtraArgs) -> optax.GradientTransformationExtraArgs:
    """`optax.lookahead` steps on pairs of parameters; its slow ones go into the state, and the path is that of the
    fast ones, where gradients are taken."""
    if getattr(inner.init, "__qualname__", "") != "lookahead.<locals>.init_fn":
        return inner

    def init(params):
        return inner.init(optax.LookaheadParams.init_synced(params)), params

    def update(updates, state, params: Any = None, **extra):
        state, slow = state
        pair: Any = optax.LookaheadParams(params, slow)
        pair_updates: Any
        pair_updates, state = inner.update(updates, state, pair)
        return pair_updates.fast, (state, optax.apply_updates(slow, pair_updates.slow))

    return optax.GradientTransformationExtraArgs(init, update)
