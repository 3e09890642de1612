"""Splines: what they reproduce, what a hole does to them, and how their error is told."""

import numpy as np
import pytest

from landscapes.slices.grid import nodes
from landscapes.slices.spline import (
    error_estimate,
    error_with_rounding,
    interpolate_at_points,
    interpolate_on_grid,
    is_settled,
    r2_points,
    rounding_error,
    spline_deviations,
)

X, Y = nodes(-1, 2, 7), nodes(-3, 1, 12)


def cubic(x, y):
    return 1 + x - 2 * y + x**3 - 3 * x * y**2 + x**3 * y**3


def on(x, y, f=cubic):
    return f(x[:, None], y[None, :])


def test_cubics_are_reproduced_on_grids_and_at_points():
    fine = nodes(-1, 2, 31), nodes(-3, 1, 40)
    np.testing.assert_allclose(interpolate_on_grid((X, Y), on(X, Y), fine), on(*fine), rtol=0, atol=1e-11)
    points = np.random.default_rng(0).uniform((-1, -3), (2, 1), (50, 2))
    np.testing.assert_allclose(
        interpolate_at_points((X, Y), on(X, Y), points), cubic(*points.T), rtol=0, atol=1e-11
    )
    np.testing.assert_allclose(interpolate_at_points((X,), X**3, points[:, :1]), points[:, 0] ** 3, atol=1e-12)


def test_cubics_are_reproduced_in_a_volume_and_a_hole_changes_nothing_beyond_it():
    axes = X, Y, nodes(0, 1, 6)
    grid = on(X, Y)[:, :, None] * axes[2] ** 3
    points = np.random.default_rng(0).uniform((-1, -3, 0), (2, 1, 1), (40, 3))
    expected = cubic(*points[:, :2].T) * points[:, 2] ** 3
    np.testing.assert_allclose(interpolate_at_points(axes, grid, points), expected, rtol=0, atol=1e-11)
    grid[0, 0, 0] = np.nan
    result = interpolate_at_points(axes, grid, points)
    in_cell = np.all(points < [axis[1] for axis in axes], axis=1)
    np.testing.assert_array_equal(np.isnan(result), in_cell)
    np.testing.assert_allclose(result[~in_cell], expected[~in_cell], rtol=0, atol=1e-10)


def test_uneven_and_few_nodes():
    x, y = np.array([-1.0, 0.2, 2.0]), np.array([0.0, 3.0])
    result = interpolate_on_grid((x, y), on(x, y, lambda x, y: x**2 * y), (X, nodes(0, 3, 4)))
    np.testing.assert_allclose(result, X[:, None] ** 2 * nodes(0, 3, 4), atol=1e-13)
    assert interpolate_on_grid((x[:1],), np.array([5.0]), (x[:1],)) == 5.0


def test_t30_a_hole_is_not_bridged_and_changes_nothing_beyond_it():
    """Each run of finite nodes along a line has a spline of its own: cubics stay exact on both sides."""
    x = nodes(-1, 1, 17)
    for hole in (np.nan, np.inf, -np.inf):
        grid = on(x, Y)
        grid[8, 5] = hole
        fine = nodes(-1, 1, 65), nodes(-3, 1, 45)
        result = interpolate_on_grid((x, Y), grid, fine)
        second = (np.abs(fine[0]) < 1 / 8)[:, None] & (np.abs(fine[1] - Y[5]) < Y[1] - Y[0])
        np.testing.assert_array_equal(np.isnan(result), second)
        np.testing.assert_allclose(result[~second], on(*fine)[~second], rtol=0, atol=1e-10)
        points = np.array([[0.01, Y[5]], [0.5, 0.0], [0.05, 0.5]])
        np.testing.assert_array_equal(np.isnan(interpolate_at_points((x, Y), grid, points)), [True, False, False])


def test_swapping_the_axes_transposes():
    f = on(X, Y, lambda x, y: np.sin(x) + np.cos(2 * y) * x)
    fine = nodes(-1, 2, 23), nodes(-3, 1, 19)
    np.testing.assert_allclose(
        interpolate_on_grid((X, Y), f, fine), interpolate_on_grid((Y, X), f.T, fine[::-1]).T, rtol=0, atol=1e-12
    )


