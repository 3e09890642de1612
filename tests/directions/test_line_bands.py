"""Bands of random lines, against moments known in closed form."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.directions import DIRECTIONS
from landscapes.directions.line_bands import RANDOM_KINDS, band, band_over_minibatches, bands
from landscapes.plane import span
from landscapes.problem import Problem
from tests import problems
from tests.problems import EIGENVALUES

KEY = jax.random.key(4)


def test_mean_curvature_of_band_is_trace_over_dimension():
    problem = problems.quadratic()
    result = band(problem, "gaussian", 2.0, KEY, lines=150, points=5)
    np.testing.assert_allclose(result.t, [-2, -1, 0, 1, 2])
    centre = float(problem.loss(problem.params))
    np.testing.assert_allclose(result.losses[:, 2], centre, rtol=1e-12)
    # ½[L(t) + L(−t)] − L(0) = ½t²·vᵀAv, and E vᵀAv = tr A/n for a uniform unit vector v.
    curvatures = (result.losses[:, 4] + result.losses[:, 0]) / 2 - centre
    error = np.std(curvatures) / np.sqrt(150)
    assert abs(np.mean(curvatures) - 0.5 * 4 * EIGENVALUES.sum() / 6) < 3 * error
    # Along each line the loss is a parabola, which a spline through five points represents exactly.
    assert result.error < 1e-10 * np.max(result.losses)
    assert result.evaluations == 150 * (5 + 5)


def test_quartiles_count_nan_as_infinite():
    result = band(problems.half_nan(), "gaussian", 3.0, KEY, lines=21, points=21)
    for share, place in ((0.25, 5), (0.5, 10), (0.75, 15)):
        ordered = np.sort(np.where(np.isnan(result.losses), np.inf, result.losses), axis=0)
        np.testing.assert_array_equal(result.quantile(share), ordered[place])
    assert np.isnan(result.losses).any()  # ln y for y < 0
    assert np.isinf(result.quantile(0.75)).any()
    assert np.isfinite(result.quantile(0.25)[10])


def test_bands_share_distances_and_report_progress():
    problem = problems.mlp()
    reports = []
    result = bands(problem, 1.5, KEY, lines=3, points=5, progress=lambda f, p: reports.append((f, p)))
    assert tuple(result) == RANDOM_KINDS
    direction = DIRECTIONS["layer-normalized"].function(problem, (), jax.random.fold_in(KEY, 1), 1)
    line = span(problem.params, direction)
    end = float(problem.loss(line.point(np.array([1.5]))))
    assert result["layer-normalized"].losses[1, -1] == pytest.approx(end, rel=1e-12)
    for one in result.values():
        np.testing.assert_array_equal(one.t, result["gaussian"].t)
    assert not np.allclose(result["layer-normalized"].losses, result["filter-normalized"].losses)
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert [len(partial) for _, partial in reports][-1] == 3
    full = band(problem, "gaussian", 1.5, KEY, lines=2, points=5)
    np.testing.assert_array_equal(full.losses, result["gaussian"].losses[:2])


def _tallied(p, data, key):
    """Whose value at 0 tells which examples, powers of 2, were averaged, and under which key."""
    return p[0] ** 2 + jnp.mean(data) + 0.1 * jax.random.uniform(key)


def test_minibatches_are_those_of_several_epochs_each_under_a_key_of_its_own():
    problem = Problem.from_loss(_tallied, np.zeros(1), 2.0 ** np.arange(7), key=3)
    line, axis = span(problem.params, np.ones((1, 1))), np.linspace(-1, 2, 5)
    result = band_over_minibatches(problem, line, axis, 8, 2)
    assert result.kind == "minibatches"
    np.testing.assert_array_equal(result.t, axis)
    assert result.evaluations == 8 * (5 + 5)
    heights = result.losses - axis**2
    np.testing.assert_allclose(heights, np.broadcast_to(heights[:, :1], heights.shape), rtol=1e-12)
    sums = np.floor(2 * heights[:, 0]).astype(int)
    assert len(np.unique(2 * heights[:, 0] - sums)) == 8  # what the key adds
    drawn = [frozenset(k for k in range(7) if total >> k & 1) for total in sums]
    assert [len(examples) for examples in drawn] == [2] * 8
    # Three batches an epoch, which leaves one example out; each epoch is shuffled anew.
    epochs = [drawn[:3], drawn[3:6], drawn[6:]]
    assert [len(frozenset().union(*epoch)) for epoch in epochs] == [6, 6, 4]
    assert all(one[:2] != other[:2] for one, other in itertools.combinations(epochs, 2))
    for count, size, sentence in ((1, 2, "count = 1 shows no spread"), (2, 8, "batch_size = 8 does not fit")):
        with pytest.raises(ValueError, match=sentence):
            band_over_minibatches(problem, line, axis, count, size)


def test_invalid_bands_are_refused():
    problem = problems.mlp()
    with pytest.raises(ValueError, match="'principal' is no kind of random direction; choose gaussian, layer"):
        band(problem, "principal", 1.0, KEY)
    with pytest.raises(ValueError, match="lines = 1 is not valid"):
        band(problem, "gaussian", 1.0, KEY, lines=1)
    with pytest.raises(ValueError, match="points = 10 is not valid; give an odd number"):
        band(problem, "gaussian", 1.0, KEY, points=10)
    with pytest.raises(ValueError, match=r"half_width = 0\.0 is not valid; give a positive number"):
        band(problem, "gaussian", 0.0, KEY)
    with pytest.raises(ValueError, match="a direction is zero"):  # a weight vector has no filters
        band(problems.logistic(), "filter-normalized", 1.0, KEY)
    with pytest.raises(ValueError, match="a game has no single loss"):
        band(problems.game(), "gaussian", 1.0, KEY)
