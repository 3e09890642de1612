"""Muon on a matrix beside a vector, against Newton–Schulz steps of NumPy."""

import numpy as np

from landscapes.optimization.step_vectors import step_vectors
from landscapes.plane import span
from landscapes.problem import Problem
from tests.optimization.test_layerwise_optimizers import BIAS, KERNEL, RATE, first_step, problem, run

__all__ = ["problem"]


def newton_schulz(matrix, eps=1e-8):
    x = matrix / (np.linalg.norm(matrix) + eps)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x


def test_muon_step_of_a_matrix_is_its_orthogonalized_mean(problem):
    gradient = 2 * KERNEL**3
    step = first_step(run(problem, "muon", beta=0.8, b2=0.9, eps=0.3))
    # NAdam's look-ahead with the same β: its first step is longer than η.
    lead = 0.8 * 0.2 / (1 - 0.8**2) + 1
    expected = -RATE * np.sqrt(1.5) * newton_schulz(lead * gradient, 0.3)
    np.testing.assert_allclose(step["kernel"], expected, rtol=1e-6)
    slopes = np.abs(4 * BIAS)
    np.testing.assert_allclose(step["bias"], -RATE * lead * np.sign(BIAS) * slopes / (slopes + 0.3), rtol=1e-6)
    step = first_step(run(problem, "muon"))
    singular = np.linalg.svd(step["kernel"] / RATE / np.sqrt(1.5), compute_uv=False)
    assert np.all((singular > 0.6) & (singular < 1.3))


def test_formulas_of_muon_hold_on_a_matrix():
    problem = Problem.from_loss(lambda kernel: (np.array([[1.5, 4.0]]) * kernel**2).sum(), np.array([[1.0, -0.7]]))
    plane = span(problem.params, np.eye(2).reshape(2, 1, 2))
    vectors = step_vectors(problem, plane, ("muon", {"learning_rate": RATE}), 3).components
    assert np.all(vectors["M"] == 1)
    assert not np.any(vectors["v_t"])
    np.testing.assert_allclose(vectors["m_t"][1], 0.95 * vectors["m_t"][0] + 0.05 * vectors["g_t"][1], rtol=1e-9)
    for mean, direction, step in zip(vectors[r"\hat m_t"], vectors["O_t"], vectors["s_t"], strict=True):
        np.testing.assert_allclose(direction, np.sqrt(2) * newton_schulz(mean[None])[0], rtol=1e-6)
        np.testing.assert_allclose(step, -RATE * direction, rtol=1e-9)
