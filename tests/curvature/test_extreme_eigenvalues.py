"""The accuracy required of an extreme eigenvalue; `test_convexity_map` checks the eigenvalues themselves."""

import numpy as np
import pytest

from landscapes.curvature.extreme_eigenvalues import MIN_TOLERANCE, required_tolerance


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize(
    ("smallest", "expected"),
    [
        (0.1, (5e-4, True)),  # convex so far: accurate, and confirmed by a second chain
        (-1e-7, (5e-4, True)),  # negative, but within the rounding of float32
        (-1.0, (1e-2, False)),  # a proof of non-convexity: as accurate as asked
        (-0.02, (5e-4, False)),  # a twentieth of a small eigenvalue, relative to |λ|max = 2
        (-1e-3, (MIN_TOLERANCE, False)),
    ],
)
def test_required_tolerance_depends_on_the_decisive_sign(smallest, expected, maximize):
    values = np.array([smallest, 0.7, 2.0])
    values = -values[::-1] if maximize else values
    assert required_tolerance(values, 1e-2, maximize) == pytest.approx(expected)
