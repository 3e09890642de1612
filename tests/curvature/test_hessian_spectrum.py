"""Eigenvalues of known spectra, verdicts and invalid arguments.

Error bars, progress, density and trace have their own files. A diagonal quadratic ½Σ dᵢxᵢ² has the eigenvalues dᵢ.
"""

import importlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.convexity_verdict import scientific_notation
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.precision import precision
from tests import problems
from tests.problems import normal

KEY = jax.random.key(0)
SPECTRUM = importlib.import_module("landscapes.curvature.hessian_spectrum")
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def _diagonal(p, diagonal):
    return 0.5 * jnp.sum(diagonal * p**2)


def diagonal(values, dtype: Any = np.float32):
    values = np.asarray(values, dtype)
    return Problem.from_loss(_diagonal, np.zeros(len(values), dtype), values)


@pytest.fixture
def lanczos(monkeypatch):
    """Uses Lanczos for the small problems of this file as well, most of which have 120 parameters."""
    monkeypatch.setattr(SPECTRUM, "MAX_DENSE_PARAMETERS", 100)


@DTYPES
def test_known_spectrum_and_eigenvectors(dtype):
    result = spectrum(problems.quadratic(dtype), KEY, top=3, bottom=2, eigenvectors=True)
    assert result.eigenvectors is not None
    np.testing.assert_allclose(result.eigenvalues, [-2, 0.5, 1, 3, 10], rtol=0, atol=1e-5)
    last = np.concatenate([v[-1].ravel() for v in jax.tree.leaves(result.eigenvectors)])
    assert abs(last @ problems.rotation(6)[:, -1]) == pytest.approx(1, abs=1e-6)
    assert not result.eigenvalues.flags.writeable
    assert not result.eigenvectors["bias"].flags.writeable


def test_few_parameters_give_each_eigenvalue_once():
    result = spectrum(problems.quadratic(), KEY)
    np.testing.assert_allclose(result.eigenvalues, problems.EIGENVALUES, rtol=0, atol=1e-12)


def test_spectrum_at_another_point():
    problem = problems.rosenbrock()
    result = spectrum(problem, KEY, params={"x": 1.0, "y": 1.0})
    np.testing.assert_allclose(result.eigenvalues, [0.39936077, 1001.60063923], rtol=0, atol=1e-7)
    assert spectrum(problem, KEY, params={"x": 0.0, "y": 1.0}).verdict.state == "non-convex"


# Traps


@pytest.mark.usefixtures("lanczos")
def test_t18_smallest_eigenvalue_is_not_the_largest():
    result = spectrum(diagonal(np.r_[1, np.linspace(2, 10, 119)]), KEY, top=1, bottom=1)
    np.testing.assert_allclose(result.eigenvalues, [1, 10], rtol=1e-5)


def test_t19_eigenvalues_do_not_grow_with_the_number_of_examples():
    once = problems.logistic(np.float64)
    twice = Problem.from_loss(
        problems._logistic, once.params, jax.tree.map(lambda a: np.concatenate([a, a]), once.data)
    )
    np.testing.assert_allclose(spectrum(once, KEY).eigenvalues, spectrum(twice, KEY).eigenvalues, rtol=1e-12)


@pytest.mark.usefixtures("lanczos")
@pytest.mark.parametrize("size", [3, 120])
def test_t20_both_extremes_not_largest_absolute_values(size):
    result = spectrum(diagonal(np.r_[-5, np.linspace(1, 3, size - 1)]), KEY, top=1, bottom=1)
    np.testing.assert_allclose(result.eigenvalues, [-5, 3], rtol=0, atol=1e-5)


@pytest.mark.usefixtures("lanczos")
@DTYPES
def test_t22_repeated_eigenvalues_have_right_multiplicity(dtype):
    problem = diagonal(np.r_[np.linspace(0, 1, 116), 10, 20, 40, 40], dtype)
    result = spectrum(problem, KEY, top=6, bottom=4)
    assert result.products > 80
    np.testing.assert_allclose(result.eigenvalues[6:], [10, 20, 40, 40], rtol=1e-5)
    assert np.all(result.eigenvalues[:6] < 1 + result.errors[:6])


