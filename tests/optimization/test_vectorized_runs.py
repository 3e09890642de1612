"""Steps of many runs at once."""

import jax.numpy as jnp
import numpy as np

from landscapes.optimization.run_setup import prepare_run, resolve_optimizer
from landscapes.optimization.vectorized_runs import initial_states, run_vectorized
from landscapes.precision import precision
from tests.bowl import bowl


def test_each_run_takes_its_own_steps_at_the_rates_of_the_steps():
    """Gradient descent takes θ to Π(1 − fηₜλ)·θ, f the run's factor; the entries hold the loss where the last
    update began."""
    starts, rates, curvature = (
        np.array([[1.0, -3.0], [2.0, 0.5], [0.0, 1.0]]),
        np.array([0.1, 0.01, 0.0]),
        [1.0, 20.0],
    )
    factors = np.array([1.0, 0.5, 2.0])
    setup = prepare_run(bowl(curvature), 2, None, None, "constant")
    problem = setup.problem
    method, choice, _ = resolve_optimizer(problem, "sgd", np.float64)
    with precision(problem.params):
        states = initial_states(jnp.asarray(starts), choice, method=method)
        entries = jnp.full((3, 8 + len(problem.terms(problem.params))), jnp.nan).at[:, -2:].set([-1.0, 0.0])
        states, entries = run_vectorized(
            problem, choice, states, entries, factors, np.int32(0), rates, None, np.int32(2), np.float64(1e-3),
            method=method, batch_size=None, chunk=2, mesh=None,
        )  # fmt: skip
    once = (1 - 0.1 * factors[:, None] * np.array(curvature)) * starts
    np.testing.assert_allclose(states.last_finite, once, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(entries[:, 0], 0.5 * np.sum(curvature * once**2, axis=1), rtol=1e-12)
    np.testing.assert_allclose(entries[:, 1], np.linalg.norm(curvature * once, axis=1), rtol=1e-12)
