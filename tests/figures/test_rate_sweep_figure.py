"""The loss against the learning rate: median, range, divergence and the best rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes import figures
from landscapes.scenes.rate_sweep import Curve, RateSweep
from tests.figures.scenes import layout, role

NAN = np.nan
LOSSES = np.array([[4.0, 2.0, 3.0], [1.0, 0.5, 9.0], [NAN, NAN, 7.0], [NAN, NAN, NAN]])
CURVE = Curve(10, LOSSES, np.full((4, 3), -1), np.full((4, 3), 10), np.ones((4, 3), bool))
SWEEP = RateSweep(np.array([0.01, 0.1, 1.0, 10.0]), {"sgd": CURVE}, 0.0, -np.inf, "three starts")


def test_median_range_divergence_and_best_rate_are_drawn():
    figure = figures.rate_sweep(SWEEP, current_rates={"sgd": 0.012}, value="error")
    (median,), (low,), (high,) = (role(figure, name) for name in ("median", "low", "high"))
    assert (list(median.x), list(median.y)) == ([0.01, 0.1], [3.0, 1.0])
    assert (list(low.y), list(high.y)) == ([2.0, 0.5], [4.0, 9.0])
    assert list(role(figure, "diverged")[0].x) == [1.0, 10.0]
    assert [list(role(figure, name)[0].x) for name in ("tuned", "present rate")] == [[0.1], [0.01]]
    assert layout(figure).yaxis.type == "log"
    assert layout(figure).yaxis.title.text == "error at the end"


def test_rewards_are_drawn_in_their_own_sense():
    figure = figures.rate_sweep(replace(SWEEP, curves={"sgd": replace(CURVE, losses=-LOSSES)}, sign=-1))
    assert list(role(figure, "median")[0].y) == [3.0, 1.0]
    assert list(role(figure, "tuned")[0].y) == [3.0]
    assert layout(figure).yaxis.type != "log"


def test_rates_without_a_finite_run_have_no_best():
    nothing = replace(CURVE, losses=np.full((4, 3), NAN))
    figure = figures.rate_sweep(replace(SWEEP, curves={"sgd": nothing}))
    assert not role(figure, "tuned")
    assert len(role(figure, "diverged")[0].x) == 4


def test_the_present_rate_is_marked_at_the_nearest_in_decades():
    """0.04 is 2.5 times below 0.1 and 4 times above 0.01, but less than half as far from 0.01."""
    (mark,) = role(figures.rate_sweep(SWEEP, current_rates={"sgd": 0.04}), "present rate")
    assert list(mark.x) == [0.1]
    for rate in (0.0099, 10.1):
        assert not role(figures.rate_sweep(SWEEP, current_rates={"sgd": rate}), "present rate")
    shifted = figures.rate_sweep(replace(SWEEP, lowest=0.25), value="error")
    assert layout(shifted).yaxis.title.text == "error − 0.25 at the end"
