"""Which values are carried to the points and which are recomputed."""

import math

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.evaluation.hoisting import hoist
from tests.evaluation.hoisted import (
    LABELS,
    MLP,
    X,
    compare,
    cross_entropy,
    draw,
    mlp,
    plane_through,
    planned,
    primitives,
    shapes,
)


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
    assert len(always.program.remainder.steps) < len(hoisted.program.remainder.steps)


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


@jax.custom_vjp
def tripled(x):
    return 3 * x


tripled.defvjp(lambda x: (tripled(x), None), lambda _, g: (g,))  # a derivative that is wrong on purpose


@jax.custom_jvp
def doubled(x):
    return 2 * x


doubled.defjvp(lambda primals, tangents: (doubled(*primals), tangents[0]))  # likewise
