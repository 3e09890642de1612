"""The plane of two players, the motion over it, and what a player pays."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes import evaluate, race, span
from landscapes.directions import DIRECTIONS
from landscapes.directions.players import players
from landscapes.games.flow import flow
from landscapes.games.player_losses import player_path, player_run, player_surface, player_weights
from landscapes.slices.projection import project_path
from tests import game_problems, problems

KEY = jax.random.key(2)


@pytest.fixture(scope="module")
def played():
    """A quadratic game, centred at the end of the first of two runs."""
    problem, matrix = game_problems.quadratic()
    rates = {"slow": 0.02, "fast": 0.1}
    runs = race(problem, {name: ("simultaneous", {"learning_rate": rate}) for name, rate in rates.items()}, 20)
    end = jax.tree.map(lambda rows: rows[-1], runs["slow"].params)
    return replace(problem, params=end), matrix, runs


def joined(tree):
    return np.concatenate([np.asarray(tree[name]["first"]) for name in ("x", "y")], axis=-1)


def test_each_axis_lies_in_one_players_parameters_alone(played):
    problem, _, runs = played
    found = players(problem, list(runs.values()), KEY, 2)
    assert np.all(found["x"]["first"][1] == 0)
    assert np.all(found["y"]["first"][0] == 0)
    plane = span(problem.params, found)
    # The centre is where the first run ended; the axes lead to the end of the second, player by player.
    for row in (runs["slow"], runs["fast"]):
        _, distance = plane.project(jax.tree.map(lambda rows: rows[-1], row.params))
        np.testing.assert_allclose(distance, 0, atol=1e-13)


def test_a_single_path_puts_its_start_and_end_on_the_plane(played):
    problem, _, runs = played
    plane = span(problem.params, players(problem, [runs["slow"]], KEY, 2))
    for place in (0, -1):
        _, distance = plane.project(jax.tree.map(lambda rows, place=place: rows[place], runs["slow"].params))
        np.testing.assert_allclose(distance, 0, atol=1e-13)


def test_a_line_runs_along_the_player_that_is_asked_for(played):
    problem, _, runs = played
    both = players(problem, list(runs.values()), KEY, 2)
    for row, line in enumerate(("first", "second")):
        found = players(problem, list(runs.values()), KEY, 1, line=line)
        np.testing.assert_array_equal(joined(found)[0], joined(both)[row])


def test_without_paths_a_players_direction_is_drawn():
    problem, _ = game_problems.quadratic()
    found, again = (joined(players(problem, [], KEY, 2)) for _ in range(2))
    np.testing.assert_array_equal(found, again)
    assert np.all(np.any(found != 0, axis=1))
    assert not np.array_equal(found, joined(players(problem, [], jax.random.key(4), 2)))


def test_a_players_only_number_is_its_own_axis():
    found = joined(players(game_problems.bilinear(), [], KEY, 2))
    np.testing.assert_array_equal(found, [[2, 0], [0, 2]])


def test_directions_of_players_need_a_game():
    with pytest.raises(ValueError, match="those of two players; choose others for a problem without a game"):
        players(problems.quadratic(), [], KEY, 2)
    assert DIRECTIONS["players"].serves == "game"


# The motion over the plane


def test_the_flow_is_the_field_turned_round_and_projected(played):
    problem, matrix, runs = played
    plane = span(problem.params, players(problem, list(runs.values()), KEY, 2))
    fractions = []
    found = flow(problem, plane, [(-1.0, 2.0), (-3.0, 0.5)], count=5, progress=lambda f, _: fractions.append(f))
    basis, start = joined(plane.basis), joined(problem.params)
    for i, j in ((0, 0), (3, 1), (1, 4)):
        c = np.array([found.axes[0][i], found.axes[1][j]])
        field = matrix @ (start + c @ basis)
        np.testing.assert_allclose(found.motion[i, j], -basis @ field, rtol=1e-12)
        np.testing.assert_allclose(found.share[i, j], np.linalg.norm(basis @ field) / np.linalg.norm(field))
    assert fractions[-1] == 1.0
    assert np.all(found.share <= 1)
    with pytest.raises(ValueError, match="a line has no room"):
        flow(problem, span(problem.params, players(problem, [], KEY, 1)), [(-1.0, 1.0)])


def test_the_flow_of_the_whole_space_hides_nothing():
    problem = game_problems.bilinear()
    zero = jax.tree.map(np.zeros_like, problem.params)
    plane = span(zero, players(problem, [], KEY, 2))
    found = flow(problem, plane, [(-2.0, 2.0)] * 2, count=5)
    x, y = np.meshgrid(*found.axes, indexing="ij")
    np.testing.assert_allclose(found.motion, np.stack([-y, x], axis=-1), atol=1e-15)
    np.testing.assert_allclose(found.share, 1)


# What a player pays


def test_a_player_pays_its_own_weighted_terms(played):
    problem, _, runs = played
    plane = span(problem.params, players(problem, list(runs.values()), KEY, 2))
    surface = evaluate(problem, plane, [np.linspace(-1, 1, 3), np.linspace(-1, 2, 4)])
    weights = player_weights(problem)
    assert weights == {"x": {"own": 1.0, "product": 1.0}, "y": {"other": 1.0, "product": -1.0}}
    paid = player_surface(surface, "y", weights["y"])
    assert list(paid.terms) == ["y"]
    np.testing.assert_array_equal(paid.loss, surface.terms["other"] - surface.terms["product"])
    assert paid.error == pytest.approx(surface.errors["other"] + surface.errors["product"])
    with pytest.raises(ValueError, match="a game has no single loss"):
        _ = surface.loss
    path = project_path(problem, plane, runs["fast"])
    seen = player_path(path, weights["x"])
    np.testing.assert_allclose(seen.loss, path.terms["own"] + path.terms["product"])
    np.testing.assert_allclose(seen.plane_loss, path.plane_terms["own"] + path.plane_terms["product"])
    run = runs["fast"]
    np.testing.assert_allclose(player_run(run, weights["y"]).loss, run.terms["other"] - run.terms["product"])
    off = {"own": 0.0, "product": 1.0}
    bad = replace(run, terms={**run.terms, "own": np.full(len(run.loss), np.nan)})
    np.testing.assert_array_equal(player_run(bad, off).loss, run.terms["product"])
