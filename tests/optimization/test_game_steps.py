"""How the players of a game move: the recursion that each name stands for, and the growth that theory predicts."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.optimization.game_steps import MOVES
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from tests import game_problems, problems
from tests.bowl import bowl

STEPS = 40


def path(problem, name, rate, steps=STEPS):
    """θ["T n"] of every step, x before y."""
    run = descend(problem, (name, {"learning_rate": rate}), steps)
    return np.concatenate([np.asarray(run.params[name]["first"]) for name in ("x", "y")], axis=1)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_bilinear_game_simultaneous_diverges_and_extragradient_converges(rate):
    """‖θ‖² is multiplied by 1 + η² and by 1 − η² + η⁴ at every step."""
    for name, factor in (
        ("simultaneous", 1 + rate**2),
        ("sgd", 1 + rate**2),
        ("extragradient", 1 - rate**2 + rate**4),
    ):
        squares = np.sum(path(game_problems.bilinear(), name, rate) ** 2, axis=1)
        np.testing.assert_allclose(squares[1:] / squares[:-1], factor, rtol=1e-12)


def test_bilinear_game_alternating_steps_stay_on_an_ellipse():
    """x ← x − ηy, then y ← y + ηx preserves x² + y² − ηxy, so that a path neither comes to rest nor flies off."""
    x, y = path(game_problems.bilinear(), "alternating", 0.3, 500).T
    np.testing.assert_allclose(x**2 + y**2 - 0.3 * x * y, 1 + 0.25 - 0.15, rtol=1e-12)


@pytest.mark.parametrize("name", MOVES)
def test_each_move_is_its_recursion(name):
    problem, matrix = game_problems.quadratic()
    rate = 0.07
    theta = path(problem, name, rate, 12)
    first = np.diag([1.0, 1, 1, 0, 0])
    last, expected = matrix @ theta[0], [theta[0]]
    for _ in range(12):
        point = expected[-1]
        field = matrix @ point
        if name == "alternating":
            there = point - rate * first @ field
            there = there - rate * (np.eye(5) - first) @ matrix @ there
        elif name == "extragradient":
            there = point - rate * matrix @ (point - rate * field)
        elif name == "optimistic":
            there = point - rate * (2 * field - last)
        else:
            there = point - rate * field
        last = field
        expected.append(there)
    np.testing.assert_allclose(theta, expected, rtol=1e-11)


def test_field_of_one_player_is_zero_for_others():
    problem, matrix = game_problems.quadratic()
    full = problem.field(problem.params)
    for name, other in (("x", "y"), ("y", "x")):
        part = problem.field(problem.params, name)
        np.testing.assert_array_equal(part[name]["first"], full[name]["first"])
        np.testing.assert_array_equal(part[other]["first"], 0)
    start = np.concatenate([problem.params[name]["first"] for name in ("x", "y")])
    result = np.concatenate([full[name]["first"] for name in ("x", "y")])
    np.testing.assert_allclose(result, matrix @ start, rtol=1e-12)


def test_weights_multiply_what_a_player_pays():
    problem, _ = game_problems.quadratic()
    twice = replace(problem, weights={**problem.weights, "other": np.array(3.0)})
    assert {name: dict(own) for name, own in twice.player_weights.items()}["y"] == {"other": 3.0, "product": -1.0}
    before, after = (p.field(p.params) for p in (problem, twice))
    np.testing.assert_array_equal(before["x"]["first"], after["x"]["first"])
    y, c = problem.params["y"]["first"], problem.data["c"]
    np.testing.assert_allclose(after["y"]["first"] - before["y"]["first"], 2 * c @ y, rtol=1e-12)


@pytest.mark.parametrize("name", MOVES)
def test_players_move_along_their_axes_of_the_plane(name):
    """Along a plane that holds all of both players nothing is lost: the same path, in coordinates."""
    problem = game_problems.bilinear()
    with jax.enable_x64(True):
        zero = {"x": {"first": np.zeros(1)}, "y": {"first": np.zeros(1)}}
        axes = {"x": {"first": np.array([[1.0], [0]])}, "y": {"first": np.array([[0.0], [1]])}}
        plane = span(zero, axes)
        on = replace(problem.on(plane), params=jnp.array([1.0, 0.5]))
    run = descend(on, (name, {"learning_rate": 0.2}), 10)
    np.testing.assert_allclose(run.params, path(problem, name, 0.2, 10), rtol=1e-12)


def test_a_slanted_plane_holds_its_share_of_the_motion():
    problem, matrix = game_problems.quadratic()
    rng = np.random.default_rng(1)
    with jax.enable_x64(True):
        draws = {"x": {"first": rng.normal(size=(2, 3))}, "y": {"first": rng.normal(size=(2, 2))}}
        plane = span(problem.params, draws)
        on = problem.on(plane)
        point = jnp.array([0.3, -0.2])
        field = np.asarray(on.field(point))
        basis = np.concatenate([np.asarray(plane.basis[name]["first"]) for name in ("x", "y")], axis=1)
        start = np.concatenate([problem.params[name]["first"] for name in ("x", "y")])
    np.testing.assert_allclose(field, basis @ matrix @ (start + basis.T @ np.asarray(point)), rtol=1e-12)


def test_games_and_losses_accept_different_optimizers():
    assert set(OPTIMIZERS) >= NEEDS_GAME
    for name in NEEDS_GAME:
        with pytest.raises(
            ValueError, match=f"{name} moves the players of a game, and here is one loss; choose sgd"
        ):
            descend(bowl(), name, 3)
    for name in NEEDS_LOSS:
        with pytest.raises(ValueError, match="a game has no single one; choose another optimizer"):
            descend(problems.game(), name, 3)
    with pytest.raises(ValueError, match="reads a loss and a game has no single one; choose another schedule"):
        descend(problems.game(), "sgd", 3, schedule="reduce-on-plateau")


def test_no_number_of_a_game_is_compiled_in():
    count = []
    problem = game_problems.bilinear()
    observed_values = problem.objective.__class__.__call__

    def counting(self, *args):
        count.append(1)
        return observed_values(self, *args)

    problem.objective.__class__.__call__ = counting
    try:
        for name in MOVES:
            descend(problem, (name, {"learning_rate": 0.11}), 20)
            before = len(count)
            other = replace(problem, weights={**problem.weights, "product": np.array(0.5)})
            descend(other, (name, {"learning_rate": 0.4}), 33, schedule="cosine")
            assert len(count) == before
    finally:
        problem.objective.__class__.__call__ = observed_values
