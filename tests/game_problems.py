"""Games with known answers, beside `problems.game`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import register_dataclass

from landscapes import race
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem

KEY = jax.random.key(2)


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class _Quadratic:
    """½xᵀAx + xᵀBy for x, ½yᵀCy − xᵀBy for y."""

    sense: ClassVar[Literal["minimize"]] = "minimize"
    players: ClassVar[dict[str, dict[str, float]]] = {
        "x": {"own": 1.0, "product": 1.0},
        "y": {"other": 1.0, "product": -1.0},
    }

    def __call__(self, params: Any, state: Any, batch: Any, key: Any) -> dict[str, Any]:
        x, y = params["x"]["first"], params["y"]["first"]
        return {
            "own": 0.5 * x @ batch["a"] @ x,
            "other": 0.5 * y @ batch["c"] @ y,
            "product": x @ batch["b"] @ y,
        }


def quadratic(
    rows: int = 3, columns: int = 2, seed: int = 0, dtype: Any = np.float64
) -> tuple[Problem, np.ndarray]:
    """A game of rows + columns numbers, and its field's Jacobian [[A, B], [−Bᵀ, C]], the same everywhere; A and C
    are symmetric, so that they are Hessians, and positive definite."""
    rng = np.random.default_rng(seed)
    a, c = rng.normal(size=(rows, rows)), rng.normal(size=(columns, columns))
    a, c, b = a @ a.T / rows, c @ c.T / columns, rng.normal(size=(rows, columns))
    data = {name: np.asarray(value, dtype) for name, value in (("a", a), ("b", b), ("c", c))}
    params = {"x": {"first": rng.normal(size=rows)}, "y": {"first": rng.normal(size=columns)}}
    params = {name: {"first": np.asarray(own["first"], dtype)} for name, own in params.items()}
    weights = {name: np.ones((), dtype) for name in ("own", "other", "product")}
    problem = Problem(params, data, None, None, weights, _Quadratic())
    return problem, np.block([[a, b], [-b.T, c]])


def trained_quadratic() -> tuple[Problem, np.ndarray, dict[str, Trajectory]]:
    """A quadratic game centred at the end of the first of two runs, the Jacobian of its field, and the runs."""
    problem, matrix = quadratic()
    rates = {"slow": 0.02, "fast": 0.1}
    runs = race(problem, {name: ("simultaneous", {"learning_rate": rate}) for name, rate in rates.items()}, 20)
    end = jax.tree.map(lambda rows: rows[-1], runs["slow"].params)
    return replace(problem, params=end), matrix, runs


def rows_of(tree: Any) -> np.ndarray:
    """The parameters of both players along the last axis."""
    return np.concatenate([np.asarray(tree[name]["first"]) for name in ("x", "y")], axis=-1)


def bilinear(dtype: Any = np.float64) -> Problem:
    """min over x, max over y of xy, at (1, ½): v = (y, −x), eigenvalues ±i."""
    problem, _ = quadratic(1, 1, dtype=dtype)
    zero, one = np.zeros((1, 1), dtype), np.ones((1, 1), dtype)
    params = {"x": {"first": np.array([1.0], dtype)}, "y": {"first": np.array([0.5], dtype)}}
    return Problem(params, {"a": zero, "b": one, "c": zero}, None, None, problem.weights, problem.objective)


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class _Sure:
    """mean log σ(z) of z = (Ax)(By), which x minimizes and y maximizes."""

    sense: ClassVar[Literal["minimize"]] = "minimize"
    players: ClassVar[dict[str, dict[str, float]]] = {"x": {"value": 1.0}, "y": {"value": -1.0}}

    def __call__(self, params: Any, state: Any, batch: Any, key: Any) -> dict[str, Any]:
        z = (batch["a"] @ params["x"]["first"]) * (batch["b"] @ params["y"]["first"])
        return {"value": jnp.mean(jax.nn.log_sigmoid(z))}


def sure(
    seed: int, dtype: Any, rows: int = 3, columns: int = 3, examples: int = 12, size: float | None = None
) -> tuple[Problem, np.ndarray]:
    """A game of log σ, from tame to saturated unless the size of its parameters is given, and its field's
    Jacobian in extended precision. Both precisions get the same float32 numbers."""
    rng, scale = np.random.default_rng(seed), 2.0 ** (seed % 4 - 1) if size is None else size
    a, b, x, y = (
        (factor * rng.normal(size=shape)).astype(np.float32)
        for factor, shape in ((1, (examples, rows)), (1, (examples, columns)), (scale, rows), (scale, columns))
    )
    params = {"x": {"first": x.astype(dtype)}, "y": {"first": y.astype(dtype)}}
    data = {"a": a.astype(dtype), "b": b.astype(dtype)}
    problem = Problem(params, data, None, None, {"value": np.ones((), dtype)}, _Sure())
    a, b, x, y = (each.astype(np.longdouble) for each in (a, b, x, y))
    p, q = a @ x, b @ y
    slope = 1 / (1 + np.exp(p * q))
    bend = slope / (1 + np.exp(-p * q))
    own, other = -(a.T * (bend * q**2)) @ a / examples, -(b.T * (bend * p**2)) @ b / examples
    mixed = (a.T * (slope - bend * p * q)) @ b / examples
    return problem, np.block([[own, mixed], [-mixed.T, -other]])
