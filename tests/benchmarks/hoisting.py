"""Hoisted against plain evaluation of the same points, each in the batches that suit it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Choice, Recipe
from landscapes.curvature.float64 import to_float64
from landscapes.directions import gaussian
from landscapes.evaluation.batching import batch_size, cost
from landscapes.evaluation.hoisting import hoist
from landscapes.models import MODELS
from landscapes.objectives import DATASETS
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.recipes import catalog
from tests.benchmarks import networks
from tests.benchmarks.measure import Line, plane_of, side_by_side

WIDE = (784, 256, 10)
EXACT = 101  # points at which both are compared with double precision


def lines(side: int, repeats: int) -> Iterator[Line]:
    named = [
        ("784-256-10", networks.dense(*WIDE), 10.0),
        ("784-256-256-10", networks.dense(784, 256, 256, 10), 2.8),
        ("softmax regression 784-10", networks.dense(784, 10), 8.0),
        ("autoencoder 784-128-32-128-784", networks.autoencoder(), None),
        ("ConvNet 8-16", networks.convnet(), None),
    ]
    for name, problem, least in named:
        yield _hoisted_against_plain(name, problem, side, repeats, least)
        if name == "784-256-10":
            yield _rate(problem, side, repeats)
    for name in MODELS:
        data, objective = next(
            (data, served)
            for data in DATASETS
            if name in catalog.models_for(data)
            for served in catalog.trainable_objectives(catalog.objectives_for(data, name))
        )
        recipe = Recipe(model=Choice(name), data=Choice(data), objective=Choice(objective))
        problem = catalog.build(recipe)
        # A table that begins at zero has no filters to normalize by.
        plane = plane_of(problem, gaussian)
        yield _hoisted_against_plain(f"{name} on {data}", problem, side, repeats, 0.95, plane)


def grid(side: int, half_width: Any) -> jax.Array:
    """The points of a square grid, a row each."""
    along = np.linspace(-1, 1, side)
    first, second = np.meshgrid(along, along, indexing="ij")
    return jnp.asarray(np.stack([first, second], -1).reshape(-1, 2) * np.asarray(half_width), jnp.float32)


@jax.jit
def prepare(problem: Problem, plane: Plane) -> Any:
    return hoist(problem.terms, plane)


@partial(jax.jit, static_argnames="batch")
def hoisted(problem: Problem, plane: Plane, points: jax.Array, batch: int) -> Any:
    """What is affine is computed first, in the same program, as plain evaluation is one."""
    return jax.lax.map(hoist(problem.terms, plane), points, batch_size=batch if batch > 1 else None)


@partial(jax.jit, static_argnames="batch")
def plain(problem: Problem, plane: Plane, points: jax.Array, batch: int) -> Any:
    return jax.lax.map(lambda c: problem.terms(plane.point(c)), points, batch_size=batch if batch > 1 else None)


def _batch(function: Any, *args: Any) -> int:
    return batch_size(cost(jax.make_jaxpr(function)(*args).jaxpr), jax.devices()[0].platform)


def _hoisted_against_plain(
    name: str, problem: Problem, side: int, repeats: int, least: float | None, plane: Plane | None = None
) -> Line:
    plane = plane or plane_of(problem)
    points = grid(side, plane.scale)
    batch = _batch(lambda h, c: h(c), prepare(problem, plane), points[0])
    plain_batch = _batch(lambda q, p, c: q.terms(p.point(c)), problem, plane, points[0])
    # The faster of its own batch and one point at a time.
    trials = {
        b: side_by_side(lambda b=b: plain(problem, plane, points, b), lambda: None, 1) for b in {1, plain_batch}
    }
    plain_batch = min(trials, key=lambda b: trials[b][0])

    def ours() -> Any:
        return hoisted(problem, plane, points, batch)

    def theirs() -> Any:
        return plain(problem, plane, points, plain_batch)

    times = side_by_side(ours, theirs, repeats)
    expected, result = theirs(), ours()
    error = max(float(jnp.max(jnp.abs(result[t] - expected[t])) / jnp.ptp(expected[t])) for t in expected)
    size = f"{side}×{side} points, batches {batch} and {plain_batch}"
    some = np.linspace(0, len(points) - 1, EXACT).astype(int)
    exact = _in_float64(problem, plane, points[some])

    def off(values: Any) -> float:
        return max(
            float(np.max(np.abs(np.asarray(values[t][some], np.float64) - exact[t])) / np.ptp(expected[t]))
            for t in exact
        )

    rounding = (off(result), off(expected))
    return Line(f"hoisted ÷ plain, {name}", size, *times, error, least, rounding=rounding)


def _in_float64(problem: Problem, plane: Plane, points: jax.Array) -> dict[str, np.ndarray]:
    """The terms at points of the plane, evaluated plainly in double precision."""
    with jax.enable_x64(True):
        exact = plain(to_float64(problem), to_float64(plane), jnp.asarray(points, jnp.float64), 1)
        return {name: np.asarray(value) for name, value in exact.items()}


def _rate(problem: Problem, side: int, repeats: int) -> Line:
    """The products that plain evaluation would take, per second of hoisted evaluation, over what this machine
    reaches on large products in turn with it."""
    n, times = 2048, 4
    square = jnp.ones((n, n))
    product = jax.jit(jnp.matmul)
    plane = plane_of(problem)
    points = grid(side, plane.scale)
    batch = _batch(lambda h, c: h(c), prepare(problem, plane), points[0])
    needed, done = networks.flops(*WIDE) * side**2, 2 * n**3 * times

    def ours() -> Any:
        return hoisted(problem, plane, points, batch)

    def theirs() -> Any:
        return [product(square, square) for _ in range(times)]

    evaluation, products, ratio = side_by_side(ours, theirs, max(repeats, 5))
    rates = (needed / evaluation / 1e9, done / products / 1e9, ratio * needed / done)
    size = f"{times} products of {n}×{n}"
    return Line("effective rate ÷ matrix product, 784-256-10", size, *rates, None, 9.0, "GF/s")
