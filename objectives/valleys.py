"""Test functions with a single trap: a plain, a bent valley, a crease, or noise on a double well."""

from __future__ import annotations

from typing import Annotated

import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float

from .function import Function, Point, at, steady

XY = Float[Array, "2"]
Value = Float[Array, ""]

WAVES = np.random.default_rng(5).normal(size=(3, 12))
"""The noise of the double well: two components of a frequency and a phase for each of its waves."""
FREQUENCIES, PHASES = 4.0 * WAVES[:2], 2 * np.pi * WAVES[2]


def easom(xy: XY) -> Value:
    """−cos x cos y exp(−(x − π)² − (y − π)²): one pit in a plain, on which the gradient says nothing."""
    away = xy - jnp.asarray(jnp.pi, xy.dtype)
    return -jnp.cos(xy[0]) * jnp.cos(xy[1]) * jnp.exp(-jnp.sum(away**2))


def mccormick(xy: XY) -> Value:
    """sin(x + y) + (x − y)² − 1.5x + 2.5y + 1: waves down a valley. The minimum of the box is not the lowest
    beyond it: the valley falls without bound."""
    x, y = xy[0], xy[1]
    return jnp.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


def dixon_price(xy: XY) -> Value:
    """(x − 1)² + 2(2y² − x)²: two minima in the arms of a bent valley, and a saddle between them."""
    x, y = xy[0], xy[1]
    return (x - 1) ** 2 + 2 * (2 * y**2 - x) ** 2


def bukin6(xy: XY) -> Value:
    """100 √|y − 0.01x²| + 0.01|x + 10|: along the parabola lies a crease, infinitely steep on both sides.

    0 is given as the derivative of √|u| at u = 0.
    """
    crease = xy[1] - (xy[0] / 10) ** 2
    away = crease != 0
    height = jnp.where(away, jnp.sqrt(jnp.abs(jnp.where(away, crease, 1))), 0)
    return 100 * height + 0.01 * jnp.abs(xy[0] + 10)


def noisy_double_well(
    xy: XY,
    *,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation σ of the noise"] = 0.1,
    tilt: Annotated[float, Interval(ge=0.05, le=1), "slope that makes the left well the deeper one"] = 0.2,
) -> Value:
    """(x² − 1)² + ½y² + tilt·x + σ·n(x, y), with n = √(2/12) Σₖ cos(aₖx + bₖy + φₖ).

    The noise is fixed: 12 waves of random direction, frequency and phase, the same for every optimizer and seed.
    Their mean square over the plane is 1.
    """
    x, y = xy[0], xy[1]
    a, b, phase = (jnp.asarray(part, xy.dtype) for part in (*FREQUENCIES, PHASES))
    waves = jnp.sqrt(jnp.asarray(2 / len(PHASES), xy.dtype)) * jnp.sum(jnp.cos(a * x + b * y + phase))
    return (x**2 - 1) ** 2 + y**2 / 2 + tilt * x + noise * waves


def _double_well_minimizers(*, noise: float = 0.1, tilt: float = 0.2) -> tuple[Point, ...]:
    """The lowest point of a grid, followed by Newton's method."""

    def phases(x, y):
        return np.multiply.outer(x, FREQUENCIES[0]) + np.multiply.outer(y, FREQUENCIES[1]) + PHASES

    scale = noise * np.sqrt(2 / len(PHASES))
    x, y = (part.ravel() for part in np.meshgrid(*(np.linspace(-2, 2, 401),) * 2))
    values = (x**2 - 1) ** 2 + y**2 / 2 + tilt * x + scale * np.cos(phases(x, y)).sum(axis=1)
    point = np.array([x[values.argmin()], y[values.argmin()]])
    for _ in range(8):
        sines, cosines = np.sin(phases(*point)), np.cos(phases(*point))
        gradient = np.array([4 * point[0] * (point[0] ** 2 - 1) + tilt, point[1]]) - scale * FREQUENCIES @ sines
        smooth = np.diag([12 * point[0] ** 2 - 4, 1.0])
        point = point - np.linalg.solve(smooth - scale * (FREQUENCIES * cosines) @ FREQUENCIES.T, gradient)
    return ((float(point[0]), float(point[1])),)


FUNCTIONS = {
    "easom": Function(
        easom,
        ((-1.0, 7.0), (-1.0, 7.0)),
        at((float(np.pi), float(np.pi))),
        (1.9, 4.0),
        steady(0.1),
        "Easom",
        r"-\cos x\,\cos y\,e^{-(x-\pi)^2-(y-\pi)^2}",
        "Easom 1990, University of Louisville",
    ),
    "mccormick": Function(
        mccormick,
        ((-1.5, 4.0), (-3.0, 4.0)),
        at((0.5 - float(np.pi) / 3, -0.5 - float(np.pi) / 3)),
        (3.0, 2.5),
        steady(0.1),
        "McCormick",
        r"\sin(x+y)+(x-y)^2-1.5x+2.5y+1",
        "McCormick 1976, Mathematical Programming 10",
    ),
    "dixon-price": Function(
        dixon_price,
        ((-1.0, 3.0), (-1.5, 1.5)),
        at((1.0, 0.5**0.5), (1.0, -(0.5**0.5))),
        (2.5, 0.1),
        steady(0.01),
        "Dixon–Price",
        r"(x-1)^2+2(2y^2-x)^2",
        "Dixon & Price 1989, Journal of Optimization Theory and Applications 60",
    ),
    "bukin6": Function(
        bukin6,
        ((-15.0, -5.0), (-3.0, 3.0)),
        at((-10.0, 1.0)),
        (-7.0, 2.5),
        steady(3e-4),
        "Bukin 6",
        r"100\sqrt{|y-0.01x^2|}+0.01\,|x+10|",
        "Jamil & Yang 2013, arXiv:1308.4008",
    ),
    "noisy-double-well": Function(
        noisy_double_well,
        ((-2.0, 2.0), (-2.0, 2.0)),
        _double_well_minimizers,
        (1.7, 1.2),
        lambda noise, **_: 0.03 / (1 + 5 * noise),
        "Double well with noise",
        r"(x^2-1)^2+\tfrac12y^2+\mathrm{tilt}\,x+\sigma\sqrt{\tfrac2{12}}\sum_k\cos(a_kx+b_ky+\varphi_k)",
        "Kramers 1940, Physica 7 (the double well)",
    ),
}
