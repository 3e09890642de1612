"""The loss of each player over a surface, along a path and in a run."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import evaluate, span
from landscapes.directions.player_directions import players
from landscapes.games.player_losses import player_path, player_run, player_surface, player_weights
from landscapes.slices.projection import project_path
from tests import game_problems
from tests.game_problems import KEY


@pytest.fixture(scope="module")
def quadratic_game():
    return game_problems.trained_quadratic()


def test_player_loss_sums_its_weighted_terms(quadratic_game):
    problem, _, runs = quadratic_game
    plane = span(problem.params, players(problem, list(runs.values()), KEY, 2))
    surface = evaluate(problem, plane, [np.linspace(-1, 1, 3), np.linspace(-1, 2, 4)])
    surface = replace(surface, errors={"own": 0.1, "other": 0.2, "product": 0.4})
    weights = player_weights(problem)
    assert weights == {"x": {"own": 1.0, "product": 1.0}, "y": {"other": 1.0, "product": -1.0}}
    paid = player_surface(surface, "y", weights["y"])
    assert list(paid.terms) == ["y"]
    np.testing.assert_array_equal(paid.loss, surface.terms["other"] - surface.terms["product"])
    assert paid.error == pytest.approx(0.2 + 0.4)
    with pytest.raises(ValueError, match="a game has no single loss"):
        _ = surface.loss
    path = project_path(problem, plane, runs["fast"])
    observed_values = player_path(path, weights["x"])
    np.testing.assert_allclose(observed_values.loss, path.terms["own"] + path.terms["product"])
    np.testing.assert_allclose(observed_values.plane_loss, path.plane_terms["own"] + path.plane_terms["product"])
    run = runs["fast"]
    np.testing.assert_allclose(player_run(run, weights["y"]).loss, run.terms["other"] - run.terms["product"])
    off = {"own": 0.0, "product": 1.0}
    bad = replace(run, terms={**run.terms, "own": np.full(len(run.loss), np.nan)})
    np.testing.assert_array_equal(player_run(bad, off).loss, run.terms["product"])
