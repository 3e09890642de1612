"""Shares of the worker's time, with times as arguments."""

import pytest

from landscapes.views.worker.shares import (
    FIRST_PICTURE_SECONDS,
    FIRST_SLICE_SECONDS,
    HALF_LIFE_SECONDS,
    SLICE_SECONDS,
    Shares,
    slice_seconds,
)


def test_used_time_halves_and_is_forgotten():
    shares = Shares()
    shares.charge(["ada"], 8.0, now=100.0)
    assert shares.used("ada", 100.0) == 8.0
    assert shares.used("ada", 100.0 + 2 * HALF_LIFE_SECONDS) == pytest.approx(2.0)
    shares.charge(["ada"], 3.0, now=100.0 + 3 * HALF_LIFE_SECONDS)
    assert shares.used("ada", 100.0 + 3 * HALF_LIFE_SECONDS) == pytest.approx(4.0)
    assert shares.used("bob", 0.0) == 0.0
    shares.charge(["bob"], 1.0, now=100.0 + 40 * HALF_LIFE_SECONDS)
    assert len(shares) == 1


def test_viewers_of_one_computation_divide_its_time():
    shares = Shares()
    shares.charge(["ada", "bob"], 6.0, now=0.0)
    assert (shares.used("ada", 0.0), shares.used("bob", 0.0)) == (3.0, 3.0)
    shares.charge([], 6.0, now=0.0)
    assert len(shares) == 2


def test_rank_is_least_used_then_first_to_arrive():
    shares = Shares()
    shares.charge(["ada"], 1.0, now=0.0)
    waiting = {"ada": (["ada"], 1, True), "bob": (["bob"], 2, True), "eve": (["eve"], 3, True)}
    assert sorted(waiting, key=lambda name: shares.rank(*waiting[name], now=0.0)) == ["bob", "eve", "ada"]
    shared = shares.rank(["ada", "eve"], 0, True, now=0.0)
    assert shared < shares.rank(["bob"], 2, True, now=0.0), "a shared one counts for who has used least"


def test_first_pictures_go_ahead_of_refinements_within_a_bound():
    shares = Shares()
    shares.charge(["ada"], FIRST_PICTURE_SECONDS - 1, now=0.0)
    refinement = shares.rank(["bob"], 1, True, now=0.0)
    assert shares.rank(["ada"], 2, False, now=0.0) < refinement
    shares.charge(["ada"], 2.0, now=0.0)
    assert shares.rank(["ada"], 3, False, now=0.0) > refinement
    assert slice_seconds(False) == FIRST_SLICE_SECONDS
    assert slice_seconds(True) == SLICE_SECONDS
