"""Many walks of one optimizer side by side, from starts of their own."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh
from jaxtyping import Array, Float, Int, PyTree

from landscapes.evaluation.devices import ROWS, WHOLE
from landscapes.optimization.descent import Method, Walk, on_minibatch, start, stepped
from landscapes.optimization.minibatches import explaining_cuts
from landscapes.optimization.optimizer_switch import Setting
from landscapes.problem import Problem


@partial(jax.jit, static_argnames=("method", "losses"))
def starts(rows: PyTree, setting: Setting, *, method: Method, losses: int = 1) -> Walk:
    """Walks side by side, one from each row of parameters["S ..."]."""
    return jax.vmap(lambda params: start(params, setting, method=method, losses=losses))(rows)


@partial(jax.jit, static_argnames=("method", "batch_size", "together", "mesh"))
def crowd(
    problem: Problem,
    setting: Setting,
    walks: Walk,
    seen: Float[Array, "S C"],
    first: Int[Array, ""],
    rates: Float[Array, "B"],
    orders: Int[Array, "E N"] | None,
    count: Int[Array, ""],
    *,
    method: Method,
    batch_size: int | None,
    together: int,
    mesh: Mesh | None,
) -> tuple[Walk, Float[Array, "S C"]]:
    """`count` steps of every walk, the first of them step `first`, so many walks at a time. One that is over stays
    where it is. `seen` holds the loss, the gradient norm and the terms at each `previous`."""

    def loop(problem, setting, walks, seen, first, rates, orders, count):
        _, tree = ravel_pytree(problem.params)

        def advance(carry):
            at, walks, seen = carry
            here = on_minibatch(problem, first + at, first, orders, batch_size)

            def one(pair):
                walk, entry = pair
                with explaining_cuts(problem, batch_size):
                    new, found = stepped(here, setting, walk, rates[at], tree, method)
                over, sound = jnp.any(walk.faults), ~jnp.any(new.faults)
                kept = jax.tree.map(lambda old, other: jnp.where(over, old, other), walk, new)
                return kept, jnp.where(~over & sound, found, entry)

            try:
                walks, seen = jax.lax.map(one, (walks, seen), batch_size=together if together > 1 else None)
            except NotImplementedError:  # of a primitive without a batching rule
                walks, seen = jax.lax.map(one, (walks, seen))
            return at + 1, walks, seen

        return jax.lax.while_loop(lambda carry: carry[0] < count, advance, (jnp.int32(0), walks, seen))[1:]

    arguments = (problem, setting, walks, seen, first, rates, orders, count)
    if mesh is None:
        return loop(*arguments)
    specs = tuple(ROWS if place in (2, 3) else WHOLE for place in range(len(arguments)))
    return jax.shard_map(loop, mesh=mesh, in_specs=specs, out_specs=(ROWS, ROWS), check_vma=False)(*arguments)
