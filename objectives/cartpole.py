"""The pole on a cart of Barto, Sutton & Anderson 1983, for many episodes at once.

An observation is (x, ẋ, ϕ, ϕ̇): the cart's position in metres, the pole's angle from upright in radians, and their
velocities. With force F, masses m of the pole and M of both, half-length l of the pole and g,

    ϕ̈ = (g sin ϕ − u cos ϕ) / (l(4/3 − m cos²ϕ/M)),   ẍ = u − m l ϕ̈ cos ϕ / M,   u = (F + m l ϕ̇² sin ϕ) / M

without friction, by Euler steps of 0.02 s. An episode ends where |x| > 2.4 m or |ϕ| > 12°.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

GRAVITY = 9.8  # m/s²
CART, POLE = 1.0, 0.1  # kg
LENGTH = 0.5  # m, from the pivot to the pole's centre
FORCE = 10.0  # N, to the right for action 1 and to the left for action 0
INTERVAL = 0.02  # s
TRACK = 2.4  # m, to either side
TILT = 12 / 180 * 3.141592653589793  # radians
SPREAD = 0.05  # half-width of the box in which episodes begin


def acceleration(
    observation: Float[Array, "N 4"], force: Float[Array, "N"]
) -> tuple[Float[Array, "N"], Float[Array, "N"]]:
    """(ẍ, ϕ̈) under a force on the cart, in m/s² and rad/s²."""
    _, _, angle, spin = observation.T
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    push = (force + POLE * LENGTH * spin**2 * sine) / (CART + POLE)
    angular = (GRAVITY * sine - push * cosine) / (LENGTH * (4 / 3 - POLE * cosine**2 / (CART + POLE)))
    return push - POLE * LENGTH * angular * cosine / (CART + POLE), angular


def step(
    observation: Float[Array, "N 4"], action: Int[Array, "N"]
) -> tuple[Float[Array, "N 4"], Float[Array, "N"], Bool[Array, "N"]]:
    """The next observations, the rewards (1 for every step, the last included), and which episodes end."""
    force = jnp.where(action == 1, FORCE, -FORCE).astype(observation.dtype)
    linear, angular = acceleration(observation, force)
    position, speed, _, spin = observation.T
    change = jnp.stack([speed, linear, spin, angular], axis=1)
    next_observation = observation + INTERVAL * change
    ends = (jnp.abs(next_observation[:, 0]) > TRACK) | (jnp.abs(next_observation[:, 2]) > TILT)
    return next_observation, jnp.ones_like(position), ends
