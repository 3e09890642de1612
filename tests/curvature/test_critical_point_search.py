"""Critical points: the known ones, all of them, classified; and whether a list can be complete."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Plane, Problem
from landscapes.curvature.critical_point_search import critical_points
from landscapes.objectives import FUNCTIONS
from tests import problems
from tests.error_bars import median_ratio
from tests.problems import normal

KEY = jax.random.key(0)


def found_on(name, **kwargs):
    function = FUNCTIONS[name]
    return critical_points(Problem.from_loss(function.f, np.zeros(2)), function.box, key=KEY, **kwargs)


def assert_same_points(found, expected, tolerance=1e-6):
    """Both lists hold the same points, in whatever order."""
    expected = np.asarray(expected)
    assert len(found) == len(expected)
    gaps = np.max(np.abs(found[:, None] - expected[None]), axis=2)
    assert np.all(gaps.min(axis=0) <= tolerance)
    assert np.all(gaps.min(axis=1) <= tolerance)


HIMMELBLAU = {
    (3, 2): (0, 25.715729, 82.284271),
    (-2.805118, 3.131313): (0, 64.840373, 80.550072),
    (-3.779310, -3.283186): (0, 70.714355, 133.785615),
    (3.584428, -1.848127): (0, 28.690677, 105.418908),
    (3.385154, 0.073852): (13.311926, -14.135178, 97.547878),
    (0.086678, 2.884255): (67.719150, -31.706622, 75.507609),
    (-3.073026, -0.081353): (104.015163, -39.651496, 72.435248),
    (-0.127961, -1.953715): (178.337239, -50.610239, 20.284050),
    (-0.270845, -0.923039): (181.616522, -45.605229, -16.066020),
}


def test_himmelblau_has_nine_critical_points():
    result = found_on("himmelblau")
    assert_same_points(result.points, list(HIMMELBLAU))
    for point, value, eigenvalues in zip(result.points, result.values, result.eigenvalues, strict=True):
        known = min(HIMMELBLAU, key=lambda p: float(np.linalg.norm(np.array(p) - point)))
        np.testing.assert_allclose([value, *eigenvalues], HIMMELBLAU[known], rtol=0, atol=1e-6)
    assert result.kinds == ("minimum",) * 4 + ("saddle",) * 4 + ("maximum",)
    assert np.all(np.diff(result.values) >= 0)
    assert not np.any(result.degenerate)
    assert result.morse is not None
    assert (result.morse.minima, result.morse.saddles, result.morse.maxima) == (4, 4, 1)
    assert result.morse.is_complete
    assert not result.points.flags.writeable


def test_styblinski_tang_has_products_of_one_dimensional_points():
    curvature = {-2.903534: 34.583059, 0.156731: -15.852612, 2.746803: 29.269553}
    result = found_on("styblinski-tang")
    assert_same_points(result.points, list(itertools.product(curvature, curvature)))
    assert sorted(result.kinds) == ["maximum"] + ["minimum"] * 4 + ["saddle"] * 4
    for point, eigenvalues in zip(result.points, result.eigenvalues, strict=True):
        expected = sorted(curvature[min(curvature, key=lambda c, x=x: abs(c - x))] for x in point)
        np.testing.assert_allclose(eigenvalues, expected, atol=1e-6)


def test_rastrigin_has_441_points_in_box():
    result = found_on("rastrigin")
    minima = [0.0, *(s * x for x in (0.9949586, 1.9899122, 2.9848557, 3.9797839, 4.9746914) for s in (1, -1))]
    lowest = result.points[[kind == "minimum" for kind in result.kinds]]
    assert_same_points(lowest, list(itertools.product(minima, minima)), 1e-6)
    assert len(result.points) == 441
    assert np.max(np.abs(result.points)) < 5.12
    assert result.morse is not None
    assert (result.morse.minima, result.morse.saddles, result.morse.maxima) == (121, 220, 100)
    assert result.morse.is_complete
    np.testing.assert_allclose(result.eigenvalues[0], 2 + 40 * np.pi**2, atol=1e-6)


def test_winding_number_is_found_in_steep_valleys():
    rosenbrock = found_on("rosenbrock")
    assert_same_points(rosenbrock.points, [(1, 1)])
    np.testing.assert_allclose(rosenbrock.eigenvalues[0], [0.39936077, 1001.60063923], atol=1e-6)
    assert rosenbrock.morse is not None
    assert rosenbrock.morse.is_complete


def test_t27_monkey_saddle_is_degenerate_with_degree_minus_two():
    result = found_on("monkey-saddle")
    np.testing.assert_allclose(result.points, [[0, 0]], atol=1e-6)
    assert result.kinds == ("degenerate",)
    assert result.morse is not None
    assert (result.morse.degrees, result.morse.winding, result.morse.is_complete) == (-2, -2, True)


def _cone_and_bowl(p):
    distance = jnp.sqrt(jnp.maximum(jnp.sum(p**2), 1e-300))
    return jnp.where(p[0] < 1, distance, 0.0) + jnp.where(p[0] >= 1, 5 * jnp.sum((p - 1.5) ** 2), 0.0)


def test_missing_cone_is_reported():
    # A cone at 0 and nothing else: the gradient winds once around the box, and no critical point is found.
    points = critical_points(Problem.from_loss(_cone_and_bowl, np.zeros(2)), [(-1, 0.5), (-0.7, 1)], key=KEY)
    assert len(points.points) == 0
    assert points.morse is not None
    assert points.morse.winding == 1
    assert points.morse.is_complete is False
    assert "a point is missing" in points.morse.sentence


def test_plane_in_float32_is_searched_in_float64():
    # The plane's own coordinates, turned against the parameters', polished in float64 from a float32 problem.
    problem = Problem.from_loss(FUNCTIONS["himmelblau"].f, np.zeros(2, np.float32))
    angle = np.array([[0.6, 0.8], [-0.8, 0.6]], np.float32)
    turned = problem.on(Plane(jnp.array([0.5, -0.25]), jnp.asarray(angle), jnp.ones(2)))
    points = critical_points(turned, [(-8.0, 8.0)] * 2, key=KEY)
    assert points.points.dtype == np.float64
    assert_same_points(points.points @ angle + [0.5, -0.25], list(HIMMELBLAU), 2e-6)


def test_small_network_in_full_space():
    # ½(1 − w₁w₂)²: a saddle at 0 with eigenvalues ±1, and a continuum of minima, degenerate all.
    points = critical_points(problems.scalar_product(), 2.0, key=KEY, starts=64)
    assert np.all(points.degenerate == (np.abs(points.points[:, 0]) > 1e-3))
    saddle = points.points[~points.degenerate]
    np.testing.assert_allclose(saddle, [[0, 0]], atol=1e-9)
    np.testing.assert_allclose(points.eigenvalues[~points.degenerate], [[-1, 1]], atol=1e-9)
    assert np.any(points.degenerate)
    np.testing.assert_allclose(np.prod(points.points[points.degenerate], axis=1), 1, atol=1e-6)
    six = critical_points(problems.quadratic(), 3.0, key=KEY, guesses=normal(0, 2, 6))
    np.testing.assert_allclose(six.points, np.zeros((1, 6)), atol=1e-9)
    np.testing.assert_allclose(six.eigenvalues[0], problems.EIGENVALUES, atol=1e-9)
    assert (six.kinds, six.index[0], six.morse) == (("saddle",), 1, None)


def _triple(p):
    return 0.5 * (1 - jnp.prod(p)) ** 2


def test_t27_degenerate_saddle_of_triple_product_is_not_classified():
    # ½(1 − w₁w₂w₃)²: at 0 the Hessian is exactly zero, and eigenvalues say nothing; everywhere on w₁w₂w₃ = 1 a
    # minimum with two zero modes.
    points = critical_points(Problem.from_loss(_triple, np.full(3, 0.2)), 1.5, key=KEY, starts=64)
    at_zero = np.linalg.norm(points.points, axis=1) < 1e-6
    assert np.sum(at_zero) == 1
    assert [kind for kind, point in zip(points.kinds, at_zero, strict=True) if point] == ["degenerate"]
    np.testing.assert_allclose(points.eigenvalues[at_zero], 0, atol=1e-12)
    np.testing.assert_allclose(points.values[at_zero], 0.5)
    assert np.all(np.abs(points.eigenvalues[at_zero]) <= points.errors[at_zero])
    np.testing.assert_allclose(np.prod(points.points[~at_zero], axis=1), 1, atol=1e-6)
    assert set(points.kinds) == {"degenerate"}


def quartic(seed: int, dtype: Any) -> tuple[Problem, np.ndarray]:
    """Σ (zᵢ² − 1)²/4 + zᵢ/10 of z = Mθ in three coordinates: 27 critical points."""
    narrow = normal(seed, 3, 3).astype(np.float32)
    return Problem.from_loss(_wells, np.zeros(3, dtype), narrow.astype(dtype)), np.asarray(narrow, np.float64)


def _wells(p, matrix):
    z = matrix @ p
    return jnp.sum((z**2 - 1) ** 2) / 4 + 0.1 * jnp.sum(z)


def test_eigenvalues_lie_within_their_error_bars():
    # z solves z³ − z + 0.1 = 0 in each of three coordinates, θ = M⁻¹z and H = Mᵀ·diag(3z² − 1)·M: of fifty M.
    roots = np.roots([1.0, 0.0, -1.0, 0.1]).real
    roots = roots - (roots**3 - roots + 0.1) / (3 * roots**2 - 1)
    errors, bars, scales = [], [], []
    # Either precision is searched in float64, and the numbers are the same, so few are repeated from float32.
    for seed, dtype in [(seed, np.float64) for seed in range(50)] + [(seed, np.float32) for seed in range(3)]:
        problem, matrix = quartic(seed, dtype)
        points = critical_points(problem, 3.0, key=KEY, starts=16)
        for point, eigenvalues, bar in zip(points.points, points.eigenvalues, points.errors, strict=True):
            z = roots[np.argmin(np.abs((matrix @ point)[:, None] - roots), axis=1)]
            hessian = (matrix.T * (3 * z**2 - 1)) @ matrix
            exact = np.linalg.eigvalsh(hessian)
            errors.append(np.abs(eigenvalues - exact))
            scales.append(np.full(3, np.max(np.abs(exact))))
            bars.append(bar)
    errors, bars, scales = map(np.array, (errors, bars, scales))
    assert len(errors) > 250
    assert np.all(errors <= bars)
    assert median_ratio(bars, errors, scales) <= 100


def test_bad_arguments_are_refused_and_progress_cancels():
    with pytest.raises(ValueError, match="Jacobian"):
        critical_points(problems.game(), 1.0, key=KEY)
    with pytest.raises(ValueError, match=r"problem\.on\(plane\)"):
        critical_points(Problem.from_loss(_bowl, np.zeros(201)), 1.0, key=KEY)
    for box in (-1.0, [(0, 1)], [(0, 1), (1, 1)], [(0, 1), (0, np.inf)]):
        with pytest.raises(ValueError, match="extent"):
            critical_points(Problem.from_loss(_bowl, np.zeros(2)), box, key=KEY)

    with pytest.raises(ValueError, match="finite at no start in this box"):
        critical_points(problems.half_nan(), [(0, 1), (-2, -1)], key=KEY, starts=16)

    class Stop(Exception):
        pass

    def cancel(fraction, partial):
        raise Stop

    with pytest.raises(Stop):
        critical_points(problems.quadratic(), 1.0, key=KEY, progress=cancel)


def _bowl(p):
    return jnp.sum(p**2)


def test_peak_at_kink_is_degenerate():
    """Σ (w² − |w|) has minima at (±½, ±½) and a peak at 0, where the Hessian of either branch is 2·I. JAX's
    derivative of ReLU is 0 there, so the gradient seems to vanish."""
    problem = Problem.from_loss(lambda w: jnp.sum(w**2 - jax.nn.relu(w) - jax.nn.relu(-w)), np.zeros(2))
    points = critical_points(problem, 1.0, key=0, starts=32, guesses=np.zeros((1, 2)))
    at_zero = np.all(points.points == 0, axis=1)
    assert [kind for kind, zero in zip(points.kinds, at_zero, strict=True) if zero] == ["degenerate"]
    assert [kind for kind, zero in zip(points.kinds, at_zero, strict=True) if not zero] == ["minimum"] * 4
