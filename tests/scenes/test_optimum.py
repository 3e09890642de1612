import numpy as np
import pytest

from landscapes.plane import span
from landscapes.scenes.optimum import project_optimum
from tests.bowl import bowl


def test_optimum_is_projected_with_its_distance_and_value():
    problem = bowl(curvature=(1.0, 4.0, 9.0), start=(0.0, 0.0, 2.0))
    plane = span(problem.params, np.eye(3)[:2])
    result = project_optimum(problem, plane, np.array([1.0, -3.0, -1.0]))
    assert result is not None
    np.testing.assert_allclose(result.coordinates, [1.0, -3.0])
    assert result.distance == pytest.approx(3.0)
    assert result.value == pytest.approx((1 + 4 * 9 + 9) / 2)


def test_without_an_optimum_there_is_none():
    problem = bowl()
    assert project_optimum(problem, span(problem.params, np.eye(2)), None) is None
