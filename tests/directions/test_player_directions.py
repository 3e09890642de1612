"""Directions along the parameters of two players."""

import jax
import numpy as np
import pytest

from landscapes import span
from landscapes.directions import DIRECTIONS
from landscapes.directions.player_directions import players
from tests import game_problems, problems
from tests.game_problems import KEY, rows_of


@pytest.fixture(scope="module")
def quadratic_game():
    return game_problems.trained_quadratic()


def test_each_axis_changes_one_player_only(quadratic_game):
    problem, _, runs = quadratic_game
    result = players(problem, list(runs.values()), KEY, 2)
    assert np.all(result["x"]["first"][1] == 0)
    assert np.all(result["y"]["first"][0] == 0)
    plane = span(problem.params, result)
    # The centre is where the first run ended; the axes lead to the end of the second, player by player.
    for row in (runs["slow"], runs["fast"]):
        _, distance = plane.project(jax.tree.map(lambda rows: rows[-1], row.params))
        np.testing.assert_allclose(distance, 0, atol=1e-13)


def test_plane_contains_start_and_end_of_one_path(quadratic_game):
    problem, _, runs = quadratic_game
    plane = span(problem.params, players(problem, [runs["slow"]], KEY, 2))
    for place in (0, -1):
        _, distance = plane.project(jax.tree.map(lambda rows, place=place: rows[place], runs["slow"].params))
        np.testing.assert_allclose(distance, 0, atol=1e-13)


def test_line_follows_requested_player(quadratic_game):
    problem, _, runs = quadratic_game
    both = players(problem, list(runs.values()), KEY, 2)
    for row, line in enumerate(("first", "second")):
        result = players(problem, list(runs.values()), KEY, 1, line=line)
        np.testing.assert_array_equal(rows_of(result)[0], rows_of(both)[row])


def test_directions_without_paths_are_random():
    problem, _ = game_problems.quadratic()
    result, again = (rows_of(players(problem, [], KEY, 2)) for _ in range(2))
    np.testing.assert_array_equal(result, again)
    assert np.all(np.any(result != 0, axis=1))
    assert not np.array_equal(result, rows_of(players(problem, [], jax.random.key(4), 2)))


def test_single_parameter_is_its_own_axis():
    result = rows_of(players(game_problems.bilinear(), [], KEY, 2))
    np.testing.assert_array_equal(result, [[2, 0], [0, 2]])


def test_players_need_a_game():
    with pytest.raises(ValueError, match="those of two players; choose others for a problem without a game"):
        players(problems.quadratic(), [], KEY, 2)
    assert DIRECTIONS["players"].applies_to == "game"
