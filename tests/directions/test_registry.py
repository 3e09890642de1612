"""Properties of every kind of direction, Hessian and gradient directions, and principal components."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes import span
from landscapes.curvature.hessian import hvp
from landscapes.directions import DIRECTIONS, RANDOM_WALK_VARIANCE_SHARES, explained_variance
from tests import problems
from tests.direction_helpers import directions, flat, path_through, problem_over
from tests.problems import normal

# Directions of a game are tested in test_players.py.
KINDS = [name for name, kind in DIRECTIONS.items() if kind.applies_to != "game"]
RANDOM = ["gaussian", "layer-normalized", "filter-normalized"]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", KINDS)
def test_t12_every_kind_spans_orthonormal_basis(name, count, network):
    problem, runs = network
    result = directions(name, problem, count, runs.values())
    assert jax.tree.structure(result) == jax.tree.structure(problem.params)
    for leaf, like in zip(jax.tree.leaves(result), jax.tree.leaves(problem.params), strict=True):
        assert leaf.shape == (count, *like.shape)
        assert np.all(np.isfinite(leaf))
    basis = flat(span(problem.params, result).basis, 1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(count), rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", KINDS)
def test_only_random_directions_depend_on_key(name, network):
    problem, runs = network
    first, again, other = (
        flat(directions(name, problem, 2, runs.values(), jax.random.key(k)), 1) for k in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other) == (name in RANDOM)


@pytest.mark.parametrize("name", RANDOM)
def test_random_plane_is_the_same_in_both_precisions(name):
    single = problems.mlp(np.float32)
    planes = []
    for dtype in (np.float32, np.float64):
        params = jax.tree.map(lambda leaf, dtype=dtype: np.asarray(leaf, dtype), single.params)
        planes.append(span(params, directions(name, problem_over(params))))
    np.testing.assert_allclose(*(flat(plane.basis, 1) for plane in planes), rtol=0, atol=1e-6)
    np.testing.assert_allclose(*(plane.scale for plane in planes), rtol=1e-6)


def test_first_direction_of_plane_is_that_of_line(network):
    problem, runs = network
    for name in KINDS:
        line, plane, volume = (flat(directions(name, problem, count, runs.values()), 1) for count in (1, 2, 3))
        if name not in ("hessian", "principal"):
            np.testing.assert_allclose(plane, volume[:2], rtol=1e-9, atol=1e-12, err_msg=name)
        if name in ("hessian", "principal"):  # the sign of these vectors is arbitrary
            line = line * np.sign(line @ plane[0])[:, None]
        np.testing.assert_allclose(line[0], plane[0], rtol=1e-9, atol=1e-12, err_msg=name)


def test_hessian_directions_are_eigenvectors():
    problem = problems.quadratic()
    matrix = np.asarray(problem.data)
    for end, values in (("largest", (10, 3, 1)), ("both", (10, -2, 0.5)), ("smallest", (-2, 0.5, 0.5))):
        for count in (1, 2, 3):
            result = flat(directions("hessian", problem, count, end=end), 1)
            expected = np.array(values)[:count, None] * result
            np.testing.assert_allclose(result @ matrix, expected, atol=1e-12, err_msg=f"{end} {count}")


def test_every_kind_says_whether_it_depends_on_the_paths_and_on_the_loss():
    one = problems.quadratic()
    other = replace(one, data=np.diag(np.arange(1.0, 7.0)))
    path = path_through(jax.tree.map(lambda leaf: normal(3, 4, *leaf.shape), one.params))
    for name in KINDS:
        kind = DIRECTIONS[name]
        if kind.needs_paths:
            with pytest.raises(ValueError, match=r"choose at least one optimizer|has left the start"):
                directions(name, one, 2, ())
        first, second = (
            flat(span(one.params, directions(name, each, 2, [path])).basis, 1) for each in (one, other)
        )
        assert np.allclose(first, second) != kind.depends_on_loss, name


def test_hessian_directions_of_network_are_eigenvectors(network):
    problem, _ = network
    for v in flat(directions("hessian", problem, end="both"), 1):
        leaves, structure = jax.tree.flatten(problem.params)
        parts = np.split(v, np.cumsum([leaf.size for leaf in leaves])[:-1])
        vector = jax.tree.unflatten(structure, [p.reshape(x.shape) for p, x in zip(parts, leaves, strict=True)])
        image = flat(hvp(problem, problem.params, vector))
        np.testing.assert_allclose(image, (v @ image) * v, rtol=0, atol=1e-10)


def test_gradient_plane_contains_two_gradient_descent_steps():
    problem = problems.quadratic()
    plane = span(problem.params, directions("gradient", problem))
    step = np.eye(6) - 0.07 * np.asarray(problem.data)
    basis, start = flat(plane.basis, 1), flat(problem.params)
    moves = [np.linalg.matrix_power(step, k) @ start - start for k in (1, 2, 3)]
    off = [np.linalg.norm(move - basis.T @ (basis @ move)) for move in moves]
    np.testing.assert_allclose(off[:2], 0, atol=1e-13)
    assert off[2] > 1e-3
    basis = flat(span(problem.params, directions("gradient", problem, 3)).basis, 1)
    for move in moves:
        np.testing.assert_allclose(basis.T @ (basis @ move), move, atol=1e-12)


def test_gradient_direction_follows_sense_of_objective():
    problem = problems.quadratic()
    slope = flat(problem.field(problem.params))
    np.testing.assert_allclose(flat(directions("gradient", problem, 1)), slope, rtol=1e-13)
    np.testing.assert_allclose(flat(directions("gradient", problems.maximized(problem), 1)), -slope, rtol=1e-13)


def test_vanishing_gradient_is_refused():
    with pytest.raises(ValueError, match="the gradient vanishes here; centre the picture elsewhere or choose"):
        directions("gradient", problems.scalar_product())


def test_hessian_and_gradient_of_game_are_refused():
    for name in ("hessian", "gradient"):
        with pytest.raises(ValueError, match="game"):
            directions(name, problems.game())


def test_principal_components_are_those_of_all_paths():
    problem = problem_over({"a": np.zeros((2, 2)), "b": np.zeros(3)})
    paths = [
        path_through({"a": normal(seed, 5, 2, 2), "b": 3 * normal(seed + 1, 5, 3)}, np.zeros(5)) for seed in (0, 2)
    ]
    rows = np.concatenate([flat(path.params, 1) for path in paths])
    _, sizes, exact = np.linalg.svd(rows - rows.mean(axis=0))
    plane = span(problem.params, directions("principal", problem, 2, paths))
    np.testing.assert_allclose(np.abs(np.sum(flat(plane.basis, 1) * exact[:2], axis=1)), 1, rtol=1e-12)
    share = float(np.sum(sizes[:2] ** 2) / np.sum(sizes**2))
    np.testing.assert_allclose(explained_variance(plane, paths), share, rtol=1e-12)


def test_two_components_explain_two_dimensional_data():
    """A plane through the mean contains all points."""
    plane_points = normal(1, 6, 2) @ normal(2, 2, 5)
    path = path_through(plane_points)
    problem = problem_over(plane_points.mean(axis=0))
    plane = span(problem.params, directions("principal", problem, 2, [path]))
    assert explained_variance(plane, [path]) == pytest.approx(1, abs=1e-14)
    for point in plane_points:
        np.testing.assert_allclose(plane.project(point)[1], 0, atol=1e-14)


def test_t10_random_walk_has_known_explained_variance():
    """Antognini & Sohl-Dickstein 2018."""
    np.testing.assert_allclose(RANDOM_WALK_VARIANCE_SHARES, (0.608, 0.760, 0.827), atol=5e-4)
    drawn_path = path_through(np.cumsum(normal(6, 200, 3000), axis=0))
    problem = problem_over(np.zeros(3000))
    for count in (1, 2, 3):
        plane = span(problem.params, directions("principal", problem, count, [drawn_path]))
        assert explained_variance(plane, [drawn_path]) == pytest.approx(
            RANDOM_WALK_VARIANCE_SHARES[count - 1], abs=0.02
        )


def test_t11_random_plane_explains_little_of_path():
    drawn_path = path_through(np.cumsum(normal(6, 200, 3000), axis=0))
    problem = problem_over(np.ones(3000))
    assert explained_variance(span(problem.params, directions("gaussian", problem)), [drawn_path]) < 0.02


@pytest.mark.parametrize(
    "points", [np.zeros((1, 3)), np.zeros((4, 3)), normal(1, 2, 3), np.outer([1, 2, 5], [1, 2, 3])]
)
def test_paths_of_too_few_points_are_refused(points):
    with pytest.raises(ValueError, match="too few distinct points for 2 principal components; train for more"):
        directions("principal", problem_over(np.zeros(3)), 2, [path_through(np.asarray(points, float))])
    with pytest.raises(ValueError, match="need an optimizer's path; choose at least one optimizer"):
        directions("principal", problem_over(np.zeros(3)), 2, [])


def test_one_component_needs_two_points():
    problem = problem_over(np.zeros(3))
    with pytest.raises(ValueError, match="too few distinct points for 1 principal component;"):
        directions("principal", problem, 1, [path_through(np.ones((1, 3)))])
    (result,) = directions("principal", problem, 1, [path_through(np.array([[1.0, 0, 0], [4.0, 4, 0]]))])
    np.testing.assert_allclose(np.abs(result) / np.linalg.norm(result), (0.6, 0.8, 0), rtol=1e-12)


def test_constant_path_is_fully_explained():
    plane = span(np.zeros(2), np.ones((1, 2)))
    assert explained_variance(plane, [path_through(np.ones((3, 2)))]) == 1


def test_coordinates_index_parameters_in_leaf_order():
    problem = problem_over({"b": np.zeros((2, 2)), "a": np.zeros(2)})
    result = directions("coordinates", problem, first=1, second=4)
    np.testing.assert_array_equal(result["a"], [[0, 1], [0, 0]])
    np.testing.assert_array_equal(result["b"][1], [[0, 0], [1, 0]])
    with pytest.raises(ValueError, match="there are 6 parameters; choose indices from 0 to 5"):
        directions("coordinates", problem, first=6)
    with pytest.raises(ValueError, match="collinear"):
        span(problem.params, directions("coordinates", problem, first=3, second=3))
    directions("coordinates", problem, 1, first=5, second=99)  # a line ignores the second axis
    for first, second, third in ((5, 4, 0), (0, 3, 1), (1, 0, 2), (2, 0, 1)):
        axes = flat(directions("coordinates", problem, 3, first=first, second=second), 1)
        np.testing.assert_array_equal(axes, np.eye(6)[[first, second, third]])
