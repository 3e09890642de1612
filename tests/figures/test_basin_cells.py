"""The numbers behind the colors of a map of basins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.basin_cells import MAX_DECADES, ColorScale, Runs, hued_cells, span_of_steps
from tests.figures.test_basins_figure import ENDS, FOUND

KNOWN = np.array([True, True, False, True, True, True])


def runs(**changes):
    ends = replace(ENDS, **changes)
    return Runs("adam", ends, FOUND.indices["adam"], KNOWN, (3, 2))


def test_shades_run_from_the_first_settled_run_to_the_last():
    maps = [runs(), runs(settled=np.array([2, 5, 9, -1, 30, -1]))]
    # Run 2, settled at step 9, is not computed.
    assert span_of_steps(maps) == pytest.approx((np.log(3), np.log(31)))
    assert span_of_steps([runs(settled=np.full(6, -1))]) == (0.0, 0.0)
    _, shades = hued_cells(maps[0], (np.log(3), np.log(31)), "light", {}, {})
    shown = np.asarray(shades.z).T.ravel()
    expected = [0, np.log(2) / np.log(31 / 3), np.nan, 0, np.log(4 / 3) / np.log(31 / 3), 1]
    np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-6)


def test_losses_over_more_than_a_decade_are_on_a_logarithmic_scale():
    wide = runs(loss=np.array([1e-20, 1e-3, 5.0, 2.0, 1.0, 10.0]))
    scale = ColorScale.of("loss", FOUND, [wide], "error")
    assert scale.is_logarithmic
    _, cells = scale.cells(wide, "light", {}, {}, {})
    assert (cells.zmin, cells.zmax) == pytest.approx((1 - MAX_DECADES, 1))
    # The diverged run and the one that is not computed have no loss.
    np.testing.assert_array_equal(np.isnan(np.asarray(cells.z).T.ravel()), [0, 0, 1, 1, 0, 0])
    assert not ColorScale.of("loss", FOUND, [runs()], "error").is_logarithmic


def test_heights_of_a_game_are_norms_of_its_field():
    np.testing.assert_array_equal(runs(loss=np.full(6, np.nan)).heights, ENDS.gradient_norm)
    np.testing.assert_array_equal(runs().heights, ENDS.loss)


def test_numbers_of_each_color_are_missing_where_nothing_is_known():
    """Runs without an end, diverged, unsettled or not computed have none, not those of another run."""
    index = np.array([1, -1, 0, 0, -1, 1])
    run = replace(runs(settled=np.array([0, 5, 9, -1, 30, -1])), index=index)
    known = np.where(KNOWN, 1.0, np.nan)
    ends = ColorScale.of("end point", FOUND, [run], "error")
    values = np.append(FOUND.values, np.nan)
    np.testing.assert_array_equal(ends.numbers["adam"], values[index] * known)
    assert np.isnan(ends.numbers["adam"][[1, 2, 4]]).all()
    steps = ColorScale.of("steps", FOUND, [run], "error")
    np.testing.assert_array_equal(steps.numbers["adam"], [1, 5, np.nan, np.nan, 30, np.nan])
    titles = [ColorScale.of(color, FOUND, [run], "error").title for color in ("steps", "end point", "loss")]
    assert titles == ["settled at step", "error of the end point", "error at the end"]
