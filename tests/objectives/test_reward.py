"""Expected reward: bandits by hand, a gridworld against simulation and planning, PPO's surrogate."""

import re
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, spectrum
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.environments import WORLD
from landscapes.objectives.planning import plan
from landscapes.recipes import catalog
from tests.objectives.policies import BANDIT, QUICK, evaluated, gradient, process, softmax, table, terms


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


# Bandit


def test_a_bandit_under_the_uniform_policy():
    result = terms("expected-return", np.zeros((1, 3)), process("bandit"))
    np.testing.assert_allclose(result["return"], 0.5, rtol=1e-14)
    np.testing.assert_allclose(result["entropy"], np.log(3), rtol=1e-14)
    slope = gradient("expected-return", "return", np.zeros((1, 3)), process("bandit"))
    np.testing.assert_allclose(slope, [[1 / 6, 0, -1 / 6]], atol=1e-14)


@pytest.mark.parametrize("sigma", [0.2, 0.5, 0.7])
def test_with_two_arms_the_return_bends_both_ways(sigma):
    """J″ = Δσ(1−σ)(1−2σ) along the first logit, with Δ the rewards' difference."""
    batch = process("bandit", arms=2, best=3.0, worst=1.0)

    def value(logit):
        return evaluated("expected-return", (), jnp.array([[logit, 0.0]]), batch, None)["return"]

    bend = jax.jit(jax.hessian(value), compiler_options=QUICK)(np.log(sigma / (1 - sigma)))
    np.testing.assert_allclose(bend, 2 * sigma * (1 - sigma) * (1 - 2 * sigma), atol=1e-14)


@pytest.mark.parametrize(
    ("lean", "sentence"),
    [(1.0, "Not concave here"), (-1.0, "Concave here, as far as can be told: no eigenvalue above ")],
)
def test_the_verdict_on_a_reward_speaks_of_concavity(lean, sentence):
    """With the better arm below ½ the return bends up; above, it bends down, but for a shift of all logits."""
    model = Choice.of("policy-table", spread=0.0, lean=lean)
    problem = catalog.build(replace(BANDIT, data=Choice.of("bandit", arms=2), model=model))
    assert problem.sense == "maximize"
    assert spectrum(problem, jax.random.key(0), top=1, bottom=1).verdict.sentence.startswith(sentence)


@pytest.mark.parametrize("name", ["bandit", "gridworld"])
def test_with_entropy_the_best_policy_is_a_softmax_of_its_action_values(name):
    data, temperature = DATASETS[name].load(0), 0.5
    batch = process(name)
    entry, weights = OBJECTIVES["expected-return"], {"return": 1.0, "entropy": temperature}
    assert entry.known.optimum is not None
    assert entry.known.references is not None
    params = {"logits": table(*batch["rewards"].shape)}
    optimum = entry.known.optimum(params, data, weights)
    assert optimum is not None
    logits = optimum["logits"]
    best = entry.known.references(data, weights)["optimal policy"]
    result = terms("expected-return", logits, batch)
    np.testing.assert_allclose(result["return"] + temperature * result["entropy"], best, rtol=1e-7)
    slopes = [gradient("expected-return", term, logits, batch) for term in ("return", "entropy")]
    np.testing.assert_allclose(slopes[0] + temperature * slopes[1], 0, atol=1e-7)
    # Of all the logits of this policy those that lie nearest to the parameters.
    np.testing.assert_allclose(logits.mean(axis=1), params["logits"].mean(axis=1), atol=1e-12)
    if name == "bandit":
        np.testing.assert_allclose(softmax(logits), [softmax(np.array([1, 0.5, 0]) / 0.5)], rtol=1e-7)
        np.testing.assert_allclose(best, 0.5 * np.log(np.sum(np.exp(np.array([1, 0.5, 0]) / 0.5))), rtol=1e-12)
    assert entry.known.optimum(params, data, {"return": 1.0, "entropy": 0.0}) is None
    assert entry.known.optimum({"output": {}}, data, weights) is None
    assert entry.known.references(data, {"return": 1.0, "entropy": -0.1}) == {}


def test_a_bandits_optimum_and_reference_reach_the_picture():
    recipe = catalog.complete(replace(BANDIT, weights=(("entropy", 0.2),)))
    result = catalog.optimum(recipe, catalog.build(recipe))
    assert result is not None
    np.testing.assert_allclose(result["logits"], [[2.5, 0, -2.5]], atol=1e-6)
    value = 0.2 * np.log(np.sum(np.exp(np.array([1, 0.5, 0]) / 0.2)))
    assert catalog.references(recipe) == {"optimal policy": pytest.approx(value, rel=1e-12)}
    assert catalog.references(catalog.complete(BANDIT)) == {"optimal policy": 1.0}


# Gridworld


def test_planning_reproduces_the_published_utilities():
    """Russell & Norvig, figure 17.3: γ = 1, step reward −0.04, moves that slip with probability 0.2."""
    _, values = plan({**process("gridworld"), "discount": np.ones(9)})
    published = [0.812, 0.868, 0.918, 0.762, 0.660, 0.705, 0.655, 0.611, 0.388]
    np.testing.assert_allclose(values.max(axis=1), published, atol=5e-4)
    once, _ = plan(process("gridworld"), horizon=1)
    np.testing.assert_allclose(once, -0.04, atol=1e-8)


