"""Hoisted and plain evaluation are the same function, whatever the program."""

import math

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.evaluation.hoisting import hoist
from landscapes.plane import span
from landscapes.precision import precision

QUICK = {"xla_backend_optimization_level": 0}  # halves the time to compile; the numbers are what counts here
TOLERANCE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-12}


def draw(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def plane_through(params, dim=2):
    rng = np.random.default_rng(7)
    with precision(params):
        params = jax.tree.map(jnp.asarray, params)
        return span(params, jax.tree.map(lambda p: jnp.asarray(rng.normal(size=(dim, *p.shape)), p.dtype), params))


def compare(fun, params, dim=2, reach=3.0, dtype: type = np.float64, tolerance=None, **kwargs):
    """Asserts that both ways agree at the origin and at four points; returns the values and the hoisted
    function, for a look inside."""
    params = jax.tree.map(lambda p: np.asarray(p, dtype), params)
    plane = plane_through(params, dim)
    where = np.random.default_rng(3).uniform(-reach, reach, (5, dim)).astype(dtype)
    where[0] = 0

    def both(plane, where):
        hoisted = hoist(fun, plane, **{"min_saving": -math.inf, **kwargs})
        plain = jax.lax.map(lambda c: fun(plane.point(c)), where)
        return plain, jax.lax.map(hoisted, where, batch_size=2), hoisted

    with precision(params):
        plain, ours, hoisted = jax.jit(both, compiler_options=QUICK)(plane, where)
    assert jax.tree.structure(ours) == jax.tree.structure(plain)
    for mine, theirs in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        size = np.max(np.abs(theirs, where=np.isfinite(theirs), out=np.zeros(theirs.shape)), initial=0)
        atol = size * (tolerance or TOLERANCE[np.dtype(dtype)])
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=atol)
    return ours, hoisted


def planned(fun, params, **kwargs):
    """The hoisted function without its numbers: traced, not compiled."""
    plane = plane_through(jax.tree.map(lambda p: np.asarray(p, np.float32), params))
    return jax.eval_shape(lambda plane: hoist(fun, plane, **{"min_saving": -math.inf, **kwargs}), plane)


def shapes(hoisted):
    return set(hoisted.program.inputs.values())


def primitives(hoisted):
    return {step.primitive.name for step in hoisted.program.rest.steps}


X, LABELS = draw(0, 40, 30), np.arange(40) % 5
MLP = [{"w": draw(1, 30, 20) / 5, "b": draw(2, 1, 20)}, {"w": draw(3, 20, 5) / 4, "b": draw(4, 1, 5)}]


def cross_entropy(z, labels=LABELS):
    own = jnp.take_along_axis(z, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(z, axis=-1) - own)


def mlp(params):
    h = jax.nn.relu(X @ params[0]["w"] + params[0]["b"])
    z = h @ params[1]["w"] + params[1]["b"]
    return {"cross_entropy": cross_entropy(z), "penalty": jnp.sum(z**2)}


@pytest.mark.parametrize(("dim", "dtype"), [(1, np.float64), (2, np.float32)])
def test_an_mlp_carries_its_first_layer(dim, dtype):
    _, hoisted = compare(mlp, MLP, dim, dtype=dtype)
    assert (40, 20) in shapes(hoisted)
    assert (30, 20) not in shapes(hoisted)


def test_linear_model_carries_logits_and_not_inputs():
    _, hoisted = compare(lambda p: cross_entropy(X @ p["w"] + p["b"]), {"w": draw(1, 30, 5), "b": draw(2, 1, 5)})
    assert "dot_general" not in primitives(hoisted)
    assert (40, 30) not in shapes(hoisted)


def test_an_affine_output_is_carried_to_the_end():
    def fun(p):
        return {"mean": jnp.mean(X @ p["w"]), "w": p["w"], "constant": jnp.sum(X), "count": 3}

    values, hoisted = compare(fun, {"w": draw(1, 30)})
    assert primitives(hoisted) == set()
    assert values["count"].tolist() == [3] * 5


