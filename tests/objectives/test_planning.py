"""Value iteration on a process of two states that is solved by hand."""

import numpy as np
import pytest

from landscapes.objectives.planning import plan

# In state 0, action 0 pays 1 and stays, action 1 pays 0 and goes to state 1; there both pay 4 and end.
PROCESS = {
    "rewards": np.array([[1.0, 0.0], [4.0, 4.0]]),
    "transitions": np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]]),
    "start": np.array([0.75, 0.25]),
    "discount": np.array([0.5, 0.5]),
}


def test_values_satisfy_bellmans_equation():
    """V₁ = 4, V₀ = max(1 + ½V₀, ½·4) = 2, by either action."""
    best, action_values = plan(PROCESS)
    assert best == pytest.approx(0.75 * 2 + 0.25 * 4)
    np.testing.assert_allclose(action_values, [[2, 2], [4, 4]])


def test_temperature_adds_the_entropy_of_the_policy():
    """V₁ = 4 + τ ln 2, and V₀ = τ ln(e^{(1 + V₀/2)/τ} + e^{V₁/2τ})."""
    tau = 0.5
    best, action_values = plan(PROCESS, tau)
    second = 4 + tau * np.log(2)
    first = (best - 0.25 * second) / 0.75
    np.testing.assert_allclose(action_values, [[1 + first / 2, second / 2], [4, 4]])
    assert first == pytest.approx(tau * np.log(np.sum(np.exp(action_values[0] / tau))))


def test_horizon_ends_every_episode():
    assert plan(PROCESS, horizon=1)[0] == pytest.approx(0.75 * 1 + 0.25 * 4)
    best, action_values = plan(PROCESS, horizon=2)
    np.testing.assert_allclose(action_values[0], [1.5, 2])
    assert best == pytest.approx(0.75 * 2 + 0.25 * 4)
