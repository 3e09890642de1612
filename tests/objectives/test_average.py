"""Means in single precision, to the last digit; their derivatives are those of a mean."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from objectives.average import mean

VALUES = 3 + np.random.default_rng(0).gamma(2, size=(40, 25)).astype(np.float32)
COUNTED = np.arange(1000).reshape(40, 25) % 3 != 1


@pytest.mark.parametrize("counted", [None, COUNTED], ids=["all", "some"])
def test_a_mean_in_float32_is_right_to_its_last_digit(counted):
    ours, plain = [], []
    for seed in range(20):
        values = 3 + np.random.default_rng(seed).gamma(2, size=(40, 25)).astype(np.float32)
        weights = np.ones_like(values) if counted is None else counted.astype(np.float32)
        exact = np.sum(values.astype(float) * weights) / np.sum(weights)
        # One number after the other, as a loop adds them.
        added = np.cumsum(values * weights, dtype=np.float32)[-1] / np.sum(weights)
        ulp = np.spacing(np.float32(exact))
        ours.append(abs(float(jax.jit(mean)(values, counted)) - exact) / ulp)
        plain.append(abs(float(added) - exact) / ulp)
    assert max(ours) < 0.6
    assert np.median(plain) > 2


def test_the_derivatives_are_those_of_a_mean():
    for counted, share in ((None, np.full((40, 25), 1 / 1000)), (COUNTED, COUNTED / np.sum(COUNTED))):
        np.testing.assert_allclose(jax.jit(jax.grad(mean))(jnp.asarray(VALUES), counted), share, rtol=1e-6)
    # Of ½Σx²/n the second derivative is 1/n.
    bent = jax.jit(jax.hessian(lambda x: mean(0.5 * x**2)))(jnp.asarray(VALUES[0]))
    np.testing.assert_allclose(bent, np.eye(25) / 25, rtol=1e-6)


def test_infinity_stays_infinite_and_what_is_not_counted_counts_for_nothing():
    spoiled = VALUES.copy()
    spoiled[3, 4] = np.inf
    assert mean(jnp.asarray(spoiled)) == np.inf
    assert mean(jnp.asarray(-spoiled)) == -np.inf
    spoiled[3, 5] = -np.inf
    assert np.isnan(mean(jnp.asarray(spoiled)))
    other = np.where(COUNTED, VALUES, 1e6).astype(np.float32)
    assert mean(jnp.asarray(other), jnp.asarray(COUNTED)) == mean(jnp.asarray(VALUES), jnp.asarray(COUNTED))
