"""Many starts at once: each run is that of `descend`."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes.optimization.multistart import race_from
from landscapes.optimization.trajectory import descend
from tests.compiled import compilations
from tests.problems import game, mlp, rosenbrock

OPTIMIZERS = {
    "adam": ("adam", {"learning_rate": 0.02}),
    "sgd": ("sgd", {"learning_rate": 0.002}),
    "lbfgs": "lbfgs",
}


def starts(problem, count, spread=0.3):
    rng = np.random.default_rng(5)
    return jax.tree.map(lambda p: np.asarray(p) + spread * rng.standard_normal((count, *p.shape)), problem.params)


def alone(problem, points, k, optimizer, steps, **settings):
    point = replace(problem, params=jax.tree.map(lambda leaf: leaf[k], points))
    return descend(point, optimizer, steps, **settings)


def test_each_start_ends_where_its_single_run_ends():
    problem, points = rosenbrock(), starts(rosenbrock(), 3)
    result = race_from(problem, OPTIMIZERS, points, 40, schedule="cosine")
    assert list(result) == list(OPTIMIZERS)
    for label, ends in result.items():
        assert ends.loss.shape == ends.steps.shape == (3,)
        assert not ends.diverged.any()
        for k in range(3):
            path = alone(problem, points, k, OPTIMIZERS[label], 40, schedule="cosine")
            assert ends.steps[k] == path.outcome.step == 40
            for name in ("x", "y"):
                np.testing.assert_allclose(ends.params[name][k], path.params[name][-1], rtol=1e-9)
            np.testing.assert_allclose(ends.loss[k], path.loss[-1], rtol=1e-8, atol=1e-20)
            np.testing.assert_allclose(ends.gradient_norm[k], path.gradient_norm[-1], rtol=1e-6, atol=1e-12)


def test_minibatches_are_those_of_a_race():
    problem, points = mlp(), starts(mlp(), 2)
    ends = race_from(problem, {"sgd": "sgd"}, points, 25, batch_size=4, key=3)["sgd"]
    for k in range(2):
        path = alone(problem, points, k, "sgd", 25, batch_size=4, key=3)
        np.testing.assert_allclose(ends.loss[k], path.loss[-1], rtol=1e-10)


def test_a_diverging_run_does_not_stop_others():
    points = {"x": np.array([-1.2, 40.0, 1.0]), "y": np.array([1.0, -9.0, 1.0])}
    ends = race_from(rosenbrock(), {"sgd": ("sgd", {"learning_rate": 1e-3})}, points, 30)["sgd"]
    assert ends.diverged.tolist() == [False, True, False]
    path = alone(rosenbrock(), points, 1, ("sgd", {"learning_rate": 1e-3}), 30)
    assert ends.steps[1] == len(path.loss) - 1 < 30
    np.testing.assert_allclose(ends.loss[1], path.loss[-1], rtol=1e-12)
    np.testing.assert_allclose([ends.loss[2], ends.params["x"][2]], [0, 1])


def test_similar_numbers_of_starts_share_one_program():
    problem, reports = rosenbrock(), []
    race_from(problem, {"sgd": "sgd"}, starts(problem, 3), 5)
    with compilations() as compiled:
        result = race_from(
            problem,
            {"adam": "adam", "lion": "lion"},
            starts(problem, 4),
            9,
            progress=lambda fraction, ends: reports.append((fraction, set(ends))),
        )
    assert compiled == []
    assert len(result["lion"].loss) == 4
    assert [fraction for fraction, _ in reports] == sorted(fraction for fraction, _ in reports)
    assert reports[-1] == (1.0, {"adam", "lion"})


def test_a_game_has_ends_without_a_loss():
    points = starts(game(), 2)
    ends = race_from(game(), {"sgd": "sgd"}, points, 5)["sgd"]
    assert np.isnan(ends.loss).all()
    np.testing.assert_allclose(ends.params["x"][1], alone(game(), points, 1, "sgd", 5).params["x"][-1], rtol=1e-12)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ({"x": np.zeros(2)}, "structure and shapes"),
        ({"x": np.zeros((2, 1)), "y": np.zeros(2)}, "structure and shapes"),
        ({"x": np.zeros(2), "y": np.zeros(3)}, "same number of rows"),
        ({"x": np.zeros(0), "y": np.zeros(0)}, "at least one"),
    ],
)
def test_starts_that_do_not_fit_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        race_from(rosenbrock(), {"sgd": "sgd"}, points, 5)
