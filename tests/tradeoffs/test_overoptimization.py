"""The step after which a proxy improves while the true objective worsens."""

import numpy as np
import pytest

from landscapes.tradeoffs.overoptimization import overoptimization_point

STEPS = np.arange(0, 50, 5)
RISING = np.linspace(0.0, 9.0, 10)
PEAKED = np.array([0.0, 1, 2, 3, 2.5, 2, 1, 0, -1, -2])


def test_point_is_where_the_truth_is_best():
    point = overoptimization_point(STEPS, RISING, PEAKED, senses=("maximize", "maximize"))
    assert point is not None
    assert (point.index, point.step) == (3, 15)
    assert point.proxy_gain == 6.0
    assert point.truth_decline == 5.0


def test_senses_of_proxy_and_truth_are_respected():
    assert overoptimization_point(STEPS, -RISING, PEAKED, senses=("minimize", "maximize")).step == 15  # type: ignore[union-attr]  # there is a point
    assert overoptimization_point(STEPS, -RISING, -PEAKED).step == 15  # type: ignore[union-attr]  # there is a point
    assert overoptimization_point(STEPS, RISING, PEAKED, senses=("minimize", "maximize")) is None


def test_measures_that_move_together_have_no_point():
    assert overoptimization_point(STEPS, RISING, 3 * RISING, senses=("maximize", "maximize")) is None
    assert overoptimization_point(STEPS, PEAKED, PEAKED, senses=("maximize", "maximize")) is None


def test_change_within_two_percent_of_range_is_ignored():
    flat = PEAKED.copy()
    flat[4:] = 2.95
    assert overoptimization_point(STEPS, RISING, flat, senses=("maximize", "maximize")) is None
    flat[4:] = 2.9
    assert overoptimization_point(STEPS, RISING, flat, senses=("maximize", "maximize")) is not None


@pytest.mark.parametrize("factors", [(1, 1000), (1000, 1)])
def test_each_change_is_compared_with_its_own_range(factors):
    proxy, truth = factors[0] * RISING, factors[1] * PEAKED
    point = overoptimization_point(STEPS, proxy, truth, senses=("maximize", "maximize"))
    assert point is not None
    assert (point.proxy_gain, point.truth_decline) == (6 * factors[0], 5 * factors[1])


def test_snapshots_that_are_not_finite_are_ignored():
    with_infinity = PEAKED.copy()
    with_infinity[3] = np.inf
    assert overoptimization_point(STEPS, RISING, with_infinity, senses=("maximize", "maximize")).index == 4  # type: ignore[union-attr]  # there is a point
    assert overoptimization_point(STEPS[:2], RISING[:2], PEAKED[:2]) is None
