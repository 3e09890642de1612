"""Basins of attraction: end points, steps until settled and win rates with known answers."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.optimization.basins import DIVERGED, ELSEWHERE, find_basins, wilson_interval, win_rates
from landscapes.optimization.multistart import race_from
from landscapes.problem import Problem


def bowl(theta):
    return 0.5 * (theta[0] ** 2 + 10 * theta[1] ** 2)


def double_well(theta):
    return (theta[0] ** 2 - 1) ** 2 + 2 * theta[1] ** 2


BOWL = Problem.from_loss(bowl, jnp.zeros(2))
WELLS = Problem.from_loss(double_well, jnp.zeros(2))
GRID = np.stack(np.meshgrid(np.linspace(-1.5, 1.7, 6), np.linspace(-1, 2, 3), indexing="ij"), -1).reshape(-1, 2)


def sgd(rate):
    return {"sgd": ("sgd", {"learning_rate": rate})}


def test_gradient_descent_above_the_edge_diverges_off_one_line():
    """1 − ηλ is −1.5 along y and 0.75 along x: only starts with y = 0 stay bounded."""
    starts = np.array([[3.0, 0.0], [3.0, 1e-6], [-2.0, 0.5], [0.0, -2.0], [-1.0, 0.0]])
    ends = race_from(BOWL, sgd(0.25), starts, 120)["sgd"]
    assert ends.diverged.tolist() == [False, True, True, True, False]
    basins = find_basins({"sgd": ends}, 0.1, [(0.0, 0.0)])
    assert basins.indices["sgd"].tolist() == [0, DIVERGED, DIVERGED, DIVERGED, 0]


@pytest.mark.parametrize(("axis", "rate", "curvature"), [(0, 0.3, 1), (1, 0.13, 10), (1, 0.04, 10)])
def test_steps_until_settled_on_a_bowl_are_a_ratio_of_logarithms(axis, rate, curvature):
    starts = np.zeros((2, 2))
    starts[:, axis] = [0.7, -30.0]
    ends = race_from(BOWL, sgd(rate), starts, 100, tolerance=1e-3)["sgd"]
    steps = np.ceil(np.log(1e-3) / np.log(abs(1 - rate * curvature)))
    assert ends.settled.tolist() == [steps, steps] == ends.settled_evaluations.tolist()


def test_basins_of_a_double_well_are_the_half_planes():
    ends = race_from(WELLS, sgd(0.05), GRID, 400)
    basins = find_basins(ends, 0.1, [(-1.0, 0.0), (1.0, 0.0), (7.0, 7.0)])
    assert sorted(basins.points.tolist()) == [[-1, 0], [1, 0]]
    assert basins.is_known.all()
    reached = basins.points[basins.indices["sgd"]]
    np.testing.assert_array_equal(np.sign(reached[:, 0]), np.sign(GRID[:, 0]))


def test_unknown_end_points_are_found_and_unsettled_runs_are_elsewhere():
    ends = race_from(WELLS, sgd(0.05), GRID, 400)["sgd"]
    basins = find_basins({"sgd": ends}, 0.1)
    assert not basins.is_known.any()
    np.testing.assert_allclose(np.sort(basins.points[:, 0]), [-1, 1], atol=1e-3)
    short = race_from(WELLS, sgd(0.0005), GRID, 3)["sgd"]
    assert set(find_basins({"sgd": short}, 0.01).indices["sgd"]) == {ELSEWHERE}
    with pytest.raises(ValueError, match="give a positive distance"):
        find_basins({"sgd": ends}, 0.0)


def test_best_of_rewards_is_the_highest():
    """Two wells of different heights: the order, the values and the winners turn with the sense."""
    ends = race_from(WELLS, sgd(0.05), GRID, 400)["sgd"]
    np.testing.assert_allclose(ends.start_loss, [double_well(start) for start in GRID], rtol=1e-5)
    tilted = replace(ends, loss=5 + np.sign(ends.params[:, 0]))
    for maximize, order in ((False, [-1, 1]), (True, [1, -1])):
        basins = find_basins({"sgd": tilted}, 0.1, maximize=maximize)
        np.testing.assert_allclose(basins.points[:, 0], order, atol=1e-3)
        np.testing.assert_array_equal(basins.values, 5 + np.array(order))
        lower = replace(tilted, loss=tilted.loss - 0.005)
        rates = win_rates({"upper": tilted, "lower": lower}, np.full(len(GRID), 5.0), maximize=maximize)
        winner, loser = ("upper", "lower") if maximize else ("lower", "upper")
        assert (rates.wins[winner].count, rates.wins[loser].count) == (len(GRID), 0)
        assert rates.best == pytest.approx(6 if maximize else 3.995, abs=1e-6)
        assert rates.reached[winner].count == np.sum(np.sign(ends.params[:, 0]) == order[0])


def test_start_that_is_not_finite_is_a_diverged_run():
    ends = race_from(WELLS, sgd(0.05), np.array([[np.nan, 0.0], [0.5, 0.0]]), 50)["sgd"]
    assert ends.diverged.tolist() == [True, False]
    assert np.isnan(ends.start_loss[0])
    assert find_basins({"sgd": ends}, 0.1).indices["sgd"].tolist() == [DIVERGED, 0]


def test_enormous_rate_diverges_from_every_start():
    ends = race_from(WELLS, sgd(1e9), GRID, 20)["sgd"]
    basins = find_basins({"sgd": ends}, 0.1)
    assert len(basins.points) == 0
    assert set(basins.indices["sgd"]) == {DIVERGED}
    rates = win_rates({"sgd": ends}, ends.start_loss)
    assert (rates.wins["sgd"].count, rates.ties, rates.diverged["sgd"].value) == (0, len(GRID), 1.0)


def test_rate_factors_give_the_runs_of_those_rates():
    starts = np.array([[1.2, 0.4], [1.2, 0.4], [-0.3, 2.0]])
    together = race_from(WELLS, sgd(0.1), starts, 15, rate_factors=[0.1, 0.5, 1.0])["sgd"]
    for k, rate in enumerate([0.01, 0.05, 0.1]):
        single = race_from(WELLS, sgd(rate), starts[k : k + 1], 15)["sgd"]
        np.testing.assert_allclose(together.params[k], single.params[0], rtol=1e-6)
    with pytest.raises(ValueError, match="positive numbers, one for each start"):
        race_from(WELLS, sgd(0.1), starts, 15, rate_factors=[1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_has_its_published_ends(count, total, low, high):
    share = wilson_interval(count, total)
    np.testing.assert_allclose([share.low, share.high], [low, high], atol=5e-5)
    mirrored = wilson_interval(total - count, total)
    np.testing.assert_allclose([mirrored.low, mirrored.high], [1 - share.high, 1 - share.low], rtol=1e-12)


def test_lower_loss_wins_and_then_fewer_gradients():
    ends = race_from(BOWL, sgd(0.1), np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 0.0]]), 5)["sgd"]
    cheap = replace(
        ends,
        loss=np.array([0.0, 0.0, 1.0, 5.0]),
        settled=np.full(4, 3),
        settled_evaluations=np.array([3, 9, 3, 3]),
    )
    dear = replace(cheap, loss=np.array([1e-9, 0.0, 0.0, 5.0]), settled_evaluations=np.array([6, 6, 6, 3]))
    rates = win_rates({"cheap": cheap, "dear": dear}, np.full(4, 100.0))
    assert [rates.wins[label].count for label in ("cheap", "dear")] == [1, 2]
    assert rates.ties == 1  # the last start: the same loss after the same number of gradients
    assert [rates.reached[label].count for label in ("cheap", "dear")] == [2, 3]
    assert (rates.best, rates.wins["dear"].total) == (0.0, 4)
    # Where no start is above the best end, the tolerance is a share of the best value's size.
    lower = {label: replace(ends, loss=ends.loss - 50.0) for label, ends in (("cheap", cheap), ("dear", dear))}
    assert win_rates(lower, np.full(4, -60.0)).tolerance == pytest.approx(50.0 * rates.tolerance / 100.0)
