"""Many runs of one optimizer at once, each from a start of its own."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh
from jaxtyping import Array, Float, Int, PyTree

from landscapes.evaluation.devices import REPLICATED, SHARDED
from landscapes.optimization.descent import Method, OptimizerState, initial_state, on_minibatch, take_step
from landscapes.optimization.minibatches import explain_sliced_data
from landscapes.optimization.optimizer_switch import OptimizerChoice
from landscapes.problem import Problem


@partial(jax.jit, static_argnames=("method", "losses"))
def initial_states(starts: PyTree, choice: OptimizerChoice, *, method: Method, losses: int = 1) -> OptimizerState:
    """The states at step 0 from S starts, parameters["S ..."], with a leading axis of length S."""
    return jax.vmap(lambda params: initial_state(params, choice, method=method, losses=losses))(starts)


@partial(jax.jit, static_argnames=("method", "batch_size", "chunk", "mesh"))
def run_vectorized(
    problem: Problem,
    choice: OptimizerChoice,
    states: OptimizerState,
    entries: Float[Array, "S C"],
    factors: Float[Array, "S"],
    first: Int[Array, ""],
    rates: Float[Array, "B"],
    orders: Int[Array, "E N"] | None,
    count: Int[Array, ""],
    tolerance: Float[Array, ""],
    *,
    method: Method,
    batch_size: int | None,
    chunk: int,
    mesh: Mesh | None,
) -> tuple[OptimizerState, Float[Array, "S C"]]:
    """`count` steps of every run, of which step `first` is the first, with `chunk` runs at a time under vmap. A
    run that is over does not move. The learning rates of a run are `rates` times its factor.

    `entries` holds the loss, the gradient norm and the terms at each `last_finite`, then the gradients that the
    update from there takes, those that all updates before took, the loss and the gradient norm at the start, the
    last step at which the gradient norm exceeded `tolerance` times that, −1 if there is none, and the gradients
    taken by then.
    """

    def loop(problem, choice, states, entries, factors, first, rates, orders, count, tolerance):
        _, unravel = ravel_pytree(problem.params)

        def advance(carry):
            i, states, entries = carry
            on_batch = on_minibatch(problem, first + i, first, orders, batch_size)

            def advance_one(run):
                state, entry, factor = run
                with explain_sliced_data(problem, batch_size):
                    new, new_entry = take_step(on_batch, choice, state, factor * rates[i], unravel, method)
                taken = jnp.where(state.step == 0, 0, entry[-5] + entry[-6])
                at_start = jnp.where(state.step == 0, new_entry[:2], entry[-4:-2])
                now = jnp.stack([jnp.asarray(state.step, entry.dtype), taken + new_entry[-1]])
                last_above = jnp.where(new_entry[1] > tolerance * at_start[1], now, entry[-2:])
                new_entry = jnp.concatenate([new_entry, taken[None], at_start, last_above])
                is_over, is_finite = jnp.any(state.faults), ~jnp.any(new.faults)
                kept = jax.tree.map(lambda old, other: jnp.where(is_over, old, other), state, new)
                return kept, jnp.where(~is_over & is_finite, new_entry, entry)

            runs = (states, entries, factors)
            try:
                states, entries = jax.lax.map(advance_one, runs, batch_size=chunk if chunk > 1 else None)
            except NotImplementedError:  # of a primitive without a batching rule
                states, entries = jax.lax.map(advance_one, runs)
            return i + 1, states, entries

        return jax.lax.while_loop(lambda carry: carry[0] < count, advance, (jnp.int32(0), states, entries))[1:]

    arguments = (problem, choice, states, entries, factors, first, rates, orders, count, tolerance)
    if mesh is None:
        return loop(*arguments)
    specs = tuple(SHARDED if place in (2, 3, 4) else REPLICATED for place in range(len(arguments)))
    return jax.shard_map(loop, mesh=mesh, in_specs=specs, out_specs=(SHARDED, SHARDED), check_vma=False)(
        *arguments
    )