@pytest.mark.usefixtures("lanczos")
def test_t22_isotropic_hessian_restarts_after_breakdown():
    result = spectrum(diagonal(np.full(120, 3.0)), KEY, eigenvectors=True)
    np.testing.assert_allclose(result.eigenvalues, np.full(10, 3.0), rtol=1e-6)
    assert np.all(result.converged)
    vectors = np.asarray(result.eigenvectors)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(10), atol=1e-5)


def _relu_net(p, data):
    return jnp.mean((jax.nn.relu(data["x"] @ p["first"]) @ p["second"] - data["y"]) ** 2)


def test_t23_t24_relu_net_differs_from_gauss_newton():
    params = {"first": normal(0, 3, 4), "second": normal(1, 4)}
    problem = Problem.from_loss(_relu_net, params, {"x": normal(2, 20, 3), "y": normal(3, 20)})
    hessian = dense_hessian(problem)
    with precision(params):
        leaves = jax.jit(jax.jacobian(lambda p: jax.nn.relu(problem.data["x"] @ p["first"]) @ p["second"]))(params)
        jacobian = np.concatenate([np.asarray(leaf).reshape(20, -1) for leaf in leaves.values()], axis=1)
    gauss_newton = 2 * jacobian.T @ jacobian / 20
    np.testing.assert_allclose(hessian[:12, :12], gauss_newton[:12, :12], atol=1e-12)
    np.testing.assert_allclose(hessian[12:, 12:], gauss_newton[12:, 12:], atol=1e-12)
    assert np.max(np.abs(hessian[:12, 12:] - gauss_newton[:12, 12:])) > 0.1
    assert np.linalg.eigvalsh(gauss_newton)[0] > -1e-12
    assert spectrum(problem, KEY).verdict.state == "non-convex"


def _hinge(p, data):
    return jnp.mean(jax.nn.relu(1 - data["y"] * (data["x"] @ p)))


@pytest.mark.usefixtures("lanczos")
@pytest.mark.parametrize("size", [3, 120])
def test_t23_piecewise_linear_loss_has_a_note(size):
    data = {"x": normal(0, 10, size), "y": np.sign(normal(1, 10))}
    result = spectrum(Problem.from_loss(_hinge, normal(2, size), data), KEY)
    assert np.all(result.eigenvalues == 0)
    assert "piecewise linear" in result.note
    assert result.verdict.state == "undetermined"


@pytest.mark.parametrize("smallest", [0.0, 1e-17, -1e-17])
def test_t25_sign_within_the_error_bar_is_undecided(smallest):
    result = spectrum(diagonal([smallest, 1.0, 3.0], np.float64), KEY)
    assert (result.verdict.state, result.verdict.strict) == ("convex", False)
    least = scientific_notation(result.verdict.error - result.verdict.eigenvalue)
    assert result.verdict.sentence == f"Convex here, as far as can be told: no eigenvalue below −{least}."
    # In float32: a singular matrix whose zero eigenvalue results from cancellation.
    singular = np.outer([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]).astype(np.float32)
    verdict = spectrum(Problem.from_loss(_quadratic, np.zeros(3, np.float32), singular), KEY).verdict
    assert abs(verdict.eigenvalue) <= verdict.error
    assert not verdict.strict


def _quadratic(p, matrix):
    return 0.5 * p @ matrix @ p


def _softmax(p, data):
    logits = data["x"] @ p
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - jnp.sum(logits * data["y"], axis=1))


def test_t27_softmax_has_one_zero_mode_per_input():
    data = {"x": normal(0, 50, 4), "y": np.eye(3)[np.random.default_rng(1).integers(0, 3, 50)]}
    result = spectrum(Problem.from_loss(_softmax, normal(2, 4, 3), data), KEY, top=8, bottom=4)
    np.testing.assert_allclose(result.eigenvalues[:4], 0, atol=1e-15)
    assert result.eigenvalues[4] > 1e-3
    assert result.verdict.state == "convex"
    assert not result.verdict.strict


