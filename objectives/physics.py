"""Physics-informed losses: a network u solves a differential equation whose residual is its loss.

The examples are collocation points x["N d"] (`objectives.collocation`). Initial and boundary points are constants.
Derivatives of u by its inputs are forward derivatives of the network itself; a second derivative is the forward
derivative of the first. Each term is a mean square that is 0 for the exact solution, except the energy of Ritz.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .collocation import PERIOD
from .entry import Entry, Fits, Known, Opening, Page
from .solutions import curve_of, decaying_wave, map_of, oscillation, standing_wave, travelling_wave

Forward = Callable[..., Float[Array, "N 1"]]
Field = Callable[[Float[Array, "N d"]], Float[Array, "N"]]
Terms = dict[str, Float[Array, ""]]
EDGE_POINTS = 40  # on each edge of space-time

Frequency = Annotated[float, Interval(ge=1, le=60), "ω, of the undamped oscillation, in radians"]
Damping = Annotated[float, Interval(ge=0, le=0.95), "ζ, the share of critical damping"]
Waves = Annotated[float, Interval(ge=0.5, le=10), "k, half waves of the solution"]
Diffusivity = Annotated[float, Interval(gt=0, le=5), "κ, the diffusivity"]
Speed = Annotated[float, Interval(ge=0, le=60), "β, the speed of the wave"]


def network(forward: Forward, params: PyTree, state: PyTree) -> Field:
    """u, the only output of the network as a function of points."""
    return lambda x: forward(params, state, x)[:, 0]


def along(u: Field, axis: int) -> Field:
    """∂u/∂x_axis as a function of points, for a field whose value at a point depends on that point alone."""

    def derivative(x: Float[Array, "N d"]) -> Float[Array, "N"]:
        direction = jnp.broadcast_to(jnp.eye(x.shape[1], dtype=x.dtype)[axis], x.shape)
        return jax.jvp(u, (x,), (direction,))[1]

    return derivative


def oscillator(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    frequency: Frequency = 8.0,
    damping: Damping = 0.1,
) -> Terms:
    """The residual of ü/ω² + 2ζu̇/ω + u = 0 for t in [0, 1], and u(0) = 1, u̇(0)/ω = 0 (Raissi et al. 2019)."""
    u, t = network(forward, params, state), batch["x"]
    omega, zeta = jnp.asarray(frequency, t.dtype), jnp.asarray(damping, t.dtype)
    velocity, start = along(u, 0), jnp.zeros((1, 1), t.dtype)
    residual = along(velocity, 0)(t) / omega**2 + 2 * zeta * velocity(t) / omega + u(t)
    initial = (u(start) - 1) ** 2 + (velocity(start) / omega) ** 2
    return {"residual": jnp.mean(residual**2), "initial": initial[0]}


def poisson_equation(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, waves: Waves = 1.0
) -> Terms:
    """The residual of −u″ = f with f = (kπ)² sin kπx, in units of (kπ)², and u = sin kπx at 0 and 1."""
    u, x = network(forward, params, state), batch["x"]
    rate = math.pi * jnp.asarray(waves, x.dtype)
    residual = along(along(u, 0), 0)(x) / rate**2 + jnp.sin(rate * x[:, 0])
    return {"residual": jnp.mean(residual**2), "boundary": _boundary(u, x, rate)}


def deep_ritz(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, waves: Waves = 1.0
) -> Terms:
    """The energy ∫ ½u′² − fu dx of −u″ = f with f = (kπ)² sin kπx, in units of (kπ)², and the squared distance of
    u from sin kπx at 0 and 1 (E & Yu 2018, 1710.00211). The integral is the mean over the points.

    Under the boundary values the energy is least at the exact solution, for whole k −¼. Under a penalty the least
    sum is a little lower, that of `least_energy`.
    """
    u, x = network(forward, params, state), batch["x"]
    rate = math.pi * jnp.asarray(waves, x.dtype)
    energy = 0.5 * (along(u, 0)(x) / rate) ** 2 - jnp.sin(rate * x[:, 0]) * u(x)
    return {"energy": jnp.mean(energy), "boundary": _boundary(u, x, rate)}


def _boundary(u: Field, x: Array, rate: Array) -> Float[Array, ""]:
    ends = jnp.asarray([[0.0], [1.0]], x.dtype)
    return jnp.sum((u(ends) - jnp.sin(rate * ends[:, 0])) ** 2)


def heat(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    diffusivity: Diffusivity = 1.0,
) -> Terms:
    """The residual of ∂u/∂t = κ ∂²u/∂x² for x in [0, 2π] and t in [0, 1], u = sin x at t = 0 and u = 0 at both
    ends (Raissi et al. 2019)."""
    u, points = network(forward, params, state), batch["x"]
    residual = along(u, 1)(points) - jnp.asarray(diffusivity, points.dtype) * along(along(u, 0), 0)(points)
    left, right = _sides(points.dtype)
    return {
        "residual": jnp.mean(residual**2),
        "boundary": jnp.mean(u(left) ** 2 + u(right) ** 2),
        "initial": _initial(u, points.dtype),
    }


def convection(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, *, speed: Speed = 30.0
) -> Terms:
    """The residual of ∂u/∂t + β ∂u/∂x = 0 for x in [0, 2π] and t in [0, 1], u = sin x at t = 0, and u equal at
    both ends. For β > 10 training fails (Krishnapriyan et al. 2021, 2109.01050): u decays to 0 after t = 0."""
    u, points = network(forward, params, state), batch["x"]
    residual = along(u, 1)(points) + jnp.asarray(speed, points.dtype) * along(u, 0)(points)
    left, right = _sides(points.dtype)
    return {
        "residual": jnp.mean(residual**2),
        "boundary": jnp.mean((u(left) - u(right)) ** 2),
        "initial": _initial(u, points.dtype),
    }


def _sides(dtype: Any) -> tuple[Float[Array, "P 2"], Float[Array, "P 2"]]:
    """Points of x = 0 and of x = 2π at the same times."""
    t = np.linspace(0, 1, EDGE_POINTS)
    left, right = (np.stack([np.full_like(t, end), t], axis=1) for end in (0.0, PERIOD))
    return jnp.asarray(left, dtype), jnp.asarray(right, dtype)


def _initial(u: Field, dtype: Any) -> Float[Array, ""]:
    """The mean square of u − sin x at t = 0."""
    x = np.linspace(0, PERIOD, EDGE_POINTS, endpoint=False)
    points = jnp.asarray(np.stack([x, np.zeros_like(x)], axis=1), dtype)
    return jnp.mean((u(points) - jnp.sin(points[:, 0])) ** 2)


def _of_zero(data: Any, weights: Mapping[str, float], **knobs: float) -> dict[str, float]:
    """The loss of u = 0, which solves the equation without its initial values."""
    return {"u = 0": 0.5 * weights["initial"]}


def _of_rest(data: Any, weights: Mapping[str, float], **knobs: float) -> dict[str, float]:
    """The loss of u = 0, an oscillator at rest."""
    return {"u = 0": weights["initial"]}


def least_energy(data: Any, weights: Mapping[str, float], *, waves: float = 1.0) -> dict[str, float]:
    """The least weighted sum of the energy and the penalty, of u = sin ax + c + dx with a = kπ; none without a
    penalty. As −u″ = f holds for each such u, the sum is a quadratic function of (c, d) alone."""
    w, e, a = weights["boundary"], weights["energy"], math.pi * waves
    if w <= 0 or e <= 0:
        return {}
    slope = e * np.array([1 - math.cos(a), -math.cos(a)]) / a
    curvature = np.array([[4 * w, 2 * w], [2 * w, 2 * w + e / a**2]])
    without = -0.25 + 3 * math.sin(2 * a) / (8 * a)  # ∫ ½cos² ax − sin² ax dx
    return {"least energy": e * without - 0.5 * float(slope @ np.linalg.solve(curvature, slope))}


def _entry(
    title: str,
    terms: Callable[..., Terms],
    weights: Mapping[str, float],
    inputs: str,
    page: tuple[str, str, str],
    opening: Mapping[str, str],
    exact: Callable[..., Array],
    references: Callable[..., dict[str, float]] | None,
) -> Entry:
    opens = {
        "data": inputs,
        "model": "smooth-mlp",
        "optimizers": "adam+lbfgs",
        "adam.learning_rate": "0.01",
        "steps": "300",
        "tolerance": "0.003",
        "scale": "log",
    }
    return Entry(
        title,
        terms,
        weights,
        Page(*page, family="Physics"),
        Fits({"solution"}, {inputs}, outputs=lambda data: 1),
        Opening(opens | dict(opening)),
        Known(references),
        behavior=partial(curve_of if inputs == "interval" else map_of, exact),
    )


RAISSI = "Raissi et al. 2019, J. Comput. Phys. 378, arXiv:1711.10561"

OBJECTIVES = {
    "pinn-oscillator": _entry(
        "PINN of a damped oscillator",
        oscillator,
        {"residual": 1.0, "initial": 1.0},
        "interval",
        (
            r"\frac1n\sum_i\bigl(\tfrac{\ddot u}{\omega^2}+\tfrac{2\zeta\dot u}\omega+u\bigr)^2(t_i)"
            r"+(u(0)-1)^2+\tfrac{\dot u(0)^2}{\omega^2}",
            RAISSI,
            "The oscillator at rest, u = 0, has a residual of 0: the residual alone does not start the motion.",
        ),
        # At a constant rate of 0.01 Adam ends at 0.02 after 300 steps, with a wave that is half as high.
        {"adam.learning_rate": "0.05", "schedule": "cosine", "steps": "1000"},
        oscillation,
        _of_rest,
    ),
    "pinn-poisson": _entry(
        "PINN of the Poisson equation",
        poisson_equation,
        {"residual": 1.0, "boundary": 1.0},
        "interval",
        (
            r"\frac1n\sum_i\bigl(\tfrac{u''}{(k\pi)^2}+\sin k\pi x_i\bigr)^2+\sum_{x=0,1}(u-\sin k\pi x)^2",
            RAISSI,
            "The residual is flat along straight lines added to u; the boundary term alone holds them.",
        ),
        {"adam.learning_rate": "0.02", "schedule": "cosine"},
        standing_wave,
        None,
    ),
    "deep-ritz": _entry(
        "Deep Ritz energy of the Poisson equation",
        deep_ritz,
        {"energy": 1.0, "boundary": 10.0},
        "interval",
        (
            r"\int_0^1\tfrac{u'^2}{2(k\pi)^2}-u\sin k\pi x\,dx+w\sum_{x=0,1}(u-\sin k\pi x)^2",
            "E & Yu 2018, arXiv:1710.00211",
            "Compare with the PINN of the same equation: first derivatives only, and an energy below 0.",
        ),
        {"scale": "linear", "steps": "600"},
        standing_wave,
        least_energy,
    ),
    "pinn-heat": _entry(
        "PINN of the heat equation",
        heat,
        {"residual": 1.0, "boundary": 1.0, "initial": 1.0},
        "space-time",
        (
            r"\frac1n\sum_i\bigl(u_t-\kappa u_{xx}\bigr)^2+\overline{u(0,t)^2+u(2\pi,t)^2}"
            r"+\overline{(u(x,0)-\sin x)^2}",
            RAISSI,
            "Draw each term alone: u = 0 solves the equation and the boundary, and the initial values forbid it.",
        ),
        {"space-time.examples": "16", "adam.learning_rate": "0.03", "schedule": "cosine", "steps": "600"},
        decaying_wave,
        _of_zero,
    ),
    "pinn-convection": _entry(
        "PINN of convection",
        convection,
        {"residual": 1.0, "boundary": 1.0, "initial": 1.0},
        "space-time",
        (
            r"\frac1n\sum_i\bigl(u_t+\beta u_x\bigr)^2+\overline{(u(0,t)-u(2\pi,t))^2}"
            r"+\overline{(u(x,0)-\sin x)^2}",
            "Krishnapriyan et al. 2021, arXiv:2109.01050",
            "At β = 30 training stops far above 0, near the loss of u = 0; at β = 1 it arrives at the wave.",
        ),
        {"space-time.examples": "16"},
        travelling_wave,
        _of_zero,
    ),
}
