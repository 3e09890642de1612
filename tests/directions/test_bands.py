"""Bands of random lines: what many draws say, against the moments of one."""

import jax
import numpy as np
import pytest

from landscapes.directions import DIRECTIONS
from landscapes.directions.bands import KINDS, band, bands
from landscapes.plane import span
from tests import problems
from tests.problems import EIGENVALUES

KEY = jax.random.key(4)


def test_a_band_of_a_quadratic_has_the_mean_curvature_of_its_hessian():
    problem = problems.quadratic()
    found = band(problem, "gaussian", 2.0, KEY, lines=150, points=5)
    np.testing.assert_allclose(found.t, [-2, -1, 0, 1, 2])
    here = float(problem.loss(problem.params))
    np.testing.assert_allclose(found.losses[:, 2], here, rtol=1e-12)
    # ½[L(t) + L(−t)] − L(0) = ½t²·vᵀAv, and E vᵀAv = tr A/n for a uniform unit vector v.
    bends = (found.losses[:, 4] + found.losses[:, 0]) / 2 - here
    error = np.std(bends) / np.sqrt(150)
    assert abs(np.mean(bends) - 0.5 * 4 * EIGENVALUES.sum() / 6) < 3 * error
    # Along each line the loss is a parabola, and the spline through five points knows it.
    assert found.error < 1e-10 * np.max(found.losses)
    assert found.evaluations == 150 * (5 + 5)


def test_quartiles_are_losses_of_lines_and_a_hole_is_infinitely_high():
    found = band(problems.half_nan(), "gaussian", 3.0, KEY, lines=21, points=21)
    for share, place in ((0.25, 5), (0.5, 10), (0.75, 15)):
        high = np.sort(np.where(np.isnan(found.losses), np.inf, found.losses), axis=0)
        np.testing.assert_array_equal(found.quantile(share), high[place])
    assert np.isnan(found.losses).any()  # ln y for y < 0
    assert np.isinf(found.quantile(0.75)).any()
    assert np.isfinite(found.quantile(0.25)[10])


def test_every_kind_goes_equally_far_and_sees_its_own_directions():
    problem = problems.mlp()
    heard = []
    found = bands(problem, 1.5, KEY, lines=3, points=5, progress=lambda f, p: heard.append((f, p)))
    assert tuple(found) == KINDS
    direction = DIRECTIONS["layer-normalized"].function(problem, (), jax.random.fold_in(KEY, 1), 1)
    line = span(problem.params, direction)
    end = float(problem.loss(line.point(np.array([1.5]))))
    assert found["layer-normalized"].losses[1, -1] == pytest.approx(end, rel=1e-12)
    for one in found.values():
        np.testing.assert_array_equal(one.t, found["gaussian"].t)
    assert not np.allclose(found["layer-normalized"].losses, found["filter-normalized"].losses)
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert [len(partial) for _, partial in heard][-1] == 3
    more = band(problem, "gaussian", 1.5, KEY, lines=2, points=5)
    np.testing.assert_array_equal(more.losses, found["gaussian"].losses[:2])


def test_bad_requests():
    problem = problems.mlp()
    with pytest.raises(ValueError, match="'principal' is no kind of random direction; choose gaussian, layer"):
        band(problem, "principal", 1.0, KEY)
    with pytest.raises(ValueError, match="lines = 1 is not valid"):
        band(problem, "gaussian", 1.0, KEY, lines=1)
    with pytest.raises(ValueError, match="points = 10 is not valid; give an odd number"):
        band(problem, "gaussian", 1.0, KEY, points=10)
    with pytest.raises(ValueError, match=r"the reach 0\.0 shows nothing"):
        band(problem, "gaussian", 0.0, KEY)
    with pytest.raises(ValueError, match="a direction is zero"):  # weights that are one vector have no filters
        band(problems.logistic(), "filter-normalized", 1.0, KEY)
    with pytest.raises(ValueError, match="a game has no single loss"):
        band(problems.game(), "gaussian", 1.0, KEY)