def _product(p):
    return 0.5 * (1 - jnp.prod(p)) ** 2


def test_t27_zero_hessian_is_undetermined():
    shallow = spectrum(Problem.from_loss(_product, np.zeros(2)), KEY)
    np.testing.assert_allclose(shallow.eigenvalues, [-1, 1], atol=1e-14)
    deep = spectrum(Problem.from_loss(_product, np.zeros(3)), KEY)
    np.testing.assert_array_equal(deep.eigenvalues, 0)
    assert deep.verdict.state == "undetermined"
    assert "cannot classify" in deep.note


def test_logistic_curvature_is_bounded_by_second_moment():
    problem = problems.logistic()
    x = np.concatenate([np.ones((40, 1)), problem.data["x"]], axis=1)
    bound = np.linalg.eigvalsh(0.25 * x.T @ x / 40)
    for seed in range(5):
        point = {"bias": normal(seed, 1)[0], "weights": normal(seed + 9, 3)}
        result = spectrum(problem, KEY, params=point)
        assert result.verdict.state == "convex"
        assert np.all(result.eigenvalues <= bound + result.errors)


# Verdicts


def test_reward_verdict_uses_the_largest_eigenvalue():
    bowl = problems.maximized(diagonal([1.0, 2.0]))
    assert spectrum(bowl, KEY).verdict.state == "non-convex"
    assert "Not concave" in spectrum(bowl, KEY).verdict.sentence
    hill = spectrum(problems.maximized(diagonal([-1.0, -2.0])), KEY).verdict
    assert (hill.state, hill.strict, hill.eigenvalue) == ("convex", True, -1.0)
    assert "Strictly concave" in hill.sentence


def test_unconverged_eigenvalue_proves_only_nonconvexity(monkeypatch):
    monkeypatch.setattr(SPECTRUM, "MAX_DENSE_PARAMETERS", 100)
    monkeypatch.setattr(SPECTRUM, "MAX_VECTORS", 32)
    monkeypatch.setattr(SPECTRUM, "MAX_BASIS_BYTES", 1)
    flat = spectrum(diagonal(np.linspace(1e-3, 1, 120) ** 3), KEY)
    assert not flat.converged[0]
    assert flat.verdict.state == "undetermined"
    bent = spectrum(diagonal(np.linspace(-0.5, 1, 120)), KEY)
    assert not bent.converged[0]
    assert bent.verdict.state == "non-convex"
    # A Rayleigh quotient is an upper bound of the smallest eigenvalue.
    assert -0.5 <= bent.eigenvalues[0] <= bent.eigenvalues[0] + bent.errors[0]


def test_verdict_needs_the_decisive_eigenvalue():
    result = spectrum(diagonal(np.ones(20)), KEY, top=2, bottom=0)
    with pytest.raises(ValueError, match="bottom=1"):
        _ = result.verdict


# Invalid arguments


def test_invalid_arguments_raise():
    with pytest.raises(ValueError, match="Jacobian"):
        spectrum(problems.game(), KEY)
    with pytest.raises(ValueError, match="from 0 to 2, not 3"):
        spectrum(problems.rosenbrock(), KEY, top=3)
    with pytest.raises(ValueError, match="loss is not finite"):
        spectrum(problems.half_nan(), KEY, params=np.array([0.5, -1.0]))
    with pytest.raises(ValueError, match="gradient is not finite"):
        spectrum(Problem.from_loss(_root, np.zeros(2)), KEY)
    with pytest.raises(ValueError, match="up to 2,000"):
        dense_hessian(diagonal(np.ones(2001)))
    with pytest.raises(ValueError, match="structure and shapes"):
        spectrum(problems.rosenbrock(), KEY, params={"x": 1.0})
    with pytest.raises(ValueError, match="tolerance"):
        spectrum(problems.rosenbrock(), KEY, tolerance=0.0)


def _root(p):
    return jnp.sqrt(jnp.sum(p**2))