def test_product_with_two_inputs_is_recomputed():
    inputs = draw(0, 2000, 2)
    params = {"w": draw(1, 2, 8), "b": draw(2, 1, 8)}
    hoisted = planned(lambda p: jnp.sum(jnp.tanh(inputs @ p["w"] + p["b"])), params)
    assert (2000, 8) not in shapes(hoisted)
    assert "dot_general" in primitives(hoisted)


def test_evaluation_is_plain_where_hoisting_saves_little():
    weights, noise = draw(1, 30, 20).astype(np.float32), draw(2, 20, 200).astype(np.float32)
    inputs = X.astype(np.float32)

    def fun(p):
        h = jnp.tanh(inputs @ p)
        for _ in range(6):
            h = jnp.tanh(h @ noise @ noise.T / 200)
        return {"mean": jnp.mean(h), "sum": jnp.sum(h**2, axis=1), "constant": jnp.sum(jnp.exp(noise))}

    plane = plane_through(weights)
    where = np.random.default_rng(3).uniform(-3, 3, (50, 2)).astype(np.float32)

    def both(plane, **kwargs):
        hoisted = hoist(fun, plane, **kwargs)
        return jax.lax.map(hoisted, where), jax.lax.map(lambda c: fun(plane.point(c)), where), hoisted

    ours, plain, hoisted = jax.jit(both)(plane)
    jax.tree.map(np.testing.assert_array_equal, ours, plain)
    assert "exp" not in primitives(hoisted)  # what no parameter enters is computed once all the same
    always = both(plane, min_saving=-math.inf)[2]
    assert (40, 20) in shapes(always)
    assert len(always.program.rest.steps) < len(hoisted.program.rest.steps)


def test_values_beyond_the_memory_limit_are_recomputed():
    size = 3 * 40 * 20 * 4
    fits = [(40, 20) in shapes(planned(mlp, MLP, memory=memory)) for memory in (2 * size, size, size // 2)]
    assert fits == [True, False, False]  # some of `size` goes to smaller values
    compare(mlp, MLP, memory=0)


def conv(x, kernel, padding="SAME"):
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def test_a_convolutional_network_carries_its_first_convolution():
    images = draw(0, 4, 6, 5, 2)

    def fun(p):
        h = jax.nn.relu(conv(images, p["first"]) + p["bias"])
        h = jax.lax.reduce_window(h, 0.0, jax.lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4
        return cross_entropy(conv(h, p["second"], "VALID").reshape(4, -1) @ p["out"], LABELS[:4])

    params = {"first": draw(1, 3, 3, 2, 4), "bias": draw(2, 1, 1, 1, 4), "second": draw(3, 2, 2, 4, 3)}
    _, hoisted = compare(fun, {**params, "out": draw(4, 6, 5)})
    assert (4, 6, 5, 4) in shapes(hoisted)
    _, hoisted = compare(
        lambda p: jnp.mean(nn.avg_pool(conv(images, p), (2, 2))[:, ::2] ** 2), draw(1, 3, 3, 2, 4)
    )
    assert primitives(hoisted).isdisjoint({"conv_general_dilated", "reduce_window_sum"})


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
        moved = jax.lax.dynamic_update_slice(p, window * 2, (0, LABELS[1]))
        rows, beyond = p[LABELS[:3]], jnp.take(p, jnp.array([0, 9]), axis=0)  # 9 is out of bounds: NaN
        added = p.at[LABELS[:2]].add(rows[:2])
        placed = jnp.where(np.arange(6)[:, None] > 2, p, jnp.pad(p[1:], ((0, 1), (0, 0)), constant_values=3.0))
        own = p[jnp.argmax(p, axis=0)]  # at affine indices
        return [window, moved, rows, beyond, added, placed, own, p[::-1, ::2].T, jnp.cumsum(p, axis=1)]

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
