"""A user's own loss as an objective: what it is called with, and what it may be handed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import register_dataclass
from jaxtyping import PyTree

NUMBERS = "the loss must return one floating-point number, or a dict of them; average over the examples inside it"
_CONCRETE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


@partial(register_dataclass, data_fields=[], meta_fields=["loss", "takes_data", "keywords"])
@dataclass(frozen=True)
class LossFunction:
    """`loss(params)` or `loss(params, data)`, with `key` and `constants` where `keywords` names them. Constants
    are the problem's state, so that no minibatch cuts them."""

    loss: Callable[..., Any]
    takes_data: bool
    keywords: tuple[str, ...] = ()

    sense: ClassVar[Literal["minimize"]] = "minimize"
    players: ClassVar[None] = None

    def __call__(self, params: PyTree, state: PyTree, batch: PyTree, key: Any) -> dict[str, Any]:
        keywords = {name: {"key": key, "constants": state}[name] for name in self.keywords}
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


def loss_function(loss: Callable[..., Any], data: PyTree, *, constants: PyTree, key: Any) -> LossFunction:
    """The objective of a loss.

    Raises:
        ValueError: if the loss is no function, has no argument for what is given, or asks for what is not given.
    """
    if not callable(loss):
        raise ValueError(f"the loss is a {type(loss).__name__}; give a function of params, or of params and data")
    given = {name: value is not None for name, value in (("key", key), ("constants", constants))}
    keywords = tuple(name for name, there in given.items() if there)
    try:
        signature = inspect.signature(loss)
    except (TypeError, ValueError):  # some builtins have none
        return LossFunction(loss, data is not None, keywords)
    kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
    for name, there in given.items():
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
    return LossFunction(loss, data is not None, keywords)


def check_parameters(params: PyTree) -> None:
    """
    Raises:
        ValueError: if a leaf is no array of numbers.
    """
    for path, leaf in _leaves(params, "the parameters"):
        if what := _no_number(leaf):
            raise ValueError(
                f"the parameters hold {what}{_at(path)}; give only floating-point arrays, as of nnx.split(model, "
                "nnx.Param, ...) or eqx.partition(model, eqx.is_inexact_array), and merge the model in the loss"
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
