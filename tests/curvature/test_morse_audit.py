"""Degrees of critical points against the winding number of the gradient, for gradients with known ones."""

from typing import Any

import numpy as np
import pytest

from landscapes.curvature.morse_audit import audit_critical_points

BOX = np.array([[-2.0, 3.0], [-1.0, 1.5]])
ORIGIN = np.zeros((1, 2))


def audit(gradient, points: Any = ORIGIN, index: Any = (0,), degenerate: Any = (False,)):
    return audit_critical_points(
        lambda p: np.stack(gradient(p[:, 0], p[:, 1]), axis=1),
        np.asarray(points, float).reshape(-1, 2),
        np.array(index, int),
        np.array(degenerate, bool),
        BOX,
    )


@pytest.mark.parametrize(
    ("gradient", "index", "winding", "words"),
    [
        (lambda x, y: (x, 9 * y), 0, 1, "1 minimum − 0 saddles + 0 maxima = 1"),
        (lambda x, y: (9 * x, -y), 1, -1, "0 minima − 1 saddle + 0 maxima = -1"),
        (lambda x, y: (-x, -y), 2, 1, "0 minima − 0 saddles + 1 maximum = 1"),
    ],
)
def test_each_kind_of_point_turns_the_gradient_once(gradient, index, winding, words):
    result = audit(gradient, index=[index])
    assert (result.winding, result.degrees, result.is_complete) == (winding, winding, True)
    assert result.sentence.startswith(words)
    none = audit(gradient, [], (), ())
    assert (none.degrees, none.is_complete) == (0, False)
    assert "a point is missing" in none.sentence


@pytest.mark.parametrize("power", [2, 3])
def test_a_degenerate_point_counts_as_often_as_its_gradient_turns(power):
    """∇Re zⁿ⁺¹ ∝ conj(zⁿ) turns n times clockwise."""

    def gradient(x, y):
        turned = (x - 1j * y) ** power
        return turned.real, turned.imag

    result = audit(gradient, degenerate=[True])
    assert (result.degrees, result.winding, result.degenerate, result.is_complete) == (-power, -power, 1, True)
    assert "with 1 degenerate" in result.sentence


def test_a_gradient_that_vanishes_on_the_boundary_decides_nothing():
    result = audit(lambda x, y: (x + 2, y + 1))  # zero at the lower left corner
    assert (result.winding, result.is_complete) == (None, None)
    assert "unknown" in result.sentence


def test_the_circle_around_a_degenerate_point_encloses_no_other():
    """conj((z − a)²(z − b)²) turns twice clockwise around each of two neighbours."""
    a, b = 0.3 + 0.2j, 0.304 + 0.2j

    def gradient(x, y):
        z = x + 1j * y
        turned = ((z - a) ** 2 * (z - b) ** 2).conjugate()
        return turned.real, turned.imag

    result = audit(gradient, [[a.real, a.imag], [b.real, b.imag]], [0, 0], [True, True])
    assert (result.degrees, result.winding, result.is_complete) == (-4, -4, True)
