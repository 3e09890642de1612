"""Derivatives at a point of a plane, against the algebra of a quadratic."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from landscapes import span
from landscapes.curvature.slice_derivatives import cast_to_float32, flat_rows, linearize_at, slice_derivatives
from tests.problems import EIGENVALUES, normal, quadratic, rotation


def test_slice_and_full_derivatives_of_a_quadratic():
    with jax.enable_x64(True):
        problem = quadratic()
        rows = jax.tree.map(lambda leaf: normal(leaf.ndim, 2, *leaf.shape), problem.params)
        plane = span(problem.params, rows)
        matrix = rotation(6) * EIGENVALUES @ rotation(6).T
        basis = flat_rows(plane.basis, (2,))
        coordinates = np.array([0.3, -1.7])
        point, loss, directions, hessian = linearize_at(problem, plane, coordinates)
        expected = flat_rows(problem.params, ()) + coordinates @ basis
        np.testing.assert_allclose(point, expected, rtol=1e-12)
        np.testing.assert_allclose(directions, basis, rtol=1e-12)
        np.testing.assert_allclose(loss, 0.5 * expected @ matrix @ expected, rtol=1e-12)
        slice_hessian, gradient_norm, slopes = slice_derivatives(hessian, directions)
        np.testing.assert_allclose(slice_hessian, basis @ matrix @ basis.T, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(gradient_norm, np.linalg.norm(matrix @ expected), rtol=1e-10)
        np.testing.assert_allclose(slopes, basis @ matrix @ expected, rtol=1e-10)


def test_flat_rows_have_the_order_of_ravel_pytree():
    tree = {"b": np.arange(12.0).reshape(2, 3, 2), "a": np.array([[7], [8]])}
    rows = flat_rows(tree, (2,))
    for k in range(2):
        np.testing.assert_array_equal(rows[k], ravel_pytree(jax.tree.map(lambda leaf, k=k: leaf[k], tree))[0])


def test_only_floating_point_is_cast():
    assert cast_to_float32(np.ones(2)).dtype == jnp.float32
    assert cast_to_float32(np.arange(2)).dtype == np.arange(2).dtype
    assert cast_to_float32(jax.random.key(0)).dtype == jax.random.key(0).dtype
