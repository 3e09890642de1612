"""The noise of minibatch gradients against closed forms of linear regression."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.minibatch_noise import gradient_noise

N, D, SIGMA = 4096, 3, 0.5
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, D))
TRUTH = np.array([1.0, -2.0, 0.5])
Y = X @ TRUTH + SIGMA * RNG.normal(size=N)


def regression(shift):
    """(1/n)Σ (xᵢ·w − yᵢ)² at w = truth + shift, for x ~ N(0, I) and noise of standard deviation σ."""
    return Problem.from_loss(
        lambda w, batch: jnp.mean((batch["x"] @ w - batch["y"]) ** 2),
        jnp.asarray(TRUTH + shift, jnp.float32),
        {"x": X.astype(np.float32), "y": Y.astype(np.float32)},
    )


def test_noise_of_linear_regression_is_its_closed_form():
    """gᵢ = 2xᵢ(xᵢ·δ − εᵢ), so G = 2δ and Σ = 4[(‖δ‖² + σ²)I + δδᵀ]; H = 2I."""
    delta = np.array([0.5, 0.0, 0.0])
    found = gradient_noise(regression(delta), examples=N)
    square = delta @ delta
    trace = 4 * (D * (square + SIGMA**2) + square)
    for (value, error), expected in (
        (found.squared_gradient, 4 * square),
        (found.trace, trace),
        (found.noise_scale, trace / (4 * square)),
    ):
        assert abs(value - expected) < 3.5 * error < 0.5 * expected
    assert found.is_resolved
    assert found.critical_batch_size == pytest.approx(found.noise_scale, rel=0.1)  # H is a multiple of 1
    assert found.hessian_trace == pytest.approx(2 * D, rel=0.1)
    np.testing.assert_allclose(found.eigenvalues, 2, rtol=0.1)
    assert found.variances.sum() == pytest.approx(found.trace[0], rel=1e-3)  # the eigenvectors span the space


def _squares(w, batch):
    return jnp.mean((batch["x"] @ w - batch["y"]) ** 2)


def test_every_figure_is_that_of_the_gradients_of_the_examples():
    """gᵢ = 2xᵢ(xᵢ·w − yᵢ) and H = 2XᵀX/n, of inputs so unlike one another that no two figures coincide. The errors
    are those of leaving out one example after another."""
    count = 200
    x, w = X[:count] * [1.0, 4.0, 0.3], TRUTH + np.array([0.5, -0.2, 1.0])
    y = x @ TRUTH + SIGMA * X[count : 2 * count, 0]
    found = gradient_noise(Problem.from_loss(_squares, w, {"x": x, "y": y}), top=2)
    gradients, hessian = 2 * x * (x @ w - y)[:, None], 2 * x.T @ x / count

    def figures(rows):
        mean, covariance = rows.mean(axis=0), np.cov(rows.T)
        square, trace = mean @ mean - np.trace(covariance) / len(rows), np.trace(covariance)
        product = np.trace(hessian @ covariance)
        return np.array([square, trace, trace / square, product / (mean @ hessian @ mean - product / len(rows))])

    without = np.array([figures(np.delete(gradients, i, axis=0)) for i in range(count)])
    errors = np.sqrt((count - 1) / count * np.sum((without - without.mean(axis=0)) ** 2, axis=0))
    pairs = found.squared_gradient, found.trace, found.noise_scale, found.critical_batch_size
    np.testing.assert_allclose(pairs, np.transpose([figures(gradients), errors]), rtol=1e-6)
    values, vectors = np.linalg.eigh(hessian)
    covariance = np.cov(gradients.T)
    np.testing.assert_allclose(found.eigenvalues, values[:0:-1], rtol=1e-6)
    np.testing.assert_allclose(found.variances, np.diag(vectors.T @ covariance @ vectors)[:0:-1], rtol=1e-4)
    assert found.hessian_trace == pytest.approx(np.trace(hessian), rel=1e-6)
    norms = np.linalg.norm(hessian) * np.linalg.norm(covariance)
    assert found.alignment == pytest.approx(np.trace(hessian @ covariance) / norms, rel=1e-6)
    assert found.trace_ratio == pytest.approx(np.trace(covariance) / np.trace(hessian), rel=1e-6)
    assert found.sampled == count


def test_at_the_minimum_noise_is_aligned_with_the_hessian_and_no_scale_is_known():
    """There Σ = 4σ²·I and H = 2I."""
    minimum = np.linalg.lstsq(X, Y, rcond=None)[0]
    found = gradient_noise(regression(minimum - TRUTH), examples=N)
    assert found.alignment == pytest.approx(1, abs=0.02)
    assert found.trace_ratio == pytest.approx(2 * SIGMA**2, rel=0.1)
    assert not found.is_resolved


def test_probes_agree_with_the_whole_hessian(monkeypatch):
    problem = regression(np.array([0.5, 0.2, 0.0]))
    whole = gradient_noise(problem, examples=64)
    monkeypatch.setattr("landscapes.curvature.minibatch_noise.MAX_DENSE", 1)
    probed = gradient_noise(problem, examples=64)
    assert probed.critical_batch_size == pytest.approx(whole.critical_batch_size, rel=1e-4)
    assert probed.hessian_trace == pytest.approx(whole.hessian_trace, rel=0.3)


def test_what_is_no_mean_over_examples_gets_a_sentence():
    problem = regression(np.ones(D))
    few = replace(problem, data={name: leaf[:5] for name, leaf in problem.data.items()})
    with pytest.raises(ValueError, match="needs at least 8 examples along axis 0"):
        gradient_noise(few)
    variance = Problem.from_loss(
        lambda w, batch: jnp.var(batch["x"] @ w), jnp.ones(D), {"x": X[:20].astype(np.float32)}
    )
    with pytest.raises(ValueError, match="the loss is no mean over single examples"):
        gradient_noise(variance)
