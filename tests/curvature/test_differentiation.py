"""Curvature of losses that forward mode refuses: every second derivative is that of the same loss without the
custom rule."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend, spectrum
from landscapes.curvature.critical_points import critical_points
from landscapes.curvature.differentiation import linear_map
from landscapes.curvature.edge_of_stability import stability
from landscapes.curvature.sharpness import sharpness
from landscapes.curvature.spectrum import hvp
from landscapes.directions import gradient, hessian
from tests.compiled import compilations
from tests.problems import normal

KEY = jax.random.key(0)


@jax.custom_vjp
def activation(z):
    """tanh, with a forward rule that calls itself, as that of an ODE solver does."""
    return jnp.tanh(z)


activation.defvjp(lambda z: (activation(z), z), lambda z, pull: ((1 - activation(z) ** 2) * pull,))


def _network(act, p, data):
    return jnp.mean((act(data["x"] @ p["first"]) @ p["second"] - data["y"]) ** 2)


RULE, PLAIN = partial(_network, activation), partial(_network, jnp.tanh)


def network(loss, dtype=np.float64):
    params = {"first": (0.7 * normal(0, 2, 2)).astype(dtype), "second": normal(1, 2).astype(dtype)}
    return Problem.from_loss(loss, params, {"x": normal(2, 9, 2).astype(dtype), "y": normal(3, 9).astype(dtype)})


def ends(problem):
    return spectrum(problem, KEY, eigenvectors=True).eigenvalues


def directions(of, problem):
    return np.abs(
        np.concatenate([leaf.reshape(2, -1) for leaf in jax.tree.leaves(of(problem, (), KEY, 2))], axis=1)
    )


def found_points(problem):
    found = critical_points(problem, 2.0, key=KEY, starts=16)
    return np.concatenate([found.points, found.eigenvalues], axis=1)


def edge(problem):
    path = descend(problem, "sgd", 12)
    return stability(problem, path, ("sgd", {}), key=KEY, steps=12, snapshots=2).eigenvalues


def measures(problem):
    found = sharpness(problem, KEY, samples=2).measures
    return np.array([found[name].value for name in ("largest", "trace", "filter")])


def product(problem):
    return np.concatenate([np.ravel(leaf) for leaf in hvp(problem, problem.params, problem.params).values()])


@pytest.mark.parametrize(
    "of",
    [ends, product, partial(directions, hessian), partial(directions, gradient), found_points, edge, measures],
    ids=["spectrum", "product", "Hessian directions", "gradient plane", "critical points", "edge", "sharpness"],
)
def test_a_refused_loss_has_the_curvature_of_its_twin(of):
    np.testing.assert_allclose(of(network(RULE)), of(network(PLAIN)), rtol=1e-9, atol=1e-11)


def test_known_ends_of_a_refused_loss_in_float32():
    rng = np.random.default_rng(0)
    data = {"x": rng.normal(size=(30, 3)).astype("f"), "y": rng.normal(size=(30, 1)).astype("f")}
    params = {"a": (0.5 * rng.normal(size=(3, 4))).astype("f"), "b": (0.5 * rng.normal(size=(4, 1))).astype("f")}

    def loss(p, d):
        return jnp.mean((activation(d["x"] @ p["a"]) @ p["b"] - d["y"]) ** 2)

    found = spectrum(Problem.from_loss(loss, params, data), KEY, top=1, bottom=1)
    np.testing.assert_allclose(found.eigenvalues, [-0.37417322, 2.0598655], atol=1e-6)


def test_a_refused_loss_is_compiled_once():
    spectrum(network(RULE), KEY)
    with compilations() as found:
        spectrum(network(RULE), KEY)
    assert not found


def _turned(x):
    return jnp.stack([x[0] * jnp.sin(x[1]), jnp.sum(x**3), x[1] / (2 + x[0])])


def _refused(x):
    return _turned(x) * activation(x[0])


def test_a_map_that_is_not_symmetric_is_not_transposed():
    point, vector = np.array([0.3, -0.7], "f"), np.array([1.0, 2.0], "f")
    value, derivative = linear_map(_refused, jnp.asarray(point))
    expected = jax.jvp(lambda x: _turned(x) * jnp.tanh(x[0]), (point,), (vector,))
    np.testing.assert_allclose(value, expected[0], rtol=1e-6)
    np.testing.assert_allclose(jax.jit(derivative)(vector), expected[1], rtol=1e-6)


@pytest.mark.parametrize("wrapped", ["scan", "cond", "checkpoint"])
def test_rules_inside_other_programs_are_found(wrapped):
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
