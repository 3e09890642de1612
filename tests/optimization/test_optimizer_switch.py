"""Optimizers that share one program step as each does alone."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.knobs import check_knobs, knobs
from landscapes.optimization.optimizer_switch import chosen, family
from landscapes.optimization.optimizers import NEEDS_GAME, NEEDS_LOSS, OPTIMIZERS
from landscapes.optimization.trajectory import race
from tests.bowl import bowl
from tests.compiled import compilations

FAMILY = [name for name in OPTIMIZERS if name not in NEEDS_LOSS | NEEDS_GAME]
SCALES = np.array([3.0, 0.2, -1.0])


def turned(name):
    """Every float knob away from its default, each by another factor."""
    floats = [knob for knob in knobs(OPTIMIZERS[name]).values() if knob.kind is float]
    given = {knob.name: float(knob.default) * (0.5 + 0.1 * place) for place, knob in enumerate(floats)}
    return check_knobs(name, OPTIMIZERS[name], given)


@partial(jax.jit, static_argnames="members")
def start(members, setting, params):
    return family(members, 0.1, setting).init(params)


@partial(jax.jit, static_argnames="members")
def step(members, setting, params, state):
    updates, state = family(members, 0.1, setting).update(SCALES.astype(params.dtype) * params, state, params)
    return params + updates, state


@pytest.mark.parametrize("name", FAMILY)
def test_each_steps_as_it_does_alone(name):
    with jax.enable_x64(True):
        members, setting = chosen(name, turned(name), np.float64)
        ends = []
        for own, here in ((members, setting), ((members[setting.which],), setting._replace(which=0))):
            params = jnp.array([1.0, -2.0, 0.5])
            state = start(own, here, params)
            for _ in range(4):
                params, state = step(own, here, params, state)
            ends.append(params)
    np.testing.assert_allclose(*ends, rtol=1e-14)


def test_all_that_step_on_a_gradient_share_one_program():
    members, _ = chosen("adam", turned("adam"), np.float32)
    assert [name for name, _ in members] == FAMILY
    for name, changed in (("rmsprop", {"centered": True}), ("lbfgs", {})):
        members, setting = chosen(name, turned(name) | changed, np.float32)
        assert [name for name, _ in members] == [name]
        assert setting.which == 0


def test_another_optimizer_compiles_nothing():
    problem = bowl()
    first = race(problem, {"sgd": "sgd"}, 5)
    with compilations() as compiled:
        paths = race(problem, {name: name for name in FAMILY}, 5)
    assert not compiled
    np.testing.assert_array_equal(paths["sgd"].loss, first["sgd"].loss)
    assert len({path.loss[-1] for path in paths.values()}) == len(FAMILY)


def test_a_race_on_a_new_problem_compiles_one_program():
    problem = bowl((1.0, 9.0, 4.0), (1.0, -3.0, 2.0))
    race(bowl(), {"sgd": "sgd"}, 5)
    with compilations() as compiled:
        race(problem, {"adam": "adam", "lion": "lion"}, 5)
    assert len(compiled) == 1
