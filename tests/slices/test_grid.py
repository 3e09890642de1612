"""Grids: where their nodes lie, and what is refused."""

import numpy as np
import pytest

from landscapes.slices import Surface
from landscapes.slices.grid import check_axes, check_extent, check_size, coarse_to_fine, nodes


def test_t15_an_odd_count_has_its_middle_node_exactly_at_zero():
    for count in (3, 9, 51, 257):
        axis = nodes(-0.3, 0.3, count)
        assert axis[count // 2] == 0
        np.testing.assert_array_equal(axis, -axis[::-1])
        np.testing.assert_allclose(axis, np.linspace(-0.3, 0.3, count), rtol=0, atol=1e-16)


def test_halving_the_step_keeps_the_nodes_bit_for_bit():
    np.testing.assert_array_equal(nodes(-0.1, 0.7, 129)[::2], nodes(-0.1, 0.7, 65))


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.3), (0.3, 0.7), (-1.2, 5.5), (1e16, 3e16)])
def test_first_and_last_node_are_the_bounds(low, high):
    for count in (2, 3, 121):
        axis = nodes(low, high, count)
        assert (axis[0], axis[-1]) == (low, high)
    # Outside its axes a surface has no value, so the edge of a picture would be blank.
    surface = Surface.from_grid([low, high], [-1.2, 5.5], [[1.0, 2.0], [3.0, 4.0]])
    assert surface.resampled(121).nonfinite == 0


def test_extent_is_a_half_width_or_bounds():
    assert check_extent(0.5, 2) == ((-0.5, 0.5), (-0.5, 0.5))
    assert check_extent(2, 1) == ((-2.0, 2.0),)
    assert check_extent([(-1, 2), (0, 3)], 2) == ((-1.0, 2.0), (0.0, 3.0))


@pytest.mark.parametrize(
    ("extent", "dim", "message"),
    [
        (float("nan"), 2, "finite half-width above 0"),
        (float("inf"), 2, "finite half-width above 0"),
        (0, 2, "finite half-width above 0"),
        (-1.0, 1, "finite half-width above 0"),
        ([(1, -1), (0, 1)], 2, "low below high"),
        ([(0, 0), (0, 1)], 2, "low below high"),
        ([(0, float("inf")), (0, 1)], 2, "finite bounds"),
        ([(0, 1)], 2, "give \\(low, high\\) for each"),
        ("wide", 2, "must be a half-width"),
        ([(0, 1), (0,)], 2, "must be a half-width"),
        ([(0, 1, 2)], 1, "give \\(low, high\\) for each"),
    ],
)
def test_a_bad_extent_is_refused_with_the_remedy(extent, dim, message):
    with pytest.raises(ValueError, match=message):
        check_extent(extent, dim)


@pytest.mark.parametrize(
    ("axes", "dim", "message"),
    [
        (([0, 1],), 2, "give one array for each"),
        (([0, 1], [0, 1]), 1, "give one array for each"),
        (([0, 1, 1],), 1, "must increase"),
        (([1, 0],), 1, "must increase"),
        (([0, float("nan"), 1],), 1, "not finite"),
        (([0, float("inf")],), 1, "not finite"),
        (([],), 1, "at least one coordinate"),
        ((["a", "b"],), 1, "an array of numbers"),
        (([[0, 1]],), 1, "one-dimensional"),
    ],
)
def test_bad_axes_are_refused_with_the_remedy(axes, dim, message):
    with pytest.raises(ValueError, match=message):
        check_axes(axes, dim)


def test_a_million_points_are_refused_with_the_largest_that_are_not():
    with pytest.raises(ValueError, match="use at most 512 × 512"):
        check_axes((np.arange(1000.0), np.arange(1000.0)), 2)
    check_size((512, 512))


def test_cells_come_once_each_from_coarse_to_fine_in_rows_to_and_fro():
    cells = list(coarse_to_fine((9, 5)))
    assert sorted(cells) == [(i, j) for i in range(9) for j in range(5)]
    assert cells[:6] == [(0, 0), (0, 4), (4, 4), (4, 0), (8, 0), (8, 4)]
    assert cells[6:15] == [(0, 2), (2, 4), (2, 2), (2, 0), (4, 2), (6, 4), (6, 2), (6, 0), (8, 2)]
    assert list(coarse_to_fine((1, 1))) == [(0, 0)]
