"""GRPO, best-of-n and the reward ensemble: closed forms, and draws that agree with them."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.objectives import DATASETS
from landscapes.objectives.reward_optimization import log_best_of_n
from landscapes.recipes import catalog
from tests.objectives.completions import pairs, terms

SMALL = Recipe(
    data=Choice.of("preferences", length=3, examples=40),
    model=Choice("score-table"),
    precision="float64",
    optimizers=(),
    directions=Choice("gaussian"),
)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def at_optimum(name, **weights):
    recipe = catalog.complete(replace(SMALL, objective=Choice(name), weights=tuple(weights.items())))
    problem = catalog.build(recipe)
    optimum = catalog.optimum(recipe, problem)
    loss, slope = jax.jit(jax.value_and_grad(problem.loss))(optimum)
    return problem, optimum, loss, slope


def test_best_of_n_is_the_distribution_of_the_best_of_n_draws():
    reference, reward, n = jnp.log(jnp.array([0.4, 0.3, 0.2, 0.1])), jnp.array([0.3, 2.0, -1.0, 0.9]), 3
    drawn = np.random.default_rng(0).choice(4, (200_000, n), p=np.exp(reference))
    best = drawn[np.arange(len(drawn)), np.argmax(np.asarray(reward)[drawn], axis=1)]
    q = np.exp(log_best_of_n(reference, reward, n))
    np.testing.assert_allclose(q, np.bincount(best) / len(best), atol=5e-3)
    np.testing.assert_allclose(np.exp(log_best_of_n(reference, reward, 1)), np.exp(reference), rtol=1e-12)


def test_kl_of_best_of_n_nears_its_bound_for_many_completions():
    """log n − (n − 1)/n bounds it, with equality where no completion has a probability of its own."""
    count, n = 2000, 8
    reference, reward = np.full(count, -np.log(count)), np.random.default_rng(0).normal(size=count)
    bound = np.log(n) - (n - 1) / n
    found = float(terms("best-of-n", np.zeros(count), pairs([0], [1], reference, learned=reward), n=n)["forward"])
    assert found < bound
    np.testing.assert_allclose(found, bound, rtol=0.01)


def test_best_of_n_distillation_is_zero_at_its_optimum():
    problem, _, loss, slope = at_optimum("best-of-n")
    np.testing.assert_allclose(loss, 0, atol=1e-7)
    np.testing.assert_allclose(slope["scores"], 0, atol=1e-7)
    assert jax.jit(problem.loss)(problem.params) > 0.1


@pytest.mark.parametrize(
    "weights",
    [
        {"mean-reward": 1.0, "disagreement": -1.0, "smallest-reward": 0.0, "kl": -0.1},
        {"mean-reward": 0.6, "disagreement": -0.3, "smallest-reward": 0.5, "kl": -0.2},
    ],
)
def test_ensemble_is_largest_at_its_closed_form_and_worth_beta_log_z(weights):
    problem, _, loss, slope = at_optimum("reward-ensemble", **weights)
    members, beta = np.asarray(problem.data["ensemble"]), -weights["kl"]
    parts = {
        "mean-reward": members.mean(axis=1),
        "disagreement": members.var(axis=1),
        "smallest-reward": members.min(axis=1),
    }
    reward = sum(weights[name] * part for name, part in parts.items())
    np.testing.assert_allclose(loss, beta * jax.nn.logsumexp(problem.data["reference"] + reward / beta), rtol=1e-4)
    np.testing.assert_allclose(slope["scores"], 0, atol=1e-6)


@pytest.mark.parametrize("name", ["rlhf", "reward-ensemble", "best-of-n"])
def test_no_optimum_is_stated_where_the_true_reward_counts(name):
    weights = (("true-reward", 0.5),)
    recipe = catalog.complete(replace(SMALL, objective=Choice(name), weights=weights))
    assert catalog.optimum(recipe, catalog.build(recipe)) is None


def test_every_term_is_an_expectation_under_its_own_distribution():
    """At a policy that is neither the reference nor an optimum, where no two terms coincide."""
    batch = DATASETS["preferences"].load(0, length=3, examples=40).train
    f = np.random.default_rng(0).normal(size=len(batch["x"]))
    wide = {name: batch[name].astype(float) for name in ("reference", "learned", "truth", "ensemble")}
    log_pi = wide["reference"] + f - np.log(np.sum(np.exp(wide["reference"] + f)))
    pi, members = np.exp(log_pi), wide["ensemble"]
    log_q = np.asarray(log_best_of_n(jnp.asarray(wide["reference"]), jnp.asarray(wide["learned"]), 5))
    beside = {"kl": pi @ (log_pi - wide["reference"]), "true-reward": pi @ wide["truth"]}
    own = {
        "grpo": {"reward": pi @ wide["learned"]},
        "best-of-n": {"forward": np.exp(log_q) @ (log_q - log_pi), "backward": pi @ (log_pi - log_q)},
        "reward-ensemble": {
            "mean-reward": pi @ members.mean(axis=1),
            "disagreement": pi @ members.var(axis=1),
            "smallest-reward": pi @ members.min(axis=1),
        },
    }
    for name, expected in own.items():
        knobs = {"n": 5} if name == "best-of-n" else {}
        found = terms(name, f, batch, jax.random.key(0), **knobs)
        assert found.keys() - {"surrogate"} == expected.keys() | beside.keys()
        for term, value in (expected | beside).items():
            np.testing.assert_allclose(found[term], value, rtol=1e-5, atol=1e-7, err_msg=f"{name}: {term}")


def test_members_of_the_ensemble_differ_and_agree_with_the_learned_reward_on_average():
    data = DATASETS["preferences"].load(0).train
    members, pi = data["ensemble"], np.exp(data["reference"])
    np.testing.assert_allclose(pi @ members, 0, atol=1e-5)
    assert np.all(members.std(axis=1)[data["chosen"]] > 0)
    assert np.corrcoef(members.mean(axis=1), data["learned"])[0, 1] > 0.9


def test_grpo_at_the_reference_has_the_gradient_of_its_advantages():
    """There ρ = 1 and the mean advantage of a group is 0, so with many groups the value is 0 and the slope is
    E[A·(1_y − π)], which for groups of two is E[sign(r̂ − r̂′)·1_y]."""
    reference, learned = np.log([0.5, 0.3, 0.2]), np.array([0.0, 1.0, -2.0])
    batch, pi = pairs([0], [1], reference, learned=learned), np.exp(reference)
    surrogate = jax.jit(
        jax.value_and_grad(
            lambda f: terms("grpo", f, batch, jax.random.key(0), groups=50_000, size=2)["surrogate"]
        )
    )
    value, slope = surrogate(np.zeros(3))
    expected = pi * (np.sign(learned[:, None] - learned[None]) @ pi)
    np.testing.assert_allclose(value, 0, atol=1e-12)
    np.testing.assert_allclose(slope, expected, atol=6e-3)


def test_grpo_gains_at_most_its_clip():
    """A group of two equal rewards gains nothing; else at most (1 + ε − (1 − ε))/2 = ε."""
    reference, learned = np.log([0.5, 0.5]), np.array([0.0, 1.0])
    batch = pairs([0], [1], reference, learned=learned)
    found = [
        terms("grpo", [0, f], batch, jax.random.key(1), groups=400, size=2, clip=0.2)["surrogate"]
        for f in (0.1, 1.0, 4.0)
    ]
    assert 0 < found[0] < found[1] == pytest.approx(found[2])
    np.testing.assert_allclose(found[2], 0.2 / 2, atol=0.01)  # half of the groups are mixed
