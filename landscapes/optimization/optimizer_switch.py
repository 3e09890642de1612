"""Several registered optimizers as one Optax transformation, in which a traced index says which of them steps.

One program then serves them all. XLA compiles a step with ten optimizers on a function of two variables in 0.3 s,
and a step with one in 0.2 s. For a network nearly all of that time goes into the gradient, which is compiled once
instead of once for each optimizer. Choosing another optimizer compiles nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from landscapes.knobs import Value, check_knobs, knobs
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS, OWN_OPTIMIZERS, OWN_PROGRAM

# A registered name with its knobs that are not floats, which cannot be traced.
Member = tuple[str, tuple[tuple[str, Value], ...]]


class OptimizerChoice(NamedTuple):
    """The traced part of an optimizer.

    Attributes:
        index: the position of the member that steps.
        knobs: its float knobs without the learning rate, in the order of its signature, padded with zeros to the
            largest number of knobs that a member has.
        plateau: the knobs of a reduction of the rate on a plateau; None where the rates are known before the run.
    """

    index: Any
    knobs: Any
    plateau: Any = None


def choose_optimizer(
    name: str, settings: Mapping[str, Value], dtype: Any
) -> tuple[tuple[Member, ...], OptimizerChoice]:
    """The members that share a program with this optimizer, and the choice of it among them.

    Optimizers share a program if their state consists of vectors like θ and of numbers, and if their knobs that
    are not floats have their defaults. Any other optimizer has a program of its own.
    """
    member = (name, _static_knobs(settings))
    members = _switchable_members() if member in _switchable_members() else (member,)
    values = np.zeros(knob_count(members), dtype)
    for position, knob in enumerate(_float_knobs(name)):
        values[position] = settings[knob]
    return members, OptimizerChoice(np.int32(members.index(member)), values)


def knob_count(members: tuple[Member, ...]) -> int:
    """Length of `OptimizerChoice.knobs`."""
    return max(len(_float_knobs(name)) for name, _ in members)


def switch_optimizers(
    members: tuple[Member, ...], rate: Any, choice: OptimizerChoice
) -> optax.GradientTransformationExtraArgs:
    """The chosen member at a learning rate, over parameters["D"] that are one vector."""
    parts = [_build(member, rate, choice) for member in members]
    if len(parts) == 1:
        return parts[0]

    def init(params):
        counts = _slot_counts([jax.eval_shape(part.init, params) for part in parts])
        empty = {kind: (jnp.zeros(params.shape if kind[0] else (), kind[1]),) * n for kind, n in counts.items()}
        return jax.lax.switch(choice.index, [_packed_init(part.init, empty) for part in parts], params)

    def update(updates, state, params=None, **_):
        branches = [_packed_update(part, jax.eval_shape(part.init, params)) for part in parts]
        return jax.lax.switch(choice.index, branches, updates, state, params)

    return optax.GradientTransformationExtraArgs(init, update)


def state_of_choice(
    members: tuple[Member, ...], choice: OptimizerChoice, state: Any, params: Float[Array, "D"]
) -> Any:
    """The chosen member's state as Optax knows it, from the packed state of the switch at parameters like
    these."""
    return state_of_member(members, int(choice.index), choice, state, params)


def state_of_member(
    members: tuple[Member, ...], position: int, choice: OptimizerChoice, state: Any, params: Float[Array, "D"]
) -> Any:
    """The state of the member at this position, from the packed state."""
    if len(members) == 1:
        return state
    return _unpack(state, jax.eval_shape(_build(members[position], 1.0, choice).init, params))


def knobs_of_member(member: Member, choice: OptimizerChoice) -> dict[str, Any]:
    """The knobs of a member without its learning rate, those that are not floats included."""
    return dict(zip(_float_knobs(member[0]), choice.knobs, strict=False)) | dict(member[1])


# A state that holds that of any member: for each kind of leaf as many slots as the member with the most such
# leaves needs. A leaf is a vector like θ or a number, of some dtype.
_Packed = dict[tuple[bool, str], tuple[Any, ...]]


def _kind(leaf: Any) -> tuple[bool, str]:
    return leaf.ndim > 0, str(leaf.dtype)


def _slot_counts(states: list[Any]) -> dict[tuple[bool, str], int]:
    counts = [Counter(map(_kind, jax.tree.leaves(state))) for state in states]
    return {kind: max(count[kind] for count in counts) for kind in set().union(*counts)}


def _pack(member_state: Any, packed: _Packed) -> _Packed:
    """A member's own state in the slots it needs; the other slots keep their values."""
    leaves = jax.tree.leaves(member_state)
    filled = {}
    for kind, slots in packed.items():
        new = [jnp.asarray(leaf, kind[1]) for leaf in leaves if _kind(leaf) == kind]
        filled[kind] = (*new, *slots[len(new) :])
    return filled


def _unpack(state: _Packed, shapes: Any) -> Any:
    slots = {kind: iter(leaves) for kind, leaves in state.items()}
    return jax.tree.map(lambda leaf: next(slots[_kind(leaf)]), shapes)


def _packed_init(init: Any, empty: _Packed) -> Any:
    return lambda params: _pack(init(params), empty)


def _packed_update(part: Any, shapes: Any) -> Any:
    def step(updates, state, params):
        updates, member_state = part.update(updates, _unpack(state, shapes), params)
        return updates, _pack(member_state, state)

    return step


def _build(member: Member, rate: Any, choice: OptimizerChoice) -> optax.GradientTransformationExtraArgs:
    name, static = member
    floats = dict(zip(_float_knobs(name), choice.knobs, strict=False))
    return optax.with_extra_args_support(OPTIMIZERS[name](rate, **floats, **dict(static)))


@cache
def _float_knobs(name: str) -> list[str]:
    floats = [knob.name for knob in knobs(OPTIMIZERS[name]).values() if knob.kind is float]
    return [knob for knob in floats if knob != "learning_rate"]


def _static_knobs(settings: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted((knob, value) for knob, value in settings.items() if not isinstance(value, float)))


@cache
def _switchable_members() -> tuple[Member, ...]:
    shared = [name for name in OPTIMIZERS if name not in NEEDS_LOSS | NEEDS_GAME | OWN_PROGRAM | OWN_OPTIMIZERS]
    defaults = {name: check_knobs(name, OPTIMIZERS[name], {}) for name in shared}
    return tuple((name, _static_knobs(settings)) for name, settings in defaults.items() if _has_vector_state(name))


def _has_vector_state(name: str) -> bool:
    like = jax.ShapeDtypeStruct((3,), jnp.float32)
    leaves = jax.tree.leaves(jax.eval_shape(OPTIMIZERS[name]().init, like))
    return all(leaf.shape in ((), like.shape) for leaf in leaves)
