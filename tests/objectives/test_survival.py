"""The Cox partial likelihood against sums over risk sets and the log-rank test."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import CensoredData, logrank

from landscapes import Choice, Recipe
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog

RNG = np.random.default_rng(0)
GROUP = np.arange(40) % 2
TIME = RNG.exponential(size=40) * (1 + GROUP)
EVENT = (RNG.random(40) < 0.7).astype(float)


def terms(f, time=TIME, event=EVENT):
    batch = {"x": jnp.zeros((len(time), 1)), "time": jnp.asarray(time), "event": jnp.asarray(event)}
    return OBJECTIVES["cox"].terms(lambda p, *_: p[:, None], jnp.asarray(f), {}, batch, None)


def test_loss_is_the_sum_over_risk_sets_and_ignores_a_constant():
    f = RNG.normal(size=40)
    parts = [np.log(np.exp(f[TIME[i] <= TIME]).sum()) - f[i] for i in np.flatnonzero(EVENT)]
    np.testing.assert_allclose(terms(f)["cox"], np.mean(parts), rtol=1e-5)
    np.testing.assert_allclose(terms(f + 3.0)["cox"], terms(f)["cox"], rtol=1e-5)


def test_score_test_of_two_groups_is_the_log_rank_test():
    """(slope)²/curvature at no effect, in units of the whole sample, is the squared statistic of SciPy."""
    with jax.enable_x64(True):
        loss = lambda b: terms(b * GROUP)["cox"] * EVENT.sum()  # noqa: E731
        slope, curvature = jax.jit(jax.grad(loss))(0.0), jax.jit(jax.hessian(loss))(0.0)
    groups = [
        CensoredData(TIME[(EVENT == 1) & (g == GROUP)], right=TIME[(EVENT == 0) & (g == GROUP)]) for g in (0, 1)
    ]
    statistic = logrank(groups[0], groups[1]).statistic
    np.testing.assert_allclose(float(slope) ** 2 / float(curvature), statistic**2, rtol=1e-6)


def test_concordance_counts_comparable_pairs():
    assert terms(-TIME)["concordance"] == 1
    assert terms(TIME)["concordance"] == 0
    assert terms(np.zeros(40))["concordance"] == pytest.approx(0.5)


def test_patients_cannot_be_cut_into_minibatches():
    data = DATASETS["patients"].load(0).train
    assert len(np.unique(data["time"])) == len(data["time"])
    assert 0 < data["event"].mean() < 1
    recipe = Recipe(objective=Choice("cox"), data=Choice("patients"), model=Choice("linear"), batch_size=10)
    assert catalog.complete(recipe).batch_size == 0


def test_times_of_patients_are_exponential_with_the_hazard_of_their_features():
    data = DATASETS["patients"].load(1, examples=1000, censoring=0.0).train
    assert data["event"].all()
    np.testing.assert_allclose(data["truth"], data["x"] @ [1.0, -0.7, 0.0], rtol=1e-4, atol=1e-5)
    units = data["time"] * np.exp(data["truth"])
    assert np.mean(units) == pytest.approx(1, abs=0.1)
    assert np.std(units) == pytest.approx(1, abs=0.15)
    assert abs(np.corrcoef(units, data["truth"])[0, 1]) < 0.1


def test_ties_of_times_and_of_predictions():
    """Pairs one by one: equal times share their risk sets and are not compared; equal predictions count half."""
    time, event = np.array([2.0, 1, 2, 3, 1, 3, 4]), np.array([1.0, 1, 0, 1, 1, 0, 0])
    f = np.array([0.5, 0.2, 0.5, -1.0, 0.7, 0.5, 0.2])
    pairs = [(i, j) for i in range(7) for j in range(7) if event[i] and time[i] < time[j]]
    share = np.mean([(f[i] > f[j]) + 0.5 * (f[i] == f[j]) for i, j in pairs])
    found = terms(f, time, event)
    np.testing.assert_allclose(found["concordance"], share, rtol=1e-6)
    parts = [np.log(np.exp(f[time >= time[i]]).sum()) - f[i] for i in np.flatnonzero(event)]
    np.testing.assert_allclose(found["cox"], np.mean(parts), rtol=1e-6)
