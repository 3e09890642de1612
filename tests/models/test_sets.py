"""Patches of images, and sets of pixels, whose order has no effect."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from landscapes import models
from landscapes.models import MODELS
from landscapes.models.sets import patches, pixels

X = np.random.default_rng(0).normal(size=(2, 5, 6, 1)).astype(np.float32)


def test_patches_are_squares_row_by_row_padded_with_zeros():
    found = patches(jnp.asarray(X), 2)
    assert found.shape == (2, 9, 4)
    np.testing.assert_array_equal(found[1, 4], X[1, 2:4, 2:4, 0].ravel())
    np.testing.assert_array_equal(found[0, 8], [*X[0, 4, 4:, 0], 0, 0])


def test_pixels_carry_their_places():
    found = pixels(jnp.asarray(X))
    assert found.shape == (2, 30, 3)
    np.testing.assert_allclose(found[1, 6 * 4 + 1], [1, -0.6, X[1, 4, 1, 0]], rtol=1e-6)


def test_order_of_the_elements_of_a_set_has_no_effect():
    graph, params, state = models.split(MODELS["deep-sets"].build((5, 6, 1), 3, nnx.Rngs(0), width=4))

    @jax.jit
    def of_sets(elements):
        return models.apply(graph, params, state, elements, method="of_sets")

    elements = np.random.default_rng(1).normal(size=(2, 7, 3)).astype(np.float32)
    shuffled = elements[:, [3, 0, 6, 1, 5, 2, 4]]
    np.testing.assert_allclose(of_sets(elements), of_sets(shuffled), rtol=1e-5, atol=1e-6)
    assert np.any(np.abs(of_sets(elements) - of_sets(2 * elements)) > 1e-3)


def test_vision_transformer_reads_every_patch_and_its_place():
    graph, params, state = models.split(MODELS["vit"].build((5, 6, 1), 3, nnx.Rngs(0), width=4, heads=1))
    slopes = jax.jit(jax.jacrev(lambda x: models.apply(graph, params, state, x)[0, 0]))(jnp.asarray(X))
    assert np.all(slopes[0] != 0)
    assert np.all(slopes[1] == 0)  # another example
