"""A user's own loss as an objective: what it is called with, and what it may be handed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import register_dataclass
from jaxtyping import PyTree

from landscapes.filter_axes import FilterAxes, filter_axes_of
from landscapes.precision import dtype_of, precision
from landscapes.random_key import as_key
from landscapes.varied_parameters import Where, split_parameters

NUMBERS = "the loss must return one floating-point number, or a dict of them; average over the examples inside it"
_CONCRETE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


@partial(register_dataclass, data_fields=[], meta_fields=["loss", "takes_data", "keywords", "sense"])
@dataclass(frozen=True)
class LossFunction:
    """`loss(params)` or `loss(params, data)`, with `key`, `constants` and `state` where `keywords` names them.

    The problem's state holds what no minibatch cuts: {"constants": …, "state": …} where they are given, and under
    "fixed" the parameters that do not vary.
    """

    loss: Callable[..., Any]
    takes_data: bool
    keywords: tuple[str, ...] = ()
    sense: Literal["minimize", "maximize"] = "minimize"

    players: ClassVar[None] = None

    def __call__(self, params: PyTree, state: Any, batch: PyTree, key: Any) -> dict[str, Any]:
        keywords = {name: key if name == "key" else state[name] for name in self.keywords}
        if state is not None and "fixed" in state:
            params = state["fixed"].complete(params)
        try:
            value = self.loss(params, *([batch] if self.takes_data else []), **keywords)
        except jax.errors.TracerArrayConversionError as error:
            raise ValueError(
                "the loss cannot be traced, because it calls NumPy on values that depend on the parameters; use "
                "jax.numpy, or wrap that part in jax.pure_callback"
            ) from error
        except jax.errors.TracerBoolConversionError as error:
            raise ValueError(
                "the loss cannot be traced, because an if, while, and, or or not depends on the parameters or "
                "data; use jnp.where or jax.lax.cond"
            ) from error
        except _CONCRETE as error:
            raise ValueError(
                "the loss cannot be traced, because it makes a Python number, a shape or a selection of values "
                "that depend on the parameters or data; use jax.numpy with fixed shapes, such as jnp.where"
            ) from error
        terms = value if isinstance(value, dict) else {"loss": value}
        if any(map(_no_number, terms.values())):
            raise ValueError(NUMBERS)
        return terms


@partial(register_dataclass, data_fields=[], meta_fields=["losses"])
@dataclass(frozen=True)
class PlayerLosses:
    """A game of ((player, its loss), …), each loss a term of the player's name."""

    losses: tuple[tuple[str, LossFunction], ...]

    sense: ClassVar[Literal["minimize"]] = "minimize"

    @property
    def players(self) -> dict[str, dict[str, float]]:
        return {name: {name: 1.0} for name, _ in self.losses}

    def __call__(self, params: PyTree, state: Any, batch: PyTree, key: Any) -> dict[str, Any]:
        values = {name: loss(params, state, batch, key) for name, loss in self.losses}
        if any(list(terms) != ["loss"] for terms in values.values()):
            raise ValueError("a player's loss must return one number; add its terms up inside it")
        return {name: terms["loss"] for name, terms in values.items()}


def loss_function(
    loss: Callable[..., Any], data: PyTree, arguments: Mapping[str, Any], sense: Literal["minimize", "maximize"]
) -> LossFunction:
    """The objective of a loss.

    Args:
        arguments: what is passed by name, under "key", "constants" and "state"; None where it is not given.

    Raises:
        ValueError: if the loss is no function, has no argument for what is given, or asks for what is not given.
    """
    if not callable(loss):
        raise ValueError(f"the loss is a {type(loss).__name__}; give a function of params, or of params and data")
    is_given = {name: value is not None for name, value in arguments.items()}
    keywords = tuple(name for name, there in is_given.items() if there)
    try:
        signature = inspect.signature(loss)
    except (TypeError, ValueError):  # some builtins have none
        return LossFunction(loss, data is not None, keywords, sense)
    kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
    for name, there in is_given.items():
        named = kinds.get(name) in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        if there and not named and inspect.Parameter.VAR_KEYWORD not in kinds.values():
            raise ValueError(
                f"the loss has no argument {name}, so it would be ignored; add it to the loss or leave {name}= out"
            )
        if not there and named and signature.parameters[name].default is inspect.Parameter.empty:
            what = "a key or an integer seed" if name == "key" else "a pytree that is never cut into minibatches"
            raise ValueError(f"the loss has an argument {name}; give Problem.from_loss(..., {name}=), {what}")
    called = ["params", *(["data"] if data is not None else []), *(f"{name}={name}" for name in keywords)]
    try:
        signature.bind(*called[: len(called) - len(keywords)], **dict.fromkeys(keywords))
    except TypeError as error:
        raise ValueError(
            f"the loss is called as loss({', '.join(called)}), but its arguments are {signature} ({error}); "
            "hand everything that it needs over in data= or constants="
        ) from None
    return LossFunction(loss, data is not None, keywords, sense)


