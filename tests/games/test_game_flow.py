"""The flow of the players' steps over a plane."""

import jax
import numpy as np
import pytest

from landscapes import span
from landscapes.directions.player_directions import players
from landscapes.games.game_flow import flow
from tests import game_problems
from tests.game_problems import KEY, rows_of


@pytest.fixture(scope="module")
def quadratic_game():
    return game_problems.trained_quadratic()


def test_flow_is_negated_projected_field(quadratic_game):
    problem, matrix, runs = quadratic_game
    plane = span(problem.params, players(problem, list(runs.values()), KEY, 2))
    fractions = []
    result = flow(problem, plane, [(-1.0, 2.0), (-3.0, 0.5)], count=5, progress=lambda f, _: fractions.append(f))
    for axis, ends in zip(result.axes, ((-1.0, 2.0), (-3.0, 0.5)), strict=True):
        np.testing.assert_allclose(axis, np.linspace(*ends, 5))
    basis, start = rows_of(plane.basis), rows_of(problem.params)
    for i, j in ((0, 0), (3, 1), (1, 4)):
        c = np.array([result.axes[0][i], result.axes[1][j]])
        field = matrix @ (start + c @ basis)
        np.testing.assert_allclose(result.motion[i, j], -basis @ field, rtol=1e-12)
        np.testing.assert_allclose(result.share[i, j], np.linalg.norm(basis @ field) / np.linalg.norm(field))
    assert fractions[-1] == 1.0
    assert np.all(result.share <= 1)
    with pytest.raises(ValueError, match="a line has no room"):
        flow(problem, span(problem.params, players(problem, [], KEY, 1)), [(-1.0, 1.0)])


def test_flow_of_two_parameters_is_complete():
    problem = game_problems.bilinear()
    zero = jax.tree.map(np.zeros_like, problem.params)
    plane = span(zero, players(problem, [], KEY, 2))
    result = flow(problem, plane, [(-2.0, 2.0)] * 2, count=5)
    x, y = np.meshgrid(*result.axes, indexing="ij")
    np.testing.assert_allclose(result.motion, np.stack([-y, x], axis=-1), atol=1e-15)
    np.testing.assert_allclose(result.share, 1)
