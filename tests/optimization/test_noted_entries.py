"""What is noted of a step: numbers, losses, and each vector's components and norm."""

import jax.numpy as jnp
import numpy as np

from landscapes.optimization.explained_optimizer import ExplainedState
from landscapes.optimization.noted_entries import explained_entries, norm
from landscapes.plane import span


def test_entries_are_numbers_losses_components_and_norms_in_this_order():
    plane = span(np.zeros(3, np.float32), np.array([[0.0, 0.0, 2.0]], np.float32))
    vectors = jnp.array([[3.0, 4.0, 12.0], [0.0, 3.0, -4.0]], jnp.float32)
    state = ExplainedState(None, vectors, jnp.array([0.1]), jnp.array([7.0, 8.0]))
    result = explained_entries(plane, state, lambda vector: vector)
    np.testing.assert_allclose(result, [0.1, 7, 8, 12, 13, -4, 5], rtol=1e-6)


def test_norm_of_large_float32_numbers_does_not_overflow():
    assert norm(jnp.array([3e30, 4e30], jnp.float32)) == np.float32(5e30)
