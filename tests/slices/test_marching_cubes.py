"""Level surfaces: ellipsoids of a quadratic, closed surfaces without cracks, and layers along the third axis."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, span
from landscapes.slices import draw, level_surface, nodes
from landscapes.slices.spline import interpolate_at_points

EIGENVALUES = np.array([1.0, 4.0, 9.0])


def quadratic(counts=(33, 41, 49), half=1.7) -> Any:
    axes = tuple(nodes(-half, half, count) for count in counts)
    grids = np.meshgrid(*axes, indexing="ij")
    return axes, sum(0.5 * eigenvalue * x**2 for eigenvalue, x in zip(EIGENVALUES, grids, strict=True))


def edge_counts(triangles):
    """How often each directed edge of the triangles occurs, by its two vertices."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    unique, counts = np.unique(edges, axis=0, return_counts=True)
    return {tuple(edge): count for edge, count in zip(unique.tolist(), counts.tolist(), strict=True)}


@pytest.mark.parametrize("level", [0.3, 1.0])
def test_level_surface_of_quadratic_is_ellipsoid(level):
    """½Σλᵢcᵢ² = level has the semi-axes √(2·level/λᵢ). On an edge along axis i linear interpolation of the
    quadratic is too high by at most λᵢh²/8."""
    axes, values = quadratic()
    vertices, triangles, _ = level_surface(axes, values, level)
    spacing = np.array([axis[1] - axis[0] for axis in axes])
    bound = np.max(EIGENVALUES * spacing**2) / 8
    error = 0.5 * np.square(vertices) @ EIGENVALUES - level
    assert -bound - 1e-12 <= error.min() <= error.max() <= 1e-12
    semi_axes = np.sqrt(2 * level / EIGENVALUES)
    allowed = bound / (EIGENVALUES * semi_axes) * 1.1
    assert np.all(np.abs(vertices.max(axis=0) - semi_axes) <= allowed)
    assert np.all(np.abs(vertices.min(axis=0) + semi_axes) <= allowed)
    # The divergence theorem gives the volume, positive where the triangles point outward, to larger values.
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    volume = np.sum(a * np.cross(b, c)) / 6
    assert volume == pytest.approx(4 / 3 * np.pi * np.prod(semi_axes), rel=0.05)
    edges = edge_counts(triangles)
    assert len(vertices) - len(edges) // 2 + len(triangles) == 2  # Euler's formula for a sphere


def test_surface_of_any_grid_is_closed_and_oriented():
    """Random signs meet all 256 patterns; each edge occurs as often in either direction."""
    values = np.full((14, 15, 16), 1.0)
    values[1:-1, 1:-1, 1:-1] = np.random.default_rng(0).standard_normal((12, 13, 14))
    axes = tuple(np.arange(float(n)) for n in values.shape)
    edges = edge_counts(level_surface(axes, values, 0.1).triangles)
    assert len(edges) > 10_000
    assert all(edges.get((b, a)) == count for (a, b), count in edges.items())


def test_layers_cut_surface_at_nodes_of_third_axis():
    axes, values = quadratic((17, 9, 11))
    surface = level_surface(axes, values, 1.0)
    heights = surface.vertices[surface.triangles, 2]
    for node, count in zip(axes[2], surface.layers, strict=True):
        assert heights[:count].max(initial=-np.inf) <= node + 1e-12
        assert heights[count:].min(initial=np.inf) >= node - 1e-12
    assert 0 < surface.layers[5] < surface.layers[-1] == len(surface.triangles)


def test_cells_with_hole_have_no_triangle():
    axes, values = quadratic((17, 17, 17))
    values[12, 8, 8] = np.nan
    vertices = level_surface(axes, values, 0.5).vertices
    assert np.all(np.isfinite(vertices))
    hole = np.array([axis[n] for axis, n in zip(axes, (12, 8, 8), strict=True)])
    assert not np.any(np.all(np.abs(vertices - hole) < axes[0][1] - axes[0][0] - 1e-9, axis=1))


def test_level_outside_range_and_wrong_shapes():
    axes, values = quadratic((5, 6, 7))
    assert level_surface(axes, values, 1e9).triangles.shape == (0, 3)
    with pytest.raises(ValueError, match="do not fit these axes"):
        level_surface(axes, values.T, 1.0)


def test_refined_volume_of_sine_bounds_its_error():
    """sin(3x + 2y − z): the spline's largest error at 2,000 points is below the stated one."""
    problem = Problem.from_loss(lambda p: jnp.sin(3 * p[0] + 2 * p[1] - p[2]), np.zeros(3))
    surface = draw(problem, span(np.zeros(3), np.eye(3)), 1.0, tolerance=1e-9)
    assert [len(axis) for axis in surface.axes] == [33, 33, 33]
    assert surface.note == "The finest grid was reached."
    points = np.random.default_rng(1).uniform(-1, 1, (2000, 3))
    values = interpolate_at_points(surface.axes, surface.loss, points)
    deviation = np.abs(values - np.sin(points @ [3.0, 2.0, -1.0])).max()
    assert deviation <= surface.error < 1e-3
    vertices, _, layers = level_surface(surface.axes, surface.loss, 0.0)
    np.testing.assert_allclose(np.sin(vertices @ [3.0, 2.0, -1.0]), 0, atol=0.01)
    assert np.all(np.diff(layers) > 0)
