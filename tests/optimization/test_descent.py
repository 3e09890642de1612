"""Descent: what is stepped against, and one compilation for all numbers."""

import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.flatten_util import ravel_pytree
from jax.tree_util import register_dataclass

from landscapes.knobs import knobs
from landscapes.optimization import descent
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS
from landscapes.optimization.plateau import PLATEAU
from landscapes.optimization.schedules import SCHEDULES
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from landscapes.problem import Problem
from tests.bowl import TRACES, bowl


@partial(register_dataclass, data_fields=[], meta_fields=["sense"])
@dataclass(frozen=True)
class Hill:
    sense: Any = "maximize"
    players: ClassVar[None] = None

    def __call__(self, params, state, batch, key):
        return {"reward": -jnp.sum((params - 2.0) ** 2), "bonus": jnp.sum(params)}


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class Bilinear:
    """min over x, max over y of x·y."""

    sense: ClassVar[str] = "minimize"
    players: ClassVar[dict] = {"x": {"value": 1.0}, "y": {"value": -1.0}}

    def __call__(self, params, state, batch, key):
        return {"value": params["x"] * params["y"]}


def hill() -> Problem:
    return Problem(np.array([0.0, 5.0]), None, None, None, {"reward": 1.0, "bonus": 2.0}, Hill())


def bilinear() -> Problem:
    return Problem({"x": np.array(1.0), "y": np.array(0.5)}, None, None, None, {}, Bilinear())


def curved(p):
    return (1 - p["x"]) ** 2 + 5 * (p["y"] - p["x"] ** 2) ** 2


@pytest.mark.parametrize("wrap", [lambda optimizer: optimizer, optax.chain], ids=["alone", "in a chain"])
def test_a_schedule_free_path_is_that_of_the_average(wrap):
    problem = Problem.from_loss(curved, {"x": np.float32(-1.2), "y": np.float32(1.0)})
    optimizer = wrap(optax.contrib.schedule_free_sgd(0.05, b1=0.7))
    path = descend(problem, optimizer, 12)
    y = problem.params
    state, gradient = optimizer.init(y), jax.jit(jax.value_and_grad(curved))
    for k in range(13):
        inner = state if hasattr(state, "z") else state[0]
        x = optax.contrib.schedule_free_eval_params(inner, y)
        np.testing.assert_allclose([path.params[name][k] for name in x], list(x.values()), rtol=1e-4)
        assert float(path.loss[k]) == pytest.approx(float(curved(x)), rel=1e-4)
        value, slope = gradient(y)
        assert float(path.gradient_norm[k]) == pytest.approx(float(optax.tree.norm(slope)), rel=1e-4)
        updates, state = optimizer.update(slope, state, y)
        y = optax.apply_updates(y, updates)
    assert abs(float(value) - float(path.loss[-1])) > 0.01  # x and y are apart
    assert "the average x" in path.outcome.note
    assert "average" not in descend(problem, "sgd", 1).outcome.note


@pytest.mark.parametrize("make", [bowl, hill, bilinear])
def test_optimizer_steps_against_the_problems_field(make):
    with jax.enable_x64(True):
        problem = make()
        params = jax.tree.map(jnp.asarray, problem.params)
        vector, unravel = ravel_pytree(params)
        entries, field, _ = descent._evaluate(problem, vector, unravel)
        jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-12), unravel(field), problem.field(params))
        if make is not bilinear:
            np.testing.assert_allclose(entries[0], problem.loss(params), rtol=1e-12)


@pytest.mark.parametrize("name", ["sgd", "lbfgs"])
def test_a_reward_is_climbed(name):
    path = descend(hill(), name, 100)
    np.testing.assert_allclose(path.params[-1], [3.0, 3.0], atol=1e-8)
    assert path.loss[0] == -13.0 + 10.0
    assert path.loss[-1] == pytest.approx(10.0)
    np.testing.assert_allclose(path.terms["reward"] + 2 * path.terms["bonus"], path.loss, rtol=1e-12)


def test_the_players_of_a_game_move_at_once():
    rate = 0.1
    path = descend(bilinear(), ("sgd", {"learning_rate": rate}), 100)
    squares = path.params["x"] ** 2 + path.params["y"] ** 2
    np.testing.assert_allclose(squares[1:] / squares[:-1], 1 + rate**2, rtol=1e-12)
    assert np.all(np.isnan(path.loss))
    np.testing.assert_allclose(path.terms["value"], path.params["x"] * path.params["y"], rtol=1e-12)
    np.testing.assert_allclose(path.gradient_norm, np.sqrt(squares), rtol=1e-12)


def test_a_game_that_spirals_out_diverges():
    path = descend(bilinear(), ("sgd", {"learning_rate": 10.0}), 1000)
    assert path.outcome.kind == "diverged"
    assert np.abs(path.terms["value"]).max() <= 2e8
    for name in NEEDS_LOSS:
        with pytest.raises(ValueError, match="choose another optimizer"):
            descend(bilinear(), name, 10)


def test_descent_on_a_plane_follows_the_drawn_surface():
    problem = bowl()
    with jax.enable_x64(True):
        plane = span(problem.params, jnp.array([[1.0, 1.0]]))
    path = descend(problem.on(plane), ("sgd", {"learning_rate": 0.01}), 100)
    # L(c) = ½(1 + c/√2)² + 50(−3 + c/√2)², whose minimum is at c = 299√2/101
    assert path.params[-1] == pytest.approx(299 * np.sqrt(2) / 101, rel=1e-9)


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - NEEDS_GAME))
def test_no_number_is_compiled_in(name):
    first, second, third = (bowl((λ, 7.0), (λ, 0.2)) for λ in (1.0, 2.0, 3.0))
    problem = replace(second, weights={"loss": 2.0})
    descend(first, name, 20)
    before = TRACES[0]
    for schedule in {*SCHEDULES} - {PLATEAU}:  # it has a program of its own: see `test_plateau`
        descend(problem, name, 33, schedule=schedule, key=7)
    for knob in knobs(OPTIMIZERS[name]).values():
        if knob.kind is float:
            descend(third, (name, {knob.name: 0.5 * (float(knob.default) + 1.0)}), 500)
    assert TRACES[0] == before
    if name == "adam":
        descend(first, name, 20, batch_size=2)
        before = TRACES[0]
        descend(problem, name, 50, batch_size=2, key=9)
        assert TRACES[0] == before


def test_any_optax_transformation_descends():
    transformation = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.01))
    path = descend(bowl(), transformation, 50)
    moves = np.linalg.norm(np.diff(path.params, axis=0), axis=1)
    assert moves[0] == pytest.approx(0.01)
    halved = descend(bowl(), transformation, 50, schedule=("step", {"drops": 1, "factor": 0.5}))
    shifted = np.linalg.norm(np.diff(halved.params, axis=0), axis=1)
    np.testing.assert_allclose(shifted[:26], [*moves[:25], moves[25] / 2], rtol=1e-12)


def test_float64_reaches_a_worker_thread():
    result = []
    worker = threading.Thread(target=lambda: result.append(descend(bowl(), "sgd", 5)))
    worker.start()
    worker.join()
    assert result[0].params.dtype == result[0].loss.dtype == np.float64


def test_what_cannot_be_kept_is_refused():
    with pytest.raises(ValueError, match="leave batch_size out"):
        descend(hill(), "sgd", 10, batch_size=2)
    huge = replace(hill(), params=np.broadcast_to(np.float32(0.0), (10_000, 10_000)))
    with pytest.raises(ValueError, match="give the number in snapshots=, or a directory= for them"):
        descend(huge, "sgd", 10)
