"""Regularized objectives: known minimizers, what a mask does, and what SAM adds."""

import itertools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from landscapes import Choice, Problem, Recipe, descend, evaluate, span
from landscapes.directions import gaussian
from landscapes.objectives import OBJECTIVES
from landscapes.precision import precision
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture
from tests.small_recipes import fitting

DIABETES = Recipe(
    data=Choice("diabetes"),
    model=Choice("linear"),
    precision="float64",
    optimizers=(),
    directions=Choice("gaussian"),
)


def problem(name, **changes):
    recipe = catalog.complete(replace(DIABETES, objective=Choice(name), **changes))
    return recipe, catalog.build(recipe)


def test_the_optimum_of_ridge_regression_has_no_gradient_and_the_penalty_in_its_curvature():
    recipe, ridge = problem("ridge", weights=(("l2", 0.7),), seed=4)  # which splits the data otherwise than 0
    with precision(ridge.params):
        optimum = catalog.optimum(recipe, ridge)
        np.testing.assert_allclose(ravel_pytree(jax.jit(ridge.field)(optimum))[0], 0, atol=1e-12)
        flat, tree = ravel_pytree(optimum)
        hessian = jax.jit(jax.hessian(lambda flat: ridge.loss(tree(flat))))(flat)
        assert np.linalg.eigvalsh(hessian[1:, 1:]).min() > 0.7


def test_other_models_and_penalties_have_no_known_optimum():
    assert catalog.optimum(*problem("ridge", model=Choice.of("mlp", width=2))) is None
    assert catalog.optimum(*problem("ridge", weights=(("l1", 0.1),))) is None


@pytest.mark.parametrize("share", [1.01, 0.99])
def test_the_lasso_is_zero_exactly_where_the_penalty_is_large_enough(share):
    """0 is the minimizer if and only if λ ≥ max|2/n Xᵀ(y − ȳ)| (Tibshirani 1996)."""
    _, lasso = problem("lasso")
    x, y = np.asarray(lasso.data["x"]), np.asarray(lasso.data["y"])
    pull = (2 / len(x) * x.T @ (y - y.mean()))[:, 0]
    lasso = replace(lasso, weights=lasso.weights | {"l1": jnp.asarray(share * np.abs(pull).max())})
    kernel = np.zeros((len(pull), 1))
    shifted = kernel.copy()
    shifted[np.argmax(np.abs(pull))] = 1e-4 * np.sign(pull[np.argmax(np.abs(pull))])
    with precision(lasso.params):
        loss = jax.jit(lambda kernel: lasso.loss({"affine": {"bias": y.mean(axis=0), "kernel": kernel}}))
        assert (loss(shifted) > loss(kernel)) == (share > 1)


def dropping(**knobs):
    recipe = replace(fitting("dropout"), model=Choice.of("mlp", width=5, depth=2), precision="float64")
    return catalog.build(replace(recipe, objective=Choice.of("dropout", **knobs)))


loss_of = jax.jit(lambda problem: problem.loss(problem.params))


def test_without_dropping_it_is_cross_entropy():
    recipe = replace(fitting("cross-entropy"), model=Choice.of("mlp", width=5, depth=2), precision="float64")
    none, plain = dropping(rate=0.0), catalog.build(recipe)
    with precision(none.params):
        np.testing.assert_allclose(loss_of(none), loss_of(plain), rtol=1e-12)


def test_loss_under_dropout_is_the_mean_over_the_masks():
    rates, labels, key = [], np.array([0, 2, 1, 1]), jax.random.key(5)

    def forward(params, state, x, *, method, rate, key):
        assert method == "apply_with_dropout"
        rates.append(float(rate))
        return params + jax.random.normal(key, params.shape)

    outputs = jnp.asarray(np.random.default_rng(1).normal(size=(4, 3)))
    batch = {"x": np.zeros((4, 1)), "y": labels}
    found = OBJECTIVES["dropout"].terms(forward, outputs, {}, batch, key, rate=0.25, masks=3)["dropout"]
    noisy = [np.asarray(outputs + jax.random.normal(each, (4, 3)), float) for each in jax.random.split(key, 3)]
    expected = [np.mean(np.log(np.exp(f).sum(axis=1)) - f[np.arange(4), labels]) for f in noisy]
    assert rates == [0.25] * 3
    np.testing.assert_allclose(found, np.mean(expected), rtol=1e-5)


def test_dropped_units_are_scaled_so_that_their_mean_is_kept():
    """One hidden layer is linear in its mask, so the mean of the outputs over masks is the output without any."""
    recipe = replace(fitting("dropout"), model=Choice.of("mlp", width=5, depth=1), precision="float64")
    problem = catalog.build(recipe)
    forward, x = problem.objective.forward, problem.data["x"]
    with precision(problem.params):
        rate = jnp.asarray(0.4)
        once = jax.jit(
            jax.vmap(
                lambda key: forward(
                    problem.params, problem.state, x, method="apply_with_dropout", rate=rate, key=key
                )
            )
        )
        draws = np.asarray(once(jax.random.split(jax.random.key(0), 4000)))
        plain = np.asarray(forward(problem.params, problem.state, x))
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - plain) < 4.5 * error + 1e-12)
    assert np.all(draws.std(axis=0).max(axis=0) > 0)


