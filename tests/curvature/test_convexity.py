"""The convexity map: its states and its error bars, on convex problems and on networks."""

from itertools import product

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, evaluate, span
from landscapes.curvature.convexity import STATES, convexity_map
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.witness import witness
from landscapes.precision import precision
from tests import problems
from tests.error_bars import median_ratio
from tests.problems import normal

KEY = jax.random.key(0)

CONVEX, NON_CONVEX, UNDETERMINED = range(3)


def random_plane(problem, seed=0, count=2):
    directions = jax.tree.map(lambda leaf: 0 * np.asarray(leaf)[None].repeat(count, 0), problem.params)
    leaves, structure = jax.tree.flatten(directions)
    drawn = [normal(seed + i, *leaf.shape).astype(leaf.dtype) for i, leaf in enumerate(leaves)]
    return span(problem.params, jax.tree.unflatten(structure, drawn))


def _cubic(p):
    return p[0] ** 3 / 6 + 5 * p[1] ** 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cells_of_cubic_equal_closed_form(dtype):
    # The Hessian of x³/6 + 5y² is diag(x, 10): non-convex left of 0, and the map is not its own transpose.
    problem = Problem.from_loss(_cubic, np.zeros(2, dtype))
    result = convexity_map(
        problem, span(problem.params, np.eye(2, dtype=dtype)), [(-2, 2), (-1, 3)], key=KEY, cells=5
    )
    x = np.array([-2.0, -1, 0, 1, 2])
    np.testing.assert_allclose(result.axes[1], [-1, 0, 1, 2, 3])
    np.testing.assert_allclose(result.smallest, np.tile(x[:, None], 5), atol=1e-5)
    np.testing.assert_allclose(result.largest, 10, atol=1e-5)
    np.testing.assert_array_equal(result.states, np.where(x < 0, NON_CONVEX, CONVEX)[:, None].repeat(5, 1))
    np.testing.assert_array_equal(result.strict, (x > 0)[:, None].repeat(5, 1))
    np.testing.assert_allclose(result.slice_curvature[..., 1], 10, atol=1e-5)
    np.testing.assert_allclose(result.ratio, np.tile(np.maximum(-x, 0)[:, None] / 10, 5), atol=1e-6)
    assert result.share("non-convex") == 0.4
    assert np.all(result.evaluated)
    assert not result.smallest.flags.writeable


def classes(seed, count):
    return np.eye(count)[np.random.default_rng(seed).integers(0, count, 60)]


def _tanh_net(p, data):
    return jnp.mean((jnp.tanh(data["x"] @ p["first"]) @ p["second"] - data["y"]) ** 2)


def tanh_net(dtype: type = np.float32):
    """200 parameters."""
    params = {"first": 0.5 * normal(0, 8, 20), "second": 0.5 * normal(1, 20, 2)}
    data = {"x": normal(2, 50, 8), "y": normal(3, 50, 2)}
    return Problem.from_loss(_tanh_net, jax.tree.map(dtype, params), jax.tree.map(dtype, data))


@pytest.fixture(scope="module")
def network():
    problem = tanh_net()
    plane = random_plane(problem)
    reports = []
    result = convexity_map(
        problem, plane, [(-3, 2), (-1, 4)], key=KEY, cells=9, progress=lambda f, p: reports.append((f, p))
    )
    return problem, plane, result, reports


def test_network_is_non_convex_where_slice_is_convex(network):
    _, _, result, _ = network
    assert result.share("non-convex") == 1
    # The curvature of the slice lies between the extremes, and is positive at some cells that are not convex.
    assert np.all(result.slice_curvature[..., 0] >= result.smallest - result.smallest_error)
    assert np.all(result.slice_curvature[..., 1] <= result.largest + result.largest_error)
    assert np.any(result.slice_curvature[..., 0] > 0)
    # Four of them in float64: along both directions of the plane and both eigenvectors.
    assert result.products < (26 + 4) * 81


def test_values_lie_within_their_errors(network):
    _, plane, result, _ = network
    basis = np.concatenate([np.asarray(d).reshape(2, -1) for d in jax.tree.leaves(plane.basis)], axis=1)
    for cell in product(range(0, 9, 2), range(9)):
        at = np.array([axis[i] for axis, i in zip(result.axes, cell, strict=True)], np.float32)
        hessian = dense_hessian(to_float64(tanh_net()), float64_point(plane, at))
        values = np.linalg.eigvalsh(hessian)
        assert abs(result.smallest[cell] - values[0]) <= result.smallest_error[cell]
        assert abs(result.largest[cell] - values[-1]) <= result.largest_error[cell]
        # Four tolerances of 5e-3, the resolution of a short chain, plus its residual.
        assert result.smallest_error[cell] <= 2.1e-2 * max(abs(values[0]), values[-1])
        bent = np.linalg.eigvalsh(basis @ hessian @ basis.T)
        np.testing.assert_allclose(result.slice_curvature[cell], bent, atol=2e-5 * values[-1])


def _classifier(p, data):
    logits = jnp.tanh(data["x"] @ p["first"]) @ p["second"]
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - jnp.sum(logits * data["y"], axis=1))


