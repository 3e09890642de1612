"""Softplus and log softmax: value and derivatives against closed forms in extended precision."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives.softmax import log_softmax, softmax, softplus

DTYPES = pytest.mark.parametrize(("dtype", "furthest"), [(np.float32, 80), (np.float64, 700)])


@DTYPES
def test_softplus_and_its_derivatives_are_right_to_a_few_ulp_at_any_margin(dtype, furthest):
    x = np.concatenate([np.linspace(-reach, reach, 401) for reach in (8, 40, furthest)]).astype(dtype)
    wide = x.astype(np.longdouble)
    small = np.exp(-np.abs(wide))
    share = np.where(wide > 0, 1, small) / (1 + small)
    expected = (
        np.maximum(wide, 0) + np.log1p(small),
        share,
        small / (1 + small) ** 2,
        small / (1 + small) ** 2 * np.where(wide > 0, -1, 1) * (1 - small) / (1 + small),
    )
    function = softplus
    with jax.enable_x64(dtype == np.float64):
        for order, exact in enumerate(expected):
            result = np.asarray(jax.jit(jax.vmap(function))(x))
            assert result.dtype == dtype
            # The third derivative changes its sign at 0, where it is a difference.
            slack = 4 * np.finfo(dtype).eps * (np.abs(exact) if order < 3 else expected[2])
            assert np.all(np.abs(result - exact) <= slack), order
            function = jax.grad(function)


def test_softplus_is_finite_to_the_ends_of_the_line():
    ends = np.array([-np.inf, -1e30, 1e30, np.inf], np.float32)
    np.testing.assert_array_equal(softplus(ends), [0, 0, np.float32(1e30), np.inf])
    np.testing.assert_array_equal(jax.vmap(jax.grad(softplus))(ends), [0, 0, 1, 1])
    assert np.isnan(softplus(np.float32(np.nan)))


def negative_log(x, label):
    return -log_softmax(x)[label]


def entropy(x, label):
    return -(softmax(x) * log_softmax(x)).sum()


@DTYPES
def test_log_softmax_and_its_derivatives_are_right_to_rounding_however_sure(dtype, furthest):
    # The Hessian is diag(p) − ppᵀ, in which 1 − p is what the other classes have together.
    program = jax.jit(
        jax.vmap(lambda x, y: (negative_log(x, y), jax.grad(negative_log)(x, y), jax.hessian(negative_log)(x, y)))
    )
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(100, 4)) * scale for scale in (1, 4, 12, furthest / 12)]
    tied = rng.normal(size=(100, 4)) * 4 + [30, 0, 0, 0]
    tied[:, 1] = tied[:, 0] + rng.uniform(-0.02, 0.02, 100)  # some count as equal to the largest, some do not
    x = np.concatenate([*x, tied]).astype(dtype)
    y = rng.integers(0, 4, len(x))
    with jax.enable_x64(dtype == np.float64):
        result = [np.asarray(each).astype(np.longdouble) for each in program(x, y)]
    wide = x.astype(np.longdouble)
    shares = np.exp(wide - wide.max(axis=1, keepdims=True))
    shares = shares / shares.sum(axis=1, keepdims=True)
    others = shares @ (1 - np.eye(4))
    rows = np.arange(len(x))
    value = np.log1p(others[rows, y] / shares[rows, y])
    slope = shares.copy()
    slope[rows, y] = -others[rows, y]
    bend = -np.einsum("ni,nj->nij", shares, shares)
    bend[:, np.arange(4), np.arange(4)] = shares * others
    # e^−d is only known to as many ulp as d is large.
    reach = 4 + np.ptp(wide, axis=1)
    for exact, got in zip((value, slope, bend), result, strict=True):
        width = reach.reshape(-1, *(1,) * (exact.ndim - 1))
        if exact.ndim == 1:
            width = width * np.maximum(1, 1 / np.maximum(np.abs(exact), np.finfo(dtype).tiny))
        tiny = float(np.finfo(dtype).tiny)
        assert np.all(np.abs(got - exact) <= np.finfo(dtype).eps * width * np.abs(exact) + tiny)


def test_softmax_bends_as_jax_says_where_nothing_is_lost():
    x = np.random.default_rng(1).normal(size=5).astype(np.float32)

    def reference(x):
        return -(jax.nn.softmax(x) * jax.nn.log_softmax(x)).sum()

    for order in (lambda f: f, jax.grad, jax.hessian):
        expected = jax.jit(order(reference))(x)
        result = jax.jit(order(lambda x: entropy(x, 0)))(x)
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-6)


def test_a_largest_class_that_is_computed_twice_need_not_come_out_alike(monkeypatch):
    # XLA may round x otherwise where it compares than where it takes the largest.
    x, step = np.array([[30.0, -1.0, 2.0], [1.0, 0.5, -2.0]], np.float32)
    expected = jax.jvp(log_softmax, (x,), (step,))[1]
    once = jnp.max
    for off in (1 + 1e-6, 1 + 1e-2):
        monkeypatch.setattr(jnp, "max", lambda *a, off=off, **k: once(*a, **k) * off)
        np.testing.assert_allclose(jax.jvp(log_softmax, (x,), (step,))[1], expected, rtol=1e-5, atol=1e-6)
