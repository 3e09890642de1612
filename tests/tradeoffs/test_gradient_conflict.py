"""Conflict: cosines known in closed form, in the full space, and what rounding leaves of them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import descend, span
from landscapes.problem import Problem
from landscapes.tradeoffs import gradient_conflict as module
from landscapes.tradeoffs.gradient_conflict import conflict_map, conflict_path
from tests.problems import game, half_nan, normal, rosenbrock

CENTRE = np.array([0.5, -1.0, 2.0])


TRACES = []


def _pair(p):
    """Gradients (2x, 0, 0) + … by hand below; asymmetric, and the third variable is off every plane drawn."""
    TRACES.append(1)
    x, y, z = p
    return {"skew": x**2 + 10 * y + 3 * z, "bowl": 0.5 * (x**2 + 4 * y**2 + z**2)}


def gradients(x, y, z):
    return np.array([2 * x, 10.0, 3.0]), np.array([x, 4 * y, z])


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


@pytest.fixture(scope="module")
def problem():
    return Problem.from_loss(_pair, CENTRE)


@pytest.fixture(scope="module")
def plane(problem):
    return span(problem.params, np.eye(3)[:2])


def test_the_map_is_the_cosine_in_the_full_space(problem, plane):
    found = conflict_map(problem, plane, [(-1, 2), (-3, 3)], "skew", "bowl", cells=5)
    for i, u in enumerate(found.axes[0]):
        for j, v in enumerate(found.axes[1]):
            one, other = gradients(*(CENTRE + np.array([u, v, 0])))
            assert found.cosines.cosine[i, j] == pytest.approx(cosine(one, other), abs=1e-12)
            assert found.cosines.norms[:, i, j] == pytest.approx([np.linalg.norm(one), np.linalg.norm(other)])
    # The slice alone, without the third variable, says otherwise.
    assert cosine(*(g[:2] for g in gradients(*CENTRE))) != pytest.approx(found.cosines.cosine[1, 2], abs=1e-3)
    assert found.cosines.evaluated.all()
    assert found.cosines.conflicting == np.mean(found.cosines.cosine < 0)
    assert 0.2 < found.cosines.conflicting < 0.9
    assert found.cosines.undetermined == 0


def test_exchanging_the_terms_changes_nothing_and_exchanging_the_axes_transposes(problem, plane):
    found = conflict_map(problem, plane, [(-1, 2), (-3, 3)], "skew", "bowl", cells=3)
    other = conflict_map(problem, plane, [(-1, 2), (-3, 3)], "bowl", "skew", cells=3)
    np.testing.assert_allclose(other.cosines.cosine, found.cosines.cosine, atol=1e-15)
    np.testing.assert_array_equal(other.cosines.norms[::-1], found.cosines.norms)
    turned = span(problem.params, np.eye(3)[[1, 0]])
    swapped = conflict_map(problem, turned, [(-3, 3), (-1, 2)], "skew", "bowl", cells=3)
    np.testing.assert_allclose(swapped.cosines.cosine.T, found.cosines.cosine, atol=1e-15)


def test_a_path_is_seen_where_it_was(problem):
    path = descend(problem, ("sgd", {"learning_rate": 0.01}), 6)
    found = conflict_path(problem, path, "skew", "bowl")
    np.testing.assert_array_equal(found.steps, path.steps)
    expected = [cosine(*gradients(*point)) for point in path.params]
    np.testing.assert_allclose(found.cosines.cosine, expected, atol=1e-12)


def _vanishing(p):
    return {"bowl": jnp.sum(p**2), "shifted": jnp.sum((p - 1) ** 2)}


def test_where_a_gradient_vanishes_there_is_no_angle():
    problem = Problem.from_loss(_vanishing, np.zeros(2))
    found = conflict_map(problem, span(np.zeros(2), np.eye(2)), 1.0, "bowl", "shifted", cells=3).cosines
    np.testing.assert_array_equal(np.isnan(found.cosine), [[0, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert found.cosine[0, 0] == pytest.approx(1)
    assert found.cosine[1, 0] == pytest.approx(cosine(np.array([0, -1.0]), np.array([-1.0, -2.0])))
    # At (0, 1) and (1, 0) the gradients are at right angles: no sign beyond rounding either.
    assert found.undetermined == pytest.approx(4 / 9)


def test_what_is_not_finite_is_left_blank():
    problem = half_nan()
    found = conflict_map(problem, span(problem.params, np.eye(2)), 2.0, "bowl", "log", cells=3).cosines
    np.testing.assert_array_equal(np.isfinite(found.cosine), [[0, 1, 1]] * 3)


def _fit(p, data):
    h = jnp.tanh(data["x"] @ p["in"])
    return {"fit": jnp.mean((h @ p["out"] - data["y"]) ** 2), "size": jnp.sum(jnp.abs(h @ p["out"])) / 30}


def test_error_bars_of_float32_cover_what_float64_says():
    params = {"in": normal(0, 4, 5), "out": normal(1, 5)}
    data = {"x": normal(2, 30, 4), "y": normal(3, 30)}
    directions = {"in": normal(4, 2, 4, 5), "out": normal(5, 2, 5)}
    both = []
    for dtype in (np.float32, np.float64):
        cast = [jax.tree.map(partial(np.asarray, dtype=dtype), tree) for tree in (params, data, directions)]
        problem = Problem.from_loss(_fit, cast[0], cast[1])
        both.append(conflict_map(problem, span(cast[0], cast[2]), 3.0, "fit", "size", cells=7).cosines)
    misses = np.abs(both[0].cosine - both[1].cosine)
    assert np.all(misses <= both[0].errors)
    assert np.max(misses) > 1e-3 * np.min(both[0].errors)
    assert np.max(both[0].errors) < 1e-2
    assert np.max(both[1].errors) < 1e-10


def test_weights_extents_and_cells_compile_nothing(problem, plane):
    conflict_map(problem, plane, 1.0, "skew", "bowl", cells=3)
    before = len(TRACES)
    heavy = Problem(
        np.asarray(problem.params) + 1,
        None,
        None,
        None,
        {"skew": np.float64(3), "bowl": np.float64(0)},
        problem.objective,
    )
    conflict_map(heavy, span(heavy.params, np.eye(3)[1:]), 2.0, "skew", "bowl", cells=4)
    assert len(TRACES) == before


def test_progress_covers_the_whole_extent_early_and_may_cancel(problem, plane, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 9)
    seen = []
    conflict_map(problem, plane, 1.0, "skew", "bowl", cells=9, progress=lambda f, p: seen.append((f, p)))
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
    assert seen[-1][0] == 1
    early = next(p.cosines.evaluated for _, p in seen if p.cosines.evaluated.sum() >= 9)
    assert early[[0, 0, -1, -1], [0, -1, 0, -1]].all()

    def cancel(fraction, partial):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conflict_map(problem, plane, 1.0, "skew", "bowl", cells=9, progress=cancel)


def test_what_has_no_angle_gets_a_sentence(problem, plane):
    with pytest.raises(ValueError, match="there is no term 'odd'; the terms are: bowl, skew"):
        conflict_map(problem, plane, 1.0, "skew", "odd")
    with pytest.raises(ValueError, match="skew does not conflict with itself"):
        conflict_map(problem, plane, 1.0, "skew", "skew")
    alone = rosenbrock()
    path = descend(alone, "sgd", 1)
    with pytest.raises(ValueError, match="is the only term; choose an objective of two terms"):
        conflict_path(alone, path, "loss", "loss")
    with pytest.raises(ValueError, match="cells = 1 per axis; choose from 2 to 129"):
        conflict_map(problem, plane, 1.0, "skew", "bowl", cells=1)
    with pytest.raises(ValueError, match="each player of a game has a loss of its own"):
        conflict_map(game(), plane, 1.0, "product", "square")