def classifier(seed, dtype):
    """90 parameters, more than the subspace of a cell holds; units from linear to saturated."""
    scale = 2.0 ** (seed % 4 - 1)
    params = {"first": scale * normal(10 * seed, 6, 10), "second": scale * normal(10 * seed + 1, 10, 3)}
    data = {"x": normal(10 * seed + 2, 40, 6), "y": classes(seed, 3)[:40]}
    narrow = jax.tree.map(np.float32, (params, data))  # the same numbers in both precisions
    return Problem.from_loss(_classifier, *jax.tree.map(dtype, narrow))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_bars_cover_exact_values_and_are_tight(dtype):
    # Two points of each of 24.
    errors, bars, scales = [], [], []
    for seed in range(24):
        problem = classifier(seed, dtype)
        line = span(problem.params, jax.tree.map(lambda leaf: leaf[None], problem.params))
        result = convexity_map(problem, line, [(0.0, 0.9)], key=jax.random.key(seed), cells=2)
        for cell, at in enumerate(result.axes[0]):
            values = exact_extremes(classifier(seed, np.float64), float64_point(line, np.array([at], dtype)))
            errors += [abs(result.smallest[cell] - values[0]), abs(result.largest[cell] - values[1])]
            bars += [result.smallest_error[cell], result.largest_error[cell]]
            scales += 2 * [np.max(np.abs(values))]
    errors, bars = np.array(errors), np.array(bars)
    assert np.all(errors <= bars)
    assert median_ratio(bars, errors, scales) <= 100


def float64_point(plane, coordinates):
    """The point of a plane in float64, for a plane in either precision."""
    at = np.asarray(coordinates, np.float64)
    return jax.tree.map(
        lambda o, d: np.asarray(o, np.float64) + np.tensordot(at, np.asarray(d, np.float64), 1),
        plane.origin,
        plane.basis,
    )


def exact_extremes(problem, params):
    """Both extreme eigenvalues of the dense float64 Hessian, as Rayleigh quotients in extended precision."""
    with precision(problem.params):
        hessian = np.asarray(_hessian(problem, jax.flatten_util.ravel_pytree(params)[0]))
    vectors = np.linalg.eigh(hessian)[1][:, [0, -1]].astype(np.longdouble)
    return np.sum(vectors * (hessian.astype(np.longdouble) @ vectors), axis=0) / np.sum(vectors**2, axis=0)


@jax.jit
def _hessian(problem, point):
    unravel = jax.flatten_util.ravel_pytree(problem.params)[1]
    return jax.hessian(lambda theta: problem.loss(unravel(theta)))(point)


def test_partial_maps_are_coarse_and_cover_extent(network):
    _, _, result, reports = network
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    first = next(partial for _, partial in reports if np.sum(partial.evaluated) == 9)
    np.testing.assert_array_equal(np.argwhere(first.evaluated)[[0, -1]], [[0, 0], [8, 8]])
    assert np.all(first.evaluated[::4, ::4])
    np.testing.assert_array_equal(first.smallest[::4, ::4], result.smallest[::4, ::4])
    assert np.all(first.states[~first.evaluated] == -1)
    assert np.all(np.isnan(first.smallest[~first.evaluated]))


def test_witness_proves_non_convexity(network):
    problem, plane, result, _ = network
    at = np.array([result.axes[0][6], result.axes[1][1]])
    proof = witness(problem, plane, at, key=KEY)
    assert proof.curvature + proof.error < 0
    # The witness is computed at the point rounded to float32.
    assert proof.curvature == pytest.approx(result.smallest[6, 1], abs=result.smallest_error[6, 1] + 1e-6)
    # The loss along it is concave.
    there = plane.point(jnp.asarray(at, jnp.float32))
    line = span(there, jax.tree.map(lambda v: v[None], proof.direction))
    values = evaluate(problem, line, (np.array([-0.1, 0.0, 0.1]),)).loss
    assert values[0] - 2 * values[1] + values[2] < 0


def test_points_without_finite_loss_are_undetermined():
    problem = problems.half_nan()
    plane = span(problem.params, np.eye(2))
    result = convexity_map(problem, plane, [(-1, 1), (-1.5, 1)], key=KEY, cells=3)
    # y = 1 plus −1.5, −0.25 and 1.
    np.testing.assert_array_equal(result.states, [[UNDETERMINED, CONVEX, CONVEX]] * 3)
    assert np.all(np.isnan(result.smallest[:, 0]))
    assert np.all(result.evaluated)
    assert result.share("undetermined") == pytest.approx(1 / 3)
    assert STATES[UNDETERMINED] == "undetermined"


def test_other_problem_plane_and_extent_do_not_retrace():
    problem = Problem.from_loss(_counted, normal(0, 100), normal(1, 100))
    convexity_map(problem, random_plane(problem), 1.0, key=KEY, cells=3)
    before = len(TRACES)
    other = Problem.from_loss(_counted, normal(5, 100), normal(6, 100))
    convexity_map(other, random_plane(other, 7), [(0, 1), (0, 2)], key=jax.random.key(3), cells=4)
    assert len(TRACES) - before <= 1  # the check of the shape of the loss when the problem is built


TRACES = []


def _counted(p, diagonal):
    TRACES.append(1)
    return jnp.sum(diagonal * jnp.cos(p))


def test_bad_arguments_are_refused_and_progress_cancels():
    problem = problems.rosenbrock()
    plane = random_plane(problem)
    with pytest.raises(ValueError, match="Jacobian"):
        convexity_map(problems.game(), plane, 1.0, key=KEY)
    with pytest.raises(ValueError, match="from 2 to 129"):
        convexity_map(problem, plane, 1.0, key=KEY, cells=1)
    with pytest.raises(ValueError, match="extent"):
        convexity_map(problem, plane, -1.0, key=KEY)
    with pytest.raises(ValueError, match="between 0 and 1"):
        convexity_map(problem, plane, 1.0, key=KEY, tolerance=2.0)

    class Stop(Exception):
        pass

    def cancel(fraction, partial):
        raise Stop

    with pytest.raises(Stop):
        convexity_map(problem, plane, 1.0, key=KEY, progress=cancel)
    with precision(problem.params):
        assert jnp.zeros(()).dtype == jnp.float64
