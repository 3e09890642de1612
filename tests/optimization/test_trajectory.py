"""Trajectories: rates from algebra, divergence, minibatches, races, and one compilation for all knobs."""

import jax
import numpy as np
import pytest

from landscapes.optimization import run_setup, run_updates
from landscapes.optimization.trajectory import Trajectory, descend, race
from landscapes.problem import Problem
from tests.bowl import bowl

# Rates from algebra


def test_sgd_on_a_quadratic_is_a_power():
    rate, t = 0.0123, np.arange(201.0)[:, None]
    path = descend(bowl(), ("sgd", {"learning_rate": rate}), 200)
    expected = (1 - rate * np.array([1.0, 100.0])) ** t * np.array([1.0, -3.0])
    np.testing.assert_array_equal(path.steps, t[:, 0])
    np.testing.assert_allclose(path.params, expected, rtol=1e-10, atol=1e-100)
    np.testing.assert_allclose(path.loss, 0.5 * expected**2 @ [1.0, 100.0], rtol=1e-10)
    np.testing.assert_allclose(path.gradient_norm, np.linalg.norm(expected * [1.0, 100.0], axis=1), rtol=1e-10)


def contraction(path: Trajectory, first: int, last: int) -> float:
    """The factor per step of ‖θ‖ between two steps, a factor of t from a defective matrix taken out."""
    norms = np.linalg.norm(path.params, axis=1) / np.maximum(path.steps, 1)
    return (norms[last] / norms[first]) ** (1 / (path.steps[last] - path.steps[first]))


def test_heavy_ball_contracts_at_its_optimal_rate():
    rate, beta = (2 / 11) ** 2, (9 / 11) ** 2
    assert (rate, beta) == pytest.approx((0.03305785, 0.66942149), abs=1e-8)
    path = descend(bowl(), ("momentum", {"learning_rate": rate, "beta": beta}), 200)
    assert contraction(path, 100, 180) == pytest.approx(0.81818182, rel=1e-3)


def test_nesterov_contracts_at_one_minus_root_kappa():
    path = descend(bowl(), ("nesterov", {"learning_rate": 0.01, "beta": 9 / 11}), 200)
    assert contraction(path, 100, 180) == pytest.approx(0.9, rel=1e-3)


def test_gradient_descent_contracts_at_its_optimal_rate():
    path = descend(bowl(), ("sgd", {"learning_rate": 2 / 101}), 200)
    errors = np.linalg.norm(path.params, axis=1)
    np.testing.assert_allclose(errors[1:] / errors[:-1], 0.98019802, rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "settings", "largest"),
    [
        ("sgd", {}, 2.0),
        ("momentum", {"beta": 0.9}, 3.8),
        ("momentum", {"beta": 0.0}, 2.0),
        ("nesterov", {"beta": 0.9}, 3.8 / 2.8),
    ],
)
def test_largest_stable_curvature(name, settings, largest):
    """λη below 2+2β, over 1+2β for Nesterov, contracts; above it grows, slowly, which is no divergence yet."""
    rate = 0.1
    for factor, grows in ((0.999, False), (1.001, True)):
        problem = bowl((factor * largest / rate, 0.0), (1.0, 0.0))
        path = descend(problem, (name, {"learning_rate": rate, **settings}), 200)
        assert path.outcome.kind == "finished"
        size = np.abs(path.params[:, 0])
        assert (size[-20:].max() > 1.05 * size[60:80].max()) == grows
        assert (size[-20:].max() < 0.95 * size[60:80].max()) != grows


# The record


def test_curves_have_every_step_and_snapshots_are_thinned():
    for steps, kept in ((1, 2), (200, 201), (201, 68), (1000, 201), (997, 201)):
        path = descend(bowl(), ("sgd", {"learning_rate": 0.01}), steps)
        assert len(path.steps) == len(path.params) == kept
        assert (path.steps[0], path.steps[-1]) == (0, steps)
        assert np.all(np.diff(path.steps) > 0)
        assert path.loss.shape == path.gradient_norm.shape == path.terms["loss"].shape == (steps + 1,)
        observed_values = 0.5 * path.params**2 @ [1.0, 100.0]
        np.testing.assert_allclose(observed_values, path.loss[path.steps], rtol=1e-12)
        assert path.outcome.step == steps


def test_thinning_keeps_a_zigzag():
    """At η = 0.0198 the steep coordinate is multiplied by 1 − 1.98 and changes sides at every step."""
    for steps in (200, 201, 400, 600, 700):
        path = descend(bowl(), ("sgd", {"learning_rate": 0.0198}), steps)
        regular = np.diff(path.steps) == path.steps[1]  # but for the last, which closes the path
        assert np.all(np.diff(np.sign(path.params[:, 1]))[regular] != 0)


def test_the_segments_leave_no_trace(monkeypatch):
    full = descend(bowl(), "adam", 300)
    monkeypatch.setattr(run_setup, "MAX_SEGMENT_BYTES", 7 * 16)
    monkeypatch.setattr(run_updates, "next_count", lambda count, seconds: 1 + 5 * count % 7)
    pieces = descend(bowl(), "adam", 300)
    for one, other in zip(jax.tree.leaves(vars(full)), jax.tree.leaves(vars(pieces)), strict=True):
        assert np.array_equal(one, other) or one == other


ENTRIES = {
    "slow": ("sgd", {"learning_rate": 1e-4}),
    "absurd": ("sgd", {"learning_rate": 1e3}),
    "adam": "adam",
    "momentum": ("momentum", {"learning_rate": 1e-4}),
}


def test_runs_of_a_race_equal_each_run_alone():
    def rosenbrock(xy):
        return (1 - xy[0]) ** 2 + 100 * (xy[1] - xy[0] ** 2) ** 2

    problem = Problem.from_loss(rosenbrock, np.array([-1.2, 1.0]))
    reports = []
    paths = race(
        problem, ENTRIES, 130, progress=lambda fraction, partial: reports.append((fraction, list(partial)))
    )
    for label, entry in ENTRIES.items():
        single, path = descend(problem, entry, 130), paths[label]
        assert path.outcome == single.outcome
        np.testing.assert_array_equal(path.steps, single.steps)
        np.testing.assert_allclose(path.params, single.params, rtol=1e-9)
        np.testing.assert_allclose(path.loss, single.loss, rtol=1e-9)
        np.testing.assert_allclose(path.gradient_norm, single.gradient_norm, rtol=1e-9)
    assert paths["absurd"].outcome.kind == "diverged"
    fractions, labels = zip(*reports, strict=True)
    assert list(fractions) == sorted(fractions)
    assert fractions[-1] == 1
    assert labels[-1] == list(ENTRIES)


def test_results_are_immutable():
    path = descend(bowl(), "sgd", 3)
    for array in (path.steps, path.params, path.loss, path.gradient_norm, path.terms["loss"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_progress_hears_of_a_growing_path_and_cancels():
    reports = []
    path = descend(bowl(), "adam", 5000, progress=lambda *report: reports.append(report))
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    *running, last = [partial_path.outcome.kind for _, partial_path in reports]
    assert set(running) == {"running"}
    assert last == "finished"
    for fraction, partial_path in reports:
        assert fraction == len(partial_path.loss) / 5001
        np.testing.assert_array_equal(partial_path.loss, path.loss[: len(partial_path.loss)])
        np.testing.assert_array_equal(partial_path.params, path.params[: len(partial_path.steps)])

    class Cancelled(Exception):
        pass

    def cancel(fraction, path):
        raise Cancelled

    with pytest.raises(Cancelled):
        descend(bowl(), "adam", 5000, progress=cancel)
