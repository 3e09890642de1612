"""Descent: the compiled loop of an optimizer, one program for all that can share it and each problem structure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.flatten_util import ravel_pytree
from jax.tree_util import register_dataclass
from jaxtyping import Array, Bool, Float, Int, PyTree

from landscapes.optimization.minibatches import explaining_cuts
from landscapes.optimization.optax_adapter import over_vector
from landscapes.optimization.optimizer_switch import Member, Setting, family, knobs_of
from landscapes.problem import Problem, weighted_sum

# Registered optimizers of which a `Setting` chooses one, or any Optax transformation: what the program is compiled
# for.
Method = tuple[Member, ...] | optax.GradientTransformation

# From θ as one vector back to its tree.
Tree = Callable[[Any], PyTree]

# The loop runs as often as it is told, so that one program serves every number of steps; its records are this
# long. More would be written out in vain, fewer would call back too often on problems of a few numbers.
SEGMENT_STEPS = 4096

# A run is over when its loss is worse than at the start by this factor. Losses that grow linearly (a network with
# bounded activations under cross-entropy) stay finite at any learning rate, and nothing comes back from here.
RUNAWAY = 1e8


class Walk(NamedTuple):
    """Where an optimizer is between two segments. θ is one vector here, its leaves side by side: for a network of
    forty leaves every operation below would otherwise be compiled forty times.

    Attributes:
        step: number of points seen so far, all of them finite; also the number of the next update.
        params: θ at `step`, not yet looked at.
        previous: the last point seen to be finite, or the start; of a schedule-free optimizer its average x.
        state: the optimizer's own.
        bound: the loss, as descended, beyond which the run is over; one for each player of a game.
        faults: whether at `params` the parameters, the loss or the gradient are not finite or the loss is out of
            bounds; any of them ends the walk.
    """

    step: Int[Array, ""]
    params: Float[Array, "D"]
    previous: Float[Array, "D"]
    state: PyTree
    bound: Float[Array, "P"]
    faults: Bool[Array, "4"]


@partial(register_dataclass, data_fields=["rows"], meta_fields=["terms"])
@dataclass(frozen=True, eq=False)
class Curves:
    """The loss, the norm of the gradient and each term at every step, as the rows of one array: on two variables
    a thousand steps take 60 µs, and handing over every curve by itself took as long."""

    terms: tuple[str, ...]
    rows: Float[Array, "C B"]


def begin(params: PyTree, setting: Setting, *, method: Method, losses: int = 1) -> Walk:
    """The walk before its first step, down so many losses: one, or that of each player of a game.

    The state of a registered optimizer is left at zero, and set by the first segment: a program of its own for
    that would take a sixth of the time to compile a race on two variables.
    """
    if isinstance(method, optax.GradientTransformation):
        return start(params, setting, method=method, losses=losses)
    vector = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(params)])
    state = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), _shapes(method, vector.size, vector.dtype))
    walk: tuple[Any, ...] = (np.int32(0), vector, vector, state, np.zeros(losses, vector.dtype), np.zeros(4, bool))
    return Walk(*walk)


@cache
def _shapes(members: tuple[Member, ...], size: int, dtype: Any) -> PyTree:
    blank = Setting(np.int32(0), np.zeros(knobs_of(members), dtype))
    return jax.eval_shape(family(members, 1.0, blank).init, jax.ShapeDtypeStruct((size,), dtype))


@partial(jax.jit, static_argnames=("method", "losses"))
def start(params: PyTree, setting: Setting, *, method: Method, losses: int = 1) -> Walk:
    """`begin` with the state set."""
    vector, tree = ravel_pytree(params)
    state = _optimizer(method, 1.0, setting, tree).init(vector)
    walk = Walk(jnp.int32(0), vector, vector, state, jnp.zeros(losses, vector.dtype), jnp.zeros(4, bool))
    return _like(walk, walk)


@partial(jax.jit, static_argnames=("method", "batch_size", "rows"))
def segment(
    problem: Problem,
    setting: Setting,
    walk: Walk,
    rates: Float[Array, "B"],
    orders: Int[Array, "E N"] | None,
    count: Int[Array, ""],
    stride: Int[Array, ""],
    *,
    method: Method,
    batch_size: int | None,
    rows: int,
) -> tuple[Walk, Curves, Float[Array, "rows D"]]:
    """Up to `count` ≤ B steps, at most (rows − 1)·stride + 1, and the curves and snapshots along them.

    Entry i of a curve belongs to step walk.step + i. Row k of the snapshots is θ at the k-th multiple of `stride`
    from walk.step on. What lies behind the last step taken is meaningless. `orders` holds the examples' order in
    each epoch from that of the first step on.
    """
    terms = terms_of(problem)
    curves = jnp.zeros((2 + len(terms), rates.size), rates.dtype)
    snapshots = jnp.zeros((rows, walk.params.size), walk.params.dtype)
    given = (setting, walk, rates, orders, count, stride, curves, snapshots)
    walk, curves, snapshots = advanced(problem, *given, method=method, batch_size=batch_size)
    return walk, Curves(terms, curves), snapshots


def terms_of(problem: Problem) -> tuple[str, ...]:
    """The terms in the order of the curves."""
    return tuple(sorted(jax.eval_shape(problem.terms, problem.params)))


def advanced(
    problem: Problem,
    setting: Setting,
    walk: Walk,
    rates: Float[Array, "B"],
    orders: Int[Array, "E N"] | None,
    count: Int[Array, ""],
    stride: Int[Array, ""],
    curves: Float[Array, "C B"],
    snapshots: Float[Array, "S D"],
    *,
    column: Any = 0,
    shelf: Any = 0,
    method: Method,
    batch_size: int | None,
) -> tuple[Walk, Float[Array, "C B"], Float[Array, "S D"]]:
    """`segment` into records that others may share: rates and curves from a column on, snapshots from a row on."""
    first = walk.step
    _, tree = ravel_pytree(problem.params)
    if not isinstance(method, optax.GradientTransformation):
        init = _optimizer(method, 1.0, setting, tree).init
        state = jax.lax.cond(first == 0, lambda: _like(init(walk.params), walk.state), lambda: walk.state)
        walk = walk._replace(state=state)

    def going(loop):
        walk, *_ = loop
        return (walk.step < first + count) & ~jnp.any(walk.faults)

    def advance(loop):
        walk, curves, snapshots = loop
        at = walk.step - first + column
        here = on_minibatch(problem, walk.step, first, orders, batch_size)
        with explaining_cuts(problem, batch_size):
            new, seen = stepped(here, setting, walk, rates[at], tree, method)
        curves = jax.lax.dynamic_update_index_in_dim(curves, seen, at, 1)
        # Every step is written, into the row of the next multiple of the stride: the last to write a row is the
        # multiple itself, and no branch has to carry the buffer.
        row = shelf - (-walk.step // stride) + (-first // stride)
        snapshots = jax.lax.dynamic_update_index_in_dim(snapshots, new.previous, row, 0)
        return new, curves, snapshots

    return jax.lax.while_loop(going, advance, (walk, curves, snapshots))


def stepped(
    problem: Problem, setting: Setting, walk: Walk, rate: Any, tree: Tree, method: Method
) -> tuple[Walk, Float[Array, "C"]]:
    """The walk one step on, and the curves' entries at the point where it stood."""
    seen, field, losses = _look(problem, walk.params, tree)
    point = walk.params
    if (average := schedule_free(walk.state)) is not None:
        # The path and its values are those of x; walk.params are y = (1 − β₁)z + β₁x, which is z where β₁ = 0.
        x = optax.contrib.schedule_free_eval_params(average, tree(walk.params))
        point = jnp.where(average.b1 > 0, ravel_pytree(x)[0], walk.params)
        seen = _entry_at(problem, tree(point), seen[1])
    limit = losses + RUNAWAY * jnp.maximum(jnp.abs(losses), 1)
    bound = jnp.where(walk.step == 0, limit, walk.bound)
    finite = [jnp.all(jnp.isfinite(value)) for value in (walk.params, losses, seen[1])]
    faults = jnp.stack([*(~each for each in finite), jnp.any(losses > bound)])
    sound = ~jnp.any(faults)
    update, state = _update(problem, _optimizer(method, rate, setting, tree), walk, tree, losses, field)
    previous = jnp.where(sound, point, walk.previous)
    new = Walk(walk.step + sound, walk.params + update, previous, state, bound, faults)
    return _like(new, walk), jnp.stack([jnp.asarray(value, walk.params.dtype) for value in seen])


