"""The cart and the pole against Lagrange's equations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import cartpole


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def accelerated(observation, force):
    """(ẍ, ϕ̈) of the cart and the rod from Lagrange's equations, as one linear system."""
    mass, rod, half, gravity = 1.0, 0.1, 0.5, 9.8
    _, _, angle, spin = observation
    inertia = [
        [mass + rod, rod * half * np.cos(angle)],
        [rod * half * np.cos(angle), 4 / 3 * rod * half**2],
    ]
    push = [force + rod * half * spin**2 * np.sin(angle), rod * half * gravity * np.sin(angle)]
    return np.linalg.solve(inertia, push)


def test_the_pole_obeys_lagranges_equations():
    observations = np.random.default_rng(0).uniform(-1, 1, (6, 4))
    forces = np.array([10.0, -10.0, 10.0, 0.0, -3.0, 10.0])
    result = np.stack(cartpole.acceleration(jnp.asarray(observations), jnp.asarray(forces)), axis=1)
    np.testing.assert_allclose(result, list(map(accelerated, observations, forces)), rtol=1e-12)


def test_a_step_is_one_of_eulers_and_an_episode_ends_on_either_side():
    observations = np.array([
        [0.3, -0.2, 0.1, 0.7],
        [-2.39, -2.0, 0.1, 0.0],  # leaves the track on the left
        [2.41, 0.0, 0.0, 0.0],
        [0.0, 0.5, -0.2, -1.0],  # falls to the left
        [0.0, 0.5, 0.2, 1.0],
    ])  # fmt: skip
    actions = np.array([1, 0, 1, 0, 1])
    after, rewards, ends = cartpole.step(jnp.asarray(observations), jnp.asarray(actions))
    for row, action, found in zip(observations, actions, after, strict=True):
        linear, angular = accelerated(row, 10.0 if action else -10.0)
        np.testing.assert_allclose(found, row + 0.02 * np.array([row[1], linear, row[3], angular]), rtol=1e-12)
    np.testing.assert_array_equal(rewards, np.ones(5))
    np.testing.assert_array_equal(ends, [False, True, True, True, True])
