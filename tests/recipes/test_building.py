"""Building: the problem of a recipe, its precision, knobs, seeds, splits and statistics."""

from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.precision import dtype_of, precision
from landscapes.recipes import catalog
from landscapes.recipes.catalog import build, complete
from tests.small_recipes import TINY, fitting


# Compiled for one use each, so an optimized program would cost twice what it saves.
@partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
def _value(problem, point):
    if problem.objective.players is not None:  # no loss of its own: all terms together will do
        return sum(problem.terms(point).values())
    return problem.loss(point)


def value(problem, params=None):
    with precision(problem.params):
        return np.asarray(_value(problem, problem.params if params is None else params))


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


@pytest.mark.parametrize("name", catalog.trainable_objectives(OBJECTIVES))
def test_both_precisions_build_the_same_problem(name):
    narrow, wide = (build(replace(fitting(name), precision=kind)) for kind in ("float32", "float64"))
    for problem, dtype in ((narrow, np.float32), (wide, np.float64)):
        assert dtype_of(problem.params) == dtype
        assert dtype_of(problem.weights) == dtype
        assert value(problem).dtype == dtype
        assert {leaf.dtype for leaf in jax.tree.leaves(problem.data)} <= {np.dtype(dtype), np.dtype(np.int32)}
    np.testing.assert_array_equal(flat(narrow.params), flat(wide.params))
    np.testing.assert_allclose(value(narrow), value(wide), rtol=1e-5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_test_function_is_built_in_float64_at_its_start(name):
    problem = build(Recipe(objective=Choice(name)))
    assert dtype_of(problem.params) == np.float64
    np.testing.assert_array_equal(problem.params, FUNCTIONS[name].start)
    assert np.isfinite(value(problem))
    assert list(problem.weights) == ["value"]
    for point in catalog.minima(complete(Recipe(objective=Choice(name)))):
        assert value(problem, np.asarray(point)) < value(problem)


def test_knobs_reach_the_function_and_its_minima():
    recipe = complete(Recipe(objective=Choice.of("rosenbrock", a=-1.5, b=3)))
    ((x, y),) = catalog.minima(recipe)
    assert (x, y) == (-1.5, 2.25)
    assert value(build(recipe), np.array([x, y])) == 0
    assert value(build(recipe), np.array([0.0, 1.0])) == 2.25 + 3
    assert catalog.minima(TINY) == ()


def test_weights_knobs_and_splits_reach_the_problem():
    plain = build(TINY)
    heavier = build(replace(TINY, weights=(("cross-entropy", 2.0), ("l2", 0.5))))
    terms = {name: float(term) for name, term in plain.terms(plain.params).items()}
    np.testing.assert_allclose(value(plain), terms["cross-entropy"], rtol=1e-6)
    np.testing.assert_allclose(value(heavier), 2 * terms["cross-entropy"] + 0.5 * terms["l2"], rtol=1e-6)
    smooth = build(replace(TINY, objective=Choice.of("cross-entropy", label_smoothing=0.5)))
    assert value(smooth) != value(plain)
    test = build(replace(TINY, split="test"))
    np.testing.assert_array_equal(flat(test.params), flat(plain.params))
    assert len(plain.data["y"]) == 20
    assert len(test.data["y"]) == 30


def test_seeds_decide_parameters_and_data_and_repeat():
    first, again, other = (build(replace(TINY, seed=seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(flat(first.params), flat(again.params))
    np.testing.assert_array_equal(flat(first.data), flat(again.data))
    assert np.any(flat(first.params) != flat(other.params))
    assert np.any(flat(first.data) != flat(other.data))


NORMED = replace(TINY, model=Choice.of("mlp", width=3, depth=1, normalization="batch", statistics="collected"))


def test_t01_statistics_are_collected_at_the_point_that_is_shown():
    """With them, the loss at the centre is that of the training run there; away from it they stay as they are."""
    problem = build(NORMED)
    shifted = jax.tree.map(lambda leaf: np.asarray(leaf) * 1.3 + 0.05, problem.params)
    settled = catalog.center_problem(problem, shifted)
    np.testing.assert_array_equal(flat(settled.params), flat(shifted))
    assert np.any(flat(settled.state) != flat(problem.state))
    trained = value(catalog.training_problem(problem), shifted)
    np.testing.assert_allclose(value(settled), trained, rtol=1e-5)
    assert abs(value(problem, shifted) / trained - 1) > 1e-3
    elsewhere = catalog.center_problem(settled, problem.params)
    np.testing.assert_allclose(value(elsewhere), value(catalog.training_problem(problem)), rtol=1e-5)


def test_t01_the_batchs_own_statistics_need_no_settling():
    own = replace(TINY, model=Choice.of("mlp", width=3, depth=1, normalization="batch"))
    problem = build(own)
    settled = catalog.center_problem(problem, problem.params)
    assert value(settled) == value(problem) == value(catalog.training_problem(problem))
    assert catalog.statistics(complete(own)) == "the shown examples' own, anew at every point"
    assert catalog.statistics(complete(NORMED)) == "collected once at the centre, over the training examples"
    assert catalog.statistics(complete(TINY)) == "none"


def test_a_model_without_statistics_only_moves():
    problem = build(TINY)
    shifted = jax.tree.map(lambda leaf: leaf + 1, problem.params)
    settled = catalog.center_problem(problem, shifted)
    assert settled.state is problem.state
    assert settled.params is shifted
    assert catalog.training_problem(problem) is problem


def test_t02_statistics_are_no_parameters():
    problem = build(NORMED)
    assert problem.dim == build(TINY).dim + 3  # a scale and a bias in place of a bias
    assert len(flat(problem.state)) == 6
