"""Normalized random directions, and what rescaling a network changes."""

import jax
import numpy as np
import pytest

from landscapes import Problem, evaluate, span
from tests import problems
from tests.direction_helpers import directions, flat, problem_over
from tests.problems import normal


@pytest.fixture(scope="module")
def layers():
    """Rectangular kernels, a zero and a nonzero bias, a scale, a zero filter and filters of one weight."""
    kernel = normal(1, 5, 7)
    kernel[:, 2] = 0
    return problem_over(
        {
            "dense": {"kernel": kernel, "bias": np.zeros(7)},
            "conv": {"kernel": normal(2, 3, 2, 4, 6), "bias": normal(3, 6)},
            "norm": {"scale": np.ones(6)},
            "narrow": {"kernel": normal(4, 1, 3)},
        }
    )


@pytest.mark.parametrize("name", ["layer-normalized", "filter-normalized"])
def test_t03_one_dimensional_arrays_are_held_fixed(name, layers):
    result = directions(name, layers)
    for group, leaf in (("dense", "bias"), ("conv", "bias"), ("norm", "scale")):
        np.testing.assert_array_equal(result[group][leaf], 0)
    assert np.all(np.any(result["conv"]["kernel"] != 0, axis=0))


def test_t03_zero_filter_stays_zero(layers):
    result = directions("filter-normalized", layers)["dense"]["kernel"]
    np.testing.assert_array_equal(result[:, :, 2], 0)
    assert np.all(np.isfinite(result))
    nothing = {"kernel": np.zeros((3, 2)), "bias": np.zeros(2)}
    result = directions("filter-normalized", problem_over(nothing))
    np.testing.assert_array_equal(flat(result), 0)
    with pytest.raises(ValueError, match="a direction is zero or not finite; choose another kind"):
        span(nothing, result)


def test_t05_filter_is_slice_along_last_axis(layers):
    result = directions("filter-normalized", layers)
    for group in ("dense", "conv"):
        kernel = np.asarray(layers.params[group]["kernel"])
        inputs = tuple(range(kernel.ndim - 1))
        norms = np.sqrt(np.sum(kernel**2, inputs))
        for direction in result[group]["kernel"]:
            np.testing.assert_allclose(np.sqrt(np.sum(direction**2, inputs)), norms, rtol=1e-13)
            # but not along another axis
            assert not np.allclose(np.linalg.norm(direction, axis=-1), np.linalg.norm(kernel, axis=-1), rtol=1e-2)


def test_t05_filter_axes_of_model_are_respected():
    """An attention projection has two output axes; the filters of an embedding are its rows."""
    params = {"attention": {"kernel": normal(1, 5, 2, 3)}, "embedding": normal(2, 7, 4), "plain": normal(3, 3, 6)}
    axes = {"attention/kernel": (1, 2), "embedding": (0,)}
    result = directions("filter-normalized", problem_over(params, filter_axes=axes))
    for name, summed in (("attention", 0), ("embedding", 1), ("plain", 0)):
        theta, d = (tree[name]["kernel"] if name == "attention" else tree[name] for tree in (params, result))
        norms = np.sqrt(np.sum(theta**2, summed))
        np.testing.assert_allclose(np.sqrt(np.sum(d**2, summed + 1)), np.stack([norms, norms]), rtol=1e-13)
        np.testing.assert_allclose(np.sum(d[0] * d[1], summed), 0, atol=1e-14)
    negative = directions(
        "filter-normalized", problem_over(params, filter_axes={"attention/kernel": (-2, -1), **axes})
    )
    np.testing.assert_array_equal(negative["embedding"], result["embedding"])


def test_t04_layer_and_filter_norms_differ(layers):
    kernel = np.asarray(layers.params["conv"]["kernel"])
    layer, filters = (
        directions(name, layers)["conv"]["kernel"] for name in ("layer-normalized", "filter-normalized")
    )
    for d in (*layer, *filters):
        np.testing.assert_allclose(np.sqrt(np.sum(d**2)), np.sqrt(np.sum(kernel**2)), rtol=1e-13)
    per_filter = [np.sqrt(np.sum(d[0] ** 2, (0, 1, 2))) for d in (layer, filters)]
    np.testing.assert_allclose(per_filter[1], np.sqrt(np.sum(kernel**2, (0, 1, 2))), rtol=1e-13)
    assert not np.allclose(*per_filter, rtol=1e-2)