def schedule_free(state: PyTree) -> Any:
    """The state of the schedule-free optimizer within an optimizer's state, None where there is none."""
    kind = optax.contrib.ScheduleFreeState
    parts = jax.tree.leaves(state, is_leaf=lambda part: isinstance(part, kind))
    return next((part for part in parts if isinstance(part, kind)), None)


def _entry_at(problem: Problem, params: PyTree, gradient_norm: Any) -> list[Any]:
    """The curves' entries with the loss and the terms of another point than that of the gradient."""
    terms = problem.terms(params)
    loss = jnp.nan if problem.objective.players is not None else weighted_sum(terms, problem.weights)
    return [loss, gradient_norm, *(terms[name] for name in sorted(terms))]


def _look(problem: Problem, params: Float[Array, "D"], tree: Tree) -> tuple[list[Any], Any, Any]:
    """What the optimizer sees at θ: the curves' entries, the field, and the loss or losses that are descended."""
    players = problem.objective.players
    if players is not None:
        terms, field = problem.terms_and_field(tree(params))
        field, _ = ravel_pytree(field)
        losses = jnp.stack([weighted_sum(terms, weights) for weights in problem.stakes.values()])
        return _entry(jnp.nan, field, terms), field, losses

    # The loss and problem.field in one pass; a test holds the two together.
    def loss_and_terms(params):
        terms = problem.terms(tree(params))
        return weighted_sum(terms, problem.weights), terms

    (loss, terms), gradient = jax.value_and_grad(loss_and_terms, has_aux=True)(params)
    sign = _sign(problem)
    return _entry(loss, gradient, terms), sign * gradient, jnp.stack([sign * loss])


