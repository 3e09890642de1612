"""Optax transformations that need more than a gradient take the steps that Optax's own loop takes."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from landscapes import Problem, descend
from tests.problems import normal

X = normal(0, 20, 3).astype(np.float32)
Y = (X @ np.array([[1.0, 0.2], [-2.0, 0.1], [0.5, 3.0]])).astype(np.float32)
W = {"a": np.full((3, 2), 0.3, np.float32), "b": np.array([0.4, -0.1], np.float32)}
DATA = {"x": X, "y": Y}
STEPS = 7


def loss(p, d):
    return jnp.mean((jnp.tanh(d["x"] @ p["a"] + p["b"][None]) - jnp.tanh(d["y"])) ** 2)


PROBLEM = Problem.from_loss(loss, W, DATA)
CONTRIB = optax.contrib


def value(p):
    return loss(p, DATA)


def transformation(update: Any) -> Any:
    return optax.GradientTransformationExtraArgs(lambda params: (), update)


def sam(**kwargs):
    return CONTRIB.sam(optax.sgd(0.05), optax.chain(CONTRIB.normalize(), optax.sgd(0.1)), **kwargs)


def by_hand(optimizer: Any, **extra: Any) -> list[float]:
    """The parameters after `STEPS` updates, and the loss before each of them and at the end."""
    params: Any = jax.tree.map(jnp.asarray, W)
    losses: list[float] = []
    state = optimizer.init(params)
    for _ in range(STEPS):
        result, gradient = jax.jit(jax.value_and_grad(value))(getattr(params, "fast", params))
        arguments = {"value": result, "grad": gradient, "value_fn": value, "obj_fn": value}
        arguments["grad_fn"] = lambda params, _: jax.grad(value)(params)
        updates, state = optimizer.update(gradient, state, params, **{name: arguments[name] for name in extra})
        params = optax.apply_updates(params, updates)
        losses.append(float(result))
    return [*losses, float(value(params))]


@pytest.mark.parametrize(
    ("optimizer", "extra"),
    [
        (sam(), ()),
        (sam(opaque_mode=True), ("grad_fn",)),
        (optax.chain(optax.clip(0.3), sam()), ()),
        (CONTRIB.sophia(0.01, update_interval=2), ("obj_fn",)),
        (optax.MultiSteps(optax.sgd(0.2, momentum=0.5), 3), ()),
        (optax.chain(optax.sgd(0.1), CONTRIB.reduce_on_plateau(patience=1, factor=0.5)), ("value",)),
        (
            optax.chain(optax.sgd(1.0), optax.scale_by_backtracking_linesearch(10)),
            ("value", "grad", "value_fn"),
        ),
    ],
    ids=["sam", "opaque sam", "sam in a chain", "sophia", "multisteps", "plateau", "line search"],
)
def test_extra_arguments_reach_the_transformation(optimizer, extra):
    expected = by_hand(optimizer, **dict.fromkeys(extra))
    assert min(expected) < 0.97 * expected[0]
    np.testing.assert_allclose(descend(PROBLEM, optimizer, STEPS).loss, expected, rtol=2e-5)


def test_path_of_lookahead_is_that_of_its_fast_parameters():
    optimizer: Any = optax.lookahead(optax.sgd(0.3), sync_period=3, slow_step_size=0.4)
    params: Any = optax.LookaheadParams.init_synced(jax.tree.map(jnp.asarray, W))
    losses: list[float] = []
    state = optimizer.init(params)
    for _ in range(STEPS):
        result, gradient = jax.jit(jax.value_and_grad(value))(params.fast)
        updates, state = optimizer.update(gradient, state, params)
        params = optax.apply_updates(params, updates)
        losses.append(float(result))
    result = descend(PROBLEM, optimizer, STEPS).loss
    np.testing.assert_allclose(result[:-1], losses, rtol=2e-5)
    assert np.any(np.diff(result) > 0)  # where the fast parameters go back to the slow ones


@pytest.mark.parametrize(
    ("optimizer", "point"),
    [
        (optax.lookahead(optax.sgd(0.3), sync_period=3, slow_step_size=0.4), "the fast parameters, "),
        (sam(), "all points at which gradients are taken, "),
        (optax.chain(optax.clip(1.0), CONTRIB.schedule_free_sgd(0.1)), "the average x, "),
        (sam(opaque_mode=True), ""),
        (optax.chain(optax.ema(0.9), optax.sgd(0.1)), ""),
    ],
    ids=["lookahead", "sam", "schedule-free in a chain", "opaque sam", "averaged gradients"],
)
def test_a_path_of_several_points_says_which_it_is_of(optimizer, point):
    note = descend(PROBLEM, optimizer, 4).outcome.note
    assert note.partition(". The path is that of ")[2].startswith(point)
    assert ("The path" in note) == bool(point)


@pytest.mark.parametrize(
    ("optimizer", "sentence"),
    [
        (
            optax.chain(optax.clip(1.0), transformation(lambda u, s, p, **extra: u["missing"])),
            "this Optax transformation fails on a step .KeyError: 'missing'.; write one",
        ),
        (
            transformation(lambda u, s, p, *, curvature: (u, s)),
            "fails on a step .TypeError: .*curvature.*; write one whose update needs no more than",
        ),
    ],
    ids=["raises", "wants more"],
)
def test_what_cannot_step_says_so(optimizer, sentence):
    with pytest.raises(ValueError, match=sentence):
        descend(PROBLEM, optimizer, 2)
