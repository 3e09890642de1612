"""Planes: orthonormal, isometric, and projection as the inverse of drawing a point."""

import jax
import numpy as np
import pytest

from landscapes import Problem, evaluate, span
from landscapes.plane import MIN_SINE
from tests import problems
from tests.problems import normal

TOLERANCE = {np.float32: 1e-6, np.float64: 1e-14}
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
SHAPES = {"bias": (3,), "kernel": (2, 3), "scale": ()}


def params(dtype: type = np.float64, seed: int = 0):
    return {name: np.asarray(normal(seed + k, *shape), dtype) for k, (name, shape) in enumerate(SHAPES.items())}


def directions(count=2, seed=10, **factors):
    return {
        name: normal(seed + k, count, *shape) * factors.get(name, 1.0)
        for k, (name, shape) in enumerate(SHAPES.items())
    }


def flat(tree, leading=0):
    leaves = [np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(tree)]
    return np.concatenate([leaf.reshape(*leaf.shape[:leading], -1) for leaf in leaves], axis=leading)


# The basis


@DTYPES
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_basis_is_orthonormal(dtype, count):
    plane = span(params(dtype), directions(count, kernel=1e4))
    basis = flat(plane.basis, 1)
    assert plane.dim == count
    np.testing.assert_allclose(basis @ basis.T, np.eye(count), rtol=0, atol=TOLERANCE[dtype])
    assert {leaf.dtype for leaf in jax.tree.leaves(plane)} == {np.dtype(dtype)}


def test_t12_directions_of_any_length_are_orthogonalized():
    """Gram–Schmidt without dividing by ‖p‖² leaves long directions all but parallel."""
    for seed, size in ((0, 1e-8), (1, 1.0), (2, 1e8)):
        vectors = directions(seed=seed)
        vectors = {
            name: d * np.array([size, 1 / size]).reshape(2, *[1] * (d.ndim - 1)) for name, d in vectors.items()
        }
        first, second = flat(span(params(), vectors).basis, 1)
        assert abs(first @ second) < 1e-14


def test_nearly_collinear_directions_still_give_an_orthonormal_basis():
    vectors = directions()
    first, second = flat(vectors, 1)
    tilt = 3 * MIN_SINE * np.linalg.norm(first) / np.linalg.norm(second)
    close = {name: np.stack([d[0], d[0] + tilt * d[1]]) for name, d in vectors.items()}
    basis = flat(span(params(), close).basis, 1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), rtol=0, atol=1e-13)


def test_scale_is_the_norm_of_each_direction():
    vectors = directions(kernel=7.0)
    np.testing.assert_allclose(span(params(), vectors).scale, np.linalg.norm(flat(vectors, 1), axis=1), rtol=1e-14)


def test_first_axis_is_along_the_first_direction():
    vectors = directions()
    basis = flat(span(params(), vectors).basis, 1)
    np.testing.assert_allclose(basis[0], flat(vectors, 1)[0] / np.linalg.norm(flat(vectors, 1)[0]), atol=1e-15)
    assert basis[1] @ flat(vectors, 1)[1] > 0


# Points and coordinates


@DTYPES
def test_projecting_a_point_of_the_plane_returns_its_coordinates(dtype):
    plane = span(params(dtype), directions())
    for c in normal(3, 3, 2):
        back, distance = plane.project(plane.point(c.astype(dtype)))
        np.testing.assert_allclose(back, c, rtol=0, atol=10 * TOLERANCE[dtype])
        assert float(distance) < 10 * TOLERANCE[dtype]
    back, distance = plane.project(plane.origin)
    np.testing.assert_array_equal(back, 0)
    assert float(distance) == 0


@DTYPES
def test_t13_projection_is_in_units_of_distance_off_the_plane_too(dtype):
    """θ₀ + 2d₁ − 3d₂ + 5n with n orthogonal to both: whatever the directions' lengths, 2, −3 and 5."""
    plane = span(params(dtype), directions(kernel=100.0, bias=0.01))
    basis = flat(plane.basis, 1)
    offset = normal(4, basis.shape[1])
    offset -= basis.T @ (basis @ offset)
    offset /= np.linalg.norm(offset)
    away = flat(params(dtype)) + 2 * basis[0] - 3 * basis[1] + 5 * offset
    sizes = np.cumsum([leaf.size for leaf in jax.tree.leaves(params())])[:-1]
    parts = zip(SHAPES.items(), np.split(away, sizes), strict=True)
    coordinates, distance = plane.project({name: p.reshape(s).astype(dtype) for (name, s), p in parts})
    np.testing.assert_allclose(coordinates, (2, -3), rtol=0, atol=20 * TOLERANCE[dtype])
    np.testing.assert_allclose(distance, 5, rtol=10 * TOLERANCE[dtype])


def test_the_picture_is_an_isometry():
    plane = span(params(), directions(kernel=50.0))
    a, b = np.array([3.0, -1.0]), np.array([-2.0, 0.5])
    apart = np.linalg.norm(flat(plane.point(a)) - flat(plane.point(b)))
    np.testing.assert_allclose(apart, np.linalg.norm(a - b), rtol=1e-14)


@DTYPES
def test_the_origin_is_a_point_bit_for_bit(dtype):
    plane = span(params(dtype), directions())
    jax.tree.map(np.testing.assert_array_equal, plane.point(np.zeros(2, dtype)), params(dtype))


def test_a_small_distance_keeps_its_digits_far_from_the_origin():
    """√(‖v‖² − ‖c‖²) would lose it: the squares agree to sixteen digits."""
    plane = span(np.zeros(3), np.eye(3)[:2])
    _, distance = plane.project(np.array([1e6, 1e6, 1e-4]))
    np.testing.assert_allclose(distance, 1e-4, rtol=1e-6)


