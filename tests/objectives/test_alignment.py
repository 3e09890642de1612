"""KTO, SimPO and ORPO against closed forms of small sets of completions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS
from tests.objectives.completions import pairs, repeated_pair, terms


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def entropy(p):
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


def test_gradient_of_kto_at_the_reference_is_a_quarter_of_that_of_dpo():
    """1 − σ(x) has slope −¼ at 0 and −log σ(x) slope −½, a pair is two labels, and KL is flat at the reference."""
    batch = DATASETS["preferences"].load(0, length=3, examples=40).train
    start = np.zeros(len(batch["x"]))
    kto, dpo = (
        jax.jit(jax.grad(lambda f, name=name: terms(name, f, batch)[name]))(start) for name in ("kto", "dpo")
    )
    np.testing.assert_allclose(kto, np.asarray(dpo) / 4, atol=1e-7)
    np.testing.assert_allclose(terms("kto", start, batch, loss_aversion=3.0)["kto"], 1.0, rtol=1e-6)


def test_kto_of_two_completions_is_its_sum_and_stays_below_one():
    batch = pairs([0], [1], np.log([0.5, 0.5]))
    f, beta = 1.3, 0.4
    pi = np.exp([f, 0]) / (np.exp(f) + 1)
    r = np.log(2 * pi)
    z = pi @ r
    expected = (1 / (1 + np.exp(beta * (r[0] - z))) + 2 / (1 + np.exp(beta * (z - r[1])))) / 2
    np.testing.assert_allclose(terms("kto", [f, 0.0], batch, beta=beta, loss_aversion=2.0)["kto"], expected)
    assert terms("kto", [-500.0, 0.0], batch)["kto"] <= 1


@pytest.mark.parametrize("gamma", [0.0, 0.7])
def test_simpo_is_least_where_the_lead_is_the_log_odds_plus_its_margin(gamma):
    p, beta = 0.8, 2.5
    batch = repeated_pair(p)
    with_margin = jax.value_and_grad(lambda h: terms("simpo", [h, 0], batch, beta=beta, margin=gamma)["simpo"])
    if gamma == 0:
        least, slope = with_margin(np.log(p / (1 - p)) / beta)
        np.testing.assert_allclose([least, slope], [entropy(p), 0], atol=1e-12)
    else:
        uncontradicted = pairs([0], [1], np.log([0.5, 0.5]))
        found = terms("simpo", [gamma / beta, 0.0], uncontradicted, beta=beta, margin=gamma)["simpo"]
        np.testing.assert_allclose(found, np.log(2), rtol=1e-12)


def test_simpo_has_no_reference():
    """Another reference with the same policy gives the same loss."""
    one, other = (pairs([0], [1], np.log(q)) for q in ([0.5, 0.5], [0.2, 0.8]))
    np.testing.assert_allclose(
        terms("simpo", [0.0, np.log(4)], one)["simpo"], terms("simpo", [0.0, 0.0], other)["simpo"]
    )


def test_terms_of_completions_of_three_tokens_are_the_published_sums():
    """Where T is neither 1 nor the number of completions, and no term is 0."""
    batch = DATASETS["preferences"].load(0, length=3, examples=40).train
    f = np.random.default_rng(0).normal(size=len(batch["x"]))
    reference, truth = batch["reference"].astype(float), batch["truth"].astype(float)
    log_pi = reference + f - np.log(np.sum(np.exp(reference + f)))
    log_p = log_pi / 3
    odds = np.exp(log_p) / (1 - np.exp(log_p))
    chosen, rejected = batch["chosen"], batch["rejected"]
    lead = 2.5 / 3 * (log_pi[chosen] - log_pi[rejected]) - 0.7
    found = {
        **(simpo := terms("simpo", f, batch, beta=2.5, margin=0.7)),
        **(orpo := terms("orpo", f, batch)),
    }
    expected = {
        "simpo": np.mean(np.log1p(np.exp(-lead))),
        "nll": -np.mean(log_p[chosen]),
        "odds-ratio": np.mean(np.log1p(odds[rejected] / odds[chosen])),
        "kl": np.exp(log_pi) @ (log_pi - reference),
        "true-reward": np.exp(log_pi) @ truth,
    }
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6, err_msg=name)
    for name in ("kl", "true-reward"):
        assert simpo[name] == orpo[name] == terms("kto", f, batch)[name] == terms("dpo", f, batch)[name]


def test_orpo_weighs_likelihood_and_odds():
    """With one token odds = π/(1 − π), so of two completions the log ratio is twice the log odds of the first; the
    likelihood is largest at the shares of the chosen, where it is worth their entropy."""
    p, f = 0.8, 0.9
    batch = repeated_pair(p)
    found = terms("orpo", [f, 0.0], batch)
    np.testing.assert_allclose(
        found["odds-ratio"], p * np.log1p(np.exp(-2 * f)) + (1 - p) * np.log1p(np.exp(2 * f)), rtol=1e-12
    )
    nll = jax.value_and_grad(lambda h: terms("orpo", jnp.stack([h, 0.0]), batch)["nll"])
    np.testing.assert_allclose(nll(np.log(p / (1 - p))), [entropy(p), 0], atol=1e-12)
