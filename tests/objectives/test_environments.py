"""Decision problems by hand: rewards and transitions of single moves."""

import numpy as np
import pytest

from landscapes.objectives.environments import DATASETS, MOVES, WORLD

CELLS = [(i, j) for i, row in enumerate(WORLD) for j, mark in enumerate(row) if mark in ".S"]
UP, RIGHT, DOWN, LEFT = range(4)


def world(**knobs):
    data = DATASETS["gridworld"].load(0, **{"slip": 0.25, "step_reward": -0.125, **knobs})
    return data.train


def reached(cell, action, **knobs) -> dict:
    """Probability of each next cell."""
    row = world(**knobs)["transitions"][CELLS.index(cell), action]
    return {CELLS[k]: float(p) for k, p in enumerate(row) if p}


def test_moves_are_up_right_down_left():
    assert [CELLS[0], CELLS[-1]] == [(0, 0), (2, 3)]
    assert MOVES[UP] == (-1, 0)
    assert reached((1, 0), UP, slip=0.0) == {(0, 0): 1.0}
    assert reached((2, 1), RIGHT, slip=0.0) == {(2, 2): 1.0}
    assert reached((0, 2), DOWN, slip=0.0) == {(1, 2): 1.0}
    assert reached((2, 3), LEFT, slip=0.0) == {(2, 2): 1.0}


def test_slip_goes_to_either_side_and_walls_stop_it():
    # Up from (2, 2): straight to (1, 2), or to (2, 1) and (2, 3) with half of the slip each.
    assert reached((2, 2), UP) == {(1, 2): 0.75, (2, 1): 0.125, (2, 3): 0.125}
    # Right from (1, 0) meets the wall; up and down are free.
    assert reached((1, 0), RIGHT) == {(1, 0): 0.75, (0, 0): 0.125, (2, 0): 0.125}


def test_goal_and_pit_end_the_episode_and_their_reward_is_expected():
    # Right from (0, 2) is the goal; up is the edge, down is free.
    assert reached((0, 2), RIGHT) == {(0, 2): 0.125, (1, 2): 0.125}
    rewards = world()["rewards"]
    assert rewards[CELLS.index((0, 2)), RIGHT] == pytest.approx(-0.125 + 0.75)
    assert rewards[CELLS.index((1, 2)), RIGHT] == pytest.approx(-0.125 - 0.75)
    assert rewards[CELLS.index((2, 3)), LEFT] == pytest.approx(-0.125 - 0.125)  # it slips up into the pit
    assert rewards[CELLS.index((2, 0)), UP] == pytest.approx(-0.125)


def test_episodes_start_in_the_marked_cell():
    start = world(discount=0.5)["start"]
    np.testing.assert_array_equal(start, [cell == (2, 0) for cell in CELLS])
    np.testing.assert_array_equal(world(discount=0.5)["discount"], 0.5)


def test_rewards_of_a_bandit_run_from_best_to_worst():
    batch = DATASETS["bandit"].load(0, arms=5, best=3.0, worst=1.0).train
    np.testing.assert_array_equal(batch["rewards"], [[3, 2.5, 2, 1.5, 1]])
    np.testing.assert_array_equal(batch["behaviour"], np.full((1, 5), np.float32(0.2)))
    assert batch["max_steps"].shape == (1, 1)
    assert not batch["transitions"].any()
