"""Eigenvalues equal those of the dense decomposition, and their error bars cover the error without much excess."""

import functools
import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian import hvp
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.objectives.softmax import softplus
from tests import game_problems, problems
from tests.error_bars import median_ratio
from tests.hessians import classifier, exact, extended
from tests.problems import normal

KEY = jax.random.key(0)
SPECTRUM = importlib.import_module("landscapes.curvature.hessian_spectrum")
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(scope="module")
def large():
    """The exact extreme eigenvalues of a problem with 1,530 parameters, and a function that makes the problem."""
    exact_values = exact(classifier(0, np.float64, 40, 30, 10, scale=0.5))
    return exact_values, lambda dtype: classifier(0, dtype, 40, 30, 10, scale=0.5)


@pytest.mark.parametrize(("dtype", "share"), [(np.float32, 2e-6), (np.float64, 1e-10)])
def test_lanczos_agrees_with_dense_decomposition(large, dtype, share):
    exact_values, make = large
    problem = make(dtype)
    assert problem.dim == 1530
    result = spectrum(problem, KEY, eigenvectors=True)
    assert (result.method, result.dim, result.bottom) == ("lanczos", 1530, 5)
    assert np.all(result.converged)
    assert result.products < 400
    np.testing.assert_allclose(result.eigenvalues, exact_values, rtol=0, atol=share * exact_values[-1])
    assert np.all(np.abs(result.eigenvalues - exact_values) <= result.errors)
    # The eigenvectors are orthonormal, and Hv = λv.
    vectors = np.concatenate([v.reshape(10, -1) for v in jax.tree.leaves(result.eigenvectors)], axis=1)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(10), atol=2e-4 if dtype == np.float32 else 1e-9)
    first = jax.tree.map(lambda v: v[0], result.eigenvectors)
    image = hvp(problem, problem.params, first)
    for a, b in zip(jax.tree.leaves(image), jax.tree.leaves(first), strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, result.eigenvalues[0] * b, rtol=0, atol=20 * share * exact_values[-1])


@DTYPES
@pytest.mark.parametrize("solver", ["dense", "lanczos"])
def test_error_bars_cover_random_problems(monkeypatch, dtype, solver):
    # 28 parameters each, at scales from small to saturated, the same for `dense` and `lanczos`.
    monkeypatch.setattr(SPECTRUM, "MAX_DENSE_PARAMETERS", 0 if solver == "lanczos" else 100)
    errors, bars, scales = [], [], []
    for seed in range(60 if solver == "dense" else 50):
        result = spectrum(small_classifier(seed, dtype), jax.random.key(seed))
        assert result.method == solver
        errors.append(np.abs(result.eigenvalues - exact_small_eigenvalues(seed)))
        bars.append(result.errors)
        scales.append([np.max(np.abs(exact_small_eigenvalues(seed)))])
    errors, bars = np.array(errors), np.array(bars)
    assert np.all(errors <= bars)
    assert median_ratio(bars, errors, scales) <= 100


def _return(p, data):
    return jnp.mean(jnp.sum(jax.nn.softmax(data["x"] @ p) * data["rewards"], axis=1))


def policy(seed, dtype, scale):
    """A softmax policy over four actions in six states, and its parameters and data in extended precision."""
    shapes = {"p": (3, 4), "x": (6, 3), "rewards": (6, 4)}
    drawn = {
        name: normal(seed + 100 * i, *shape).astype(np.float32) for i, (name, shape) in enumerate(shapes.items())
    }
    drawn["p"] = scale * drawn["p"]
    params, data = drawn["p"].astype(dtype), {name: drawn[name].astype(dtype) for name in ("x", "rewards")}
    exactly = {name: values.astype(np.longdouble) for name, values in drawn.items()}
    return problems.maximized(Problem.from_loss(_return, params, data)), exactly


def policy_eigenvalues(p, x, rewards):
    """Five eigenvalues at each end: Σ xxᵀ ⊗ (diag g − gsᵀ − sgᵀ)/N, with shares s and g = s·(r − s·r)."""
    logits = x @ p
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = shares / shares.sum(axis=1, keepdims=True)
    hessian = np.zeros((12, 12), np.longdouble)
    for state, share, reward in zip(x, shares, rewards, strict=True):
        pull = share * (reward - share @ reward)
        bend = np.diag(pull) - np.outer(pull, share) - np.outer(share, pull)
        hessian = hessian + np.einsum("a,b,ij->aibj", state, state, bend).reshape(12, 12) / 6
    return extended(hessian, np.r_[:5, 7:12])


@DTYPES
@pytest.mark.parametrize("solver", ["dense", "lanczos"])
def test_error_bars_cover_saturated_policies(monkeypatch, dtype, solver):
    # Differences of numbers near 1 cancel, so |λ|max does not determine the rounding error. A bar is an estimate
    # from the observed rounding error: with SSE4.2 one error of 2,400 is 1.6 times its bar, with AVX none.
    monkeypatch.setattr(SPECTRUM, "MAX_DENSE_PARAMETERS", 0 if solver == "lanczos" else 100)
    for scale in (1, 4, 16):
        errors, bars, scales = [], [], []
        for seed in range(20):
            problem, exactly = policy(seed, dtype, scale)
            result = spectrum(problem, jax.random.key(seed))
            exact_values = policy_eigenvalues(**exactly)
            errors.append(np.abs(result.eigenvalues - exact_values))
            bars.append(result.errors)
            scales.append([np.max(np.abs(exact_values))])
        errors, bars = np.array(errors), np.array(bars)
        assert np.mean(errors <= bars) >= 0.99
        assert np.all(errors <= 3 * bars)
        assert median_ratio(bars, errors, scales) <= 100


def loss_eigenvalues(matrix):
    """The spectrum of the loss that one player maximizes and the other minimizes, from the Jacobian of their
    field."""
    return extended(np.concatenate([-matrix[:3], matrix[3:]]))


def _log_sigmoid_loss(p, data):
    return -jnp.mean(jax.nn.log_sigmoid((data["a"] @ p["x"]["first"]) * (data["b"] @ p["y"]["first"])))


def test_error_bars_cover_saturated_sigmoids():
    # log(1 + e⁻ᶻ) is rounded in the same way all around a large z, so small perturbations do not show its error.
    for seed in range(0, 100, 2):
        game, matrix = game_problems.sure(seed - seed % 4 + seed % 4 // 2, np.float64)
        result = spectrum(
            Problem.from_loss(_log_sigmoid_loss, game.params, game.data), jax.random.key(seed), top=6, bottom=0
        )
        assert np.all(np.abs(result.eigenvalues - loss_eigenvalues(matrix)) <= result.errors)


def _softplus_loss(p, data):
    return jnp.mean(softplus(-(data["a"] @ p["x"]["first"]) * (data["b"] @ p["y"]["first"])))


@DTYPES
def test_error_bars_cover_saturated_softplus(dtype):
    # At margins up to several hundred, where the second derivative of `jax.nn.log_sigmoid` is computed as 0.
    for seed in range(50):
        game, matrix = game_problems.sure(seed, dtype, size=2.0 ** (seed % 5 - 1))
        result = spectrum(
            Problem.from_loss(_softplus_loss, game.params, game.data), jax.random.key(seed), top=6, bottom=0
        )
        assert np.all(np.abs(result.eigenvalues - loss_eigenvalues(matrix)) <= result.errors)


def small_classifier(seed, dtype):
    return classifier(seed, dtype, 3, 4, 3, scale=2.0 ** (seed % 4 - 1))


@functools.cache
def exact_small_eigenvalues(seed):
    return exact(small_classifier(seed, np.float64))
