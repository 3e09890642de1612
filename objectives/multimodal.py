"""Test functions with many minima, in the forms of Jamil & Yang 2013 (arXiv:1308.4008) for two variables.

They keep the dtype of xy. Where a slope is infinite or jumps, 0 is given as its derivative in that term.
"""

from __future__ import annotations

from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float

from .function import Function, Point, at, square, steady

XY = Float[Array, "2"]
Value = Float[Array, ""]

SCHWEFEL_MINIMIZER = 420.96874635998194
"""The solution of tan √x = −√x/2 next to 421."""


def _root(u: Value) -> Value:
    """√|u|, with the derivative 0 at u = 0."""
    away = u != 0
    return jnp.where(away, jnp.sqrt(jnp.abs(jnp.where(away, u, 1))), 0)


def griewank(xy: XY) -> Value:
    """1 + (x² + y²)/4000 − cos x · cos(y/√2): ripples on a bowl so wide that it is hardly seen here.

    1 − cos a cos b is taken as sin²((a + b)/2) + sin²((a − b)/2).
    """
    a, b = xy[0], xy[1] / jnp.sqrt(jnp.asarray(2, xy.dtype))
    return jnp.sum(xy**2) / 4000 + jnp.sin((a + b) / 2) ** 2 + jnp.sin((a - b) / 2) ** 2


def levy(xy: XY) -> Value:
    """sin²(πu) + (u − 1)²(1 + 10 sin²(πu + 1)) + (v − 1)²(1 + sin²(2πv)), u = 1 + (x − 1)/4 and v alike."""
    u, v = (xy[0] - 1) / 4, (xy[1] - 1) / 4  # less 1, where sin(πu) only changes its sign
    first = jnp.sin(jnp.pi * u) ** 2 + u**2 * (1 + 10 * jnp.sin(jnp.pi * (u + 1) + 1) ** 2)
    return first + v**2 * (1 + jnp.sin(2 * jnp.pi * v) ** 2)


def schwefel(xy: XY) -> Value:
    """837.97 − Σᵢ xᵢ sin √|xᵢ|: the second best minimum lies far from the best one.

    The constant makes the lowest value of the box 0. Outside the box the function falls without bound.
    """
    lowest = float(2 * SCHWEFEL_MINIMIZER * np.sin(np.sqrt(SCHWEFEL_MINIMIZER)))
    return lowest - xy[0] * jnp.sin(_root(xy[0])) - xy[1] * jnp.sin(_root(xy[1]))


def eggholder(xy: XY) -> Value:
    """−(y + 47) sin √|x/2 + y + 47| − x sin √|x − y − 47|: deep pits of unequal depth.

    The lowest point of the box, −959.6407 at (512, 404.2319), is no minimum: it lies on the edge, and the
    function falls without bound outside.
    """
    x, y = xy[0], xy[1] + 47
    return -y * jnp.sin(_root(x / 2 + y)) - x * jnp.sin(_root(x - y))


def cross_in_tray(xy: XY) -> Value:
    """−10⁻⁴(|sin x sin y exp|100 − r/π|| + 1)^0.1, r = √(x² + y²): four equal minima between the arms of a cross.

    exp(100) has no place in float32, so that the bracket is taken as exp of its logarithm. On the arms, where a
    sine is 0, the function has a cusp.
    """
    sines = jnp.abs(jnp.sin(xy[0]) * jnp.sin(xy[1]))
    away = sines > 0
    square_radius = jnp.sum(xy**2)
    radius = _root(square_radius)
    logarithm = jnp.log(jnp.where(away, sines, 1)) + jnp.abs(100 - radius / jnp.pi)
    return -1e-4 * jnp.where(away, jnp.exp(0.1 * jax.nn.softplus(logarithm)), 1)