def parameters_and_state(params: PyTree, where: Where | None, named: Mapping[str, PyTree]) -> tuple[PyTree, Any]:
    """The parameters that vary, checked, and everything else that no minibatch cuts, or None."""
    for name, value in named.items():
        check_data(value, name)
    extra = {name: value for name, value in named.items() if value is not None}
    if where is not None:
        params, extra["fixed"] = split_parameters(params, where)
    check_parameters(params)
    return params, extra or None


def problem_fields(
    objective: Any,
    params: PyTree,
    data: PyTree,
    key: Any,
    state: Any,
    weights: Mapping[str, float],
    filter_axes: FilterAxes | None,
) -> dict[str, Any]:
    """The fields of the problem of a user's own losses, once their terms are known.

    Raises:
        ValueError: if the terms are not numbers, or if a weight or a filter axis names what does not exist.
    """
    key = None if key is None else as_key(key)
    with precision(params):
        params = jax.tree.map(jnp.asarray, params)
        shapes = jax.eval_shape(objective, params, state, data, key)
        check_terms(shapes)
        if strange := sorted(set(weights) - set(shapes)):
            raise ValueError(f"weights name {strange[0]!r}, which is no term; the loss has {', '.join(shapes)}")
        dtype = dtype_of(params)
        all_weights = {name: jnp.asarray(weights.get(name, 1.0), dtype) for name in shapes}
    return {
        "params": params,
        "data": data,
        "key": key,
        "state": state,
        "weights": all_weights,
        "objective": objective,
        "filter_axes": filter_axes_of(params, filter_axes),
    }


def check_parameters(params: PyTree) -> None:
    """
    Raises:
        ValueError: if a leaf is no array of numbers.
    """
    for path, leaf in _leaves(params, "the parameters"):
        if what := _no_number(leaf):
            raise ValueError(
                f"the parameters hold {what}{_at(path)}; give where='*', and whatever is no floating-point "
                "array rides along, or an adapter such as landscapes.adapters.from_equinox"
            )
    if not sum(np.size(leaf) for leaf in jax.tree.leaves(params)) and jax.tree.leaves(params):
        raise ValueError("the parameters are empty arrays; give at least one number")


def check_data(data: PyTree, name: str) -> None:
    """
    Raises:
        ValueError: if a leaf is no array of numbers and no key.
    """
    for path, leaf in _leaves(data, name):
        key = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        if not key and (what := _no_number(leaf)):
            raise ValueError(
                f"{name} holds {what}{_at(path)}; give NumPy or JAX arrays of numbers, such as frame.to_numpy() "
                "of a table, all examples of a loader in one array, or categories as integers"
            )


def check_terms(terms: dict[Any, Any]) -> None:
    """
    Raises:
        ValueError: unless the terms, described by their shapes, are floating-point numbers with names.
    """
    scalars = all(isinstance(t, jax.ShapeDtypeStruct) and t.shape == () for t in terms.values())
    if not terms or not scalars or not all(jnp.issubdtype(t.dtype, jnp.floating) for t in terms.values()):
        raise ValueError(NUMBERS)
    if not all(isinstance(name, str) for name in terms):
        raise ValueError("the terms of a loss must be named by text; give a dict such as {'fit': …, 'penalty': …}")


def _leaves(tree: PyTree, name: str) -> list[tuple[Any, Any]]:
    """Its leaves with their paths.

    Raises:
        ValueError: for a dict whose keys have no order.
    """
    try:
        return jax.tree_util.tree_leaves_with_path(tree, is_leaf=_is_iterator)
    except ValueError as error:
        raise ValueError(f"{name} hold a dict with keys of several types; name all of them by text") from error


def _no_number(leaf: Any) -> str:
    """What a leaf is that is no array of numbers, or ""."""
    if isinstance(leaf, bool | int | float | complex):
        return ""
    if not isinstance(leaf, jax.Array | np.ndarray | np.generic):
        return f"a {type(leaf).__name__}"
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return "a random key"
    number = jnp.issubdtype(leaf.dtype, jnp.number) or jnp.issubdtype(leaf.dtype, jnp.bool_)
    return "" if number else f"an array of {leaf.dtype}"


def _is_iterator(value: Any) -> bool:
    return isinstance(value, Iterator)  # on which JAX warns by itself


def _at(path: Any) -> str:
    name = jax.tree_util.keystr(path, simple=True, separator="/")
    return f" at {name!r}" if name else ""
