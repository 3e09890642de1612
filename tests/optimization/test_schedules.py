"""Learning-rate schedules."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from landscapes.knobs import knobs
from landscapes.optimization.plateau import PLATEAU
from landscapes.optimization.schedules import SCHEDULES
from tests.optimization.test_optimizers import STEPS, path


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_schedules_give_one_rate_per_step(name, steps):
    rates = SCHEDULES[name](0.3, steps)
    assert rates.shape == (steps,)
    assert rates.dtype == np.float64
    assert np.all((rates > 0) & (rates <= 0.3 * (1 + 1e-12)))
    doubled = SCHEDULES[name](0.6, steps)
    np.testing.assert_allclose(doubled, 2 * rates, rtol=1e-14)


PUBLISHED = [
    ("cosine", {"final": 0.1}, optax.cosine_decay_schedule(0.3, 200, alpha=0.1)),
    ("exponential", {"final": 0.02}, optax.exponential_decay(0.3, 200, 0.02)),
    ("step", {"drops": 4, "factor": 0.2}, optax.exponential_decay(0.3, 40, 0.2, staircase=True)),
    (
        "one-cycle",
        {"warmup": 0.25, "start": 0.1, "final": 0.02},
        optax.cosine_onecycle_schedule(200, 0.3, 0.25, div_factor=10, final_div_factor=5),
    ),
    (
        "warm-up",
        {"warmup": 0.25, "final": 0.1},
        lambda t: optax.warmup_cosine_decay_schedule(0.0, 0.3, 50, 200, 0.03)(t + (t < 50)),
    ),
    (
        "warm-restarts",
        {"cycles": 2, "growth": 3.0, "final": 0.1},
        optax.join_schedules([optax.cosine_decay_schedule(0.3, n, 0.1) for n in (50, 150)], [50]),
    ),
    (
        "warmup-stable-decay",
        {"warmup": 0.2, "decay": 0.3, "final": 0.2},
        optax.join_schedules(
            [optax.linear_schedule(0.0075, 0.3, 39), optax.linear_schedule(0.3, 0.06, 60)], [140]
        ),
    ),
]


def test_no_knob_is_at_its_default_where_schedules_are_compared():
    for name, settings, _ in PUBLISHED:
        for knob in knobs(SCHEDULES[name]).values():
            assert settings[knob.name] != knob.default, f"{name}: {knob.name}"
    assert {name for name, *_ in PUBLISHED} == set(SCHEDULES) - {"constant", PLATEAU}


@pytest.mark.parametrize(("name", "settings", "same"), PUBLISHED)
def test_schedules_are_the_published_ones(name, settings, same):
    rates = SCHEDULES[name](0.3, 200, **settings)
    np.testing.assert_allclose(rates, jax.vmap(same)(jnp.arange(200)), rtol=2e-5, atol=1e-7)


def test_a_schedule_is_the_rate_of_each_step():
    rates = SCHEDULES["step"](1e-4, STEPS, drops=2, factor=0.5)
    theta = path("sgd", {"learning_rate": 1e-4}, schedule=("step", {"drops": 2, "factor": 0.5}))
    np.testing.assert_allclose(theta[1:, 0], np.cumprod(1 - rates * 1000.0), rtol=1e-13)


def test_schedules_with_extreme_knobs_stay_in_range():
    for warmup in (0.0, 1.0):
        for name in ("one-cycle", "warm-up", "warmup-stable-decay"):
            rates = SCHEDULES[name](1.0, 10, warmup=warmup)
            assert np.all((rates >= 0) & (rates <= 1))
