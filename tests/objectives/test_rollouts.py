"""Sampled returns: unbiased, on the same dice everywhere, and never beyond an episode's end; the pole."""

from dataclasses import replace
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice
from landscapes.figures.scene import picture
from landscapes.objectives import DATASETS, OBJECTIVES, rollouts
from landscapes.objectives.planning import plan
from landscapes.scenes.captions import caption, details
from landscapes.scenes.scene import compute_scene
from landscapes.scenes.view import with_view
from tests.objectives.policies import BANDIT, QUICK, forward, gradient, process, table, terms
from tests.objectives.test_cartpole import accelerated


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


DRAWS = 1500


@cache
def sampled(name):
    """A policy and its process; and for many sets of dice the terms, with a baseline, and the gradients of
    "return" and "entropy", with and without one."""
    batch = jax.tree.map(jnp.asarray, process(name, **({} if name == "bandit" else {"discount": 0.8})))
    logits = table(*batch["rewards"].shape, seed=2, scale=0.5)

    def estimates(logits, key, baseline):
        knobs = {"episodes": 6, "horizon": 1 if name == "bandit" else 40, "baseline": baseline}
        result = OBJECTIVES["reinforce"].terms(forward, {"logits": logits}, {}, batch, key, **knobs)
        return {term: result[term] for term in ("return", "entropy")}, result

    def one(key):
        steady, result = jax.jacrev(estimates, has_aux=True)(jnp.asarray(logits), key, True)
        return result, steady, jax.jacrev(estimates, has_aux=True)(jnp.asarray(logits), key, False)[0]

    draws = jax.jit(jax.vmap(one), compiler_options=QUICK)(jax.random.split(jax.random.key(5), DRAWS))
    return logits, batch, *jax.tree.map(np.asarray, draws)


@pytest.mark.parametrize("name", ["bandit", "gridworld"])
def test_t36_sampled_returns_and_their_gradients_are_unbiased_and_a_baseline_steadies_them(name):
    logits, batch, result, steady, plain = sampled(name)
    exact = terms("expected-return", logits, batch)
    for term in ("return", "entropy"):
        assert (
            abs(np.mean(result[term]) - exact[term]) < 3 * np.std(result[term]) / np.sqrt(DRAWS) + 1e-3 * 0.8**40
        )
        slope = np.asarray(gradient("expected-return", term, logits, batch))
        for slopes in (steady[term], plain[term]):
            # Along the gradient itself, and along some direction that has nothing to do with it.
            for direction in (slope / np.linalg.norm(slope), table(*slope.shape, seed=8)):
                along = np.sum(slopes * direction, axis=(1, 2))
                error = np.std(along) / np.sqrt(DRAWS)
                assert abs(np.mean(along) - np.sum(slope * direction)) < 3 * error + 1e-9
                assert error < 0.3 * np.linalg.norm(slope) * np.linalg.norm(direction)
        assert np.sum(np.var(steady["return"], axis=0)) < 0.8 * np.sum(np.var(plain["return"], axis=0))


def test_t36_the_standard_error_is_the_spread_over_other_dice():
    *_, result, _, _ = sampled("gridworld")
    squares, spread = result["standard error"] ** 2, np.var(result["return"])
    error = np.hypot(np.std(squares), np.sqrt(2) * spread) / np.sqrt(DRAWS)
    assert abs(np.mean(squares) - spread) < 3 * error
    assert error < 0.1 * spread


def test_t36_the_same_dice_fall_at_every_point():
    """A shift of all logits of a state changes no policy, and with common dice no number either."""
    batch, logits, key = process("gridworld"), table(seed=4), jax.random.key(3)
    point = terms("reinforce", logits, batch, key, episodes=8, horizon=20)
    there = terms("reinforce", logits + table(actions=1, seed=5), batch, key, episodes=8, horizon=20)
    other = terms("reinforce", logits, batch, jax.random.key(4), episodes=8, horizon=20)
    for term, value in point.items():
        np.testing.assert_allclose(value, there[term], rtol=1e-12)
        assert abs(value - other[term]) > 1e-3


