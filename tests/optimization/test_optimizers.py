"""Optimizers: the recursion that each name stands for, and schedules."""

import inspect

import numpy as np
import pytest

from landscapes.knobs import knobs
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS, caveat
from landscapes.optimization.trajectory import descend
from landscapes.problem import Problem
from tests.bowl import bowl

STEPS = 6


def path(name, settings, start=(1.0, -3.0), curvature=(1000.0, 2000.0), steps=STEPS, **options):
    return descend(bowl(curvature, start), (name, settings), steps, **options).params


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("sgd", {}, 1000.0),
        ("momentum", {}, 1000.0),
        ("nesterov", {"beta": 0.9}, 1900.0),
        ("adam", {}, 1.0),
        ("adamw", {"weight_decay": 0.0}, 1.0),
        ("rmsprop", {"decay": 0.9}, 10**0.5),
        ("rmsprop", {"decay": 0.99}, 10.0),
        ("rmsprop", {"decay": 0.9, "bias_correction": True}, 1.0),
        ("adagrad", {"initial_accumulator": 0.0}, 1.0),
        ("lion", {}, 1.0),
        ("yogi", {"eps": 1e-8}, 1.0),
        ("adabelief", {"b1": 0.9}, 1 / 0.9),
    ],
)
def test_first_step_over_learning_rate_on_a_large_gradient(name, settings, expected):
    theta = path(name, {"learning_rate": 1e-4, **settings})
    assert theta[0, 0] - theta[1, 0] == pytest.approx(1e-4 * expected, rel=1e-6)


def test_t39_momentum_is_heavy_ball_and_not_an_average():
    rate, beta, gradient = 1e-3, 0.9, lambda x: 10.0 * x
    theta = path("momentum", {"learning_rate": rate, "beta": beta}, curvature=(10.0, 10.0))[:, 0]
    x, v, expected = 1.0, 0.0, [1.0]
    for _ in range(STEPS):
        v = beta * v + gradient(x)
        x = x - rate * v
        expected.append(x)
    np.testing.assert_allclose(theta, expected, rtol=1e-14)


def test_t39_nesterov_looks_ahead():
    rate, beta = 1e-3, 0.8
    theta = path("nesterov", {"learning_rate": rate, "beta": beta}, curvature=(10.0, 10.0))[:, 0]
    x, v, expected = 1.0, 0.0, [1.0]
    for _ in range(STEPS):
        g = 10.0 * x
        v = beta * v + g
        x = x - rate * (g + beta * v)
        expected.append(x)
    np.testing.assert_allclose(theta, expected, rtol=1e-14)


def test_t39_adagrad_starts_its_accumulator_at_a_tenth():
    theta = path("adagrad", {"learning_rate": 1.0}, start=(0.1, 0.1), curvature=(1.0, 2.0))
    gradient = np.array([0.1, 0.2])
    np.testing.assert_allclose(theta[0] - theta[1], gradient / np.sqrt(0.1 + gradient**2), rtol=1e-5)
    assert theta[0, 0] - theta[1, 0] == pytest.approx(0.30, abs=2e-3)


def test_t39_rmsprop_states_where_its_epsilon_stands():
    settings = {"learning_rate": 1e-4, "decay": 0.9, "eps": 1e-2}
    inside = path("rmsprop", settings, (1e-3, 1e-3), (1.0, 2.0))
    outside = path("rmsprop", {**settings, "eps_in_sqrt": False}, (1e-3, 1e-3), (1.0, 2.0))
    g = 1e-3
    assert (inside[0] - inside[1])[0] == pytest.approx(1e-4 * g / np.sqrt(0.1 * g**2 + 1e-2), rel=1e-10)
    assert (outside[0] - outside[1])[0] == pytest.approx(1e-4 * g / (np.sqrt(0.1 * g**2) + 1e-2), rel=1e-10)


def test_t37_adam_corrects_its_bias():
    rate, b1, b2, eps = 1e-3, 0.9, 0.999, 1e-8
    theta = path("adam", {"learning_rate": rate})[:, 0]
    x, m, v, expected = 1.0, 0.0, 0.0, [1.0]
    for t in range(1, STEPS + 1):
        g = 1000.0 * x
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        x -= rate * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        expected.append(x)
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


def test_t34_decoupled_decay_moves_where_every_gradient_is_zero():
    for name in ("adamw", "lion"):
        settings = {"learning_rate": 0.1, "weight_decay": 0.5}
        theta = path(name, settings, curvature=(0.0, 0.0))
        np.testing.assert_allclose(theta[1], 0.95 * theta[0], rtol=1e-12)
        assert "no loss" in caveat(name, settings)
    for name, function in OPTIMIZERS.items():
        decays = knobs(function).get("weight_decay")
        assert bool(caveat(name, {"weight_decay": decays.default if decays else 0})) == (name in ("adamw", "muon"))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_knob_is_documented_and_bounded(name):
    function = OPTIMIZERS[name]
    assert inspect.getdoc(function)
    knobs_by_name = knobs(function)
    assert next(iter(knobs_by_name)) == "learning_rate"
    assert set(knobs_by_name) == set(inspect.signature(function).parameters)
    for knob in knobs_by_name.values():
        assert knob.doc
        assert knob.check(knob.default) == knob.default
        assert knob.kind is bool or (knob.low is not None and knob.high is not None)


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - NEEDS_LOSS - NEEDS_GAME))
def test_every_float_knob_moves_the_path(name):
    baseline = {"learning_rate": 0.05}
    plain = path(name, baseline, curvature=(1.0, 20.0), steps=60)
    for knob in knobs(OPTIMIZERS[name]).values():
        if knob.kind is float:
            settings = {**baseline, knob.name: 0.5 * (float(knob.default) + 1.0)}
            turned = path(name, settings, curvature=(1.0, 20.0), steps=60)
            assert not np.array_equal(turned, plain), knob.name


def rosenbrock(theta):
    return (1 - theta[0]) ** 2 + 100 * (theta[1] - theta[0] ** 2) ** 2


def test_lbfgs_reaches_rosenbrocks_minimum_and_stays_there():
    problem = Problem.from_loss(rosenbrock, np.array([-1.2, 1.0]))
    result = descend(problem, "lbfgs", 300)
    assert result.outcome.kind == "finished"
    assert result.loss[60] < 1e-12
    np.testing.assert_allclose(result.params[-1], [1.0, 1.0], atol=1e-10)
    assert np.all(np.diff(result.loss) <= 1e-14), "a line search never climbs"
