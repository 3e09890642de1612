"""The terms of a problem at many points of a plane, in batches that fit the cache, the memory and a tenth of a
second.

One program per problem structure serves every level, extent and number of points. It takes a buffer of fixed
length and the number of points to evaluate, so that a call can be limited to a tenth of a second without compiling
again.
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

from landscapes.arguments import check_arguments
from landscapes.evaluation.devices import REPLICATED, SHARDED, mesh_for
from landscapes.evaluation.hoisting import MIN_SAVING, hoist
from landscapes.evaluation.jaxprs import subprograms
from landscapes.evaluation.memory import available_memory, memory_needed, refuse
from landscapes.evaluation.pacing import next_count
from landscapes.evaluation.streaming import streamed_program
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.streamed_loss import StreamedLoss

Run = Callable[[NDArray], Iterator[tuple[slice, dict[str, NDArray]]]]
"""From points ["N K"] to parts of the result: the slice of the points, and the value of each term there. Parts
come in order, except from several processes (see `result_directory.resumable`). A part without values reports that
work on as many points is under way."""

BUFFER_POINTS = 4096
"""Points in the buffer of a call. A function so cheap that more fit in a tenth of a second gets a larger
buffer."""
MAX_BATCH = 512
"""Points in a batch on a processor; an accelerator takes eight times as many. A game of two numbers evaluates
2,601 points in 50 µs with batches of 512, which XLA compiles into one loop, and in 150 µs with batches of
4,096."""
MAX_CARRIED_BYTES = 2**30
"""Bytes that hoisted values may take, if there is as much memory."""


@dataclass(frozen=True)
class Cost:
    """The cost of one evaluation, counted from its program.

    Attributes:
        flops: multiplications and additions of its products.
        bytes: bytes that it writes.
        has_convolution: whether it has a convolution.
    """

    flops: float
    bytes: float
    has_convolution: bool


def cost(jaxpr: Jaxpr) -> Cost:
    """The cost of a program. A loop of unknown length counts once."""
    flops, written, has_convolution = 0.0, 0.0, False
    for eqn in jaxpr.eqns:
        inner = [cost(sub) for value in eqn.params.values() for sub in subprograms(value)]
        times = eqn.params.get("length", 1) if eqn.primitive.name == "scan" else 1
        flops += times * sum(part.flops for part in inner)
        written += times * sum(part.bytes for part in inner)
        has_convolution |= any(part.has_convolution for part in inner)
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
            has_convolution = True
    return Cost(flops, written, has_convolution)


def batch_size(one: Cost, platform: str = "cpu") -> int:
    """The number of points in a batch, a power of two.

    A convolution takes one point at a time: over several kernels it becomes a grouped convolution, two to nine
    times slower. On a processor the intermediates of a batch should stay in the cache: with 16 MiB, dense models
    of 0.5 to 10 MB a point ran within 15 % of their fastest, with 128 MiB up to five times slower. An accelerator
    gets 256 MiB of work, to hide the time of its launches.
    """
    if one.has_convolution:
        return 1
    points = (2**24 if platform == "cpu" else 2**28) / max(one.bytes, 1.0)
    largest = MAX_BATCH if platform == "cpu" else 8 * MAX_BATCH
    return 2 ** max(0, min(round(math.log2(points)), int(math.log2(largest))))


def map_rows(function: Callable[..., Any], *rows: Any) -> Any:
    """The function mapped over the rows of its arguments, under vmap, or one after the other where JAX cannot
    batch it. For use inside jit."""
    try:
        return jax.vmap(function)(*rows)
    except NotImplementedError:
        return jax.lax.map(lambda row: function(*row), rows)


@check_arguments
def points_program(problem: Problem, plane: Plane) -> Run:
    """A function that evaluates the problem's terms at many points of the plane.

    Values that are affine in the coordinates are computed here, once. The program is compiled once for each
    structure of problem and plane: other seeds, extents, weights and data of the same shape share it.

    Raises:
        ValueError: if parameters have less than 32 bits, if the terms are not numbers, or if one point at a time
            needs more memory than is available.
    """
    check_space(plane, problem.params)
    dtype = dtype_of(plane.origin)
    if dtype.itemsize < 4:
        raise ValueError(
            f"in {dtype} a small step along a direction is rounded away; cast the parameters to float32"
        )
    if isinstance(problem.objective, StreamedLoss):
        return streamed_program(points_program, problem, plane)
    # The parts that the terms do not read are left out, so that a new weight or start needs no new program.
    bare = replace(problem, params=None, weights={}, filter_axes=())
    examples = min((leaf.shape[0] for leaf in jax.tree.leaves(problem.data) if np.ndim(leaf)), default=None)
    # Leaves and structure are kept apart, here and below: lowering puts placeholders in the tree, and a
    # type-checked dataclass would refuse those.
    leaves, structure = jax.tree.flatten((bare, plane))
    mesh = mesh_for(problem.terms, plane.origin)
    with precision(plane.origin):
        budget, need = available_memory(jax.local_devices()[0]), math.inf
        # Hoisting with memory to carry values, hoisting without, and plain evaluation, the only one that is right
        # where numbers are not finite.
        for memory, min_saving in ((MAX_CARRIED_BYTES, MIN_SAVING), (0, MIN_SAVING), (0, math.inf)):
            static: dict[str, Any] = {"structure": structure, "memory": memory, "min_saving": min_saving}
            traced = _prepare.trace(leaves, **static)
            preparation_need = memory_needed(traced.lower().compile())
            for segment in _segments(traced.out_info, plane.dim, dtype, mesh):
                need = max(preparation_need, segment.leaf_bytes + memory_needed(segment.compiled))
                if need > budget:
                    continue
                function = _prepare(leaves, **static)
                if function.finite:
                    return partial(_run, segment, jax.device_put(jax.tree.leaves(function), segment.sharding))
                break
    refuse(need, budget, examples)


@dataclass(frozen=True, eq=False)
class _Segment:
    """A compiled call, `compiled(leaves, buffer, counts)`, with a buffer of shape (devices, points, K).

    Attributes:
        leaf_bytes: size of the leaves.
    """

    compiled: Any
    shape: tuple[int, int, int]
    batch: int
    dtype: np.dtype
    leaf_bytes: int
    sharding: Any


def _segments(function: Any, dim: int, dtype: np.dtype, mesh: Mesh | None) -> Iterator[_Segment]:
    """Compiled calls of a function given by shapes, from the batch that suits its cost down to one point at a
    time."""
    sharding = NamedSharding(mesh, REPLICATED) if mesh is not None else None
    leaves, structure = jax.tree.flatten(function)
    leaves = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding) for leaf in leaves]
    leaf_bytes = sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)
    single = _single.trace(leaves, jax.ShapeDtypeStruct((dim,), dtype), structure=structure)
    _check_values(single.out_info)
    batch = batch_size(cost(single.jaxpr.jaxpr), jax.local_devices()[0].platform)
    for batch in sorted({max(1, batch >> shift) for shift in range(0, 16, 2)}, reverse=True):
        capacity = max(BUFFER_POINTS, min(16 * BUFFER_POINTS, batch**2 // 4))
        shape = (mesh.size if mesh is not None else 1, capacity, dim)
        buffer, counts = jax.ShapeDtypeStruct(shape, dtype), jax.ShapeDtypeStruct(shape[:1], np.int32)
        # Tracing, lowering and compilation happen once for each structure; jit caches all three.
        try:
            call = _call.trace(leaves, buffer, counts, structure=structure, batch=batch, mesh=mesh)
        except NotImplementedError:  # of a primitive without a batching rule, such as a callback to Python
            if batch == 1:
                raise
            continue
        yield _Segment(call.lower().compile(), shape, batch, dtype, leaf_bytes, sharding)


@partial(jax.jit, static_argnames=("structure", "memory", "min_saving"))
def _prepare(leaves: list[Any], *, structure: Any, memory: int, min_saving: float) -> Any:
    problem, plane = jax.tree.unflatten(structure, leaves)
    return hoist(problem.terms, plane, memory=memory, min_saving=min_saving)


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
        start_time = time.perf_counter()
        with jax.enable_x64(dtype == np.float64):  # not across a yield: the caller must not get it
            results = jax.tree.map(np.asarray, segment.compiled(leaves, buffer, counts))
        seconds = time.perf_counter() - start_time
        values = {
            name: _floating(np.concatenate([row[:count] for row, count in zip(grid, counts, strict=True)]), dtype)
            for name, grid in results.items()
        }
        yield slice(done, done + len(part)), values
        done += len(part)
        size = max(1, next_count(len(part), seconds) // unit) * unit


def _floating(values: NDArray, dtype: np.dtype) -> NDArray:
    """The values in floating point, so that NaN can mark missing ones: counts and half-precision terms are
    cast."""
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
    specs = (REPLICATED, SHARDED, SHARDED)
    sharded = jax.shard_map(loop, mesh=mesh, in_specs=specs, out_specs=SHARDED, check_vma=False)
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
