"""Hoisted and plain evaluation are the same function, whatever the program."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.evaluation.hoisting import hoist
from tests.evaluation.hoisted import (
    LABELS,
    X,
    compare,
    cross_entropy,
    draw,
    plane_through,
    planned,
    primitives,
    shapes,
)


class Transformer(nn.Module):
    """One block, written for Linen: embeddings, LayerNorm, causal attention, a tied output."""

    @nn.compact
    def __call__(self, tokens):
        embed = nn.Embed(11, 8)
        x = embed(tokens) + self.param("positions", nn.initializers.normal(1.0), (1, tokens.shape[1], 8))
        mask = nn.make_causal_mask(tokens)
        x = x + nn.MultiHeadDotProductAttention(num_heads=2)(nn.LayerNorm()(x), mask=mask)
        x = x + nn.Dense(8)(nn.gelu(nn.Dense(16)(nn.LayerNorm()(x))))
        return embed.attend(x)


class Normalized(nn.Module):
    """BatchNorm on stored statistics, dropout switched off."""

    @nn.compact
    def __call__(self, x):
        x = nn.BatchNorm(use_running_average=True)(nn.Dense(7)(x))
        return nn.Dense(5)(nn.Dropout(0.5, deterministic=True)(nn.tanh(x)))


@pytest.mark.parametrize("module", [Transformer(), Normalized()], ids=lambda m: type(m).__name__)
@jax.numpy_rank_promotion("allow")
def test_linen_modules(module):
    inputs = np.arange(12).reshape(2, 6) % 11 if isinstance(module, Transformer) else draw(0, 6, 30)
    variables = jax.eval_shape(module.init, jax.random.key(0), inputs)
    params = jax.tree.map(lambda p: draw(p.size, *p.shape) / 3, variables.pop("params"))
    statistics = jax.tree.map(lambda s: 1 + draw(s.size, *s.shape) ** 2, variables)

    def fun(params):
        z = jnp.asarray(module.apply({"params": params, **statistics}, inputs))
        return cross_entropy(z.reshape(-1, z.shape[-1]), LABELS[: z.size // z.shape[-1]])

    compare(fun, params)


@jax.custom_vjp
def tripled(x):
    return 3 * x


tripled.defvjp(lambda x: (tripled(x), None), lambda _, g: (g,))  # a derivative that is wrong on purpose


@jax.custom_jvp
def doubled(x):
    return 2 * x


doubled.defjvp(lambda primals, tangents: (doubled(*primals), tangents[0]))  # likewise


def test_wrapped_functions_are_inlined_without_custom_derivatives():
    def fun(p):
        h = jax.jit(tripled)(doubled(X @ p))
        h = jax.checkpoint(lambda h: jax.lax.stop_gradient(h) + 1)(h)
        return jnp.sum(jnp.sin(h))

    _, hoisted = compare(fun, draw(1, 30))
    assert primitives(hoisted) == {"sin", "reduce_sum"}


def test_loops_and_branches_make_affine_values_nonlinear():
    def fun(p):
        start = X @ p
        last, path = jax.lax.scan(lambda h, x: (0.5 * h + x, jnp.sum(h)), start, X.T)
        grown = jax.lax.while_loop(lambda h: jnp.sum(h) < 50, lambda h: h + 1, start)
        picked = jax.lax.cond(p[0] > 0, lambda h: h, lambda h: -h, start)
        return jnp.sum(last), path, jnp.mean(grown), picked

    _, hoisted = compare(fun, draw(1, 30))
    assert {"scan", "while"} <= primitives(hoisted)
    assert (30,) not in shapes(hoisted)  # p[0] is carried as a number


def test_indexing():
    def fun(p):
        window = jax.lax.dynamic_slice(p, (LABELS[3], 1), (2, 3))
        shifted = jax.lax.dynamic_update_slice(p, window * 2, (0, LABELS[1]))
        rows, beyond = p[LABELS[:3]], jnp.take(p, jnp.array([0, 9]), axis=0)  # 9 is out of bounds: NaN
        added = p.at[LABELS[:2]].add(rows[:2])
        placed = jnp.where(np.arange(6)[:, None] > 2, p, jnp.pad(p[1:], ((0, 1), (0, 0)), constant_values=3.0))
        own = p[jnp.argmax(p, axis=0)]  # at affine indices
        return [window, shifted, rows, beyond, added, placed, own, p[::-1, ::2].T, jnp.cumsum(p, axis=1)]

    values, _ = compare(fun, draw(1, 6, 4))
    assert np.isnan(values[3][:, 1]).all()


def test_products_of_affine_values():
    def fun(p):
        h = X @ p["w"]
        return h * h, h.T @ h, h * p["scale"], h / p["scale"], jnp.sum(h * X[:, :3]) ** 2, p["scale"] / 3 - h

    compare(fun, {"w": draw(1, 30, 3), "scale": draw(2, 1, 1)})


def test_a_derivative_inside_the_function():
    def fun(p):
        return jax.grad(lambda p: cross_entropy(jnp.tanh(X @ p["w"]) @ p["out"]) + jnp.sum(p["w"] ** 2))(p)

    compare(fun, {"w": draw(1, 30, 4), "out": draw(2, 4, 5)})


def test_conversions():
    def fun(p):
        z = X @ p
        return z.astype(np.int32) % 3, jnp.sum(jnp.exp(z.astype(np.float32)) > 1), z.astype(np.float32), z > 0

    compare(fun, draw(1, 30, 3), tolerance=1e-6)
    # Halves are formed at each point from what is carried whole, for a small step would be lost in them.
    halves = planned(lambda p: X.astype(np.float16) @ p.astype(np.float16), draw(1, 30, 3))
    assert (30, 3) in shapes(halves)


def test_empty_arrays():
    def fun(p):
        return jnp.sum(p["none"] * 2), X[:, :0] @ p["none"], jnp.concatenate([p["none"], p["w"]]), jnp.tanh(p["w"])

    compare(fun, {"none": draw(1, 0, 3), "w": draw(2, 2, 3)})
    assert hoist(lambda p: {}, plane_through(draw(1, 3)))(jnp.zeros(2)) == {}


def test_randomness_from_a_constant_key_is_drawn_once():
    def fun(p):
        noise = jax.random.normal(jax.random.key(1), (40, 3))
        return jnp.mean(jnp.tanh(X @ p + noise)), jax.random.bernoulli(jax.random.key(2), jax.nn.sigmoid(p))

    _, hoisted = compare(fun, draw(1, 30, 3))
    assert "erf_inv" not in primitives(hoisted)


def test_nonfinite_values_are_the_same_as_plain():
    prior = np.array([[0.0, 0.5, 0.5]])

    def fun(p):
        z = X @ p
        return jnp.sum(jnp.exp(z + jnp.log(prior))), jnp.log(z[:, 0] - 1), z[:2] / jnp.array([[0.0, 1.0, 2.0]])

    with np.errstate(divide="ignore"):
        values, _ = compare(fun, np.abs(draw(1, 30, 3)), reach=0.01)
    assert np.isfinite(values[0]).all()
    assert {True, False} == set(np.isnan(values[1]).ravel().tolist())
    # A row of data that is infinite spoils its own results only.
    spoiled = np.where(np.arange(40)[:, None] == 4, np.inf, X)
    values, _ = compare(lambda p: jnp.tanh(spoiled @ p), draw(1, 30), reach=0.1)
    assert np.isfinite(np.delete(values, 4, axis=1)).all()


def test_equal_programs_trace_once():
    traces = []

    @jax.jit
    def prepare(plane, data):
        traces.append("prepare")
        return hoist(lambda p: jnp.sum(jnp.tanh(data @ p)), plane)

    @jax.jit
    def segment(hoisted, where):
        traces.append("segment")
        return jax.lax.map(hoisted, where)

    for seed in range(3):
        plane, data = plane_through(draw(seed, 4).astype(np.float32)), draw(seed, 3, 4).astype(np.float32)
        where = jnp.array([[0.3, -0.2], [0.0, 0.0]])
        values = segment(prepare(plane, data), where)
        expected = [np.sum(np.tanh(data @ np.asarray(plane.point(c)))) for c in where]
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6)
    assert traces == ["prepare", "segment"]
