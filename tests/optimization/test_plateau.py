"""A learning rate that is reduced on a plateau."""

import re
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from landscapes import Problem, descend, race
from landscapes.knobs import check_knobs
from landscapes.optimization.multistart import race_from
from landscapes.optimization.plateau import (
    PLATEAU,
    initial_plateau,
    observe_loss,
    plateau_knobs,
    reduced_rates,
    schedule_mismatch,
)
from landscapes.optimization.schedules import SCHEDULES
from landscapes.optimization.step_vectors import step_vectors
from landscapes.plane import Plane
from tests.bowl import TRACES, bowl
from tests.problems import normal

KNOBS: dict[str, Any] = {"factor": 0.25, "patience": 3, "tolerance": 0.01, "cooldown": 2, "average": 1}


def settings(**changed: Any) -> dict[str, Any]:
    return check_knobs(PLATEAU, SCHEDULES[PLATEAU], {**KNOBS, **changed})


def slope(theta):
    """Constant gradient 1, while the loss stays at 3: the path shows the rates."""
    return 3 + theta[0] - jax.lax.stop_gradient(theta[0])


def test_a_loss_that_stays_has_its_rate_reduced_after_patience_plus_one_steps():
    problem = Problem.from_loss(slope, np.zeros(1))
    for patience, factor in ((1, 0.5), (4, 0.25)):
        schedule = (PLATEAU, {"factor": factor, "patience": patience})
        theta = descend(problem, ("sgd", {"learning_rate": 1.0}), 14, schedule=schedule, snapshots=15).params
        expected = factor ** (np.arange(14) // patience)
        np.testing.assert_array_equal(-np.diff(theta[:, 0]), expected)
        assert expected[patience] == factor  # at the step of number patience + 1


def test_no_number_of_the_rule_is_compiled_in():
    first, second = bowl(), bowl((3.0, 1.0))
    descend(first, "sgd", 20, schedule=PLATEAU)
    before = TRACES[0]
    changed: dict[str, Any] = {"factor": 0.3, "patience": 2, "tolerance": 0.1, "cooldown": 3, "average": 2}
    descend(second, ("sgd", {"learning_rate": 0.2}), 33, schedule=(PLATEAU, changed | {"final": 0.1}))
    descend(first, "adam", 33, schedule=(PLATEAU, {"factor": 0.9}))
    assert TRACES[0] == before


@pytest.mark.parametrize("changed", [{}, {"cooldown": 0}, {"average": 3}, {"final": 0.1}])
def test_rates_of_positive_losses_are_those_of_optax(changed):
    losses = np.exp(0.05 * np.cumsum(normal(4, 120)))
    knobs = settings(**changed)
    names = {"rtol": "tolerance", "accumulation_size": "average", "min_scale": "final"}
    same = optax.contrib.reduce_on_plateau(
        **{name: knobs[names.get(name, name)] for name in ("factor", "patience", "cooldown", *names)}
    )

    def step(state, loss):
        rate, state = same.update(jnp.float64(1.0), state, value=loss)
        return state, rate

    with jax.enable_x64(True):
        _, expected = jax.lax.scan(step, same.init(jnp.float64(1.0)), losses)
        rates = reduced_rates(np.ones(125), losses, knobs)
    np.testing.assert_array_equal(rates[:120], expected)
    assert len(np.unique(rates)) >= 3
    np.testing.assert_array_equal(rates[120:], rates[119])


def test_negative_losses_reduce_as_their_distance_falls():
    """A fall counts as a share of the best loss, whatever its sign; Optax takes −1 after −1 for one."""
    knobs = plateau_knobs(settings(), np.float32)
    state = initial_plateau(np.float32)
    for loss, waited in ((-1.0, 0), (-1.0, 1), (-1.005, 2), (-1.02, 0), (-1.02, 1), (-2.0, 0)):
        state = observe_loss(knobs, state, jnp.float32(loss))
        assert int(state.waited) == waited


def steep(theta, data):
    return jnp.mean((data @ theta - 1) ** 2)


@pytest.mark.parametrize("batch_size", [None, 8])
def test_every_engine_takes_the_rates_of_its_own_losses(batch_size, tmp_path):
    """Gradient descent that oscillates: a race, many starts, checkpoints and explained steps take one path, along
    which θ_{t+1} − θ_t = −η_t g_t with the rates that follow from the losses alone."""
    problem = Problem.from_loss(steep, np.array([1.0, -2.0]), normal(1, 24, 2))
    sgd, schedule = ("sgd", {"learning_rate": 0.7}), (PLATEAU, KNOBS)
    common: Any = {"batch_size": batch_size, "key": 3, "schedule": schedule}
    paths = race(problem, {"sgd": sgd, "adam": "adam"}, 40, snapshots=41, **common)
    path = paths["sgd"]
    rates = reduced_rates(np.full(41, 0.7), path.loss, settings())[:40]
    assert rates[-1] < 0.7 / 4
    norms = np.linalg.norm(np.diff(path.params, axis=0), axis=1)
    np.testing.assert_allclose(norms, rates * path.gradient_norm[:40], rtol=1e-9)

    plane = Plane(problem.params, np.eye(2), np.ones(2))
    explained = step_vectors(problem, plane, sgd, 40, **common)
    np.testing.assert_allclose(explained.numbers[r"\eta"], rates, rtol=1e-12)

    points, factors = np.stack([problem.params, problem.params]), np.array([1.0, 0.5])
    many: Any = {"rate_factors": factors, **common}
    ends = race_from(problem, {"sgd": sgd}, points, 40, **many)["sgd"]
    half = descend(problem, ("sgd", {"learning_rate": 0.35}), 40, snapshots=41, **common)
    np.testing.assert_allclose(ends.params, [path.params[-1], half.params[-1]], rtol=1e-9)

    folder = tmp_path / "runs"

    class Stop(Exception):
        pass

    def stop(fraction, _):
        if fraction > 0.2:
            raise Stop

    with pytest.raises(Stop):
        race_from(problem, {"sgd": sgd}, points, 40, checkpoint=folder, progress=stop, **many)
    again = race_from(problem, {"sgd": sgd}, points, 40, checkpoint=folder, **many)["sgd"]
    np.testing.assert_array_equal(again.params, ends.params)


def test_a_reward_is_climbed_at_rates_of_its_negative():
    problem = Problem.from_loss(steep, np.array([1.0, -2.0]), normal(1, 24, 2))
    reward = replace(problem, objective=replace(problem.objective, sense="maximize"))
    reward = replace(reward, weights=dict.fromkeys(problem.weights, -1.0))
    sgd = ("sgd", {"learning_rate": 0.7})
    down, up = (descend(each, sgd, 40, schedule=(PLATEAU, KNOBS)) for each in (problem, reward))
    np.testing.assert_allclose(up.loss, -down.loss, rtol=1e-12)


def test_what_cannot_carry_the_loss_says_so():
    assert "choose another schedule" in schedule_mismatch(PLATEAU, True)
    assert schedule_mismatch(PLATEAU, False) == schedule_mismatch("cosine", True) == ""
    with pytest.raises(ValueError, match=re.escape("depend on the loss of every step")):
        reduced_rates(np.ones(3), np.array([1.0, np.nan, 1.0]), settings())
