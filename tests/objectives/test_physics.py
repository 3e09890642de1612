"""Physics-informed losses: derivatives against finite differences, and exact solutions, whose terms are 0."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from landscapes import models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES, physics, solutions

EXACT = {
    "pinn-oscillator": (solutions.oscillation, {"frequency": 9.0, "damping": 0.3}),
    "pinn-poisson": (solutions.standing_wave, {"waves": 2.5}),
    "pinn-heat": (solutions.decaying_wave, {"diffusivity": 0.7}),
    "pinn-convection": (solutions.travelling_wave, {"speed": 30.0}),
}


def points(name, examples=30):
    (inputs,) = OBJECTIVES[name].fits.inputs
    return jnp.asarray(DATASETS[inputs].load(0, examples=examples).train["x"], jnp.float64)


@pytest.mark.parametrize("name", EXACT)
def test_terms_of_the_exact_solution_are_zero(name):
    exact, knobs = EXACT[name]

    def forward(params, state, x):
        return params * exact(x, **knobs)[:, None]

    with jax.enable_x64(True):
        batch = {"x": points(name)}
        solved, doubled = (
            jax.tree.map(float, jax.jit(partial(OBJECTIVES[name].terms, forward, **knobs))(k, {}, batch, None))
            for k in (1.0, 2.0)
        )
    for term, value in solved.items():
        assert value < 1e-18, term
    # Twice the solution solves a homogeneous equation, and misses its initial values.
    assert max(doubled.values()) > 0.1


def test_derivatives_of_a_network_match_finite_differences():
    graph, params, state = models.split(MODELS["smooth-mlp"].build((2,), 1, nnx.Rngs(1)))
    with jax.enable_x64(True):
        wide = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), params)
        u, x, h = physics.network(partial(models.apply, graph), wide, state), points("pinn-heat", 4), 1e-4
        u = jax.jit(u)
        for axis in (0, 1):
            step = h * jnp.eye(2)[axis][None]
            first = (u(x + step) - u(x - step)) / (2 * h)
            second = (u(x + step) - 2 * u(x) + u(x - step)) / h**2
            np.testing.assert_allclose(physics.along(u, axis)(x), first, atol=1e-7)
            np.testing.assert_allclose(physics.along(physics.along(u, axis), axis)(x), second, atol=1e-6)


def test_zero_solves_every_equation_but_its_initial_values():
    """The trivial solution, whose loss the pages draw as a reference."""
    for name in ("pinn-oscillator", "pinn-heat", "pinn-convection"):
        entry: Any = OBJECTIVES[name]
        with jax.enable_x64(True):
            terms = entry.terms(lambda params, state, x: 0 * x[:, :1], {}, {}, {"x": points(name)}, None)
            terms = jax.tree.map(float, terms)
        (reference,) = entry.known.references(None, weights=entry.weights).values()
        assert terms["residual"] == 0
        np.testing.assert_allclose(sum(terms.values()), reference)


@pytest.mark.parametrize("waves", [2.0, 2.5])
def test_least_ritz_energy_is_that_of_its_minimizer(waves):
    """By the Euler–Lagrange equation and its natural boundary values the minimizer is sin ax + c + dx with
    u′(0) = 2wa² u(0) and u′(1) = −2wa² (u(1) − sin a)."""
    weights, a = {"energy": 1.0, "boundary": 3.0}, np.pi * waves
    penalty = 2 * weights["boundary"] * a**2
    c, d = np.linalg.solve([[penalty, -1], [penalty, 1 + penalty]], [a, -a * np.cos(a)])

    def forward(params, state, x):
        return jnp.sin(a * x) + params[0] + params[1] * x

    with jax.enable_x64(True):
        batch = {"x": jnp.asarray((np.arange(4000) + 0.5) / 4000)[:, None]}  # the midpoint rule
        loss = jax.jit(
            lambda params: sum(
                weights[name] * term
                for name, term in physics.deep_ritz(forward, params, {}, batch, None, waves=waves).items()
            )
        )
        (least,) = physics.least_energy(None, weights, waves=waves).values()
        np.testing.assert_allclose(loss(jnp.array([c, d])), least, rtol=1e-6)
        assert np.linalg.norm(jax.jit(jax.grad(loss))(jnp.array([c, d]))) < 1e-5
    assert physics.least_energy(None, {"energy": 1.0, "boundary": 0.0}) == {}