def michalewicz(
    xy: XY,
    *,
    m: Annotated[float, Interval(ge=1, le=20), "steepness of the valleys"] = 10.0,
) -> Value:
    """−sin x · sin²ᵐ(x²/π) − sin y · sin²ᵐ(2y²/π): narrow valleys in a plain, which says nothing of them."""
    x, y = xy[0], xy[1]
    return -jnp.sin(x) * (jnp.sin(x**2 / jnp.pi) ** 2) ** m - jnp.sin(y) * (jnp.sin(2 * y**2 / jnp.pi) ** 2) ** m


def _michalewicz_minimizers(*, m: float = 10.0) -> tuple[Point, ...]:
    """y = π/2 for every m; x by Newton's method on the logarithm of sin x · sin²ᵐ(x²/π)."""
    x = 2.2
    for _ in range(30):
        inner = x * x / np.pi
        slope = 1 / np.tan(x) + 4 * m * x / np.pi / np.tan(inner)
        bend = -1 / np.sin(x) ** 2 + 4 * m / np.pi / np.tan(inner) - 8 * m * (x / np.pi / np.sin(inner)) ** 2
        x -= slope / bend
    return ((float(x), np.pi / 2),)


FUNCTIONS = {
    "griewank": Function(
        griewank,
        square(15.0),
        at((0.0, 0.0)),
        (-9.0, 6.0),
        steady(0.3),
        "Griewank",
        r"1+\tfrac{x^2+y^2}{4000}-\cos x\,\cos\tfrac{y}{\sqrt2}",
        "Griewank 1981, Journal of Optimization Theory and Applications 34",
    ),
    "levy": Function(
        levy,
        square(10.0),
        at((1.0, 1.0)),
        (-7.0, 6.0),
        steady(0.02),
        "Levy",
        r"\sin^2\pi u+(u-1)^2\bigl(1+10\sin^2(\pi u+1)\bigr)+(v-1)^2\bigl(1+\sin^2 2\pi v\bigr),"
        r"\ (u,v)=1+\tfrac{(x,y)-1}4",
        "Levy & Montalvo 1985, SIAM Journal on Scientific and Statistical Computing 6",
    ),
    "schwefel": Function(
        schwefel,
        square(500.0),
        at((SCHWEFEL_MINIMIZER, SCHWEFEL_MINIMIZER)),
        (-100.0, 250.0),
        steady(1.0),
        "Schwefel",
        r"837.97-\sum_i x_i\sin\sqrt{|x_i|}",
        "Schwefel 1981, Numerical Optimization of Computer Models",
    ),
    "eggholder": Function(
        eggholder,
        square(512.0),
        at(),
        (-100.0, -300.0),
        steady(0.3),
        "Eggholder",
        r"-(y+47)\sin\sqrt{|\tfrac x2+y+47|}-x\sin\sqrt{|x-y-47|}",
        "Whitley et al. 1996, Artificial Intelligence 85",
    ),
    "cross-in-tray": Function(
        cross_in_tray,
        square(4.0),
        at(*((x * 1.3494066171539107, y * 1.3494066171539107) for x in (1, -1) for y in (1, -1))),
        (-0.4, 0.8),
        steady(0.1),
        "Cross-in-tray",
        r"-10^{-4}\Bigl(\bigl|\sin x\,\sin y\,e^{|100-\sqrt{x^2+y^2}/\pi|}\bigr|+1\Bigr)^{0.1}",
        "Mishra 2006, MPRA paper 2718",
    ),
    "michalewicz": Function(
        michalewicz,
        ((0.0, float(np.pi)), (0.0, float(np.pi))),
        _michalewicz_minimizers,
        (2.65, 1.9),
        lambda m, **_: 0.02 / m,
        "Michalewicz",
        r"-\sin x\,\sin^{2m}\tfrac{x^2}\pi-\sin y\,\sin^{2m}\tfrac{2y^2}\pi",
        "Michalewicz 1992, Genetic Algorithms + Data Structures = Evolution Programs",
    ),
}
