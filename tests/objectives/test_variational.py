"""The variational bound: probabilistic PCA in closed form, collapse as a saddle, a bound that is never crossed."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES, Data
from landscapes.objectives.variational import probabilistic_pca
from landscapes.recipes import catalog

PLAIN = {"reconstruction": 1.0, "kl": 1.0, "nll": 0.0, "gap": 0.0}

# One value of mean 0 and variance s² = 4, under a likelihood of variance σ² = 1.
LINE = np.array([[1.0], [-3.0], [np.sqrt(3) - 1], [np.sqrt(3) + 1], [2 - 2 * np.sqrt(3)]])

LINE = (LINE - LINE.mean()) / LINE.std() * 2


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def linear(size, latent):
    """The graph of a linear VAE, whatever its numbers are."""
    build = MODELS["linear-vae"].build
    return models.split(nnx.eval_shape(lambda: build((size,), size, nnx.Rngs(0), latent=latent)))[0]


def tree(bias, decoder, encoder, log_variance):
    parts = {"decoder": {"bias": bias, "kernel": decoder}, "encoder": {"kernel": encoder}}
    return jax.tree.map(jnp.asarray, parts | {"log_variance": log_variance})


@partial(jax.jit, static_argnums=0)
def terms(graph, params, x, variance):
    forward = partial(models.apply, graph)
    return OBJECTIVES["linear-elbo"].terms(forward, params, {}, {"x": x}, None, variance=variance)


def of_four(numbers):
    """(μ, w, v, ln d) as the parameters of the one-dimensional linear VAE."""
    mean, w, v, log_d = numbers
    return tree(mean[None], w[None, None], v[None, None], log_d[None])


@jax.jit
def along(numbers, variance):
    """−ELBO and NLL of one dimension, with gradients and Hessians over (μ, w, v, ln d)."""

    def both(numbers):
        result = terms(linear(1, 1), of_four(numbers), jnp.asarray(LINE), variance)
        return jnp.stack([result["reconstruction"] + result["kl"], result["nll"]])

    return both(numbers), jax.jacobian(both)(numbers), jax.hessian(both)(numbers)


def at(w, v, d, variance=1.0):
    values, slopes, curvatures = along(jnp.array([0.0, w, v, np.log(d)]), np.float64(variance))
    return np.asarray(values), np.asarray(slopes), np.asarray(curvatures)


@pytest.mark.parametrize(
    ("w", "v", "d", "noise"), [(0.3, -0.7, 2.0, 1.0), (1.9, 0.2, 0.1, 0.6), (-1.0, 0.4, 1.3, 5)]
)
def test_the_bound_of_one_dimension_is_its_formula(w, v, d, noise):
    expected = (
        0.5 * np.log(2 * np.pi * noise)
        + (4 * (1 - w * v) ** 2 + w**2 * d) / (2 * noise)
        + 0.5 * (4 * v**2 + d - 1 - np.log(d))
    )
    (bound, nll), *_ = at(w, v, d, noise)
    assert bound == pytest.approx(expected, rel=1e-12)
    assert nll == pytest.approx(0.5 * (np.log(2 * np.pi * (w**2 + noise)) + 4 / (w**2 + noise)), rel=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_at_the_optimum_the_bound_is_the_likelihood_of_probabilistic_pca(sign):
    values, slopes, curvatures = at(sign * np.sqrt(3), sign * 0.4330127, 0.25)
    np.testing.assert_allclose(values, 2.112085714, atol=1e-9)
    assert np.sqrt(3) == pytest.approx(1.7320508, abs=1e-7)
    np.testing.assert_allclose(slopes, 0, atol=1e-6)
    assert curvatures[1][1, 1] == pytest.approx(0.375, abs=1e-6)
    assert np.linalg.eigvalsh(curvatures[0]).min() > 0.1


def test_posterior_collapse_is_a_saddle_and_not_a_minimum():
    values, slopes, curvatures = at(0.0, 0.0, 1.0)
    np.testing.assert_allclose(values, 2.918938533, atol=1e-9)
    np.testing.assert_allclose(slopes, 0, atol=1e-12)
    assert curvatures[1][1, 1] == pytest.approx(-3, abs=1e-9)
    shifted = np.linalg.eigvalsh(curvatures[0][1:, 1:])
    np.testing.assert_allclose(shifted, (-1.772002, 0.5, 6.772002), atol=1e-6)
    # The mean is a direction of its own, of curvature 1/σ².
    np.testing.assert_allclose(curvatures[0][0], (1, 0, 0, 0), atol=1e-9)


@pytest.mark.parametrize("noise", [4.0, 5.0])
def test_noise_of_the_datas_own_variance_makes_collapse_the_optimum(noise):
    values, slopes, curvatures = at(0.0, 0.0, 1.0, noise)
    np.testing.assert_allclose(slopes, 0, atol=1e-12)
    assert np.linalg.eigvalsh(curvatures[0]).min() > -1e-12
    result = probabilistic_pca(of_four(jnp.ones(4)), _data(LINE), PLAIN, variance=noise)
    assert result is not None
    jax.tree.map(partial(np.testing.assert_allclose, desired=0, atol=1e-7), result)
    for w, v, d in ((0.3, 0.1, 0.9), (1.0, 0.4, 0.5), (-0.2, 0.2, 1.1)):
        assert at(w, v, d, noise)[0][0] > values[0]


def _data(x):
    return Data({"x": x}, {"x": x}, None)


CLOUD = (
    np.random.default_rng(0).normal(size=(20, 3)) @ np.array([[2.0, 0.3, 0], [0, 1.2, -0.4], [0.1, 0, 0.5]]) + 1
)


def drawn(seed):
    rng = np.random.default_rng(seed)
    return tree(*(rng.normal(size=shape) for shape in ((3,), (2, 3), (3, 2), (2,))))


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_exceeds_the_truth_by_just_the_gap(seed):
    params = drawn(seed)
    result = {name: float(value) for name, value in terms(linear(3, 2), params, CLOUD, 0.7).items()}
    assert result["reconstruction"] + result["kl"] == pytest.approx(result["nll"] + result["gap"], rel=1e-12)
    assert result["gap"] > 0
    # Against the densities themselves, as matrices over all values.
    weights, mean = np.asarray(params["decoder"]["kernel"]).T, np.asarray(params["decoder"]["bias"])
    centred = CLOUD - mean
    covariance = weights @ weights.T + 0.7 * np.eye(3)
    nll = 0.5 * (
        np.linalg.slogdet(2 * np.pi * covariance)[1] + np.sum(centred @ np.linalg.inv(covariance) * centred, 1)
    )
    assert result["nll"] == pytest.approx(nll.mean(), rel=1e-12)
    posterior = np.linalg.inv(np.eye(2) + weights.T @ weights / 0.7)
    apart = centred @ (np.asarray(params["encoder"]["kernel"]) - weights @ posterior / 0.7)
    d = np.exp(np.asarray(params["log_variance"]))
    inverse = np.linalg.inv(posterior)
    gap = np.sum(np.diag(inverse) * d) + np.sum(apart @ inverse * apart, 1) - 2
    gap = 0.5 * (gap + np.linalg.slogdet(posterior)[1] - np.sum(np.log(d)))
    assert result["gap"] == pytest.approx(gap.mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("weights", "term", "bound"),
    [
        ({}, "", "nll"),
        ({"kl": 2.5}, "", "nll"),
        ({"kl": 0.5}, "", ""),  # less than the bound itself
        ({"reconstruction": 2.0}, "", ""),
        ({"gap": 0.1}, "", ""),
        ({}, "kl", ""),
    ],
)
def test_the_weighted_sum_is_said_to_bound_the_likelihood_only_where_it_does(weights, term, bound):
    opened = replace(catalog.opening_of("linear-elbo"), weights=tuple(weights.items()), term=term)
    assert catalog.bounded_term(catalog.complete(opened)) == bound
    assert catalog.bounded_term(catalog.complete(catalog.opening_of("elbo"))) == ""


def _bound(weights, params, x, variance):
    result = terms(linear(x.shape[1], len(params["log_variance"])), params, x, variance)
    return sum(weights[name] * value for name, value in result.items())


@jax.jit
@jax.value_and_grad
def _bound_and_slope(params, x, variance, beta):
    return _bound(PLAIN | {"kl": beta}, params, x, variance)


@pytest.mark.parametrize("beta", [1.0, 2.5])
def test_on_digits_the_optimum_is_the_eigendecomposition(beta):
    """A stationary point of the bound, whose value is the likelihood of probabilistic PCA under noise βσ²."""
    data = DATASETS["digits"].load(0, examples=200)
    x = data.train["x"].astype(np.float64)
    start = tree(*(np.random.default_rng(1).normal(size=shape) for shape in ((64,), (3, 64), (64, 3), (3,))))
    best = probabilistic_pca(start, data, PLAIN | {"kl": beta}, variance=0.1)
    assert best is not None
    best = jax.tree.map(jnp.asarray, best)
    value, slope = _bound_and_slope(best, jnp.asarray(x), 0.1, np.float64(beta))
    assert max(float(jnp.max(jnp.abs(leaf))) for leaf in jax.tree.leaves(slope)) < 1e-6
    spectrum = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2 / len(x)
    noise = 0.1 * beta
    kept, rest = spectrum[:3], spectrum[3:]
    nll = 0.5 * (64 * np.log(2 * np.pi) + np.log(kept).sum() + 61 * np.log(noise) + 3 + rest.sum() / noise)
    # β·(bound under noise βσ²) and the objective differ by the constant of the likelihood alone.
    constant = 32 * (np.log(2 * np.pi * 0.1) - beta * np.log(2 * np.pi * noise))
    assert float(value) == pytest.approx(beta * nll + constant, abs=1e-6)
    assert kept.min() > noise


def test_a_rotation_of_z_leaves_the_likelihood_and_not_the_bound():
    """The likelihood knows WWᵀ alone, so its Hessian has a zero mode; q with independent coordinates does not."""
    best = jax.tree.map(jnp.asarray, probabilistic_pca(drawn(0), _data(CLOUD), PLAIN, variance=0.2))
    sizes = np.cumsum([leaf.size for leaf in jax.tree.leaves(best)])[:-1]

    def both(vector):
        parts = jnp.split(vector, sizes)
        leaves = [part.reshape(leaf.shape) for part, leaf in zip(parts, jax.tree.leaves(best), strict=True)]
        result = terms(linear(3, 2), jax.tree.unflatten(jax.tree.structure(best), leaves), CLOUD, 0.2)
        return jnp.stack([result["nll"], result["reconstruction"] + result["kl"]])

    vector = jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(best)])
    truth, bound = np.asarray(jax.jit(jax.hessian(both))(vector))
    decoder = slice(3, 9)
    eigenvalues = np.linalg.eigvalsh(truth[decoder, decoder])
    assert abs(eigenvalues[0]) < 1e-9 * eigenvalues[-1]
    assert eigenvalues[1] > 1e-3
    assert np.linalg.eigvalsh(bound)[0] > 1e-3


def test_of_the_optimums_copies_the_nearest_is_given():
    best = probabilistic_pca(drawn(0), _data(CLOUD), PLAIN, variance=0.2)
    assert best is not None
    turned = jax.tree.map(np.array, best)
    turned["decoder"]["kernel"] = -best["decoder"]["kernel"][::-1] * [[1], [-1]]
    turned["encoder"]["kernel"] = -best["encoder"]["kernel"][:, ::-1] * [1, -1]
    turned["log_variance"] = best["log_variance"][::-1]
    again = probabilistic_pca(turned, _data(CLOUD), PLAIN, variance=0.2)
    jax.tree.map(np.testing.assert_array_equal, again, turned)
    values = [_bound(PLAIN, jax.tree.map(jnp.asarray, point), CLOUD, 0.2) for point in (best, again)]
    assert float(values[0]) == pytest.approx(float(values[1]), rel=1e-12)


def test_more_coordinates_than_values_collapse_and_other_weights_have_no_known_optimum():
    wide = tree(np.zeros(3), np.ones((5, 3)), np.ones((3, 5)), np.zeros(5))
    best = probabilistic_pca(wide, _data(CLOUD), PLAIN, variance=0.2)
    assert best is not None
    assert np.sum(np.any(best["decoder"]["kernel"] != 0, axis=1)) <= 3
    assert np.sum(best["log_variance"] == 0) >= 2
    for other in ({"nll": 1.0}, {"kl": 0.0}, {"reconstruction": 0.0}):
        assert probabilistic_pca(wide, _data(CLOUD), PLAIN | other, variance=0.2) is None
