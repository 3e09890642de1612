"""Learned rewards: Bradley–Terry, RLHF's closed form, DPO and IPO, and the reward that was learned."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from landscapes import Choice, Recipe, descend
from landscapes.objectives import DATASETS
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture
from tests.objectives.completions import pairs, repeated_pair, terms

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


def problem(name, **changes):
    recipe = catalog.complete(replace(SMALL, objective=Choice(name), **changes))
    return recipe, catalog.build(recipe)


loss = jax.jit(lambda problem, params: problem.loss(params))
field = jax.jit(lambda problem, params: ravel_pytree(problem.field(params))[0])


def test_bradley_terry_is_the_laplacian_of_its_comparisons_with_a_zero_mode_per_component():
    # 0–1 and 1–2 are compared, 3–4 apart from them.
    batch = pairs([0, 1, 1, 3], [1, 0, 2, 4], np.zeros(5))
    scores = np.array([0.3, -0.2, 0.9, 1.0, -1.0])
    measure = partial(terms, "bradley-terry", batch=batch)
    hessian = jax.jit(jax.hessian(lambda s: measure(s)["bradley-terry"]))(jnp.asarray(scores))
    expected = np.zeros((5, 5))
    for a, b in zip(batch["chosen"], batch["rejected"], strict=True):
        p = 1 / (1 + np.exp(scores[b] - scores[a]))
        edge = np.eye(5)[a] - np.eye(5)[b]
        expected += p * (1 - p) * np.outer(edge, edge) / 4
    np.testing.assert_allclose(hessian, expected, atol=1e-12)
    eigenvalues = np.linalg.eigvalsh(hessian)
    assert np.sum(np.abs(eigenvalues) < 1e-12) == 2
    assert eigenvalues[2] > 1e-3


@pytest.mark.parametrize(("reward", "beta"), [(1.0, 0.1), (0.7, 0.3)])
def test_rlhf_is_largest_at_its_closed_form_and_worth_beta_log_z_there(reward, beta):
    recipe, start = problem("rlhf", weights=(("reward", reward), ("kl", -beta)))
    optimum = catalog.optimum(recipe, start)
    assert optimum is not None
    np.testing.assert_allclose(field(start, optimum), 0, atol=1e-12)
    data = start.data
    log_z = jax.nn.logsumexp(data["reference"] + reward * data["learned"] / beta)
    np.testing.assert_allclose(loss(start, optimum), beta * log_z, rtol=1e-6)
    for seed in range(5):
        shifted = optimum["scores"] + np.random.default_rng(seed).normal(size=optimum["scores"].shape)
        assert loss(start, {"scores": shifted}) < loss(start, optimum)


def test_the_best_policy_lies_within_the_first_picture_near_where_the_paths_end():
    place = place_picture(catalog.opening_of("rlhf"))
    optimum = catalog.optimum(place.recipe, place.problem)
    coordinates, _ = place.plane.project(jax.tree.map(jnp.asarray, optimum))
    for at, (low, high) in zip(coordinates, place.extent, strict=True):
        assert low < at < high
    for run in place.runs.values():
        assert 0.99 * loss(place.problem, optimum) < run.loss[-1] < loss(place.problem, optimum)


def test_a_linear_policy_reaches_the_same_optimum_because_the_learned_reward_is_linear():
    recipe, start = problem("rlhf", model=Choice("linear"))
    optimum = catalog.optimum(recipe, start)
    np.testing.assert_allclose(field(start, optimum), 0, atol=1e-6)


def test_at_the_reference_nothing_has_moved():
    for name, expected in (("dpo", np.log(2)), ("ipo", 0.25 / 0.2**2)):
        _, start = problem(name)
        result = jax.jit(start.terms)(start.params)
        np.testing.assert_allclose(result[name], expected, rtol=1e-7)
        np.testing.assert_allclose(result["kl"], 0, atol=1e-7)
        np.testing.assert_allclose(result["true-reward"], 0, atol=1e-7)


@pytest.mark.parametrize("p", [0.8, 0.65])
def test_dpo_of_labels_with_probability_p_is_least_at_its_log_odds_and_worth_their_entropy(p):
    batch = repeated_pair(p)
    beta, margin = 0.4, np.log(p / (1 - p))

    @jax.jit
    @jax.value_and_grad
    def dpo(h):
        return terms("dpo", jnp.stack([h, jnp.zeros(())]), batch, beta=beta)["dpo"]

    least, slope = dpo(jnp.asarray(margin / beta))
    np.testing.assert_allclose(slope, 0, atol=1e-12)
    np.testing.assert_allclose(least, -p * np.log(p) - (1 - p) * np.log(1 - p), rtol=1e-12)


def test_an_uncontradicted_preference_has_no_finite_minimizer_in_dpo_and_one_in_ipo():
    batch = pairs([0], [1], np.log([0.5, 0.5]))
    losses = [float(terms("dpo", [h, 0.0], batch)["dpo"]) for h in (1, 10, 100, 1000)]
    assert np.all(np.diff(losses) < 0)
    assert losses[-1] < 1e-80
    np.testing.assert_allclose(terms("ipo", [2.5, 0.0], batch, beta=0.2)["ipo"], 0, atol=1e-24)
    assert terms("ipo", [3.0, 0.0], batch, beta=0.2)["ipo"] > 0.2


def test_the_learned_reward_agrees_where_the_reference_goes_and_is_overrun_where_it_does_not():
    """As β falls the learned reward of the optimum rises throughout, and the true one rises and then falls."""
    data = DATASETS["preferences"].load(2).train
    rewards = []
    for beta in (3.0, 0.5, 0.05):
        tilted = data["reference"].astype(np.float64) + data["learned"] / beta
        pi = np.exp(tilted - jax.nn.logsumexp(tilted))
        rewards.append((float(pi @ data["learned"]), float(pi @ data["truth"])))
    learned, true = zip(*rewards, strict=True)
    assert learned[0] < learned[1] < learned[2]
    assert true[0] < true[1] > true[2]
    assert true[2] < 0


def test_the_path_of_rlhf_overshoots_the_true_reward():
    _, start = problem("rlhf", data=Choice.of("preferences", length=4, examples=200), seed=2)
    run = descend(start, ("adam", {"learning_rate": 0.2}), 80)
    truth = run.terms["true-reward"]
    assert np.all(np.diff(run.loss[:40]) > 0)
    assert 0 < np.argmax(truth) < len(truth) - 10
    assert truth[-1] < truth.max() - 0.5


def test_noise_turns_labels_round_and_nothing_else():
    plain, noisy = (DATASETS["preferences"].load(0, noise=noise).train for noise in (0.0, 0.5))
    turned = plain["chosen"] != noisy["chosen"]
    assert 0.35 < turned.mean() < 0.65
    np.testing.assert_array_equal(plain["chosen"][turned], noisy["rejected"][turned])
    np.testing.assert_array_equal(plain["truth"], noisy["truth"])
    np.testing.assert_allclose(np.exp(plain["reference"]).sum(), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"objective": Choice.of("dpo", beta=0)}, "dpo: beta = 0 is out of range; give a number above 0"),
        (
            {"objective": Choice("rlhf"), "weights": (("kl", 0.1),)},
            "weight.kl = 0.1 is on the wrong side of 0; give",
        ),
        (
            {"objective": Choice("rlhf"), "model": Choice("softmax")},
            "softmax needs image, nodes or vector inputs, but pref",
        ),
        (
            {"objective": Choice("cross-entropy")},
            "cross-entropy needs class labels, but preferences has preferences",
        ),
    ],
)
def test_what_does_not_fit_gets_its_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        catalog.complete(replace(SMALL, **change))
