"""Directions: what each kind promises, and the traps of those that normalize."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, evaluate, race, span
from landscapes.curvature.hessian import hvp
from landscapes.directions import DIRECTIONS, RANDOM_WALK, explained_variance
from landscapes.optimization.trajectory import Outcome, Trajectory
from tests import problems
from tests.problems import normal

KEY = jax.random.key(3)
# The kinds of any loss; those of a game are tested with the games.
KINDS = [name for name, kind in DIRECTIONS.items() if kind.serves != "game"]
RANDOM = ["gaussian", "layer-normalized", "filter-normalized"]


def along(name, problem, count=2, paths=(), key=KEY, **knobs):
    return DIRECTIONS[name].function(problem, list(paths), key, count, **knobs)


def flat(tree, leading=0):
    leaves = [np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(tree)]
    return np.concatenate([leaf.reshape(*leaf.shape[:leading], -1) for leaf in leaves], axis=leading)


def path_of(params, losses=None):
    """A path through these snapshots."""
    count = len(jax.tree.leaves(params)[0])
    losses = np.zeros(count) if losses is None else np.asarray(losses, float)
    return Trajectory(np.arange(count), params, losses, losses, Outcome("finished", count - 1, ""), {})


def weights_of(params, **more):
    """A problem over these parameters, whose loss does not matter."""
    return Problem.from_loss(_sum_of_squares, params, **more)


def _sum_of_squares(p):
    return sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(p))


@pytest.fixture(scope="module")
def network():
    """A network with biases, and two paths on it."""
    problem = problems.mlp()
    rates = {"slow": 0.02, "fast": 0.1}
    return problem, race(problem, {name: ("sgd", {"learning_rate": rate}) for name, rate in rates.items()}, 30)


# All kinds


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", KINDS)
def test_t12_every_kind_spans_a_line_and_an_orthonormal_plane(name, count, network):
    problem, runs = network
    found = along(name, problem, count, runs.values())
    assert jax.tree.structure(found) == jax.tree.structure(problem.params)
    for leaf, like in zip(jax.tree.leaves(found), jax.tree.leaves(problem.params), strict=True):
        assert leaf.shape == (count, *like.shape)
        assert np.all(np.isfinite(leaf))
    basis = flat(span(problem.params, found).basis, 1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(count), rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", KINDS)
def test_the_key_decides_random_directions_and_no_others(name, network):
    problem, runs = network
    first, again, other = (flat(along(name, problem, 2, runs.values(), jax.random.key(k)), 1) for k in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other) == (name in RANDOM)


@pytest.mark.parametrize("name", RANDOM)
def test_both_precisions_see_the_same_plane(name):
    wide = problems.mlp(np.float32)
    planes = []
    for dtype in (np.float32, np.float64):
        params = jax.tree.map(lambda leaf, dtype=dtype: np.asarray(leaf, dtype), wide.params)
        planes.append(span(params, along(name, weights_of(params))))
    np.testing.assert_allclose(*(flat(plane.basis, 1) for plane in planes), rtol=0, atol=1e-6)
    np.testing.assert_allclose(*(plane.scale for plane in planes), rtol=1e-6)


def test_the_first_direction_of_a_plane_is_the_line(network):
    problem, runs = network
    for name in KINDS:
        line, plane = (flat(along(name, problem, count, runs.values()), 1) for count in (1, 2))
        if name in ("hessian", "principal"):  # vectors without a sign
            line = line * np.sign(line @ plane[0])[:, None]
        np.testing.assert_allclose(line[0], plane[0], rtol=1e-9, atol=1e-12, err_msg=name)


# Random ones, normalized


@pytest.fixture(scope="module")
def layers():
    """Kernels that are not square, biases of 0 and not, a scale, a filter of 0, a filter of one weight."""
    kernel = normal(1, 5, 7)
    kernel[:, 2] = 0
    return weights_of(
        {
            "dense": {"kernel": kernel, "bias": np.zeros(7)},
            "conv": {"kernel": normal(2, 3, 2, 4, 6), "bias": normal(3, 6)},
            "norm": {"scale": np.ones(6)},
            "narrow": {"kernel": normal(4, 1, 3)},
        }
    )


@pytest.mark.parametrize("name", ["layer-normalized", "filter-normalized"])
def test_t03_arrays_of_one_dimension_are_held_fixed(name, layers):
    found = along(name, layers)
    for group, leaf in (("dense", "bias"), ("conv", "bias"), ("norm", "scale")):
        np.testing.assert_array_equal(found[group][leaf], 0)
    assert np.all(np.any(found["conv"]["kernel"] != 0, axis=0))


def test_t03_a_filter_of_zero_stays_zero_and_is_no_nan(layers):
    found = along("filter-normalized", layers)["dense"]["kernel"]
    np.testing.assert_array_equal(found[:, :, 2], 0)
    assert np.all(np.isfinite(found))
    nothing = {"kernel": np.zeros((3, 2)), "bias": np.zeros(2)}
    found = along("filter-normalized", weights_of(nothing))
    np.testing.assert_array_equal(flat(found), 0)
    with pytest.raises(ValueError, match="a direction is zero or not finite; choose another kind"):
        span(nothing, found)


def test_t05_a_filter_is_a_slice_along_the_last_axis(layers):
    found = along("filter-normalized", layers)
    for group in ("dense", "conv"):
        kernel = np.asarray(layers.params[group]["kernel"])
        inputs = tuple(range(kernel.ndim - 1))
        norms = np.sqrt(np.sum(kernel**2, inputs))
        for direction in found[group]["kernel"]:
            np.testing.assert_allclose(np.sqrt(np.sum(direction**2, inputs)), norms, rtol=1e-13)
            # along no other axis
            assert not np.allclose(np.linalg.norm(direction, axis=-1), np.linalg.norm(kernel, axis=-1), rtol=1e-2)


def test_t05_output_axes_that_a_model_names_are_respected():
    """An attention projection has two output axes, an embedding has rows."""
    params = {"attention": {"kernel": normal(1, 5, 2, 3)}, "embedding": normal(2, 7, 4), "plain": normal(3, 3, 6)}
    axes = {"attention/kernel": (1, 2), "embedding": (0,)}
    found = along("filter-normalized", weights_of(params, filter_axes=axes))
    for name, summed in (("attention", 0), ("embedding", 1), ("plain", 0)):
        theta, d = (tree[name]["kernel"] if name == "attention" else tree[name] for tree in (params, found))
        norms = np.sqrt(np.sum(theta**2, summed))
        np.testing.assert_allclose(np.sqrt(np.sum(d**2, summed + 1)), np.stack([norms, norms]), rtol=1e-13)
        np.testing.assert_allclose(np.sum(d[0] * d[1], summed), 0, atol=1e-14)
    negative = along("filter-normalized", weights_of(params, filter_axes={"attention/kernel": (-2, -1), **axes}))
    np.testing.assert_array_equal(negative["embedding"], found["embedding"])


def test_t04_layers_and_filters_are_different_norms(layers):
    kernel = np.asarray(layers.params["conv"]["kernel"])
    layer, filters = (along(name, layers)["conv"]["kernel"] for name in ("layer-normalized", "filter-normalized"))
    for d in (*layer, *filters):
        np.testing.assert_allclose(np.sqrt(np.sum(d**2)), np.sqrt(np.sum(kernel**2)), rtol=1e-13)
    per_filter = [np.sqrt(np.sum(d[0] ** 2, (0, 1, 2))) for d in (layer, filters)]
    np.testing.assert_allclose(per_filter[1], np.sqrt(np.sum(kernel**2, (0, 1, 2))), rtol=1e-13)
    assert not np.allclose(*per_filter, rtol=1e-2)


def test_t08_angles_and_norms_are_both_exact_with_few_weights():
    """Two random directions through 2 × 3 weights are far from orthogonal by themselves."""
    params = {"kernel": normal(5, 2, 3)}
    for seed in range(20):
        first, second = along("filter-normalized", weights_of(params), key=jax.random.key(seed))["kernel"]
        np.testing.assert_allclose(np.sum(first * second, axis=0), 0, atol=1e-15)
        for d in (first, second):
            np.testing.assert_allclose(
                np.linalg.norm(d, axis=0), np.linalg.norm(params["kernel"], axis=0), rtol=1e-14
            )
        first, second = along("layer-normalized", weights_of(params), key=jax.random.key(seed))["kernel"]
        assert abs(np.sum(first * second)) < 1e-14
    raw = [along("gaussian", weights_of(params), key=jax.random.key(seed))["kernel"] for seed in range(20)]
    assert max(abs(np.sum(d[0] * d[1])) / np.linalg.norm(d[0]) / np.linalg.norm(d[1]) for d in raw) > 0.5


def test_t08_a_filter_of_one_weight_moves_along_the_first_direction_only(layers):
    first, second = along("filter-normalized", layers)["narrow"]["kernel"]
    np.testing.assert_allclose(np.abs(first), np.abs(layers.params["narrow"]["kernel"]), rtol=1e-14)
    np.testing.assert_array_equal(second, 0)


def test_t07_noise_is_symmetric_and_normal():
    """Uniform on [0, 1] would give two directions a cosine of 0.75."""
    first, second = along("gaussian", weights_of(np.zeros(20_000)))
    for d in (first, second):
        assert abs(np.mean(d)) < 4 / np.sqrt(20_000)
        assert abs(np.mean(d**2) - 1) < 0.05
        assert abs(np.mean(d**4) - 3) < 0.3
    assert abs(first @ second) / np.linalg.norm(first) / np.linalg.norm(second) < 4 / np.sqrt(20_000)


# What a rescaling changes


def slice_of(problem, name):
    """The loss on a grid along two directions, in units of their lengths."""
    plane = span(problem.params, along(name, problem))
    first, second = np.asarray(plane.scale)
    return evaluate(problem, plane, (np.linspace(-1, 1, 3) * first, np.linspace(-1, 1, 3) * second)).loss


def rescaled(problem, factors):
    """First layer times the factors and the second divided by them: a ReLU network computes the same."""
    first, second = (np.asarray(problem.params[name]["kernel"]) for name in ("first", "second"))
    params = {"first": {"kernel": first * factors}, "second": {"kernel": second / factors[:, None]}}
    return Problem.from_loss(problem.objective.loss, params, problem.data)


def test_t06_rescaling_layers_changes_raw_slices_and_no_filter_normalized_one():
    problem = problems.mlp(biases=False)
    other = rescaled(problem, np.full(4, 10.0))
    np.testing.assert_allclose(
        slice_of(other, "filter-normalized"), slice_of(problem, "filter-normalized"), rtol=1e-12
    )
    before, after = slice_of(problem, "gaussian"), slice_of(other, "gaussian")
    np.testing.assert_allclose(after[1, 1], before[1, 1], rtol=1e-12)
    assert np.max(np.abs(after / before - 1)) > 0.5


def test_t06_rescaling_single_units_does_change_a_filter_normalized_slice():
    """Filter normalization does not cure every rescaling, and nobody claims it does."""
    problem = problems.mlp(biases=False)
    other = rescaled(problem, np.exp(normal(1, 4)))
    before, after = slice_of(problem, "filter-normalized"), slice_of(other, "filter-normalized")
    np.testing.assert_allclose(after[1, 1], before[1, 1], rtol=1e-12)
    assert np.max(np.abs(after / before - 1)) > 0.1


# Curvature and slope


def test_hessian_directions_are_eigenvectors():
    problem = problems.quadratic()
    exact = problems.rotation(6).T  # rows, by ascending eigenvalue
    for end, rows in (("largest", (5, 4)), ("both", (5, 0))):
        found = flat(along("hessian", problem, end=end), 1)
        np.testing.assert_allclose(np.abs(np.sum(found * exact[list(rows)], axis=1)), 1, rtol=1e-12)
    np.testing.assert_allclose(abs(flat(along("hessian", problem, 1, end="smallest"), 1)[0] @ exact[0]), 1)


def test_hessian_directions_of_a_network_are_stretched_and_not_turned(network):
    problem, _ = network
    for v in flat(along("hessian", problem, end="both"), 1):
        leaves, structure = jax.tree.flatten(problem.params)
        parts = np.split(v, np.cumsum([leaf.size for leaf in leaves])[:-1])
        vector = jax.tree.unflatten(structure, [p.reshape(x.shape) for p, x in zip(parts, leaves, strict=True)])
        image = flat(hvp(problem, problem.params, vector))
        np.testing.assert_allclose(image, (v @ image) * v, rtol=0, atol=1e-10)


def test_the_gradient_plane_contains_the_first_two_steps_of_gradient_descent():
    problem = problems.quadratic()
    plane = span(problem.params, along("gradient", problem))
    step = np.eye(6) - 0.07 * np.asarray(problem.data)
    basis, start = flat(plane.basis, 1), flat(problem.params)
    moves = [np.linalg.matrix_power(step, k) @ start - start for k in (1, 2, 3)]
    off = [np.linalg.norm(move - basis.T @ (basis @ move)) for move in moves]
    np.testing.assert_allclose(off[:2], 0, atol=1e-13)
    assert off[2] > 1e-3


def test_the_gradient_line_goes_uphill_on_a_loss_and_downhill_on_a_reward():
    problem = problems.quadratic()
    slope = flat(problem.field(problem.params))
    np.testing.assert_allclose(flat(along("gradient", problem, 1)), slope, rtol=1e-13)
    np.testing.assert_allclose(flat(along("gradient", problems.maximized(problem), 1)), -slope, rtol=1e-13)


def test_a_vanishing_gradient_spans_nothing():
    with pytest.raises(ValueError, match="the gradient vanishes here; centre the picture elsewhere or choose"):
        along("gradient", problems.scalar_product())


def test_a_game_has_no_hessian():
    for name in ("hessian", "gradient"):
        with pytest.raises(ValueError, match="game"):
            along(name, problems.game())


# Spanned by paths


def test_the_solutions_plane_passes_through_the_start_and_the_two_best_ends(network):
    problem, runs = network
    three = {
        **runs,
        "worse": path_of(jax.tree.map(lambda p: np.stack([p, np.zeros(p.shape)]), problem.params), [1.0, 99.0]),
    }
    best = min(runs.values(), key=lambda run: run.loss[-1])
    centre = jax.tree.map(lambda leaf: leaf[-1], best.params)
    problem = Problem.from_loss(problem.objective.loss, centre, problem.data)
    plane = span(centre, along("solutions", problem, 2, three.values()))
    for run in runs.values():
        for row in (0, -1):
            _, distance = plane.project(jax.tree.map(lambda leaf, row=row: leaf[row], run.params))
            np.testing.assert_allclose(distance, 0, atol=1e-13)
    _, distance = plane.project(jax.tree.map(lambda leaf: leaf[-1], three["worse"].params))
    assert float(distance) > 0.1


def test_the_best_solution_of_a_reward_is_the_largest():
    problem = weights_of(np.zeros(3))
    ends = {"low": np.array([1.0, 0, 0]), "high": np.array([0, 1.0, 0]), "nan": np.array([0, 0, 1.0])}
    losses = {"low": 1.0, "high": 2.0, "nan": np.nan}
    paths = [path_of(np.stack([np.zeros(3), end]), [0.0, losses[name]]) for name, end in ends.items()]
    np.testing.assert_array_equal(along("solutions", problem, 2, paths), [ends["low"], ends["high"]])
    reward = problems.maximized(problem)
    np.testing.assert_array_equal(along("solutions", reward, 2, paths), [ends["high"], ends["low"]])


BENT = np.array([[3.0, 0, 0, 0], [2.0, 1.0, 0, 0], [1.0, 2.0, 0.5, 0], [0.5, 0.25, 0, -0.25], [0, 0, 0, 0]])


@pytest.mark.parametrize("runs", [1, 2])
def test_one_end_spans_a_plane_with_the_largest_remaining_motion(runs):
    """Snapshots from (3, 0, 0, 0) to the centre 0: the line between them leaves the last three numbers."""
    problem = weights_of({"a": np.zeros(1), "b": np.zeros(3)})
    # The second run ends where the first does, and comes another way.
    ways = [BENT, BENT * [1, 0.5, -1, 2]][:runs]
    paths = [path_of({"a": way[:, :1], "b": way[:, 1:]}) for way in ways]
    first, second = flat(along("solutions", problem, 2, paths), 1)
    np.testing.assert_array_equal(first, [3, 0, 0, 0])
    expected = np.linalg.svd(np.concatenate(ways)[:, 1:])[2][0]
    np.testing.assert_allclose(abs(second[1:] @ expected), np.linalg.norm(second), rtol=1e-12)
    assert second[0] == pytest.approx(0, abs=1e-12)
    np.testing.assert_array_equal(flat(along("solutions", problem, 1, paths), 1), [first])


def test_a_straight_path_lies_in_its_solutions_plane():
    problem = weights_of(np.array([1.0, -2.0, 0.5]))
    straight = path_of(np.linspace([4.0, -2.0, 1.5], [1.0, -2.0, 0.5], 5))
    plane = span(problem.params, along("solutions", problem, 2, [straight]))
    for point in straight.params:
        np.testing.assert_allclose(plane.project(point)[1], 0, atol=1e-14)


def test_optimizers_that_never_move_span_no_solutions_plane():
    problem = weights_of(np.ones(3))
    for paths in ([], [path_of(np.ones((2, 3)))]):
        with pytest.raises(ValueError, match="no optimizer has left the start; lower a learning rate that"):
            along("solutions", problem, 1, paths)


def test_principal_components_are_those_of_all_paths_together():
    problem = weights_of({"a": np.zeros((2, 2)), "b": np.zeros(3)})
    paths = [
        path_of({"a": normal(seed, 5, 2, 2), "b": 3 * normal(seed + 1, 5, 3)}, np.zeros(5)) for seed in (0, 2)
    ]
    rows = np.concatenate([flat(path.params, 1) for path in paths])
    _, sizes, exact = np.linalg.svd(rows - rows.mean(axis=0))
    plane = span(problem.params, along("principal", problem, 2, paths))
    np.testing.assert_allclose(np.abs(np.sum(flat(plane.basis, 1) * exact[:2], axis=1)), 1, rtol=1e-12)
    share = float(np.sum(sizes[:2] ** 2) / np.sum(sizes**2))
    np.testing.assert_allclose(explained_variance(plane, paths), share, rtol=1e-12)


def test_two_principal_components_hold_all_of_two_dimensional_data():
    """And leave no point off the plane once it passes through their mean."""
    plane_points = normal(1, 6, 2) @ normal(2, 2, 5)
    path = path_of(plane_points)
    problem = weights_of(plane_points.mean(axis=0))
    plane = span(problem.params, along("principal", problem, 2, [path]))
    assert explained_variance(plane, [path]) == pytest.approx(1, abs=1e-14)
    for point in plane_points:
        np.testing.assert_allclose(plane.project(point)[1], 0, atol=1e-14)


def test_t10_a_random_walk_explains_three_quarters_by_itself():
    """Antognini & Sohl-Dickstein 2018: which is why explained variance never stands alone."""
    np.testing.assert_allclose(RANDOM_WALK, (0.608, 0.760), atol=5e-4)
    walk = path_of(np.cumsum(normal(6, 200, 3000), axis=0))
    problem = weights_of(np.zeros(3000))
    for count in (1, 2):
        plane = span(problem.params, along("principal", problem, count, [walk]))
        assert explained_variance(plane, [walk]) == pytest.approx(RANDOM_WALK[count - 1], abs=0.02)


def test_t11_a_random_plane_shows_next_to_nothing_of_a_path():
    walk = path_of(np.cumsum(normal(6, 200, 3000), axis=0))
    problem = weights_of(np.ones(3000))
    assert explained_variance(span(problem.params, along("gaussian", problem)), [walk]) < 0.02


@pytest.mark.parametrize(
    "points", [np.zeros((1, 3)), np.zeros((4, 3)), normal(1, 2, 3), np.outer([1, 2, 5], [1, 2, 3])]
)
def test_paths_of_too_few_points_have_no_principal_plane(points):
    with pytest.raises(ValueError, match="too few distinct points for 2 principal components; train for more"):
        along("principal", weights_of(np.zeros(3)), 2, [path_of(np.asarray(points, float))])
    with pytest.raises(ValueError, match="need an optimizer's path; choose at least one optimizer"):
        along("principal", weights_of(np.zeros(3)), 2, [])


def test_one_component_of_one_point_is_refused_and_of_two_is_their_line():
    problem = weights_of(np.zeros(3))
    with pytest.raises(ValueError, match="too few distinct points for 1 principal component;"):
        along("principal", problem, 1, [path_of(np.ones((1, 3)))])
    (found,) = along("principal", problem, 1, [path_of(np.array([[1.0, 0, 0], [4.0, 4, 0]]))])
    np.testing.assert_allclose(np.abs(found) / np.linalg.norm(found), (0.6, 0.8, 0), rtol=1e-12)


def test_a_path_that_never_moves_is_wholly_explained():
    plane = span(np.zeros(2), np.ones((1, 2)))
    assert explained_variance(plane, [path_of(np.ones((3, 2)))]) == 1


# Single parameters


def test_coordinates_count_the_parameters_in_the_order_of_the_leaves():
    problem = weights_of({"b": np.zeros((2, 2)), "a": np.zeros(2)})
    found = along("coordinates", problem, first=1, second=4)
    np.testing.assert_array_equal(found["a"], [[0, 1], [0, 0]])
    np.testing.assert_array_equal(found["b"][1], [[0, 0], [1, 0]])
    with pytest.raises(ValueError, match="there are 6 parameters; choose indices from 0 to 5"):
        along("coordinates", problem, first=6)
    with pytest.raises(ValueError, match="collinear"):
        span(problem.params, along("coordinates", problem, first=3, second=3))
    along("coordinates", problem, 1, first=5, second=99)  # a line has no second axis
