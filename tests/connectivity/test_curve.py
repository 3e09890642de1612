"""Trained curves between two solutions, against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, span
from landscapes.connectivity import curve as curve_module
from landscapes.connectivity.curve import (
    control_weights,
    loss_along_curve,
    plane_through,
    quadrature,
    train_curve,
)
from tests import problems
from tests.bowl import TRACES, bowl
from tests.problems import normal

A, B = np.array([2.0, 1.0]), np.array([-1.0, 3.0])


@pytest.mark.parametrize("kind", ["bezier", "polygon"])
def test_curve_points_match_de_casteljau_and_polygon(kind):
    t = np.linspace(0, 1, 11)
    weights = np.column_stack(control_weights(kind, t))
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    control_points = np.array([[0.0, 0.0], [1.0, 4.0], [3.0, 1.0]])
    points = weights @ control_points
    if kind == "bezier":
        halves = [(1 - s) * control_points[:-1] + s * control_points[1:] for s in t]
        np.testing.assert_allclose(points, [(1 - s) * h[0] + s * h[1] for s, h in zip(t, halves, strict=True)])
    else:
        np.testing.assert_allclose(points[5], control_points[1])
        np.testing.assert_allclose(points[2], 0.6 * control_points[0] + 0.4 * control_points[1])


@pytest.mark.parametrize("kind", ["bezier", "polygon"])
def test_quadrature_integrates_polynomials_up_to_degree_7_or_15(kind):
    nodes, weights = quadrature(kind)
    assert len(nodes) == 8
    for power in range(16 if kind == "bezier" else 8):
        assert weights @ nodes**power == pytest.approx(1 / (power + 1), rel=1e-13)
    assert weights @ np.abs(nodes - 0.5) == pytest.approx(0.25, rel=0.02 if kind == "bezier" else 1e-13)


@pytest.mark.parametrize(("kind", "factor"), [("bezier", -0.75), ("polygon", -0.25)])
def test_bend_over_bowl_matches_closed_form(kind, factor):
    # ∫ ½φᵀDφ is least at W = −(θ_A + θ_B)·∫wa/∫w²: ¾ for the Bézier curve, ¼ for the polygon.
    reports = []
    curve = train_curve(
        bowl(), A, B, kind=kind, steps=2000, learning_rate=0.3, progress=lambda f, c: reports.append((f, c))
    )
    np.testing.assert_allclose(curve.bend, factor * (A + B), atol=1e-3)
    # At first both kinds are the straight line: ∫ ½λ((1 − t)a + tb)² dt = λ(a² + ab + b²)/6.
    straight = np.array([1.0, 100.0]) @ (A**2 + A * B + B**2) / 6
    assert curve.objective[0] == pytest.approx(straight, rel=1e-12)
    assert curve.objective[-1] < curve.objective[0]
    assert reports[-1][0] == 1
    # The bend is the best of all steps and not the last.
    wild = train_curve(bowl(), A, B, kind=kind, steps=7, learning_rate=50.0)
    assert np.argmin(wild.objective) == 0
    np.testing.assert_array_equal(wild.bend, (A + B) / 2)
    before = TRACES[0]
    train_curve(bowl((3.0, 5.0)), B, A, kind=kind, steps=7, learning_rate=0.01)
    assert TRACES[0] == before + 1  # `from_loss` asks for the terms once


def test_curve_lies_in_plane_of_control_points():
    problem = problems.mlp()
    leaves, structure = jax.tree.flatten(problem.params)
    first, bend, second = (
        jax.tree.unflatten(structure, [normal(seed + i, *leaf.shape) for i, leaf in enumerate(leaves)])
        for seed in (30, 40, 50)
    )
    plane = plane_through(first, second, bend)
    projected = [plane.project(point) for point in (first, bend, second)]
    np.testing.assert_allclose([float(distance) for _, distance in projected], 0, atol=1e-12)
    control_points = np.stack([np.asarray(coordinates) for coordinates, _ in projected])
    profile, path = loss_along_curve(problem, plane, control_points, "bezier")
    index = (len(profile.t) - 1) // 4
    weights = np.array(control_weights("bezier", profile.t[[index]]))[:, 0]
    theta = jax.tree.map(
        lambda *leaves: sum(w * leaf for w, leaf in zip(weights, leaves, strict=True)), first, bend, second
    )
    assert profile.loss[index] == pytest.approx(float(problem.loss(theta)), rel=1e-12)
    np.testing.assert_allclose(path[index], plane.project(theta)[0], atol=1e-12)
    with pytest.raises(ValueError, match="the trained path is the straight line itself"):
        plane_through(first, second, jax.tree.map(lambda a, b: (a + b) / 2, first, second))


def test_error_of_curve_is_found_between_its_points():
    """A sawtooth with as many teeth as there are intervals is 0 at every point of the profile."""
    problem = Problem.from_loss(lambda p: jnp.abs(jnp.sin(128 * jnp.pi * p[0])) + 0 * p[1], np.zeros(2))
    plane = span(problem.params, np.eye(2))
    control_points = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]])
    profile, _ = loss_along_curve(problem, plane, control_points, "polygon")
    np.testing.assert_allclose(profile.loss, 0, atol=1e-9)
    assert profile.error > 0.5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "spline"}, "no kind of path 'spline'; choose bezier or polygon"),
        ({"steps": 0}, "steps = 0 is not valid"),
        ({"steps": 10_001}, "steps = 10001 is not valid"),
        ({"learning_rate": 0.0}, "learning_rate = 0.0 is not valid"),
        ({"learning_rate": np.inf}, "learning_rate = inf is not valid"),
        ({"learning_rate": np.nan}, "learning_rate = nan is not valid"),
    ],
)
def test_invalid_curve_settings_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        train_curve(bowl(), A, B, **arguments)


def test_curve_in_game_is_refused():
    with pytest.raises(ValueError, match="no Hessian"):
        train_curve(problems.game(), problems.game().params, problems.game().params)


def test_the_segments_of_training_change_nothing(monkeypatch):
    """Their number depends on the machine. The rate falls over all steps, whichever segment they are in."""
    results = []
    assert len(train_curve(bowl(), A, B, steps=1).objective) == 1
    for size in (1, 3, 20):
        monkeypatch.setattr(curve_module, "next_count", lambda count, seconds, size=size: size)
        curve = train_curve(bowl(), A, B, steps=20, learning_rate=0.3)
        assert len(curve.objective) == 20
        results.append(curve)
    for other in results[1:]:
        np.testing.assert_allclose(other.objective, results[0].objective, rtol=1e-9)
        np.testing.assert_allclose(other.bend, results[0].bend, rtol=1e-9)
