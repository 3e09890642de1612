"""What is rounded moves by at most half a step, and the rest keeps its bits."""

import base64

import numpy as np
import pytest

from landscapes.figures.behavior_data import packed
from landscapes.openings.rounding import LEVELS, POSITIONS, display_step, restore, round_to, rounding_step

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("error", [0.3, 1e-4, np.inf])
def test_a_rounded_grid_is_within_half_a_step(kind, error):
    grid = (40 + 3 * RANDOM.normal(size=(9, 5))).astype(kind)
    step = rounding_step(grid, error)
    restored = restore(round_to(grid, step))
    assert restored.dtype == grid.dtype
    assert not restored.flags.writeable
    assert np.max(np.abs(restored - grid.astype(float))) <= step / 2
    assert min(error / 2, np.ptp(grid) / LEVELS) / 2 < step <= min(error / 2, np.ptp(grid) / LEVELS)


def test_what_rounding_cannot_shorten_keeps_its_bits():
    grid = np.linspace(-1, 1, 9)
    assert rounding_step(grid, 0.0) == 0
    assert rounding_step(np.full(5, 7.0), 0.1) == 0
    assert rounding_step(grid.astype(np.float32), 1e-8) == 0  # finer than float32
    assert rounding_step(np.r_[grid, np.nan], 0.1) == 0
    assert restore(round_to(grid, 0.0)) is grid


def test_a_plain_beside_a_well_keeps_its_shape():
    """Neighbors that differ stay apart in most places, though the well has 10⁷ times the height of the waves."""
    x = np.linspace(-8, 8, 129)
    grid = -np.exp(-(x[:, None] ** 2) - x**2) + 1e-7 * np.sin(3 * x[:, None] + 2 * x)
    restored = restore(round_to(grid, rounding_step(grid, np.inf)))
    assert np.mean(np.diff(restored, axis=0) == 0) < 0.1
    flat = np.where(np.arange(129) < 9, 1.0, 0.0) + np.zeros((5, 1))  # most neighbors are equal
    assert rounding_step(flat, np.inf) == 1 / 2**16


def test_positions_move_by_less_than_a_display_shows():
    """One point far outside, which the page cuts off, makes the step no larger."""
    rows = RANDOM.normal(size=(4, 150, 2)).astype(np.float32)
    rows[0, 0, 0] = 1e6
    step, first = display_step(rows)
    restored = restore(round_to(rows, step, first))
    spread = np.ptp(np.quantile(rows, (0.25, 0.75)))
    assert np.max(np.abs(restored - rows)) <= 0.51 * step
    assert spread / POSITIONS < step <= 8 * spread / POSITIONS


def test_shades_are_drawn_as_before():
    """The browser gets the same bytes, but for numbers between two levels."""
    rows = RANDOM.uniform(size=(3, 25, 20)).astype(np.float16)
    restored = restore(round_to(rows, *display_step(rows)))
    assert restored.dtype == np.float16
    assert np.any(restored != rows)
    here, there = (np.frombuffer(base64.b64decode(packed(each)["bdata"]), np.uint8) for each in (rows, restored))
    assert np.max(np.abs(here.astype(int) - there)) <= 1
    assert np.mean(here == there) > 0.9


def test_small_rows_and_numbers_without_a_step_keep_their_bits():
    rows = RANDOM.normal(size=(3, 150))
    for each in (rows, np.zeros((3, 300)), np.full((3, 300), np.nan), np.arange(900).reshape(3, 300)):
        assert display_step(each) == (0, 0)
    assert display_step(np.where(np.arange(900) == 7, 1e30, RANDOM.normal(size=900)).reshape(3, 300)) == (0, 0)
