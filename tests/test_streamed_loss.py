"""A loss over the batches of a loader equals the loss over one big batch, in everything that is computed of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

from landscapes import Problem, descend, draw, load, refine, save, spectrum
from landscapes.connectivity.barrier import linear_interpolation
from landscapes.directions import Band, band

RNG = np.random.default_rng(0)
DATA = {"x": RNG.normal(size=(11, 3)).astype(np.float32), "y": RNG.normal(size=(11, 1)).astype(np.float32)}
ENTERED = "; mean over 11 examples in batches"
PARAMS = {"in": RNG.normal(size=(3, 2)).astype(np.float32), "out": RNG.normal(size=(2, 1)).astype(np.float32)}


def loss(params, data, *, key, constants):
    noise = jax.random.normal(key)
    fit = jnp.mean((jnp.tanh(data["x"] @ params["in"]) @ params["out"] - data["y"]) ** 2)
    return {"fit": fit * (1 + noise**2), "decay": constants * jnp.sum(params["in"] ** 2)}


def batches(size):
    return lambda: ({name: rows[i : i + size] for name, rows in DATA.items()} for i in range(0, 11, size))


@pytest.fixture(scope="module")
def whole() -> Problem:
    return Problem.from_loss(loss, PARAMS, DATA, key=3, constants=np.float32(0.5))


@pytest.fixture(scope="module")
def streamed() -> Problem:
    return Problem.from_loss(loss, PARAMS, batches=batches(4), key=3, constants=np.float32(0.5))


@pytest.mark.parametrize("size", [1, 4, 11, 20])
def test_terms_and_gradient_are_those_of_one_batch(whole, size):
    streamed = Problem.from_loss(loss, PARAMS, batches=batches(size), key=3, constants=np.float32(0.5))
    assert streamed.examples == whole.examples == 11
    for name, value in whole.terms(PARAMS).items():
        np.testing.assert_allclose(streamed.terms(PARAMS)[name], value, rtol=1e-5)
    for result, expected in zip(*(jax.tree.leaves(p.field(PARAMS)) for p in (streamed, whole)), strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_surface_is_that_of_one_batch(whole, streamed):
    plane = whole.plane("filter-normalized", seed=1)
    expected, result = (draw(problem, plane, tolerance=0.05) for problem in (whole, streamed))
    assert result.evaluations == expected.evaluations
    assert ENTERED in repr(result)
    assert expected.examples is None
    for name, grid in expected.terms.items():
        np.testing.assert_allclose(result.terms[name], grid, rtol=1e-5, atol=1e-5)


def test_surface_reads_the_loader_a_few_times(whole):
    passes: list[None] = []

    def counted():
        passes.append(None)
        return batches(4)()

    streamed = Problem.from_loss(loss, PARAMS, batches=counted, key=3, constants=np.float32(0.5))
    surface = draw(streamed, whole.plane("filter-normalized", seed=1, dim=1), tolerance=0.5)
    assert surface.evaluations > 60
    assert len(passes) < surface.evaluations / 3


def test_spectrum_is_that_of_one_batch(whole, streamed):
    expected, result = (spectrum(problem, 0, top=2, bottom=1) for problem in (whole, streamed))
    assert ENTERED in repr(result)
    np.testing.assert_allclose(result.eigenvalues, expected.eigenvalues, rtol=1e-4, atol=1e-5)


def test_path_barrier_and_band_are_those_of_one_batch(whole, streamed):
    expected, result = (descend(problem, "adam", 4) for problem in (whole, streamed))
    np.testing.assert_allclose(result.loss, expected.loss, rtol=1e-5)
    assert ENTERED in repr(result)
    ends = PARAMS, jax.tree.map(lambda leaf: leaf[-1], expected.params)
    for compute in (
        lambda problem: linear_interpolation(problem, *ends),
        lambda problem: band(problem, "gaussian", 0.5, 5, lines=2, points=5),
    ):
        expected, result = compute(whole), compute(streamed)
        assert ENTERED in repr(result)
        losses = [each.losses if isinstance(each, Band) else each.loss for each in (result, expected)]
        np.testing.assert_allclose(*losses, rtol=1e-4, atol=1e-5)


def test_results_keep_the_number_of_examples_in_files_and_notebooks(streamed, tmp_path):
    surface = next(refine(streamed, streamed.plane("filter-normalized", seed=1, dim=1), 0.1))
    save(tmp_path / "streamed.npz", surface=surface)
    saved = load(tmp_path / "streamed.npz")
    for text in (saved.summary, repr(saved.surface), str(surface._repr_html_())):
        assert ENTERED in text


def test_number_of_examples_is_known_over_other_parameters(streamed):
    line = streamed.on(streamed.plane(seed=1, dim=1))
    scaled = streamed.reparametrized(Partial(lambda params: params), streamed.params)
    for other in (line, scaled, scaled.on(scaled.plane(seed=1, dim=1)), streamed.at(streamed.params)):
        assert other.streamed_examples == other.examples == 11


def test_data_and_batches_together_get_one_sentence():
    with pytest.raises(ValueError, match="both data and batches are given"):
        Problem.from_loss(loss, PARAMS, DATA, batches=batches(4), key=3, constants=np.float32(0.5))
    with pytest.raises(ValueError, match="the loss is called as loss"):
        Problem.from_loss(lambda params: jnp.sum(params["in"]), PARAMS, batches=batches(4))
