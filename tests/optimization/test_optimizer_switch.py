"""Optimizers that share one program take the steps that each takes alone."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.knobs import check_knobs, knobs
from landscapes.optimization.optimizer_switch import choose_optimizer, switch_optimizers
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS, OWN_PROGRAM
from landscapes.optimization.trajectory import race
from tests.bowl import bowl
from tests.compiled import compilations

SHARED = [name for name in OPTIMIZERS if name not in NEEDS_LOSS | NEEDS_GAME | OWN_PROGRAM]
SCALES = np.array([3.0, 0.2, -1.0])


def changed_knobs(name):
    """Every float knob with a value other than its default, each by a factor of its own."""
    floats = [knob for knob in knobs(OPTIMIZERS[name]).values() if knob.kind is float]
    arguments = {knob.name: float(knob.default) * (0.5 + 0.1 * place) for place, knob in enumerate(floats)}
    return check_knobs(name, OPTIMIZERS[name], arguments)


@partial(jax.jit, static_argnames="members")
def start(members, choice, params):
    return switch_optimizers(members, 0.1, choice).init(params)


@partial(jax.jit, static_argnames="members")
def step(members, choice, params, state):
    updates, state = switch_optimizers(members, 0.1, choice).update(
        SCALES.astype(params.dtype) * params, state, params
    )
    return params + updates, state


@pytest.mark.parametrize("name", SHARED)
def test_shared_program_takes_the_steps_of_each_alone(name):
    with jax.enable_x64(True):
        members, choice = choose_optimizer(name, changed_knobs(name), np.float64)
        ends = []
        for own, own_choice in ((members, choice), ((members[choice.index],), choice._replace(index=0))):
            params = jnp.array([1.0, -2.0, 0.5])
            state = start(own, own_choice, params)
            for _ in range(4):
                params, state = step(own, own_choice, params, state)
            ends.append(params)
    np.testing.assert_allclose(*ends, rtol=1e-14)


def test_optimizers_of_a_gradient_share_one_program():
    members, _ = choose_optimizer("adam", changed_knobs("adam"), np.float32)
    assert [name for name, _ in members] == SHARED
    for name, static in (("rmsprop", {"centered": True}), ("lbfgs", {})):
        members, choice = choose_optimizer(name, changed_knobs(name) | static, np.float32)
        assert [name for name, _ in members] == [name]
        assert choice.index == 0


def test_another_optimizer_compiles_nothing():
    problem = bowl()
    first = race(problem, {"sgd": "sgd"}, 5)
    with compilations() as compiled:
        paths = race(problem, {name: name for name in SHARED}, 5)
    assert not compiled
    np.testing.assert_array_equal(paths["sgd"].loss, first["sgd"].loss)
    assert len({path.loss[-1] for path in paths.values()}) == len(SHARED)


def test_a_race_on_a_new_problem_compiles_one_program():
    problem = bowl((1.0, 9.0, 4.0), (1.0, -3.0, 2.0))
    race(bowl(), {"sgd": "sgd"}, 5)
    with compilations() as compiled:
        race(problem, {"adam": "adam", "lion": "lion"}, 5)
    assert len(compiled) == 1