def test_t08_angles_and_norms_are_exact_with_few_weights():
    """Two Gaussian directions through 2 × 3 weights are far from orthogonal."""
    params = {"kernel": normal(5, 2, 3)}
    for seed in range(20):
        first, second = directions("filter-normalized", problem_over(params), key=jax.random.key(seed))["kernel"]
        np.testing.assert_allclose(np.sum(first * second, axis=0), 0, atol=1e-15)
        for d in (first, second):
            np.testing.assert_allclose(
                np.linalg.norm(d, axis=0), np.linalg.norm(params["kernel"], axis=0), rtol=1e-14
            )
        first, second = directions("layer-normalized", problem_over(params), key=jax.random.key(seed))["kernel"]
        assert abs(np.sum(first * second)) < 1e-14
    raw = [directions("gaussian", problem_over(params), key=jax.random.key(seed))["kernel"] for seed in range(20)]
    assert max(abs(np.sum(d[0] * d[1])) / np.linalg.norm(d[0]) / np.linalg.norm(d[1]) for d in raw) > 0.5


def test_t08_single_weight_filter_has_one_direction(layers):
    first, second = directions("filter-normalized", layers)["narrow"]["kernel"]
    np.testing.assert_allclose(np.abs(first), np.abs(layers.params["narrow"]["kernel"]), rtol=1e-14)
    np.testing.assert_array_equal(second, 0)


def test_t07_noise_is_symmetric_and_normal():
    """Uniform on [0, 1] would give two directions a cosine of 0.75."""
    first, second = directions("gaussian", problem_over(np.zeros(20_000)))
    for d in (first, second):
        assert abs(np.mean(d)) < 4 / np.sqrt(20_000)
        assert abs(np.mean(d**2) - 1) < 0.05
        assert abs(np.mean(d**4) - 3) < 0.3
    assert abs(first @ second) / np.linalg.norm(first) / np.linalg.norm(second) < 4 / np.sqrt(20_000)


def loss_on_plane(problem, name):
    """The loss on a 3 × 3 grid along two directions, in units of their lengths."""
    plane = span(problem.params, directions(name, problem))
    first, second = np.asarray(plane.scale)
    return evaluate(problem, plane, (np.linspace(-1, 1, 3) * first, np.linspace(-1, 1, 3) * second)).loss


def rescaled(problem, factors):
    """A ReLU network with the same outputs: the first layer times the factors, the second divided by them."""
    first, second = (np.asarray(problem.params[name]["kernel"]) for name in ("first", "second"))
    params = {"first": {"kernel": first * factors}, "second": {"kernel": second / factors[:, None]}}
    return Problem.from_loss(problem.objective.loss, params, problem.data)


def test_t06_layer_rescaling_changes_only_gaussian_slices():
    problem = problems.mlp(biases=False)
    other = rescaled(problem, np.full(4, 10.0))
    np.testing.assert_allclose(
        loss_on_plane(other, "filter-normalized"), loss_on_plane(problem, "filter-normalized"), rtol=1e-12
    )
    before, after = loss_on_plane(problem, "gaussian"), loss_on_plane(other, "gaussian")
    np.testing.assert_allclose(after[1, 1], before[1, 1], rtol=1e-12)
    assert np.max(np.abs(after / before - 1)) > 0.5


def test_t06_unit_rescaling_changes_filter_normalized_slices():
    """Filter normalization is invariant to rescaled layers, but not to rescaled single units."""
    problem = problems.mlp(biases=False)
    other = rescaled(problem, np.exp(normal(1, 4)))
    before, after = loss_on_plane(problem, "filter-normalized"), loss_on_plane(other, "filter-normalized")
    np.testing.assert_allclose(after[1, 1], before[1, 1], rtol=1e-12)
    assert np.max(np.abs(after / before - 1)) > 0.1
