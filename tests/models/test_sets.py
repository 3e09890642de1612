"""Patches of images, and sets of pixels, whose order has no effect."""

import jax.numpy as jnp
import numpy as np

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