def test_t36_a_sampled_picture_states_its_standard_error_and_is_not_refined_into_its_noise():
    choice = Choice.of("reinforce", episodes=4, horizon=1)
    model = Choice.of("policy-table", spread=1.0)
    recipe = replace(BANDIT, objective=choice, model=model, extent=8.0, tolerance=1e-5)
    scene = compute_scene(recipe)
    assert len(scene.surface.axes[0]) == 65
    largest = np.max(scene.surface.terms["standard error"])
    assert largest > 0.1
    assert f"each a mean of samples, standard error of the return ≤ {largest:.2g};" in caption(scene)
    text = details(scene)["Standard error"]
    assert f"to {largest:.2g} over the picture, of the return as the mean of 4 episodes" in text
    # What a spline through them would miss is no error of what is drawn, and stands nowhere.
    assert "interpolation error" not in caption(scene)
    assert "Error of each term" not in details(scene)
    drawn: Any = picture(with_view(scene, replace(scene.recipe, scale="log", view="contour")))
    assert scene.surface.error > 0
    assert "error" not in drawn.layout.xaxis.title.text
    assert set(drawn.layout.meta["errors"].values()) == {0.0}
    assert scene.spectrum is None
    assert scene.flat.startswith("Undetermined")
    with pytest.raises(ValueError, match="whose derivative is not the Hessian; choose other directions than hess"):
        compute_scene(replace(recipe, directions=Choice("hessian")))


def test_rewards_after_the_end_of_an_episode_are_zero():
    """A bandit's episodes are over after one action."""
    batch = jax.tree.map(jnp.asarray, process("bandit"))
    unlimited = {name: array for name, array in batch.items() if name != "max_steps"}

    @partial(jax.jit, compiler_options=QUICK)
    def seen(logits):
        simulate = partial(rollouts.simulate, forward, {"logits": logits}, {})
        return simulate(unlimited, jax.random.key(0), 5, 3), simulate(batch, jax.random.key(0), 5, 3)

    full, short = seen(jnp.asarray(table(1, 3)))
    for part in full:
        assert part.shape == (3, 5)
        np.testing.assert_array_equal(part[1:], 0)
        assert np.any(part[0] != 0)
    assert {part.shape for part in short} == {(1, 5)}
    assert "max_steps" not in process("gridworld")


def test_references_of_a_sampled_return_know_its_horizon():
    entry, only = OBJECTIVES["reinforce"], {"return": 1.0, "entropy": 0.0, "standard error": 0.0}
    assert entry.known.references is not None
    arguments = {"episodes": 4, "horizon": 7, "baseline": True}
    grid, pole = (DATASETS[name].load(0) for name in ("gridworld", "cartpole"))
    assert entry.known.references(grid, only, **arguments)["optimal policy"] == plan(grid.train, horizon=7)[0]
    assert entry.known.references(pole, only, **arguments) == {"never falling": 7}
    assert entry.known.references(pole, {**only, "entropy": 0.1}, **arguments) == {}
    # Seven rewards of 1, the first of them in full.
    short = DATASETS["cartpole"].load(0, discount=0.5)
    worth = entry.known.references(short, {**only, "return": 3.0}, **arguments)
    assert worth == {"never falling": pytest.approx(3 * (2 - 0.5**6))}


# The cart and the pole


def test_an_episode_counts_its_steps_until_the_pole_falls_and_no_further():
    """From exact rest, pushing right with probability 1."""
    point, steps = np.zeros(4), 0
    while abs(point[0]) <= 2.4 and abs(point[2]) <= np.deg2rad(12):
        moving, turning = accelerated(point, 10.0)
        point = point + 0.02 * np.array([point[1], moving, point[3], turning])
        steps += 1

    @partial(jax.jit, compiler_options=QUICK)
    def pushed(batch):
        def right(params, state, x):
            return jnp.zeros((len(x), 2)) + jnp.array([[-99.0, 99.0]])

        return OBJECTIVES["reinforce"].terms(right, None, {}, batch, jax.random.key(0), episodes=3, horizon=40)

    result = pushed(process("cartpole", spread=0.0))
    assert 5 < steps < 40
    np.testing.assert_allclose(result["return"], steps)
    np.testing.assert_allclose(result["standard error"], 0)
    discounted = pushed(process("cartpole", spread=0.0, discount=0.5))["return"]
    np.testing.assert_allclose(discounted, 2 - 0.5 ** (steps - 1))