def test_r2_points_are_those_of_the_golden_and_the_plastic_number():
    np.testing.assert_allclose(r2_points(2, 1)[:, 0], [0.1180339887, 0.7360679775], atol=1e-9)
    np.testing.assert_allclose(r2_points(1, 2)[0], [0.2548776662, 0.0698402910], atol=1e-9)


def estimate(f, count, dtype=np.float64):
    x = nodes(-1, 1, count)
    points = 2 * r2_points(64, 2) - 1
    grid = on(x, x, f).astype(dtype)
    return error_estimate((x, x), grid, points, f(*points.T)), grid


def test_functions_estimated_together_are_estimated_as_each_alone():
    x, y = nodes(-1, 1, 9), nodes(0, 3, 17)
    points = r2_points(64, 2) * (2, 3) + (-1, 0)
    functions = {
        "smooth": lambda x, y: np.sin(2 * x) * np.cos(y),
        "holed": lambda x, y: np.where(x + y < 1.2, np.nan, 50 * np.exp(x) + y),
        "single": lambda x, y: np.float32(cubic(x, y)),
        "nowhere": lambda x, y: np.full(np.shape(x + y), np.nan),
    }
    grids = {name: on(x, y, f) for name, f in functions.items()}
    values = {name: f(*points.T) for name, f in functions.items()}
    single = {name: error_estimate((x, y), grids[name], points, values[name]) for name in functions}
    deviations = spline_deviations((x, y), grids, points, values)
    assert {name: error_with_rounding(deviations[name], grids[name]) for name in grids} == pytest.approx(
        single, rel=1e-9
    )
    assert single["nowhere"] == np.inf
    assert single["single"] == rounding_error(grids["single"])
    assert 1e-4 < single["smooth"] < single["holed"] < np.inf
    # What is read at points, too, is each function's own.
    together = interpolate_at_points((x, y), np.stack([grids["holed"], grids["smooth"]], axis=-1), points)
    for column, name in enumerate(["holed", "smooth"]):
        np.testing.assert_allclose(
            together[:, column], interpolate_at_points((x, y), grids[name], points), rtol=0, atol=1e-12
        )


def test_a_cubic_has_no_error_but_rounding():
    error, grid = estimate(cubic, 9)
    assert error == rounding_error(grid) == 8 * np.finfo(float).eps * np.abs(grid).max()
    assert is_settled(grid, error, 1e-16)
    assert rounding_error(grid.astype(np.float32)) == pytest.approx(8 * 2**-23 * np.abs(grid).max())


def test_the_estimate_covers_noise_that_no_grid_takes_away():
    """Rounding of a loss that hardly varies: at 1,000 points the largest miss is larger than at a few."""
    x, few, many = nodes(-1, 1, 9), 2 * r2_points(64, 2) - 1, 2 * r2_points(1000, 2) - 1
    covered = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        grid = rng.normal(size=(9, 9))
        estimated = error_estimate((x, x), grid, few, rng.normal(size=64))
        covered.append(
            np.max(np.abs(interpolate_at_points((x, x), grid, many) - rng.normal(size=1000))) <= estimated
        )
    assert np.mean(covered) >= 0.95


def test_the_estimate_covers_a_smooth_function_and_falls_as_the_fourth_power():
    def wave(x, y):
        return np.sin(2 * x + 1) * np.cos(3 * y)

    errors = []
    at = np.random.default_rng(0).uniform(-1, 1, (1000, 2))
    for count in (17, 33, 65):
        x = nodes(-1, 1, count)
        error, grid = estimate(wave, count)
        assert error > np.abs(interpolate_at_points((x, x), grid, at) - wave(*at.T)).max()
        errors.append(error)
    assert errors[0] / errors[1] > 8
    assert errors[1] / errors[2] > 8


def test_a_period_that_hits_every_node_does_not_fool_the_estimate():
    error, grid = estimate(lambda x, y: np.sin(8 * np.pi * x) ** 2 + 0 * y, 9)
    assert np.ptp(grid) < 1e-12
    assert error > 0.5


def test_a_hole_does_not_poison_the_estimate():
    def wave(x, y):
        return np.where(x + y < -0.5, np.nan, np.sin(2 * x) * np.cos(y))

    error, grid = estimate(wave, 17)
    assert np.isfinite(error)
    assert error < 1e-2 * np.nanmax(np.abs(grid))
    nothing, empty = estimate(lambda x, y: np.nan * x * y, 9)
    assert nothing == np.inf
    assert is_settled(empty, nothing, 1e-3)
