"""Problems: terms and weights, fields, games, planes, any pytree, precision, and what compiles again."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Problem, Recipe, span
from landscapes.objective import weighted_sum
from landscapes.precision import precision
from landscapes.recipes.catalog import build
from tests import problems
from tests.problems import normal

TOLERANCE = {np.float32: 2e-6, np.float64: 1e-14}

DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


TRACES = []


@jax.jit
def loss_and_field(problem, at):
    TRACES.append(problem)
    return problem.loss(at), problem.field(at)


def both(problem, at=None):
    """Loss and field in one program, which is much quicker than one for every operation."""
    at = problem.params if at is None else at
    with precision(at):
        loss, field = loss_and_field(problem, at)
    return float(loss), flat(field)


@DTYPES
def test_known_losses_and_gradients(dtype):
    loss, slope = both(problems.rosenbrock(dtype))
    np.testing.assert_allclose(loss, 24.2, rtol=1e-6)
    np.testing.assert_allclose(slope, (-215.6, -88), rtol=1e-6)
    logistic = problems.logistic(dtype)
    x = np.concatenate([np.ones((40, 1)), logistic.data["x"]], axis=1)
    loss, slope = both(logistic)
    np.testing.assert_allclose(loss, np.log(2), rtol=1e-6)
    exact = -0.5 * np.mean(logistic.data["y"][:, None] * x, axis=0)
    np.testing.assert_allclose(slope, exact, rtol=0, atol=TOLERANCE[dtype])
    loss, slope = both(problems.scalar_product(dtype))
    assert loss == 0.5
    np.testing.assert_array_equal(slope, 0)


def test_the_logistic_hessian_is_a_quarter_of_the_second_moment():
    problem = problems.logistic()
    x = np.concatenate([np.ones((40, 1)), problem.data["x"]], axis=1)
    with precision(problem.params):
        hessian = jax.jit(jax.hessian(problem.loss))(problem.params)
        blocks = [[hessian[a][b].reshape(n, m) for b, m in SIZES] for a, n in SIZES]
    np.testing.assert_allclose(np.block(blocks), 0.25 * x.T @ x / 40, rtol=1e-12, atol=1e-15)


SIZES = (("bias", 1), ("weights", 3))


def test_dim_counts_every_parameter():
    assert problems.quadratic().dim == 6
    assert problems.mlp().dim == 5 * 4 + 4 + 4 * 3 + 3


def test_weights_mix_the_terms_and_each_is_its_own():
    problem = problems.skewed()
    at = np.array([3.0, -0.5])
    terms = problem.terms(at)
    assert {name: float(value) for name, value in terms.items()} == {"bowl": 9.0, "slope": -5.0}
    assert float(problem.loss(at)) == 4.0
    with precision(at):
        assert weighted_sum(terms, {"bowl": 2.0, "slope": -3.0}) == 33.0
        assert weighted_sum(terms, {"slope": 0.5}) == -2.5


def test_nan_term_of_weight_zero_contributes_nothing():
    problem = problems.half_nan()
    at = np.array([3.0, -4.0])
    assert np.isnan(both(problem, at)[0])
    weights = {"bowl": np.array(1.0), "log": np.array(0.0)}
    single = Problem(problem.params, None, None, None, weights, problem.objective)
    TRACES.clear()
    loss, slope = both(single, at)
    assert loss == 25.0
    np.testing.assert_array_equal(slope, (6, -8))
    assert not TRACES


def test_field_of_a_reward_points_uphill():
    problem = problems.logistic()
    reward = problems.maximized(problem)
    at = jax.tree.map(lambda leaf: np.asarray(leaf) + 0.3, problem.params)
    assert reward.sense == "maximize"
    (gain, up), (loss, down) = both(reward, at), both(problem, at)
    assert gain == loss
    np.testing.assert_array_equal(up, -down)


def test_t35_players_have_gradients_and_no_single_loss():
    problem = problems.game()
    assert jax.tree.map(float, problem.field(problem.params)) == {"x": 5.0, "y": -2.0}
    with pytest.raises(ValueError, match=r"a game has no single loss.*use problem\.field"):
        problem.loss(problem.params)
    with precision(problem.params):
        jacobian = jax.jit(jax.jacfwd(problem.field))(problem.params)
    assert jax.tree.map(float, jacobian) == {"x": {"x": 1.0, "y": 1.0}, "y": {"x": -1.0, "y": 0.0}}


@DTYPES
def test_a_problem_on_a_plane_is_the_same_problem(dtype):
    problem = problems.mlp(dtype)
    directions = jax.tree.map(lambda leaf: normal(9, 2, *leaf.shape), problem.params)
    plane = span(problem.params, directions)
    observed_values = problem.on(plane)
    assert observed_values.dim == 2
    assert observed_values.params.dtype == dtype
    np.testing.assert_array_equal(observed_values.params, 0)
    basis = np.stack([flat(jax.tree.map(lambda leaf, k=k: leaf[k], plane.basis)) for k in range(2)])
    for c in np.array([[0, 0], [0.4, -1.1], [-2.0, 0.3]], dtype):
        (loss, slope), (there, full) = both(observed_values, c), both(problem, plane.point(c))
        np.testing.assert_allclose(loss, there, rtol=5 * TOLERANCE[dtype])
        atol = 5 * TOLERANCE[dtype] * float(np.linalg.norm(full))
        np.testing.assert_allclose(slope, basis @ full.astype(np.float64), rtol=0, atol=atol)


def test_a_reward_on_a_plane_stays_a_reward():
    problem = problems.maximized(problems.skewed())
    plane = span(problem.params, np.eye(2)[:1])
    assert problem.on(plane).sense == "maximize"
    np.testing.assert_array_equal(problem.on(plane).field(np.array([3.0])), [-6.0])
    assert problems.game().on(span(problems.game().params, {"x": np.ones(1), "y": np.zeros(1)})).objective.players


def test_from_loss_takes_any_pytree_and_dict_terms():
    params = [np.float64(2.0), (np.array([1.0, 3.0]), {"deep": np.ones((1, 2))})]

    def loss(p):
        scalar, (vector, tree) = p
        return {"first": scalar * vector[1], "second": jnp.sum(tree["deep"])}

    problem = Problem.from_loss(loss, params)
    assert problem.dim == 5
    assert float(problem.loss(problem.params)) == 8.0
    assert problem.data is None
    assert jax.tree.structure(problem.field(problem.params)) == jax.tree.structure(params)


def test_from_loss_reads_data_as_an_argument():
    problem = Problem.from_loss(lambda p, data: jnp.sum((p - data["y"]) ** 2), np.zeros(2), {"y": np.ones(2)})
    assert float(problem.loss(problem.params)) == 2.0
    assert list(problem.terms(problem.params)) == ["loss"]


@pytest.mark.parametrize(
    "loss",
    [
        lambda p: p,
        lambda p: (p.sum(), 1.0),
        lambda p: {"fine": p.sum(), "wrong": p},
        lambda p: {"nested": {"wrong": p.sum()}},
        lambda p: {},
        lambda p: 3,
    ],
    ids=["vector", "tuple", "dict", "nested", "empty", "integer"],
)
def test_a_loss_that_is_no_number_is_refused(loss):
    with pytest.raises(ValueError, match="must return one floating-point number, or a dict of them; average"):
        Problem.from_loss(loss, np.ones(3))


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"a": np.ones(2, np.float32), "b": np.ones(2)}, "float32, float64"),
        (np.arange(3), "int64"),
        ({}, "none"),
        (np.ones(2, complex), "complex128"),
    ],
    ids=["mixed", "integers", "nothing", "complex"],
)
def test_parameters_of_no_one_floating_dtype_are_refused(params, found):
    with pytest.raises(ValueError, match=f"arrays of one dtype, found {found}; cast them"):
        Problem.from_loss(lambda p: 0.0, params)


def test_filter_axes_must_name_parameters():
    params = {"query": {"kernel": np.ones((2, 3, 4))}}
    problem = Problem.from_loss(
        lambda p: jnp.sum(p["query"]["kernel"]), params, filter_axes={"query/kernel": (1, 2)}
    )
    assert problem.filter_axes == (("query/kernel", (1, 2)),)
    with pytest.raises(ValueError, match="'kernel', which is no parameter; choose from query/kernel"):
        Problem.from_loss(lambda p: jnp.sum(p["query"]["kernel"]), params, filter_axes={"kernel": (1,)})


def test_rebuilding_an_equal_problem_traces_nothing():
    traces = []

    def loss(p, data):
        traces.append(1)
        return {"fit": jnp.sum((p["a"] - data["y"]) ** 2), "size": jnp.sum(p["a"] ** 2)}

    calls = []
    for seed in range(3):
        problem = Problem.from_loss(loss, {"a": normal(seed, 4)}, {"y": normal(seed + 10, 4)})
        weights = {"fit": np.asarray(1.0 + seed), "size": np.asarray(0.5)}
        traces.clear()  # from_loss itself looks at the shapes
        both(replace(problem, weights=weights))
        calls.append(len(traces))
    assert calls[0] > 0
    assert calls[1:] == [0, 0]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(model=Choice.of("mlp", width=3), data=Choice.of("iris", examples=20)),
        Recipe(
            objective=Choice("squared-error"),
            model=Choice.of("mlp", width=3, normalization="batch"),
            data=Choice.of("moons", examples=20),
        ),
        Recipe(objective=Choice.of("bowl", condition=4.0)),
    ],
    ids=["mlp", "batchnorm", "function"],
)
def test_another_seed_and_other_knobs_trace_nothing(recipe):
    others = {
        "cross-entropy": Choice.of("cross-entropy", label_smoothing=0.2),
        "squared-error": Choice("squared-error"),
        "bowl": Choice.of("bowl", condition=9.0, angle=30.0),
    }
    turned = replace(recipe, seed=5, objective=others[recipe.objective.name])
    if recipe.objective.name != "bowl":
        turned = replace(turned, weights=(("l2", 0.1),))
    first, _ = both(build(recipe))
    TRACES.clear()
    second, _ = both(build(turned))
    assert not TRACES
    assert first != second