def test_t28_masks_are_the_same_at_every_point_and_others_under_another_key():
    noisy = dropping(rate=0.5)
    with precision(noisy.params):
        assert loss_of(noisy) == loss_of(noisy)
        assert loss_of(noisy) != loss_of(replace(noisy, key=jax.random.key(9)))


def test_a_step_of_sam_goes_against_the_gradient_at_the_top_of_the_ball():
    curvature, start = np.array([1.0, 5.0]), np.array([2.0, -1.0])
    bowl = Problem.from_loss(lambda p: 0.5 * (p[0] ** 2 + 5 * p[1] ** 2), start)
    path = descend(bowl, ("sam", {"learning_rate": 0.1, "rho": 0.3}), 1)
    slope = curvature * start
    beyond = start + 0.3 * slope / np.linalg.norm(slope)
    np.testing.assert_allclose(path.params[1], start - 0.1 * curvature * beyond, rtol=1e-12)


def test_sam_rests_where_the_gradient_vanishes():
    bowl = Problem.from_loss(lambda p: 0.5 * jnp.sum(p**2), np.zeros(2))
    np.testing.assert_array_equal(descend(bowl, "sam", 3).params, 0)


def test_the_sharpness_aware_surface_rises_by_rho_times_the_slope_to_first_order():
    recipe = replace(fitting("sharpness-aware"), precision="float64")
    for rho in (1e-3, 1e-4):
        sharp = catalog.build(replace(recipe, objective=Choice.of("sharpness-aware", rho=rho)))
        with precision(sharp.params):
            terms = jax.jit(lambda problem: problem.terms(problem.params))(sharp)
            plain = replace(sharp, weights=sharp.weights | {"sharpness-aware": 0.0, "cross-entropy": 1.0})
            slope = jax.jit(lambda problem: problem.field(problem.params))(plain)
        norm = np.sqrt(sum(np.sum(np.square(leaf)) for leaf in jax.tree.leaves(slope)))
        rise = float(terms["sharpness-aware"] - terms["cross-entropy"])
        np.testing.assert_allclose(rise / rho, norm, rtol=20 * rho)


def test_the_sharpness_aware_surface_is_the_loss_at_the_worst_point_of_the_ball_to_first_order():
    """At the radius with which it opens, all over a plane: L(θ + ρ∇L/‖∇L‖) of softmax regression, whose gradient
    (1/n)xᵀ(p − y) is written out. L being convex, it lies no lower than its tangent, L + ρ‖∇L‖."""
    rho = 0.2
    assert catalog.opening_of("sharpness-aware").objective.settings["rho"] == rho
    recipe = replace(fitting("sharpness-aware", model="softmax"), precision="float64")
    sharp = catalog.build(replace(recipe, objective=Choice.of("sharpness-aware", rho=rho)))
    plane = span(sharp.params, gaussian(sharp, [], jax.random.key(0), 2))
    surface = evaluate(sharp, plane, (np.linspace(-3, 3, 3), np.linspace(-2, 4, 4)))
    x, y = np.asarray(sharp.data["x"], float), np.eye(3)[np.asarray(sharp.data["y"])]
    x = np.column_stack([np.ones(len(x)), x])

    def loss(rows):
        logits = x @ rows
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return -np.sum(y * log_p) / len(x), x.T @ (np.exp(log_p) - y) / len(x)

    for (i, a), (j, b) in itertools.product(*map(enumerate, surface.axes)):
        affine = plane.point(np.array([a, b]))["affine"]
        rows = np.vstack([affine["bias"], affine["kernel"]])
        plain, slope = loss(rows)
        worst, _ = loss(rows + rho * slope / np.linalg.norm(slope))
        np.testing.assert_allclose(surface.terms["cross-entropy"][i, j], plain, rtol=1e-12)
        np.testing.assert_allclose(surface.loss[i, j], worst, rtol=1e-12)
        assert worst > plain + rho * np.linalg.norm(slope)


@pytest.mark.parametrize("name", ["lasso", "elastic-net"])
def test_where_l1_penalizes_it_opens_over_a_weight_that_is_best_at_zero_and_one_that_is_not(name):
    """By proximal gradient descent, whose soft threshold makes exact zeros."""
    recipe = catalog.opening_of(name)
    labels = place_picture(replace(recipe, optimizers=())).labels
    assert labels == ("change of affine.kernel[0, 0]", "change of affine.kernel[2, 0]")
    axes = [int(recipe.directions.settings[axis]) - 1 for axis in ("first", "second")]
    _, fitted = problem(name)
    weights = {term: float(weight) for term, weight in fitted.weights.items()}
    x, y = (np.asarray(fitted.data[part], float) for part in ("x", "y"))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    matrix, pull = 2 / len(x) * x.T @ x + weights["l2"] * np.eye(10), 2 / len(x) * x.T @ y
    step, kernel = 1 / np.linalg.eigvalsh(matrix)[-1], np.zeros((10, 1))
    for _ in range(3000):
        kernel = kernel - step * (matrix @ kernel - pull)
        kernel = np.sign(kernel) * np.maximum(np.abs(kernel) - step * weights["l1"], 0)
    assert kernel[axes[0], 0] == 0
    assert kernel[axes[1], 0] > 0.2
    assert weights["l1"] > 0
