"""The figure of gradient noise beside the Hessian."""

import numpy as np

from landscapes import figures
from landscapes.curvature.minibatch_noise import GradientNoise
from tests.figures.scenes import layout, role

NOISE = GradientNoise(
    64,
    (1.6, 0.1),
    (4.0, 0.5),
    (2.5, 0.6),
    (3.0, 0.7),
    10.0,
    0.8,
    np.array([5.0, 2.0, -1.0]),
    np.array([3.0, 1.0, 0.5]),
)


def test_eigenvalues_and_variances_are_drawn_where_they_are_positive():
    figure = figures.gradient_noise(NOISE)
    np.testing.assert_array_equal(role(figure, "eigenvalue")[0].y, [5, 2, np.nan])
    np.testing.assert_array_equal(role(figure, "variance")[0].y, [3, 1, 0.5])
    assert layout(figure).yaxis.type == "log"