def walked(policy, slip, discount, rng):
    """The return of one episode, walked over the map cell by cell; each is worth its own on entering it."""
    cells = {(i, j): mark for i, row in enumerate(WORLD) for j, mark in enumerate(row) if mark != "#"}
    rows = [cell for cell, mark in cells.items() if mark in ".S"]
    (point,) = (cell for cell, mark in cells.items() if mark == "S")
    total, worth = 0.0, 1.0
    while worth > 1e-6:
        action = rng.choice(4, p=policy[rows.index(point)])
        if rng.random() < slip:
            action = (action + rng.choice([1, 3])) % 4
        there = (point[0] + (-1, 0, 1, 0)[action], point[1] + (0, 1, 0, -1)[action])
        point = there if there in cells else point
        total += worth * (-0.04 + {"G": 1, "P": -1}.get(cells[point], 0))
        if cells[point] in "GP":
            break
        worth *= discount
    return total


def test_the_exact_return_is_what_walking_collects():
    logits, rng = table(seed=1), np.random.default_rng(3)
    collected = [walked(softmax(logits), 0.3, 0.8, rng) for _ in range(1500)]
    exact = terms("expected-return", logits, process("gridworld", slip=0.3, discount=0.8))["return"]
    error = np.std(collected, ddof=1) / np.sqrt(len(collected))
    assert abs(np.mean(collected) - exact) < 3 * error
    assert error < 0.02


def test_a_return_in_float32_keeps_its_digits_with_a_discount_near_one():
    """The visits lose some 1/(1 − γ) ulp to the linear solve, and a plain sum over them as many."""
    single = {key: array.astype(np.float32) for key, array in process("gridworld", discount=0.999).items()}
    double = {key: array.astype(np.float64) for key, array in single.items()}
    off, plain = [], []
    for seed in range(20):
        logits = table(seed=seed).astype(np.float32)
        exact = terms("expected-return", logits.astype(float), double)
        for term, value in terms("expected-return", logits, single).items():
            off.append(abs(value - exact[term]) / np.spacing(np.float32(abs(exact[term]))))
        policy = softmax(logits)
        moves = np.eye(9, dtype=np.float32) - single["discount"][0] * np.einsum(
            "sa,sat->st", policy, single["transitions"]
        )
        visits = np.linalg.solve(moves.T, single["start"])
        returned = np.sum(visits * np.sum(policy * single["rewards"], axis=1))
        assert returned.dtype == np.float32
        plain.append(abs(returned - exact["return"]) / np.spacing(np.float32(abs(exact["return"]))))
    assert max(off) < 12
    assert max(plain) > 24


def test_the_exact_return_is_the_sum_over_all_steps_and_below_the_best():
    batch = process("gridworld")
    best, _ = plan(batch)
    for seed in range(5):
        logits = table(seed=seed, scale=2.0)
        policy, point, total, worth = softmax(logits), batch["start"], 0.0, 1.0
        for _ in range(700):
            total += worth * point @ np.sum(policy * batch["rewards"], axis=1)
            point = np.einsum("s,sa,sat->t", point, policy, batch["transitions"])
            worth *= batch["discount"][0]
        result = terms("expected-return", logits, batch)["return"]
        np.testing.assert_allclose(result, total, rtol=1e-9)
        assert result < best
    greedy = 200.0 * (plan(batch)[1] >= plan(batch)[1].max(axis=1, keepdims=True) - 1e-9)
    np.testing.assert_allclose(terms("expected-return", greedy, batch)["return"], best, rtol=1e-9)


# PPO


@pytest.mark.parametrize("name", ["bandit", "gridworld"])
def test_the_surrogate_touches_the_true_return_at_the_old_policy(name):
    batch = process(name)
    logits = np.zeros(batch["rewards"].shape)
    result = terms("ppo", logits, batch)
    np.testing.assert_allclose(result["surrogate"], result["return"], rtol=1e-12)
    assert {key: result[key] for key in ("return", "entropy")} == terms("expected-return", logits, batch)
    np.testing.assert_allclose(
        gradient("ppo", "surrogate", logits + 1e-9, batch),
        gradient("expected-return", "return", logits, batch),
        atol=1e-7,
    )


def test_the_surrogate_by_hand_and_flat_once_clipped():
    """Uniform old policy, advantages (½, 0, −½): ½ + ⅓(½min(ρ₁, 1.2) − ½max(ρ₃, 0.8)), ρ = 3π."""
    batch = process("bandit")
    for policy in ([0.38, 0.3, 0.32], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]):
        ratio = 3 * np.array(policy)
        expected = 0.5 + (0.5 * min(ratio[0], 1.2) - 0.5 * max(ratio[2], 0.8)) / 3
        np.testing.assert_allclose(terms("ppo", np.log([policy]), batch)["surrogate"], expected, rtol=1e-7)
    far = np.log([[0.7, 0.2, 0.1]])
    np.testing.assert_array_equal(gradient("ppo", "surrogate", far, batch), 0)
    assert np.linalg.norm(gradient("ppo", "return", far, batch)) > 0.1
    assert np.linalg.norm(gradient("ppo", "surrogate", far, batch, clip=1.0)) > 0.01


# Pairings


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"data": Choice("iris")},
            "expected-return needs rewards, but iris has class labels; choose cross-entropy",
        ),
        (
            {"data": Choice("cartpole"), "model": Choice("policy-mlp")},
            "expected-return needs states inputs, but cartpole has observations inputs; choose reinforce",
        ),
        (
            {"model": Choice("convnet")},
            "convnet needs image inputs, but bandit has states inputs; choose policy-",
        ),
        (
            {"objective": Choice.of("ppo", clip=0.0)},
            "ppo: clip = 0.0 is out of range; give a number above 0 up to 1",
        ),
        (
            {"objective": Choice.of("reinforce", episodes=1)},
            "reinforce: episodes = 1 is out of range; give a whole",
        ),
    ],
    ids=str,
)
def test_what_does_not_fit_gets_its_sentence(change, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        catalog.complete(replace(BANDIT, **change))
