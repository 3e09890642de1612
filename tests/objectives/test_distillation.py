"""Distillation: the teacher, its solution, and the limits of the temperature."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.distillation import teacher_logits

ENTRY = OBJECTIVES["distillation"]
DATA = DATASETS["iris"].load(0)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def batch():
    return {"x": jnp.asarray(DATA.train["x"], jnp.float64), "y": jnp.asarray(DATA.train["y"])}


def logits_as_parameters(params, state, x):
    return params


def terms(logits, **knobs):
    return ENTRY.terms(logits_as_parameters, logits, {}, batch(), None, **knobs)


def test_teacher_is_the_classifier_by_distances_to_the_class_means():
    x, y = np.asarray(batch()["x"]), DATA.train["y"]
    means = np.stack([x[y == c].mean(0) for c in range(3)])
    squares = ((x[:, None] - means) ** 2).sum(-1)
    own = squares[np.arange(len(x)), y].mean()
    expected = -3.0 * squares / own
    found = teacher_logits(batch()["x"], jnp.eye(3)[DATA.train["y"]], 3.0)
    np.testing.assert_allclose(found, expected - expected.mean(1, keepdims=True), rtol=1e-9, atol=1e-10)
    assert 0.8 < np.mean(np.argmax(found, 1) == y) < 1


def test_loss_and_gradient_are_zero_at_the_teacher_and_the_optimum_is_there():
    teacher = teacher_logits(batch()["x"], jnp.eye(3)[DATA.train["y"]], 4.0)
    value, slope = jax.jit(jax.value_and_grad(lambda s: terms(s, temperature=2.0)["soft"]))(teacher + 1.7)
    assert abs(value) < 1e-12
    np.testing.assert_allclose(slope, 0, atol=1e-14)
    params = {"affine": {"kernel": np.zeros((4, 3)), "bias": np.zeros(3)}}
    known: Any = ENTRY.known.optimum
    optimum = partial(known, params, DATA, temperature=4.0, confidence=4.0)
    found = optimum({"soft": 1.0, "hard": 0.0})["affine"]
    np.testing.assert_allclose(
        DATA.train["x"].astype(float) @ found["kernel"] + found["bias"], teacher, rtol=1e-9, atol=1e-10
    )
    assert optimum({"soft": 1.0, "hard": 0.1}) is None


def test_gradient_tends_to_that_of_matching_logits_as_the_temperature_grows():
    rng = np.random.default_rng(0)
    student = rng.normal(size=(len(DATA.train["y"]), 3))
    teacher = np.asarray(jax.jit(teacher_logits)(batch()["x"], np.eye(3)[DATA.train["y"]], 4.0))
    matching = ((student - student.mean(1, keepdims=True)) - teacher) / 3 / len(student)

    slope = jax.jit(jax.grad(lambda student, temperature: terms(student, temperature=temperature)["soft"]))

    def error(temperature):
        return np.linalg.norm(slope(student, temperature) - matching) / np.linalg.norm(matching)

    errors = [error(t) for t in (10.0, 100.0, 1000.0)]
    assert errors[0] > 0.05
    np.testing.assert_allclose(np.array(errors[1:]) * [100, 1000], errors[1] * 100, rtol=0.1)  # falls as 1/T
    # At T = 1 it is the cross-entropy with the teacher's probabilities, less their entropy.
    p, log_q = np.exp(log_softmax(teacher, axis=1)), log_softmax(student, axis=1)
    cross = -(p * log_q).sum(1).mean() + (p * np.log(p)).sum(1).mean()
    np.testing.assert_allclose(terms(student, temperature=1.0)["soft"], cross, rtol=1e-12)
    hard = -np.mean(log_q[np.arange(len(p)), DATA.train["y"]])
    np.testing.assert_allclose(terms(student)["hard"], hard, rtol=1e-12)
