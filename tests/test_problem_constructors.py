"""Problems from losses and players with all their options, at other parameters, and their planes by name."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend, span
from landscapes.directions import DIRECTIONS


def test_problem_at_other_parameters_has_all_else():
    problem = Problem.from_loss(
        lambda p, d: jnp.sum(p["w"] * d), {"w": np.zeros(2, np.float32)}, np.array([1, 10], np.float32)
    )
    shifted = problem.at({"w": np.array([2.0, 3.0])})
    assert float(shifted.loss(shifted.params)) == 32
    assert shifted.params["w"].dtype == np.float32
    assert shifted.data is problem.data
    with pytest.raises(ValueError, match="different spaces"):
        problem.at({"v": np.zeros(2)})


def test_plane_is_that_of_the_directions_by_name():
    problem = Problem.from_loss(lambda p: jnp.sum(p["w"] ** 2), {"w": np.ones((3, 2), np.float32)})
    for seed in (4, jax.random.key(4)):
        plane = problem.plane("filter-normalized", seed=seed)
        expected = span(
            problem.params, DIRECTIONS["filter-normalized"].function(problem, [], jax.random.key(4), 2)
        )
        np.testing.assert_array_equal(plane.basis["w"], expected.basis["w"])
    np.testing.assert_array_equal(
        problem.plane("coordinates", dim=1, first=4).basis["w"].reshape(-1), np.eye(6, dtype=np.float32)[4]
    )
    for kind, knobs, sentence in (
        ("filter-normal", {}, "did you mean filter-normalized"),
        ("players", {}, "players directions apply to a game; choose solutions, "),
        ("coordinates", {"frist": 1}, "did you mean first"),
    ):
        with pytest.raises(ValueError, match=sentence):
            problem.plane(kind, **knobs)  # pyright: ignore[reportArgumentType]


def test_weights_and_sense_of_a_loss():
    def reward(params):
        return {"return": jnp.sum(params), "entropy": jnp.sum(params**2)}

    problem = Problem.from_loss(reward, np.array([1, 2], np.float32), sense="maximize", weights={"entropy": 0.5})
    assert float(problem.loss(problem.params)) == 3 + 0.5 * 5
    np.testing.assert_array_equal(problem.field(problem.params), [-2, -3])
    with pytest.raises(ValueError, match="weights name 'entrpy', which is no term; the loss has entropy, return"):
        Problem.from_loss(reward, np.array([1, 2], np.float32), weights={"entrpy": 0.5})


def test_state_reaches_the_loss_and_stays():
    def loss(params, data, *, state, constants):
        return jnp.sum(params * data - state["mean"]) * constants

    problem = Problem.from_loss(
        loss,
        np.array([2], np.float32),
        np.array([5], np.float32),
        state={"mean": np.ones(1, np.float32)},
        constants=np.array(3, np.float32),
    )
    assert float(problem.loss(problem.params)) == 27
    with pytest.raises(ValueError, match="the loss has no argument state, so it would be ignored"):
        Problem.from_loss(jnp.sum, np.array([2], np.float32), state={"mean": np.ones(1, np.float32)})


def test_players_each_descend_their_own_loss():
    """min over x, max over y of x·y + x²/2: the field is (y + x, −x)."""

    def value(params, data):
        return jnp.sum(params["x"] * params["y"] + params["x"] ** 2 / 2) * data

    game = Problem.from_players(
        {"x": value, "y": lambda params, data: -value(params, data)},
        {"x": np.array([2], np.float32), "y": np.array([5], np.float32)},
        np.array(10, np.float32),
    )
    field = game.field(game.params)
    assert (float(field["x"][0]), float(field["y"][0])) == (70, -20)
    assert {name: float(term) for name, term in game.terms(game.params).items()} == {"x": 120, "y": -120}
    path = descend(game, ("sgd", {"learning_rate": 0.01}), 1)
    np.testing.assert_allclose([path.params["x"][-1], path.params["y"][-1]], [[1.3], [5.2]], rtol=1e-6)


@pytest.mark.parametrize(
    ("losses", "params", "sentence"),
    [
        ({"x": jnp.sum}, {"x": np.ones(2)}, "a game has two players or more"),
        ({"x": jnp.sum, "y": jnp.sum}, {"x": np.ones(2), "z": np.ones(2)}, "one entry for each player, x, y"),
        (
            {"x": lambda p: {"a": jnp.sum(p["x"])}, "y": lambda p: jnp.sum(p["y"])},
            {"x": np.ones(2), "y": np.ones(2)},
            "a player's loss must return one number",
        ),
    ],
    ids=["one", "names", "terms"],
)
def test_games_that_are_none_get_one_sentence(losses, params, sentence):
    with pytest.raises(ValueError, match=sentence):
        Problem.from_players(losses, params)
