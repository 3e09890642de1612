"""Where a proxy and the truth part."""

import numpy as np

from landscapes.tradeoffs.overoptimization import parting

STEPS = np.arange(0, 50, 5)
CLIMBS = np.linspace(0.0, 9.0, 10)
TURNS = np.array([0.0, 1, 2, 3, 2.5, 2, 1, 0, -1, -2])


def test_they_part_where_the_truth_is_best_while_the_proxy_goes_on():
    found = parting(STEPS, CLIMBS, TURNS, senses=("maximize", "maximize"))
    assert found is not None
    assert (found.index, found.step) == (3, 15)
    assert found.proxy_gain == 6.0
    assert found.truth_loss == 5.0


def test_each_is_read_in_its_own_sense():
    assert parting(STEPS, -CLIMBS, TURNS, senses=("minimize", "maximize")).step == 15  # type: ignore[union-attr]  # they part
    assert parting(STEPS, -CLIMBS, -TURNS).step == 15  # type: ignore[union-attr]  # they part
    assert parting(STEPS, CLIMBS, TURNS, senses=("minimize", "maximize")) is None


def test_what_improves_together_or_falls_together_does_not_part():
    assert parting(STEPS, CLIMBS, 3 * CLIMBS, senses=("maximize", "maximize")) is None
    assert parting(STEPS, TURNS, TURNS, senses=("maximize", "maximize")) is None


def test_a_change_within_two_percent_of_the_range_is_none():
    flat = TURNS.copy()
    flat[4:] = 2.95
    assert parting(STEPS, CLIMBS, flat, senses=("maximize", "maximize")) is None
    flat[4:] = 2.9
    assert parting(STEPS, CLIMBS, flat, senses=("maximize", "maximize")) is not None


def test_what_is_not_finite_is_left_out():
    holed = TURNS.copy()
    holed[3] = np.inf
    assert parting(STEPS, CLIMBS, holed, senses=("maximize", "maximize")).index == 4  # type: ignore[union-attr]  # they part
    assert parting(STEPS[:2], CLIMBS[:2], TURNS[:2]) is None
