"""Cosines between gradients, against closed forms and float64."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import descend, span
from landscapes.problem import Problem
from landscapes.tradeoffs import gradient_conflict as module
from landscapes.tradeoffs.gradient_conflict import Cosines, conflict_map, conflict_path
from tests.problems import game, half_nan, normal, rosenbrock

CENTRE = np.array([0.5, -1.0, 2.0])


TRACES = []


def _pair(p):
    """Two asymmetric terms of three variables, of which the last is outside of every plane; see `gradients`."""
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


def test_map_holds_cosines_of_full_gradients(problem, plane):
    conflict = conflict_map(problem, plane, [(-1, 2), (-3, 3)], "skew", "bowl", cells=5)
    for i, u in enumerate(conflict.axes[0]):
        for j, v in enumerate(conflict.axes[1]):
            one, other = gradients(*(CENTRE + np.array([u, v, 0])))
            assert conflict.cosines.cosine[i, j] == pytest.approx(cosine(one, other), abs=1e-12)
            assert conflict.cosines.norms[:, i, j] == pytest.approx([np.linalg.norm(one), np.linalg.norm(other)])
    # The gradients within the plane, without the third variable, have another cosine.
    assert cosine(*(g[:2] for g in gradients(*CENTRE))) != pytest.approx(conflict.cosines.cosine[1, 2], abs=1e-3)
    assert conflict.cosines.evaluated.all()
    assert conflict.cosines.conflicting_share == np.mean(conflict.cosines.cosine < 0)
    assert 0.2 < conflict.cosines.conflicting_share < 0.9
    assert conflict.cosines.undetermined_share == 0


def test_map_is_symmetric_in_terms_and_axes(problem, plane):
    conflict = conflict_map(problem, plane, [(-1, 2), (-3, 3)], "skew", "bowl", cells=3)
    other = conflict_map(problem, plane, [(-1, 2), (-3, 3)], "bowl", "skew", cells=3)
    np.testing.assert_allclose(other.cosines.cosine, conflict.cosines.cosine, atol=1e-15)
    np.testing.assert_array_equal(other.cosines.norms[::-1], conflict.cosines.norms)
    turned = span(problem.params, np.eye(3)[[1, 0]])
    swapped = conflict_map(problem, turned, [(-3, 3), (-1, 2)], "skew", "bowl", cells=3)
    np.testing.assert_allclose(swapped.cosines.cosine.T, conflict.cosines.cosine, atol=1e-15)


def test_path_cosines_are_those_at_its_snapshots(problem):
    path = descend(problem, ("sgd", {"learning_rate": 0.01}), 6)
    conflict = conflict_path(problem, path, "skew", "bowl")
    np.testing.assert_array_equal(conflict.steps, path.steps)
    expected = [cosine(*gradients(*point)) for point in path.params]
    np.testing.assert_allclose(conflict.cosines.cosine, expected, atol=1e-12)


def _vanishing(p):
    return {"bowl": jnp.sum(p**2), "shifted": jnp.sum((p - 1) ** 2)}


def test_cosine_is_nan_where_gradient_vanishes():
    problem = Problem.from_loss(_vanishing, np.zeros(2))
    conflict = conflict_map(problem, span(np.zeros(2), np.eye(2)), 1.0, "bowl", "shifted", cells=3).cosines
    np.testing.assert_array_equal(np.isnan(conflict.cosine), [[0, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert conflict.cosine[0, 0] == pytest.approx(1)
    assert conflict.cosine[1, 0] == pytest.approx(cosine(np.array([0, -1.0]), np.array([-1.0, -2.0])))
    # At (0, 1) and (1, 0) the gradients are orthogonal, so the sign of the cosine is unknown there too.
    assert conflict.undetermined_share == pytest.approx(4 / 9)


def test_cosine_is_nan_where_term_is_nan():
    problem = half_nan()
    conflict = conflict_map(problem, span(problem.params, np.eye(2)), 2.0, "bowl", "log", cells=3).cosines
    np.testing.assert_array_equal(np.isfinite(conflict.cosine), [[0, 1, 1]] * 3)


def _fit(p, data):
    h = jnp.tanh(data["x"] @ p["in"])
    return {"fit": jnp.mean((h @ p["out"] - data["y"]) ** 2), "size": jnp.sum(jnp.abs(h @ p["out"])) / 30}


def test_float32_errors_cover_difference_to_float64():
    params = {"in": normal(0, 4, 5), "out": normal(1, 5)}
    data = {"x": normal(2, 30, 4), "y": normal(3, 30)}
    directions = {"in": normal(4, 2, 4, 5), "out": normal(5, 2, 5)}
    cosines = []
    for dtype in (np.float32, np.float64):
        cast = [jax.tree.map(partial(np.asarray, dtype=dtype), tree) for tree in (params, data, directions)]
        problem = Problem.from_loss(_fit, cast[0], cast[1])
        cosines.append(conflict_map(problem, span(cast[0], cast[2]), 3.0, "fit", "size", cells=7).cosines)
    differences = np.abs(cosines[0].cosine - cosines[1].cosine)
    assert np.all(differences <= cosines[0].errors)
    assert np.max(differences) > 1e-3 * np.min(cosines[0].errors)
    assert np.max(cosines[0].errors) < 1e-2
    assert np.max(cosines[1].errors) < 1e-10


def test_other_weights_and_cells_compile_nothing(problem, plane):
    conflict_map(problem, plane, 1.0, "skew", "bowl", cells=3)
    before = len(TRACES)
    weighted = Problem(
        np.asarray(problem.params) + 1,
        None,
        None,
        None,
        {"skew": np.float64(3), "bowl": np.float64(0)},
        problem.objective,
    )
    conflict_map(weighted, span(weighted.params, np.eye(3)[1:]), 2.0, "skew", "bowl", cells=4)
    assert len(TRACES) == before


def test_partial_map_covers_extent_and_can_be_cancelled(problem, plane, monkeypatch):
    monkeypatch.setattr(module, "MAX_CHUNK_POINTS", 9)
    reports = []
    conflict_map(problem, plane, 1.0, "skew", "bowl", cells=9, progress=lambda f, p: reports.append((f, p)))
    assert [f for f, _ in reports] == sorted(f for f, _ in reports)
    assert reports[-1][0] == 1
    early = next(p.cosines.evaluated for _, p in reports if p.cosines.evaluated.sum() >= 9)
    assert early[[0, 0, -1, -1], [0, -1, 0, -1]].all()

    def cancel(fraction, partial):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conflict_map(problem, plane, 1.0, "skew", "bowl", cells=9, progress=cancel)


def test_invalid_terms_and_cells_are_refused(problem, plane):
    with pytest.raises(ValueError, match="there is no term 'odd'; the terms are: bowl, skew"):
        conflict_map(problem, plane, 1.0, "skew", "odd")
    with pytest.raises(ValueError, match="skew does not conflict with itself"):
        conflict_map(problem, plane, 1.0, "skew", "skew")
    single = rosenbrock()
    path = descend(single, "sgd", 1)
    with pytest.raises(ValueError, match="is the only term; choose an objective of two terms"):
        conflict_path(single, path, "loss", "loss")
    with pytest.raises(ValueError, match="cells = 1 per axis; choose from 2 to 129"):
        conflict_map(problem, plane, 1.0, "skew", "bowl", cells=1)
    with pytest.raises(ValueError, match="each player of a game has a loss of its own"):
        conflict_map(game(), plane, 1.0, "product", "square")


def test_the_error_of_a_cosine_is_the_sum_over_both_gradients():
    norms = np.array([[1.0, 2.0], [4.0, 1.0]])
    result = Cosines(("fit", "size"), np.array([0.5, -0.5]), norms, 1e-7, np.ones(2, bool))
    np.testing.assert_allclose(result.errors, 8e-7 * np.array([2 / 1 + 4 / 4, 2 / 2 + 4 / 1]))
