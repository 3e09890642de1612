"""What a generator shows is what the model itself decodes, generates or discriminates."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.objectives.generation import BINS, GRID
from landscapes.recipes import catalog
from tests.small_recipes import fitting


def display(objective, data, model=None):
    """The display at the initial parameters, its behavior, and the problem."""
    recipe = catalog.complete(fitting(objective, data, model))
    problem, behavior = catalog.build(recipe), catalog.behavior_of(recipe)
    assert behavior is not None
    inputs = {name: jnp.asarray(array) for name, array in behavior.inputs.items()}
    bound = problem.objective
    knobs = {**dict(bound.static), **bound.knobs}
    show = jax.jit(
        lambda params: behavior.show(bound.forward, params, problem.state, inputs, problem.key, **knobs)
    )
    return show(problem.params), behavior, problem


def called(problem, *inputs, **static):
    forward = jax.jit(lambda *args: problem.objective.forward(problem.params, problem.state, *args, **static))
    return jax.tree.map(np.asarray, forward(*inputs))


def test_a_reconstruction_is_the_decoded_mean():
    output, behavior, problem = display("elbo", "digits-images")
    x = jnp.asarray(behavior.inputs["x"]).reshape(8, 64)
    mean, _ = called(problem, x, method="encode")
    np.testing.assert_allclose(output.reconstructed, called(problem, mean, method="decode"), rtol=1e-5, atol=1e-6)
    assert output.sampled.shape == output.reconstructed.shape
    assert behavior.drawn["images"].shape == (8, 8, 8)


def test_density_of_samples_is_that_of_the_linear_model():
    """x = Wz + μ + σε is normal with variance W² + σ²."""
    output, behavior, problem = display("linear-elbo", "gaussian-cloud", "linear-vae")
    kernel, bias = (np.asarray(problem.params["decoder"][name]) for name in ("kernel", "bias"))
    variance = float(np.sum(kernel**2)) + float(problem.objective.knobs["variance"])
    (low, high), _ = behavior.drawn["box"]
    middles = low + (np.arange(BINS) + 0.5) * (high - low) / BINS
    expected = np.exp(-((middles - bias[0]) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    assert np.max(np.abs(output.density - expected)) < 0.15 * expected.max()


def test_map_of_the_discriminator_has_its_second_value_in_rows():
    output, behavior, problem = display("non-saturating-gan", "ring", "gan-mlp")
    (x0, x1), (y0, y1) = behavior.drawn["box"]
    for row, column in ((0, 3), (30, 11)):
        at = jnp.asarray([[x0 + (x1 - x0) * column / (GRID - 1), y0 + (y1 - y0) * row / (GRID - 1)]])
        logit = called(problem, at, method="discriminate")[0]
        np.testing.assert_allclose(output.realness[row, column], 1 / (1 + np.exp(-logit)), atol=1e-5)
    key = jax.random.fold_in(problem.key, 0)
    sampled = called(problem, key, method="sample", count=len(output.sampled))
    np.testing.assert_allclose(output.sampled, sampled, atol=1e-6)


def test_a_duel_shows_both_numbers_of_the_dirac_gan():
    output, behavior, _ = display("minimax-gan", "point", "dirac-gan")
    location, slope = 1.0, 0.2  # with which it opens
    np.testing.assert_allclose(output.sampled, [location])
    np.testing.assert_allclose(output.logits, slope * behavior.inputs["curve"][:, 0], rtol=1e-6)
