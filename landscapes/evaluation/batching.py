"""The terms of a problem at many points of a plane: how many at once, in how much memory, for how long.

One program per problem structure serves every level, extent and number of points: it takes a buffer of fixed
length and the number of points to do, so that a call can be cut to a tenth of a second without compiling again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr
from jax.sharding import Mesh, NamedSharding
from numpy.typing import NDArray

from landscapes.evaluation.devices import ROWS, WHOLE, mesh_beside
from landscapes.evaluation.hoisting import WORTH, hoist
from landscapes.evaluation.jaxprs import subprograms
from landscapes.evaluation.memory import available_memory, memory_needed, refuse
from landscapes.evaluation.pacing import next_count
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

Run = Callable[[NDArray], Iterator[tuple[slice, dict[str, NDArray]]]]
"""Points ["N K"] to pieces of the result, in order: which points, and the value of each term there."""

CAPACITY = 4096
"""Points in the buffer of a call, unless the function is so cheap that more fit in a tenth of a second."""
LARGEST_BATCH = 512
"""Points side by side on a processor; eight times as many on an accelerator. Of a game of two numbers 2,601 points
take 50 µs in batches of 512, which XLA compiles into one loop, and 150 in batches of 4,096."""
CARRIED = 2**30
"""Bytes that hoisted values may take, where there is as much memory."""


@dataclass(frozen=True)
class Cost:
    """One evaluation, counted from its program: `bytes` is all that it writes, `flops` its products."""

    flops: float
    bytes: float
    convolution: bool


def cost(jaxpr: Jaxpr) -> Cost:
    """Counts a program; a loop of unknown length counts once."""
    flops, written, convolution = 0.0, 0.0, False
    for eqn in jaxpr.eqns:
        inner = [cost(sub) for value in eqn.params.values() for sub in subprograms(value)]
        times = eqn.params.get("length", 1) if eqn.primitive.name == "scan" else 1
        flops += times * sum(part.flops for part in inner)
        written += times * sum(part.bytes for part in inner)
        convolution |= any(part.convolution for part in inner)
        if inner:
            continue
        outs: list[Any] = [out.aval for out in eqn.outvars]
        outputs = sum(getattr(out, "size", 0) for out in outs)
        written += sum(getattr(out, "size", 0) * out.dtype.itemsize for out in outs if hasattr(out, "dtype"))
        if eqn.primitive.name == "dot_general":
            (contracted, _), _ = eqn.params["dimension_numbers"]
            left: Any = eqn.invars[0].aval
            flops += 2 * outputs * math.prod(left.shape[i] for i in contracted)
        elif eqn.primitive.name == "conv_general_dilated":
            kernel: Any = eqn.invars[1].aval
            flops += 2 * outputs * kernel.size / kernel.shape[eqn.params["dimension_numbers"].rhs_spec[0]]
            convolution = True
    return Cost(flops, written, convolution)


def batch_size(one: Cost, platform: str = "cpu") -> int:
    """Points that are evaluated side by side, a power of two.

    A convolution goes alone: over several kernels it becomes a grouped convolution, two to nine times slower
    than one point at a time. On a processor all intermediates of a batch should stay in the cache: at 16 MiB
    dense models of 0.5 to 10 MB a point ran within 15 % of their best, at 128 MiB up to five times slower. An
    accelerator should want about 256 MiB of work, to hide its launches.
    """
    if one.convolution:
        return 1
    together = (2**24 if platform == "cpu" else 2**28) / max(one.bytes, 1.0)
    largest = LARGEST_BATCH if platform == "cpu" else 8 * LARGEST_BATCH
    return 2 ** max(0, min(round(math.log2(together)), int(math.log2(largest))))


def map_rows(function: Callable[..., Any], *rows: Any) -> Any:
    """The function over the rows of its arguments, side by side, or one after the other where JAX cannot batch it.
    For use inside jit."""
    try:
        return jax.vmap(function)(*rows)
    except NotImplementedError:
        return jax.lax.map(lambda row: function(*row), rows)


def points_program(problem: Problem, plane: Plane) -> Run:
    """How to evaluate the problem's terms at many points of the plane.

    What is affine in the coordinates is computed here, once. Compiled once for each structure of problem and
    plane: equal problems, other seeds, data of the same shape, extents and weights share it.

    Raises:
        ValueError: if parameters have less than 32 bits, if the terms are not numbers, or if even one point at
            a time needs more memory than there is.
    """
    check_space(plane, problem.params)
    dtype = dtype_of(plane.origin)
    if dtype.itemsize < 4:
        raise ValueError(
            f"in {dtype} a small step along a direction is rounded away; cast the parameters to float32"
        )
    # What the terms do not read is left out: a new weight or start must not make a new program.
    bare = replace(problem, params=None, weights={}, filter_axes=())
    examples = min((leaf.shape[0] for leaf in jax.tree.leaves(problem.data) if np.ndim(leaf)), default=None)
    # Leaves and structure apart, here and below: what is lowered is described by putting placeholders in the
    # tree, and a type-checked dataclass would refuse those.
    leaves, structure = jax.tree.flatten((bare, plane))
    mesh = mesh_beside(problem.terms, plane.origin)
    with precision(plane.origin):
        budget, need = available_memory(jax.local_devices()[0]), math.inf
        # Hoisted within memory, within none, and plainly, which is the only way where numbers are not finite.
        for carried, worth in ((CARRIED, WORTH), (0, WORTH), (0, math.inf)):
            how: dict[str, Any] = {"structure": structure, "memory": carried, "worth": worth}
            preparing = _prepare.trace(leaves, **how)
            first = memory_needed(preparing.lower().compile())
            for segment in _segments(preparing.out_info, plane.dim, dtype, mesh):
                need = max(first, segment.held + memory_needed(segment.compiled))
                if need > budget:
                    continue
                function = _prepare(leaves, **how)
                if function.finite:
                    return partial(_run, segment, jax.device_put(jax.tree.leaves(function), segment.sharding))
                break
    refuse(need, budget, examples)


@dataclass(frozen=True, eq=False)
class _Segment:
    """A compiled call: `compiled(leaves, buffer, counts)` with a buffer of shape (devices, capacity, K)."""

    compiled: Any
    shape: tuple[int, int, int]
    batch: int
    dtype: np.dtype
    held: int
    """Bytes of the leaves."""
    sharding: Any


def _segments(function: Any, dim: int, dtype: np.dtype, mesh: Mesh | None) -> Iterator[_Segment]:
    """Calls for a function given by shapes, from the batch that its cost suggests down to one point at a time."""
    sharding = NamedSharding(mesh, WHOLE) if mesh is not None else None
    leaves, structure = jax.tree.flatten(function)
    leaves = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding) for leaf in leaves]
    held = sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)
    single = _single.trace(leaves, jax.ShapeDtypeStruct((dim,), dtype), structure=structure)
    _check_values(single.out_info)
    batch = batch_size(cost(single.jaxpr.jaxpr), jax.local_devices()[0].platform)
    for batch in sorted({max(1, batch >> shift) for shift in range(0, 16, 2)}, reverse=True):
        capacity = max(CAPACITY, min(16 * CAPACITY, batch**2 // 4))
        shape = (mesh.size if mesh is not None else 1, capacity, dim)
        buffer, counts = jax.ShapeDtypeStruct(shape, dtype), jax.ShapeDtypeStruct(shape[:1], np.int32)
        # Traced, lowered and compiled once for each structure: jit's own caches return all three.
        try:
            call = _call.trace(leaves, buffer, counts, structure=structure, batch=batch, mesh=mesh)
        except NotImplementedError:  # of a primitive without a batching rule, such as a callback to Python
            if batch == 1:
                raise
            continue
        yield _Segment(call.lower().compile(), shape, batch, dtype, held, sharding)


@partial(jax.jit, static_argnames=("structure", "memory", "worth"))
def _prepare(leaves: list[Any], *, structure: Any, memory: int, worth: float) -> Any:
    problem, plane = jax.tree.unflatten(structure, leaves)
    return hoist(problem.terms, plane, memory=memory, worth=worth)


def _check_values(values: Any) -> None:
    if not isinstance(values, dict) or not values or any(value.shape != () for value in values.values()):
        raise ValueError("an objective must return a dict of numbers, its terms by name; average the examples")


def _run(segment: _Segment, leaves: list[Any], points: NDArray) -> Iterator[tuple[slice, dict[str, NDArray]]]:
    devices, capacity, _ = segment.shape
    unit = segment.batch * devices
    dtype, done, size = segment.dtype, 0, unit
    while done < len(points):
        part = points[done : done + min(size, devices * capacity)]
        share = -(-len(part) // devices)
        counts = np.clip(len(part) - share * np.arange(devices), 0, share).astype(np.int32)
        buffer = np.zeros(segment.shape, dtype)
        for d, count in enumerate(counts):
            buffer[d, :count] = part[d * share : d * share + count]
        start = time.perf_counter()
        with jax.enable_x64(dtype == np.float64):  # never held across a yield: the caller must not see it
            results = jax.tree.map(np.asarray, segment.compiled(leaves, buffer, counts))
        seconds = time.perf_counter() - start
        values = {
            name: _floating(np.concatenate([own[:count] for own, count in zip(grid, counts, strict=True)]), dtype)
            for name, grid in results.items()
        }
        yield slice(done, done + len(part)), values
        done += len(part)
        size = max(1, next_count(len(part), seconds) // unit) * unit


def _floating(values: NDArray, dtype: np.dtype) -> NDArray:
    """A count or a half-precision term in the parameters' dtype, so that NaN can mark what is missing."""
    return values if values.dtype in (np.float32, np.float64) else values.astype(dtype)


