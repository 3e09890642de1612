"""Descent: the compiled loop of an optimizer, one program for all that can share it and each problem structure."""

from __future__ import annotations

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

from landscapes.objective import weighted_sum
from landscapes.optimization.averaged_optimizers import averaged_point, schedule_free
from landscapes.optimization.explained_optimizer import SHARES_OF_STEP, Explained, explaining, noted_sizes
from landscapes.optimization.gradient_evaluations import gradients_of_step
from landscapes.optimization.layerwise_optimizers import over_layers
from landscapes.optimization.minibatches import explain_sliced_data
from landscapes.optimization.noted_entries import Unravel, entries_at, explained_entries, norm, projected_entries
from landscapes.optimization.optax_adapter import over_vector
from landscapes.optimization.optimizer_switch import Member, OptimizerChoice, knob_count, switch_optimizers
from landscapes.optimization.optimizers import LAYERWISE
from landscapes.optimization.plateau import initial_plateau, observe_loss
from landscapes.plane import Plane
from landscapes.problem import Problem

# What a program is compiled for: the registered optimizers that an `OptimizerChoice` chooses from, or any Optax
# transformation, with or without a note of the vectors of every step.
Method = tuple[Member, ...] | optax.GradientTransformation | Explained

# Steps that the buffers of one compiled call hold. A call may take fewer, so that one program serves every number
# of steps. Larger buffers cost time to copy; smaller ones need more calls on problems of a few numbers.
SEGMENT_STEPS = 4096

# A run has diverged when its loss exceeds that of the start by this factor. A network with bounded activations
# under cross-entropy stays finite at any learning rate and does not come back from there.
DIVERGENCE_FACTOR = 1e8


class OptimizerState(NamedTuple):
    """The state of a run between two compiled calls. θ is one vector: for a network of forty leaves every
    operation would otherwise be compiled forty times.

    Attributes:
        step: number of finite points evaluated so far, and the number of the next update.
        params: θ at `step`, not yet evaluated.
        last_finite: the last point that was evaluated and finite, or the start; of a schedule-free optimizer its
            average x.
        optimizer: the optimizer's own state.
        bound: the loss, in the sense in which it is descended, above which the run has diverged; one for each
            player of a game.
        faults: whether at `params` the parameters, the loss or the gradient are not finite, or the loss exceeds
            its bound. Any of them ends the run.
        plateau: the state of a rate that is reduced on a plateau; None for other schedules.
    """

    step: Int[Array, ""]
    params: Float[Array, "D"]
    last_finite: Float[Array, "D"]
    optimizer: PyTree
    bound: Float[Array, "P"]
    faults: Bool[Array, "4"]
    plateau: PyTree = None


@partial(register_dataclass, data_fields=["rows"], meta_fields=["terms"])
@dataclass(frozen=True, eq=False)
class Curves:
    """The loss, the norm of the gradient, each term and the gradients that the update takes at every step, and
    what is projected, as the rows of one array: on two variables a thousand steps take 60 µs, and handing over
    every curve by itself took as long."""

    terms: tuple[str, ...]
    rows: Float[Array, "C B"]


def uninitialized_state(
    params: PyTree, choice: OptimizerChoice, *, method: Method, losses: int = 1
) -> OptimizerState:
    """The state at step 0, for one loss or for that of each player of a game.

    The optimizer's own state is zero for registered optimizers, and the first compiled call sets it: a program for
    that alone would take a sixth of the time that compiling a race on two variables takes.
    """
    if (members := _members(method)) is None or members[0][0] in LAYERWISE:
        return initial_state(params, choice, method=method, losses=losses)
    vector = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(params)])
    shapes = _state_shapes(method, knob_count(members), vector.size, vector.dtype)
    opt_state = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)
    state: tuple[Any, ...] = (
        np.int32(0),
        vector,
        vector,
        opt_state,
        np.zeros(losses, vector.dtype),
        np.zeros(4, bool),
        None if choice.plateau is None else initial_plateau(vector.dtype),
    )
    return OptimizerState(*state)


@cache
def _state_shapes(method: Method, knobs: int, size: int, dtype: Any) -> PyTree:
    init = _optimizer(method, 1.0, OptimizerChoice(np.int32(0), np.zeros(knobs, dtype)), None).init
    return jax.eval_shape(init, jax.ShapeDtypeStruct((size,), dtype))


