"""How a run ends: after all steps, or where it leaves the finite numbers. No run is called converged."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.optimization.optimizers import NEEDS_GAME, OPTIMIZERS
from landscapes.optimization.trajectory import descend
from landscapes.problem import Problem
from tests.bowl import bowl


def test_t38_diverged_path_ends_at_last_finite_point():
    path = descend(bowl(), ("sgd", {"learning_rate": 0.5}), 1000)
    growth, start = 0.5 * 100 - 1, 3.0
    assert path.outcome.kind == "diverged"
    assert path.steps[-1] == path.outcome.step - 1 == len(path.loss) - 1
    # the first step whose loss is 10⁸ times the start's 450.5 beyond it
    losses = 0.5 * 100 * (start * growth ** np.arange(50)) ** 2 + 0.5 * 0.25 ** np.arange(50)
    assert path.outcome.step == np.argmax(losses > losses[0] * (1 + 1e8))
    np.testing.assert_allclose(np.abs(path.params[:, 1]), start * growth**path.steps, rtol=1e-12)
    assert f"step {path.outcome.step}" in path.outcome.note


def test_t38_a_loss_that_stops_existing_ends_the_path():
    problem = Problem.from_loss(jnp.log, np.array(1.0))  # 1 → 0.6 → −0.0667, where the logarithm is NaN
    path = descend(problem, ("sgd", {"learning_rate": 0.4}), 10)
    assert (path.outcome.kind, path.outcome.step) == ("diverged", 2)
    np.testing.assert_allclose(path.params, [1.0, 0.6], rtol=1e-12)
    np.testing.assert_allclose(path.loss, np.log([1.0, 0.6]), rtol=1e-12)
    assert "the loss is not finite" in path.outcome.note


def test_t38_every_optimizer_survives_an_absurd_learning_rate():
    for name in set(OPTIMIZERS) - NEEDS_GAME:
        path = descend(bowl(), (name, {"learning_rate": 1e10}), 20)
        assert np.array_equal(path.params[0], [1.0, -3.0])
        assert np.all(np.isfinite(path.params))
        assert np.all(np.isfinite(path.loss))
        assert path.outcome.kind == "diverged"


def test_a_start_that_is_not_finite_is_kept_and_named():
    path = descend(Problem.from_loss(jnp.log, np.array(-1.0)), "sgd", 10)
    assert (path.outcome.kind, path.outcome.step) == ("diverged", 0)
    assert path.params.tolist() == [-1.0]
    assert np.isnan(path.loss).tolist() == [True]
    assert "start" in path.outcome.note


def test_t40_a_plateau_is_not_declared_converged():
    def plateau(theta):
        return jax.nn.relu(theta) + 1.0

    path = descend(Problem.from_loss(plateau, np.array(-2.0)), "sgd", 10)
    assert path.outcome.kind == "finished"
    assert "gradient norm ends at 0" in path.outcome.note
    assert len(path.loss) == 11
    # ½θ² from 4: the gradient norm falls to 4·0.85³.
    falling = descend(Problem.from_loss(lambda p: 0.5 * p**2, np.array(4.0)), "sgd", 3)
    assert falling.outcome.note == "3 steps; the gradient norm ends at 2.46."