@partial(jax.jit, static_argnames="structure")
def _single(leaves: list[Any], coordinates: Any, *, structure: Any) -> Any:
    return jax.tree.unflatten(structure, leaves)(coordinates)


@partial(jax.jit, static_argnames=("structure", "batch", "mesh"))
def _call(leaves: list[Any], buffer: Any, counts: Any, *, structure: Any, batch: int, mesh: Any) -> Any:
    def loop(leaves, buffer, counts):
        return _block_loop(jax.tree.unflatten(structure, leaves), buffer, counts, batch)

    if mesh is None:
        return loop(leaves, buffer, counts)
    specs = (WHOLE, ROWS, ROWS)
    sharded = jax.shard_map(loop, mesh=mesh, in_specs=specs, out_specs=ROWS, check_vma=False)
    return sharded(leaves, buffer, counts)


def _block_loop(function: Any, buffer: Any, counts: Any, batch: int) -> Any:
    """The function over the first counts[0] points of buffer[0], a block of `batch` at a time."""
    blocks = buffer[0].reshape(-1, batch, buffer.shape[-1])
    shapes = jax.eval_shape(function, blocks[0, 0])
    values = jax.tree.map(lambda s: jnp.zeros(blocks.shape[:2], s.dtype), shapes)

    def step(carry):
        i, values = carry
        new = jax.vmap(function)(blocks[i]) if batch > 1 else jax.tree.map(jnp.ravel, function(blocks[i, 0]))
        return i + 1, jax.tree.map(lambda old, row: old.at[i].set(row), values, new)

    _, values = jax.lax.while_loop(lambda carry: carry[0] * batch < counts[0], step, (jnp.int32(0), values))
    return jax.tree.map(lambda v: v.reshape(1, -1), values)