@partial(jax.jit, static_argnames=("method", "losses"))
def initial_state(params: PyTree, choice: OptimizerChoice, *, method: Method, losses: int = 1) -> OptimizerState:
    """The state at step 0, the optimizer's own included."""
    vector, unravel = ravel_pytree(params)
    opt_state = _optimizer(method, 1.0, choice, unravel).init(vector)
    bound, faults = jnp.zeros(losses, vector.dtype), jnp.zeros(4, bool)
    plateau = None if choice.plateau is None else initial_plateau(vector.dtype)
    state = OptimizerState(jnp.int32(0), vector, vector, opt_state, bound, faults, plateau)
    return _in_dtypes_of(state, state)


@partial(jax.jit, static_argnames=("method", "batch_size", "rows"))
def run_segment(
    problem: Problem,
    choice: OptimizerChoice,
    state: OptimizerState,
    rates: Float[Array, "B"],
    orders: Int[Array, "E N"] | None,
    count: Int[Array, ""],
    stride: Int[Array, ""],
    planes: tuple[Plane, ...],
    *,
    method: Method,
    batch_size: int | None,
    rows: int,
) -> tuple[OptimizerState, Curves, Float[Array, "rows D"]]:
    """Up to `count` ≤ B steps, at most (rows − 1)·stride + 1, with the curves and snapshots along them.

    Entry i of a curve belongs to step state.step + i. Row k of the snapshots is θ at the k-th multiple of `stride`
    from state.step on. Entries and rows after the last step taken are meaningless. `orders` holds the order of the
    examples in each epoch, from the epoch of the first step on. The curves end with `projected_entries` on the
    planes, or, where the vectors of every step are noted, with `explained_entries` on the first plane.
    """
    first = state.step
    _, unravel = ravel_pytree(problem.params)
    if _members(method) is not None:
        init = _optimizer(method, 1.0, choice, unravel).init
        opt_state = jax.lax.cond(
            first == 0, lambda: _in_dtypes_of(state.optimizer, init(state.params)), lambda: state.optimizer
        )
        state = state._replace(optimizer=opt_state)

    def is_running(loop):
        state, *_ = loop
        return (state.step < first + count) & ~jnp.any(state.faults)

    def advance(loop):
        state, curves, snapshots = loop
        i = state.step - first
        on_batch = on_minibatch(problem, state.step, first, orders, batch_size)
        with explain_sliced_data(problem, batch_size):
            new, entries = take_step(on_batch, choice, state, rates[i], unravel, method)
            if isinstance(method, Explained):
                entries = jnp.concatenate([entries, explained_entries(planes[0], new.optimizer, unravel)])
            elif planes:
                projected = projected_entries(on_batch, planes, state.last_finite, new.last_finite, unravel)
                entries = jnp.concatenate([entries, projected])
        curves = jax.lax.dynamic_update_index_in_dim(curves, entries, i, 1)
        # Every step is written into the row of the next multiple of the stride. The multiple itself writes last,
        # so that no branch has to carry the buffer.
        row = -(-state.step // stride) - (-(-first // stride))
        snapshots = jax.lax.dynamic_update_index_in_dim(snapshots, new.last_finite, row, 0)
        return new, curves, snapshots

    terms = tuple(sorted(jax.eval_shape(problem.terms, problem.params)))
    noted = sum(plane.dim + 2 + len(terms) for plane in planes) + bool(planes)
    if isinstance(method, Explained):
        vectors, numbers = noted_sizes(method)
        noted = numbers + len(SHARES_OF_STEP) + vectors * (planes[0].dim + 1)
    curves = jnp.zeros((3 + len(terms) + noted, rates.size), rates.dtype)
    snapshots = jnp.zeros((rows, state.params.size), state.params.dtype)
    state, curves, snapshots = jax.lax.while_loop(is_running, advance, (state, curves, snapshots))
    return state, Curves(terms, curves), snapshots


def take_step(
    problem: Problem, choice: OptimizerChoice, state: OptimizerState, rate: Any, unravel: Unravel, method: Method
) -> tuple[OptimizerState, Float[Array, "C"]]:
    """The state after one step, and the curves' entries at the point before it, the last of which is the number of
    gradients that the step took."""
    entries, field, losses = _evaluate(problem, state.params, unravel)
    point = state.params
    if schedule_free(state.optimizer) is not None:
        # The path and its values are those of x; state.params are y.
        point = averaged_point(state.optimizer, state.params)
        loss, *terms = entries_at(problem, unravel(point))
        entries = [loss, entries[1], *terms]
    limit = losses + DIVERGENCE_FACTOR * jnp.maximum(jnp.abs(losses), 1)
    bound = jnp.where(state.step == 0, limit, state.bound)
    finite = [jnp.all(jnp.isfinite(value)) for value in (state.params, losses, entries[1])]
    faults = jnp.stack([*(~each for each in finite), jnp.any(losses > bound)])
    sound = ~jnp.any(faults)
    plateau = None
    if choice.plateau is not None:
        plateau = observe_loss(choice.plateau, state.plateau, losses[0])
        rate = rate * plateau.scale
    update, opt_state = _update(problem, _optimizer(method, rate, choice, unravel), state, unravel, losses, field)
    entries = [*entries, gradients_of_step(_plain(method), opt_state)]
    last_finite = jnp.where(sound, point, state.last_finite)
    new = OptimizerState(state.step + sound, state.params + update, last_finite, opt_state, bound, faults, plateau)
    return _in_dtypes_of(state, new), jnp.stack([jnp.asarray(value, state.params.dtype) for value in entries])


def _evaluate(problem: Problem, params: Float[Array, "D"], unravel: Unravel) -> tuple[list[Any], Any, Any]:
    """At θ: the curves' entries, the field, and the loss or losses that are descended."""
    players = problem.objective.players
    if players is not None:
        terms, field = problem.terms_and_field(unravel(params))
        field, _ = ravel_pytree(field)
        losses = jnp.stack([weighted_sum(terms, weights) for weights in problem.player_weights.values()])
        return _entry(jnp.nan, field, terms), field, losses

    # The loss and problem.field in one pass; a test holds the two together.
    def loss_and_terms(params):
        terms = problem.terms(unravel(params))
        return weighted_sum(terms, problem.weights), terms

    (loss, terms), gradient = jax.value_and_grad(loss_and_terms, has_aux=True)(params)
    sign = _sign(problem)
    return _entry(loss, gradient, terms), sign * gradient, jnp.stack([sign * loss])


def _entry(loss: Any, gradient: Any, terms: Any) -> list[Any]:
    return [loss, norm(gradient), *(terms[name] for name in sorted(terms))]


def _sign(problem: Problem) -> int:
    return 1 if problem.sense == "minimize" else -1


def on_minibatch(problem: Problem, step: Any, first: Any, orders: Any, batch_size: int | None) -> Problem:
    """The problem on the examples of this step."""
    if orders is None or batch_size is None:
        return problem
    batches = orders.shape[1] // batch_size
    epoch, batch = step // batches - first // batches, step % batches
    indices = jax.lax.dynamic_slice(orders, (epoch, batch * batch_size), (1, batch_size))[0]
    data = jax.tree.map(lambda examples: examples.at[indices].get(mode="promise_in_bounds"), problem.data)
    # A new key for each minibatch: a stochastic objective with the same noise for every batch would be biased.
    key = None if problem.key is None else jax.random.fold_in(problem.key, step)
    return replace(problem, data=data, key=key)


def _update(
    problem: Problem, optimizer: Any, state: OptimizerState, unravel: Unravel, losses: Any, field: Any
) -> tuple[Any, Any]:
    """The optimizer's update at state.params, and its own new state."""
    if (players := problem.objective.players) is not None:

        def field_fn(params, player=None):
            return ravel_pytree(problem.field(unravel(params), player))[0]

        return optimizer.update(field, state.optimizer, state.params, field_fn=field_fn, players=tuple(players))

    def value_fn(params):
        return _sign(problem) * problem.loss(unravel(params))

    return optimizer.update(field, state.optimizer, state.params, value=losses[0], grad=field, value_fn=value_fn)


def _optimizer(method: Method, rate: Any, choice: OptimizerChoice, unravel: Any) -> Any:
    """The optimizer over θ as one vector. Most registered ones treat every number alike; layerwise ones and any
    transformation get the tree."""
    if isinstance(method, Explained):
        return explaining(method, _optimizer(method.method, rate, choice, unravel), rate, choice, unravel)
    if isinstance(method, optax.GradientTransformation):
        return over_vector(method, rate, unravel)
    optimizer = switch_optimizers(method, rate, choice)
    return over_layers(optimizer, unravel) if method[0][0] in LAYERWISE else optimizer


def _members(method: Method) -> tuple[Member, ...] | None:
    """The registered optimizers of a method, None for an Optax transformation."""
    plain = _plain(method)
    return None if isinstance(plain, optax.GradientTransformation) else plain


def _plain(method: Method) -> tuple[Member, ...] | optax.GradientTransformation:
    """The method without the note of its steps."""
    return method.method if isinstance(method, Explained) else method


def _in_dtypes_of(like: PyTree, new: PyTree) -> PyTree:
    """`new` in the dtypes of `like`, strongly typed: a weak type would trace the next segment again."""
    return jax.tree.map(lambda leaf, value: jnp.asarray(value, jnp.asarray(leaf).dtype), like, new)
