"""Several registered optimizers as one transformation, in which a number says which of them steps.

One program then serves them all. XLA takes 0.3 s for a step on a function of two variables with ten optimizers in
it, and 0.2 s for a step with one; for a network nearly all of it is the gradient, which is compiled once instead
of once for each. Choosing another optimizer compiles nothing.
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
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS

# A registered name with its knobs that are not floats: what cannot be traced.
Member = tuple[str, tuple[tuple[str, Value], ...]]


class Setting(NamedTuple):
    """What is traced of an optimizer.

    Attributes:
        which: the place of the member that steps.
        values: its float knobs without the learning rate, in the order of its signature, and zeros up to what
            the member with the most has.
    """

    which: Any
    values: Any


def chosen(name: str, settings: Mapping[str, Value], dtype: Any) -> tuple[tuple[Member, ...], Setting]:
    """Those that share a program with an optimizer, itself included, and the setting that says it is meant.

    They are all that keep their state in vectors like θ and in numbers, at the defaults of what is fixed. Others
    are alone.
    """
    member = (name, _fixed(settings))
    members = _family() if member in _family() else (member,)
    values = np.zeros(knobs_of(members), dtype)
    for place, knob in enumerate(_floats(name)):
        values[place] = settings[knob]
    return members, Setting(np.int32(members.index(member)), values)


def knobs_of(members: tuple[Member, ...]) -> int:
    """How many values a setting has."""
    return max(len(_floats(name)) for name, _ in members)


def family(members: tuple[Member, ...], rate: Any, setting: Setting) -> optax.GradientTransformationExtraArgs:
    """The chosen member, over parameters["D"] that are one vector, at a learning rate."""
    parts = [_build(member, rate, setting) for member in members]
    if len(parts) == 1:
        return parts[0]

    def init(params):
        room = _room([jax.eval_shape(part.init, params) for part in parts])
        empty = {kind: (jnp.zeros(params.shape if kind[0] else (), kind[1]),) * n for kind, n in room.items()}
        return jax.lax.switch(setting.which, [_filled(part.init, empty) for part in parts], params)

    def update(updates, state, params=None, **_):
        branches = [_stepped(part, jax.eval_shape(part.init, params)) for part in parts]
        return jax.lax.switch(setting.which, branches, updates, state, params)

    return optax.GradientTransformationExtraArgs(init, update)


def own_state(members: tuple[Member, ...], setting: Setting, state: Any, params: Float[Array, "D"]) -> Any:
    """The chosen member's own state, as Optax knows it, out of what the family keeps at parameters like these."""
    if len(members) == 1:
        return state
    return _unpacked(state, jax.eval_shape(_build(members[int(setting.which)], 1.0, setting).init, params))


# A state that every member fits into: for each kind of leaf as many as the member with the most has. A leaf is a
# vector like θ or a number, of some dtype.
_Packed = dict[tuple[bool, str], tuple[Any, ...]]


def _kind(leaf: Any) -> tuple[bool, str]:
    return leaf.ndim > 0, str(leaf.dtype)


def _room(states: list[Any]) -> dict[tuple[bool, str], int]:
    counts = [Counter(map(_kind, jax.tree.leaves(state))) for state in states]
    return {kind: max(count[kind] for count in counts) for kind in set().union(*counts)}


def _packed(own: Any, around: _Packed) -> _Packed:
    """A member's own state in the places it takes; the others stay as they are around it."""
    leaves = jax.tree.leaves(own)
    filled = {}
    for kind, slots in around.items():
        new = [jnp.asarray(leaf, kind[1]) for leaf in leaves if _kind(leaf) == kind]
        filled[kind] = (*new, *slots[len(new) :])
    return filled


def _unpacked(state: _Packed, shapes: Any) -> Any:
    slots = {kind: iter(leaves) for kind, leaves in state.items()}
    return jax.tree.map(lambda leaf: next(slots[_kind(leaf)]), shapes)


def _filled(init: Any, empty: _Packed) -> Any:
    return lambda params: _packed(init(params), empty)


def _stepped(part: Any, shapes: Any) -> Any:
    def step(updates, state, params):
        updates, own = part.update(updates, _unpacked(state, shapes), params)
        return updates, _packed(own, state)

    return step


def _build(member: Member, rate: Any, setting: Setting) -> optax.GradientTransformationExtraArgs:
    name, fixed = member
    floats = dict(zip(_floats(name), setting.values, strict=False))
    return optax.with_extra_args_support(OPTIMIZERS[name](rate, **floats, **dict(fixed)))


@cache
def _floats(name: str) -> list[str]:
    floats = [knob.name for knob in knobs(OPTIMIZERS[name]).values() if knob.kind is float]
    return [knob for knob in floats if knob != "learning_rate"]


def _fixed(settings: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted((knob, value) for knob, value in settings.items() if not isinstance(value, float)))


@cache
def _family() -> tuple[Member, ...]:
    shared = [name for name in OPTIMIZERS if name not in NEEDS_LOSS | NEEDS_GAME]
    defaults = {name: check_knobs(name, OPTIMIZERS[name], {}) for name in shared}
    return tuple((name, _fixed(settings)) for name, settings in defaults.items() if _fits(name))


def _fits(name: str) -> bool:
    like = jax.ShapeDtypeStruct((3,), jnp.float32)
    leaves = jax.tree.leaves(jax.eval_shape(OPTIMIZERS[name]().init, like))
    return all(leaf.shape in ((), like.shape) for leaf in leaves)
