"""Hessian-vector products and the dense Hessian, against `jax.hessian`."""

import jax
import numpy as np

from landscapes.curvature.hessian import dense_hessian, hvp
from landscapes.precision import precision
from tests import problems
from tests.hessians import classifier
from tests.problems import normal


def test_hvp_equals_hessian_times_vector():
    problem = classifier(3, np.float64, 3, 4, 2)
    vector = {name: normal(i, *leaf.shape) for i, (name, leaf) in enumerate(problem.params.items())}
    image = hvp(problem, problem.params, vector)
    with precision(problem.params):
        hessian = jax.jit(jax.hessian(problem.loss))(problem.params)
    for name, row in hessian.items():
        expected = sum(np.tensordot(block, vector[other], vector[other].ndim) for other, block in row.items())
        np.testing.assert_allclose(image[name], expected, rtol=0, atol=1e-8)


def test_mask_selects_a_principal_submatrix():
    problem, mask = problems.quadratic(), np.array([True, False, False, True, True, False])
    expected = dense_hessian(problem)[np.ix_(mask, mask)]
    np.testing.assert_allclose(dense_hessian(problem, mask=mask), expected, rtol=0, atol=1e-12)
