"""Sharpness: each measure against its closed form, and under rescalings that keep the function."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature import sharpness_measures
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.sharpness_measures import MEASURES, rescaling, sharpness
from landscapes.curvature.symmetries import Units
from tests import problems
from tests.problems import EIGENVALUES, normal

KEY = jax.random.key(3)
HIDDEN = Units(("first/kernel", "first/bias"), ("second/kernel",))


def largest_increase(hessian, gradient, radius):
    """max gᵀε + ½εᵀHε over ‖ε‖ ≤ ρ, by bisection on (λI − H)ε = g, ‖ε‖ = ρ, λ > λmax."""
    values, vectors = np.linalg.eigh(hessian)
    slope = vectors.T @ gradient
    low, high = values[-1], values[-1] + np.linalg.norm(gradient) / radius
    for _ in range(200):
        middle = (low + high) / 2
        longer = np.linalg.norm(slope / (middle - values)) > radius
        low, high = (middle, high) if longer else (low, middle)
    offset = slope / (high - values)
    return slope @ offset + np.sum(values * offset**2) / 2


TRACES = []


def _reward(p, matrix):
    TRACES.append(1)
    x = jnp.concatenate([p["bias"], p["kernel"].ravel()])
    return -0.5 * x @ matrix @ x


def hill(params=None) -> Problem:
    """−½xᵀAx as a reward, in float32: the minimized loss is the quadratic with eigenvalues `EIGENVALUES`."""
    quadratic = problems.quadratic(np.float32)
    params = quadratic.params if params is None else params
    return problems.maximized(Problem.from_loss(_reward, params, quadratic.data))


def test_measures_of_quadratic_equal_closed_forms():
    problem = hill()
    result = sharpness(problem, KEY, radius=0.3, sigma=0.2, samples=250)
    measured = result.measures
    assert set(measured) == set(MEASURES)
    matrix = np.asarray(problem.data, np.float64)
    # Of the matrix as rounded to float32.
    largest = np.linalg.eigvalsh((matrix + matrix.T) / 2)[-1]
    assert abs(measured["largest"].value - largest) <= measured["largest"].error < 1e-11
    assert abs(measured["trace"].value - EIGENVALUES.sum()) < 3 * measured["trace"].error
    point = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(problem.params)]).astype(float)
    gradient = matrix @ point
    length = np.linalg.norm(gradient)
    first = 0.3 * length + 0.5 * 0.09 * gradient @ matrix @ gradient / length**2
    assert measured["first-order"].value == pytest.approx(first, rel=1e-5)
    assert measured["ascent"].value == pytest.approx(largest_increase(matrix, gradient, 0.3), rel=1e-4)
    # ½σ²·tr A, and a pair of noise has the variance ½σ⁴·ΣA².
    noise = measured["noise"]
    assert abs(noise.value - 0.02 * EIGENVALUES.sum()) < 3 * noise.error
    assert noise.error == pytest.approx(np.sqrt(0.5 * 0.2**4 * np.sum(EIGENVALUES**2) / 250), rel=0.15)
    # Filters are the kernel's two columns, θ_f of two weights each: E dᵀHd = Σ ½‖θ_f‖²·tr H_ff.
    kernel = np.asarray(problem.params["kernel"], float)
    diagonal = np.diag(matrix)[2:].reshape(2, 2)
    exact = np.sum(np.sum(kernel**2, axis=0) / 2 * np.sum(diagonal, axis=0))
    assert abs(measured["filter"].value - exact) < 3 * measured["filter"].error
    assert result.loss == pytest.approx(-0.5 * point @ matrix @ point, rel=1e-5)


def test_noise_does_not_depend_on_the_length_of_compiled_calls(monkeypatch):
    """In calls of one pair, every pair is another one."""
    problem = hill()
    baseline = sharpness(problem, KEY, samples=6).measures["noise"]
    monkeypatch.setattr(sharpness_measures, "next_count", lambda count, seconds: 1)
    one_by_one = sharpness(problem, KEY, samples=6).measures["noise"]
    assert one_by_one == baseline
    assert baseline.error > 0


def test_other_knobs_and_points_do_not_retrace():
    sharpness(hill(), KEY, samples=8)
    before = len(TRACES)
    sharpness(hill(), jax.random.key(9), radius=0.2, sigma=0.3, samples=5)
    # Where the gradient vanishes, only the ascent from an eigenvector raises the loss.
    flat = hill(jax.tree.map(np.zeros_like, hill().params))
    measured = sharpness(flat, KEY, radius=0.1).measures
    assert len(TRACES) == before + 3  # `from_loss` traces the loss once for each new problem
    assert measured["first-order"].value == 0
    assert measured["ascent"].value == pytest.approx(0.5 * 0.01 * EIGENVALUES[-1], rel=1e-4)
    assert measured["ascent"].kind == measured["first-order"].kind == "lower bound"


def test_t26_trace_has_its_standard_error():
    problem = problems.mlp()
    hessian = dense_hessian(problem)
    result = sharpness(problem, KEY, samples=200).measures["trace"]
    spread = 2 * (np.sum(hessian**2) - np.sum(np.diag(hessian) ** 2))
    assert result.error == pytest.approx(np.sqrt(spread / 200), rel=0.2)
    assert result.kind == "standard error"


def _product(p):
    return 0.5 * (1 - p["first"]["kernel"][0, 0] * p["second"]["kernel"][0, 0]) ** 2


PAIR = Units(("first/kernel",), ("second/kernel",))


def test_t06_measures_of_scalar_product_equal_closed_forms():
    # ½(1 − w₁w₂)² at w₁w₂ = 1: H = [[w₂², 1], [1, w₁²]], eigenvalues 0 and w₁² + w₂².
    one = np.ones((1, 1))
    problem = Problem.from_loss(_product, {"first": {"kernel": 2 * one}, "second": {"kernel": one / 2}})
    result = rescaling(problem, PAIR, KEY, alphas=(0.5, 3.0), sigma=0.1, samples=200)
    np.testing.assert_array_equal(result.alphas, [0.5, 1, 3])
    for alpha, each in zip(result.alphas, result.results, strict=True):
        assert each is not None
        sharp = (2 * alpha) ** 2 + (0.5 / alpha) ** 2
        assert each.loss == pytest.approx(0, abs=1e-20)
        assert abs(each.measures["largest"].value - sharp) <= each.measures["largest"].error
        assert abs(each.measures["trace"].value - sharp) <= 3 * each.measures["trace"].error
        noise = each.measures["noise"]
        assert abs(noise.value - (0.005 * sharp + 0.5 * 0.1**4)) < 3 * noise.error
        # d = (±w₁, ±w₂): dᵀHd = 1 + 1 ± 2.
        assert abs(each.measures["filter"].value - 2) < 3 * each.measures["filter"].error
    # 4.25 at the given point; 2 where both weights are 1, the minimum.
    assert result.original is not None
    assert result.original.measures["largest"].value == pytest.approx(4.25, rel=1e-3)
    np.testing.assert_allclose(result.relative("largest")[0][0], 2 / 4.25, rtol=1e-3)


def test_t06_rescaling_changes_all_but_filter_normalized_measure():
    problem = problems.mlp()
    params = {**problem.params, "first": {**problem.params["first"], "bias": 0.3 * normal(12, 4)}}
    problem = replace(problem, params=jax.tree.map(np.asarray, params))
    reports = []
    result = rescaling(
        problem, HIDDEN, KEY, alphas=(0.1, 10.0), samples=8, progress=lambda f, p: reports.append((f, p))
    )
    for name, definition in MEASURES.items():
        values, _ = result.relative(name)
        assert values[1] == 1
        if definition.invariant:
            np.testing.assert_allclose(values, 1, rtol=1e-10)
        else:
            assert max(abs(np.log(values[[0, 2]]))) > np.log(2), name
    losses = [each.loss for each in result.results if each is not None]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-12)
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    first = next(partial for _, partial in reports if partial.original is not None)
    assert [each is None for each in first.results] == [True, False, True]
    assert np.isnan(first.relative("trace")[0][0])


def test_bad_arguments_are_refused():
    problem = problems.mlp()
    with pytest.raises(ValueError, match=r"radius = 0\.0 reaches nowhere; give a positive number"):
        sharpness(problem, KEY, radius=0.0)
    with pytest.raises(ValueError, match="sigma = nan reaches nowhere"):
        sharpness(problem, KEY, sigma=np.nan)
    with pytest.raises(ValueError, match="at least 2 samples"):
        sharpness(problem, KEY, samples=1)
    with pytest.raises(ValueError, match="no Hessian"):
        sharpness(problems.game(), KEY)
    with pytest.raises(ValueError, match="not finite at this point"):
        sharpness(replace(problems.half_nan(), params=np.array([0.5, -1.0])), KEY)
    with pytest.raises(ValueError, match="set the weights of the penalties to 0"):
        rescaling(Problem.from_loss(_penalized, problem.params, problem.data), HIDDEN, KEY)


def _penalized(p, data):
    return problems._mlp(p, data) + 0.1 * jnp.sum(p["first"]["kernel"] ** 2)