def _entry(loss: Any, gradient: Any, terms: Any) -> list[Any]:
    return [loss, _norm(gradient), *(terms[name] for name in sorted(terms))]


def _sign(problem: Problem) -> int:
    return 1 if problem.sense == "minimize" else -1


def _norm(vector: Float[Array, "D"]) -> Float[Array, ""]:
    """The Euclidean norm; scaled first, because in float32 squares overflow at entries of 2e19, long before the
    entries themselves do, and a run is not over then."""
    largest = jnp.max(jnp.abs(vector))
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.sum((vector / scale) ** 2))


def on_minibatch(problem: Problem, step: Any, first: Any, orders: Any, batch_size: int | None) -> Problem:
    """The problem on the examples of this step."""
    if orders is None or batch_size is None:
        return problem
    batches = orders.shape[1] // batch_size
    epoch, place = step // batches - first // batches, step % batches
    chosen = jax.lax.dynamic_slice(orders, (epoch, place * batch_size), (1, batch_size))[0]
    data = jax.tree.map(lambda examples: examples.at[chosen].get(mode="promise_in_bounds"), problem.data)
    # Drawn anew with each minibatch: a stochastic objective with the same noise for every batch would be biased.
    key = None if problem.key is None else jax.random.fold_in(problem.key, step)
    return replace(problem, data=data, key=key)


def _update(problem: Problem, optimizer: Any, walk: Walk, tree: Tree, losses: Any, field: Any) -> tuple[Any, Any]:
    """The optimizer's update at walk.params, and its new state."""
    if (players := problem.objective.players) is not None:

        def part(params, player=None):
            return ravel_pytree(problem.field(tree(params), player))[0]

        return optimizer.update(field, walk.state, walk.params, field_fn=part, players=tuple(players))

    def value(params):
        return _sign(problem) * problem.loss(tree(params))

    return optimizer.update(field, walk.state, walk.params, value=losses[0], grad=field, value_fn=value)


def _optimizer(method: Method, rate: Any, setting: Setting, tree: Tree) -> Any:
    """The optimizer over θ as one vector. Those of the registry treat every number alike; any other sees the tree
    that it may have been written for."""
    if not isinstance(method, optax.GradientTransformation):
        return family(method, rate, setting)
    return over_vector(method, rate, tree)


def _like(new: PyTree, old: PyTree) -> PyTree:
    """`new` in the dtypes of `old`, strongly typed: a weak type would trace the next segment again."""
    return jax.tree.map(lambda value, like: jnp.asarray(value, jnp.asarray(like).dtype), new, old)