def test_a_plane_of_scalars():
    plane = span(np.float64(2.0), np.array([-3.0]))
    assert float(plane.point(np.array([0.5]))) == 1.5
    coordinates, distance = plane.project(np.float64(5.0))
    np.testing.assert_array_equal(coordinates, [-3.0])
    assert float(distance) == 0


# Which axis is which


def test_t14_swapping_the_directions_transposes_the_grid():
    problem = problems.skewed()
    x, y = np.array([-1.0, 0.5, 2.0]), np.array([-2.0, -1.0, 0.0, 1.0, 3.0])
    there = evaluate(problem, span(problem.params, np.eye(2)), (x, y))
    back = evaluate(problem, span(problem.params, np.eye(2)[::-1]), (y, x))
    assert there.loss.shape == (3, 5)
    np.testing.assert_array_equal(there.loss, x[:, None] ** 2 + 10 * y)
    np.testing.assert_array_equal(back.loss, there.loss.T)


def test_longer_directions_rescale_nothing_but_the_scale():
    vectors = directions()
    plane, longer = span(params(), vectors), span(params(), {name: 7 * d for name, d in vectors.items()})
    np.testing.assert_allclose(flat(longer.basis, 1), flat(plane.basis, 1), rtol=0, atol=1e-15)
    np.testing.assert_allclose(longer.scale, 7 * np.asarray(plane.scale), rtol=1e-14)


@DTYPES
def test_extended_plane_keeps_its_directions_and_adds_an_orthonormal_one(dtype):
    plane, vectors = span(params(dtype), directions(2)), directions(3, seed=20)
    third = jax.tree.map(lambda d: 7 * d[2], vectors)
    volume = plane.extended(third)
    basis = flat(volume.basis, 1)
    np.testing.assert_array_equal(basis[:2], flat(plane.basis, 1))
    np.testing.assert_allclose(basis @ basis.T, np.eye(3), rtol=0, atol=TOLERANCE[dtype])
    np.testing.assert_allclose(volume.scale, [*np.asarray(plane.scale), np.linalg.norm(flat(third))], rtol=1e-6)
    assert {leaf.dtype for leaf in jax.tree.leaves(volume)} == {np.dtype(dtype)}
    with pytest.raises(ValueError, match="directions are collinear"):
        plane.extended(jax.tree.map(lambda d: d[0] - d[1], plane.basis))
    with pytest.raises(ValueError, match="the direction lies in another space"):
        plane.extended(vectors)


# Refusals


def zeroed(given, k):
    return {name: np.where((np.arange(2) == k).reshape(2, *[1] * (d.ndim - 1)), 0, d) for name, d in given.items()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: {n: np.stack([x[0], -2 * x[0]]) for n, x in d.items()}, "collinear; choose another seed"),
        (lambda d: {n: np.stack([x[0], x[0] + 1e-5 * x[1]]) for n, x in d.items()}, "collinear"),
        (lambda d: zeroed(d, 0), "a direction is zero or not finite; choose another kind"),
        (lambda d: zeroed(d, 1), "a direction is zero or not finite"),
        (lambda d: {**d, "bias": d["bias"] * np.nan}, "a direction is zero or not finite"),
        (lambda d: {**d, "bias": d["bias"] / 0.0}, "a direction is zero or not finite"),
        (lambda d: {"bias": d["bias"]}, "must have the origin's structure"),
        (lambda d: list(d.values()), "must have the origin's structure"),
        (lambda d: {**d, "bias": d["bias"][:, :2]}, "must have the origin's shapes behind a leading axis"),
        (lambda d: {**d, "bias": d["bias"][:1]}, "must have the origin's shapes behind a leading axis"),
        (lambda d: {n: np.concatenate([x, x]) for n, x in d.items()}, "leading axis of length 1, 2 or 3"),
        (lambda d: {n: x[:0] for n, x in d.items()}, "leading axis of length 1, 2 or 3"),
    ],
    ids=[
        "parallel",
        "nearly",
        "first-zero",
        "second-zero",
        "nan",
        "inf",
        "leaf",
        "tree",
        "shape",
        "count",
        "four",
        "none",
    ],
)
def test_directions_that_span_nothing_are_refused(change, sentence):
    with np.errstate(divide="ignore", invalid="ignore"):
        vectors = change(directions())
    with pytest.raises(ValueError, match=sentence):
        span(params(), vectors)


def test_the_origin_must_be_of_one_floating_dtype():
    with pytest.raises(ValueError, match="arrays of one dtype, found int64; cast them"):
        span(np.arange(3), np.ones((1, 3)))


def test_a_plane_travels_through_compiled_functions_as_data():
    """Another plane of the same structure compiles nothing."""
    traces = []

    @jax.jit
    def reach(plane, c):
        traces.append(c)
        return plane.point(c)

    for seed in range(3):
        reach(span(params(np.float32, seed), directions(seed=seed)), np.ones(2, np.float32))
    assert len(traces) == 1


def test_a_plane_is_the_image_of_a_loss():
    """L = ‖θ − θ₀‖² is c₁² + c₂² on any plane through θ₀."""
    origin = params()
    problem = Problem.from_loss(_from(origin), origin)
    plane = span(origin, directions(kernel=20.0))
    c = np.array([1.5, -2.0])
    np.testing.assert_allclose(problem.on(plane).loss(c), 6.25, rtol=1e-13)


def _from(origin):
    return lambda p: sum(((p[name] - origin[name]) ** 2).sum() for name in origin)
