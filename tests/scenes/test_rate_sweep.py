"""Sweeps over learning rates: the losses of algebra, the best rate, and equal numbers of gradients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np

from landscapes import Choice
from landscapes.optimization.basins import vectors
from landscapes.optimization.multistart import race_from
from landscapes.recipes import catalog
from landscapes.scenes.many_starts import losses_at
from landscapes.scenes.rate_sweep import DISTANCE, Curve, RateSweep, sweep_rates
from tests import small_recipes

RATES = np.array([0.1, 0.2, 0.4, 0.45, 0.6])
BOWL = replace(small_recipes.BOWL, optimizers=(Choice("sgd"), Choice("sam")), steps=60)  # eigenvalues 1 and 4


def ignore(fraction: float, partial: Any) -> None: ...


def test_losses_on_a_bowl_are_those_of_algebra_and_the_best_rate_is_two_over_the_sum():
    reports: list[float] = []
    recipe = catalog.complete(replace(BOWL, optimizers=(Choice("sgd"),), steps=12))
    sweep = sweep_rates(recipe, RATES, 3, lambda fraction, partial: reports.append(fraction))
    curve, (x, y) = sweep.curves["sgd"], np.asarray(catalog.build(recipe).params)
    expected = 0.5 * (x**2 * (1 - RATES) ** 24 + 4 * y**2 * (1 - 4 * RATES) ** 24)
    np.testing.assert_allclose(curve.losses[:, 0], expected, rtol=1e-6)
    assert sweep.rates[sweep.best("sgd") or 0] == 2 / (1 + 4)
    assert curve.computed.all()
    assert curve.losses.shape == (5, 3)
    assert reports == sorted(reports)
    assert reports[-1] == 1


def test_rates_above_the_edge_diverge_and_sam_takes_half_the_steps():
    sweep = sweep_rates(catalog.complete(BOWL), np.append(RATES, 1e9), 2, ignore)
    assert np.isnan(sweep.curves["sgd"].losses[-1]).all()
    assert np.isinf(sweep.medians("sgd")[-1])
    assert [curve.steps for curve in sweep.curves.values()] == [60, 30]
    assert np.all(sweep.curves["sam"].evaluations[:3] == 60)
    hopeless = sweep_rates(catalog.complete(BOWL), np.array([1e8, 1e9]), 2, ignore)
    assert hopeless.best("sgd") is None


def test_equal_losses_prefer_the_rate_that_settles_first():
    """At η = 0.2 and 0.4 both losses are below the floor after 300 steps; 0.6 a step beats 0.8."""
    recipe = catalog.complete(replace(BOWL, optimizers=(Choice("sgd"),), steps=300))
    sweep = sweep_rates(recipe, np.array([0.2, 0.4]), 1, ignore)
    assert np.all(sweep.medians("sgd") == sweep.floor)
    assert sweep.best("sgd") == 1


def test_a_run_that_never_settled_is_behind_all_that_did():
    """−1 stands for never. The medians of the first three rates are equal, the last one has the least loss of all
    where it is finite."""
    losses = np.array([[1.0, 2.0, 1.5], [1.5, 1.0, 2.0], [2.0, 1.5, 1.0], [np.nan, np.nan, 0.0]])
    settled = np.array([[-1, -1, 3], [9, 7, 8], [8, 9, -1], [0, 0, 0]])
    curve = Curve(10, losses, settled, np.full(losses.shape, 10), np.ones(losses.shape, bool))
    sweep = RateSweep(np.array([0.1, 0.2, 0.3, 0.4]), {"sgd": curve}, 0.0, 1e-9, "")
    np.testing.assert_array_equal(sweep.medians("sgd"), [1.5, 1.5, 1.5, np.inf])
    assert sweep.best("sgd") == 1
    partial = replace(curve, computed=np.array([[False] * 3, [True, False, False], [True] * 3, [True] * 3]))
    sweep = replace(sweep, curves={"sgd": partial})
    np.testing.assert_array_equal(sweep.medians("sgd"), [np.nan, 1.5, 1.5, np.inf])


def test_minibatch_runs_are_judged_on_all_examples_from_several_seeds():
    recipe = catalog.complete(replace(small_recipes.TINY, optimizers=(Choice("sgd"),), steps=4, batch_size=5))
    sweep = sweep_rates(recipe, np.array([0.5]), 2, ignore)
    problem = catalog.training_problem(catalog.build(recipe))
    starts = [catalog.build(replace(recipe, seed=seed)).params for seed in (0, 1)]
    stacked = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *starts)
    optimizer = {"sgd": ("sgd", {"learning_rate": 0.5})}
    key = jax.random.fold_in(problem.key, 1)
    ends = race_from(problem, optimizer, stacked, 4, batch_size=5, key=key)["sgd"]
    np.testing.assert_allclose(sweep.curves["sgd"].losses[0], losses_at(problem, ends.params), rtol=1e-5)
    assert not np.allclose(sweep.curves["sgd"].losses[0], ends.loss, rtol=1e-3)  # of the last minibatch
    assert sweep.starts.startswith("the initial parameters of the seeds 0 to 1")


def test_games_are_judged_by_the_distance_from_their_equilibrium():
    """In the Dirac-GAN a simultaneous step multiplies the distance by √(1 + (ηh)²) near the equilibrium; with a
    penalty on the gradient it comes closer."""
    recipe = catalog.complete(replace(catalog.opening_of("minimax-gan"), steps=30))
    sweep = sweep_rates(recipe, np.array([0.01, 0.3]), 2, ignore)
    assert sweep.value == DISTANCE
    assert sweep.floor > 0
    start = np.asarray(vectors(jax.tree.map(lambda leaf: np.asarray(leaf)[None], catalog.build(recipe).params)))
    known = catalog.optimum(recipe, catalog.build(recipe))
    target = vectors(jax.tree.map(lambda leaf: np.asarray(leaf)[None], known))
    distance = float(np.linalg.norm(start - target))
    simultaneous = sweep.curves["simultaneous"].losses
    assert np.all(simultaneous[:, 0] > distance)
    assert simultaneous[1, 0] > simultaneous[0, 0]
    names = [choice.name for choice in recipe.optimizers]
    assert list(sweep.curves) == names
