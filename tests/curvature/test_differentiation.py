"""Second derivatives of losses that forward mode refuses equal those of the same loss without the custom rule."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend, spectrum
from landscapes.curvature.critical_point_search import critical_points
from landscapes.curvature.differentiation import linear_map
from landscapes.curvature.edge_of_stability import stability
from landscapes.curvature.hessian import hvp
from landscapes.curvature.sharpness_measures import sharpness
from landscapes.directions import gradient, hessian
from tests.compiled import compilations
from tests.problems import normal

KEY = jax.random.key(0)


@jax.custom_vjp
def activation(z):
    """tanh with a forward rule that calls the function itself, as that of an ODE solver does."""
    return jnp.tanh(z)


activation.defvjp(lambda z: (activation(z), z), lambda z, u: ((1 - activation(z) ** 2) * u,))


def _network(act, p, data):
    return jnp.mean((act(data["x"] @ p["first"]) @ p["second"] - data["y"]) ** 2)


CUSTOM_RULE_LOSS, PLAIN_LOSS = partial(_network, activation), partial(_network, jnp.tanh)


def network(loss, dtype=np.float64):
    params = {"first": (0.7 * normal(0, 2, 2)).astype(dtype), "second": normal(1, 2).astype(dtype)}
    return Problem.from_loss(loss, params, {"x": normal(2, 9, 2).astype(dtype), "y": normal(3, 9).astype(dtype)})


def extreme_eigenvalues(problem):
    return spectrum(problem, KEY, eigenvectors=True).eigenvalues


def directions(of, problem):
    return np.abs(
        np.concatenate([leaf.reshape(2, -1) for leaf in jax.tree.leaves(of(problem, (), KEY, 2))], axis=1)
    )


def critical_points_and_eigenvalues(problem):
    result = critical_points(problem, 2.0, key=KEY, starts=16)
    return np.concatenate([result.points, result.eigenvalues], axis=1)


def edge_eigenvalues(problem):
    path = descend(problem, "sgd", 12)
    return stability(problem, path, ("sgd", {}), key=KEY, steps=12, snapshots=2).eigenvalues


def measures(problem):
    result = sharpness(problem, KEY, samples=2).measures
    return np.array([result[name].value for name in ("largest", "trace", "filter")])


def product(problem):
    return np.concatenate([np.ravel(leaf) for leaf in hvp(problem, problem.params, problem.params).values()])


QUANTITIES = {
    "spectrum": extreme_eigenvalues,
    "product": product,
    "Hessian directions": partial(directions, hessian),
    "gradient plane": partial(directions, gradient),
    "critical points": critical_points_and_eigenvalues,
    "edge": edge_eigenvalues,
    "sharpness": measures,
}


@pytest.mark.parametrize("quantity", QUANTITIES.values(), ids=QUANTITIES)
def test_custom_rule_has_the_curvature_of_plain_loss(quantity):
    expected = quantity(network(PLAIN_LOSS))
    np.testing.assert_allclose(quantity(network(CUSTOM_RULE_LOSS)), expected, rtol=1e-9, atol=1e-11)


def test_custom_rule_in_float32_has_known_eigenvalues():
    rng = np.random.default_rng(0)
    data = {"x": rng.normal(size=(30, 3)).astype("f"), "y": rng.normal(size=(30, 1)).astype("f")}
    params = {"a": (0.5 * rng.normal(size=(3, 4))).astype("f"), "b": (0.5 * rng.normal(size=(4, 1))).astype("f")}

    def loss(p, d):
        return jnp.mean((activation(d["x"] @ p["a"]) @ p["b"] - d["y"]) ** 2)

    result = spectrum(Problem.from_loss(loss, params, data), KEY, top=1, bottom=1)
    np.testing.assert_allclose(result.eigenvalues, [-0.37417322, 2.0598655], atol=1e-6)


def test_custom_rule_is_compiled_once():
    spectrum(network(CUSTOM_RULE_LOSS), KEY)
    with compilations() as compiled:
        spectrum(network(CUSTOM_RULE_LOSS), KEY)
    assert not compiled


def _map(x):
    return jnp.stack([x[0] * jnp.sin(x[1]), jnp.sum(x**3), x[1] / (2 + x[0])])


def _map_with_custom_rule(x):
    return _map(x) * activation(x[0])


def test_asymmetric_map_is_not_transposed():
    point, vector = np.array([0.3, -0.7], "f"), np.array([1.0, 2.0], "f")
    value, derivative = linear_map(_map_with_custom_rule, jnp.asarray(point))
    expected = jax.jvp(lambda x: _map(x) * jnp.tanh(x[0]), (point,), (vector,))
    np.testing.assert_allclose(value, expected[0], rtol=1e-6)
    np.testing.assert_allclose(jax.jit(derivative)(vector), expected[1], rtol=1e-6)


@pytest.mark.parametrize("wrapped", ["scan", "cond", "checkpoint"])
def test_custom_rule_inside_other_primitives_is_found(wrapped):
    def loss(act, x):
        programs = {
            "scan": lambda x: jax.lax.scan(lambda c, _: (1.1 * act(c), None), x, None, length=3)[0],
            "cond": lambda x: jax.lax.cond(x[0] > 0, act, jnp.sin, x),
            "checkpoint": jax.checkpoint(lambda x: act(x) ** 3),
        }
        return jnp.sum(programs[wrapped](x) ** 2)

    point, vector = jnp.array([0.3, -0.7]), jnp.array([1.0, 2.0])
    _, derivative = linear_map(jax.grad(partial(loss, activation)), point, symmetric=True)
    expected = jax.jvp(jax.grad(partial(loss, jnp.tanh)), (point,), (vector,))[1]
    np.testing.assert_allclose(derivative(vector), expected, rtol=1e-5)
