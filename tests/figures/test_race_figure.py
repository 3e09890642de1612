"""Runs in three panels, by step, by gradient and by time, with the lines of theory."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes import figures
from landscapes.games.convergence_rate import Rate
from landscapes.optimization.outcome import Outcome
from landscapes.optimization.trajectory import Trajectory
from tests.figures.scenes import layout, role


def run(loss: list[float], gradients: int) -> Trajectory:
    count = len(loss)
    return Trajectory(
        np.arange(count),
        np.zeros((count, 1)),
        np.array(loss),
        np.sqrt(loss),
        Outcome("finished", count - 1, ""),
        {},
        evaluations=gradients * np.arange(count),
    )


RUNS = {"sgd": run([8.0, 4, 2, 1], 1), "sam": run([8.0, 2, 0.5], 2)}
DISTANCES = {"sgd": np.array([3.0, 2, 1, 0.5]), "sam": np.array([3.0, 1, 0.2])}


def race(**options: Any):
    return figures.race(RUNS, distances=DISTANCES, **options)


def test_panels_show_loss_gradient_norm_and_distance():
    figure = race(value="error")
    curves = role(figure, "curve")
    assert [list(curve.y) for curve in curves[::2]] == [
        [8, 4, 2, 1],
        list(np.sqrt([8.0, 4, 2, 1])),
        [3, 2, 1, 0.5],
    ]
    assert [curve.yaxis for curve in curves] == ["y", "y", "y2", "y2", "y3", "y3"]
    assert [each.text for each in layout(figure).annotations] == ["error", "gradient norm", "distance"]
    assert layout(figure).meta["kind"] == "history"


def test_axis_counts_gradients_or_seconds_and_curves_keep_their_steps():
    by_gradient = role(race(axis="gradients"), "path")
    assert [list(curve.x) for curve in by_gradient[:2]] == [[0, 1, 2, 3], [0, 2, 4]]
    assert list(by_gradient[1].meta["steps"]) == [0, 1, 2]
    figure = race(axis="seconds", seconds={"sgd": 0.5, "sam": 2.0})
    assert [list(curve.x) for curve in role(figure, "path")[:2]] == [[0, 0.5, 1, 1.5], [0, 2, 4]]
    assert layout(figure).xaxis.title.text == "seconds"


def test_known_lowest_loss_is_subtracted():
    figure = race(lowest=0.25)
    assert list(role(figure, "curve")[1].y) == [7.75, 1.75, 0.25]
    assert layout(figure).annotations[0].text == "loss − 0.25"


def test_theory_is_a_line_of_slope_rho_from_the_first_distance():
    rates = {"sgd": Rate(0.5, True, "theorem", "condition"), "sam": "no rate is known for sam"}
    (line,) = role(race(rates=rates), "theory")
    assert list(line.x) == [0, 1, 2, 3]
    np.testing.assert_allclose(line.y, [3, 1.5, 0.75, 0.375])
    assert "bound ρᵗ, ρ = 0.5" in line.hovertemplate


def test_game_has_no_panel_of_the_loss():
    game = {"sgd": run([1.0, 2.0], 1)}
    object.__setattr__(game["sgd"], "loss", np.full(2, np.nan))
    figure = figures.race(game)
    assert [each.text for each in layout(figure).annotations] == ["gradient norm"]
