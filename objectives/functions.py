"""Test functions of two variables: f(xy["2"], **knobs), with their default box and known minima.

They keep the dtype of xy. A form that cancels near the minimum is rewritten (1 − cos t as 2 sin²(t/2)), so that
float32 is as accurate there as float64.
"""

from __future__ import annotations

from typing import Annotated

import jax.numpy as jnp
from annotated_types import Interval
from jaxtyping import Array, Float

from .function import Function, Point, at, square, steady

XY = Float[Array, "2"]
Value = Float[Array, ""]


def bowl(
    xy: XY,
    *,
    condition: Annotated[
        float, Interval(ge=1, le=10_000), "condition number κ, the ratio of the curvatures"
    ] = 10.0,
    angle: Annotated[float, Interval(ge=0, le=90), "rotation of the axes in degrees"] = 0.0,
) -> Value:
    """½(u² + κv²) with (u, v) = (x, y) turned by the angle: Hessian eigenvalues 1 and κ everywhere.

    The rotation does not change gradient descent, but it changes methods that scale each coordinate.
    """
    radians = jnp.asarray(angle, xy.dtype) * (jnp.pi / 180)
    cos, sin = jnp.cos(radians), jnp.sin(radians)
    return 0.5 * ((cos * xy[0] + sin * xy[1]) ** 2 + condition * (cos * xy[1] - sin * xy[0]) ** 2)


def rosenbrock(
    xy: XY,
    *,
    a: Annotated[float, Interval(ge=-2, le=2), "the minimum lies at (a, a²)"] = 1.0,
    b: Annotated[float, Interval(gt=0, le=1000), "steepness of the valley's walls"] = 100.0,
) -> Value:
    """(a − x)² + b(y − x²)²: one critical point, a minimum at the end of a curved valley."""
    return (a - xy[0]) ** 2 + b * (xy[1] - xy[0] ** 2) ** 2


def himmelblau(xy: XY) -> Value:
    """(x² + y − 11)² + (x + y² − 7)²: four minima with value 0, four saddles, one maximum."""
    x, y = xy[0], xy[1]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def beale(xy: XY) -> Value:
    """Σₖ (cₖ − x(1 − yᵏ))² for k = 1, 2, 3 and c = 1.5, 2.25, 2.625: flat, with sharp corners."""
    x, y = xy[0], xy[1]
    return (1.5 - x * (1 - y)) ** 2 + (2.25 - x * (1 - y**2)) ** 2 + (2.625 - x * (1 - y**3)) ** 2


def booth(xy: XY) -> Value:
    """(x + 2y − 7)² + (2x + y − 5)²: quadratic, eigenvalues 2 and 18."""
    x, y = xy[0], xy[1]
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def matyas(xy: XY) -> Value:
    """0.26(x² + y²) − 0.48xy: quadratic, eigenvalues 0.04 and 1."""
    x, y = xy[0], xy[1]
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def rastrigin(xy: XY) -> Value:
    """20 + Σᵢ (xᵢ² − 10 cos 2πxᵢ): a bowl with 121 minima in [−5.12, 5.12]²."""
    return jnp.sum(xy**2 + 20 * jnp.sin(jnp.pi * xy) ** 2)


def ackley(xy: XY) -> Value:
    """20 + e − 20 exp(−0.2·√(½‖xy‖²)) − exp(½ Σᵢ cos 2πxᵢ): a funnel with a ragged wall.

    The tip at 0 is a cone, where no gradient exists; 0, a subgradient, is given there.
    """
    mean_square = 0.5 * jnp.sum(xy**2)
    away = mean_square > 0
    distance = jnp.where(away, jnp.sqrt(jnp.where(away, mean_square, 1)), 0)
    ripples = jnp.sum(jnp.sin(jnp.pi * xy) ** 2)
    return -20 * jnp.expm1(-0.2 * distance) - jnp.e * jnp.expm1(-ripples)


def styblinski_tang(xy: XY) -> Value:
    """½Σᵢ (xᵢ⁴ − 16xᵢ² + 5xᵢ): four minima, four saddles, one maximum; one minimum is the deepest."""
    return 0.5 * jnp.sum(xy**4 - 16 * xy**2 + 5 * xy)


def goldstein_price(xy: XY) -> Value:
    """A product of two polynomials of degree four each: values from 3 to 10⁶ in one box."""
    x, y = xy[0], xy[1]
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return first * second


def three_hump_camel(xy: XY) -> Value:
    """2x² − 1.05x⁴ + x⁶/6 + xy + y²: the deepest of three minima is at 0."""
    x, y = xy[0], xy[1]
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


def six_hump_camel(xy: XY) -> Value:
    """(4 − 2.1x² + x⁴/3)x² + xy + (4y² − 4)y²: six minima, two of them the deepest."""
    x, y = xy[0], xy[1]
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


def saddle(xy: XY) -> Value:
    """½(x² − y²): eigenvalues 1 and −1 everywhere, no minimum."""
    return 0.5 * (xy[0] ** 2 - xy[1] ** 2)


def monkey_saddle(xy: XY) -> Value:
    """x³ − 3xy²: at 0 the Hessian vanishes, and three valleys go down."""
    return xy[0] ** 3 - 3 * xy[0] * xy[1] ** 2


def _rosenbrock_minimizers(*, a: float = 1.0, b: float = 100.0) -> tuple[Point, ...]:
    return ((a, a * a),)


def _rosenbrock_rate(*, a: float = 1.0, b: float = 100.0) -> float:
    """1/λ, with λ ≥ λmax on the valley floor y = x² from the start to the minimum."""
    return 1 / (2 + 2 * b * (1 + 4 * max(a * a, 1.44)))


FUNCTIONS = {
    "bowl": Function(
        bowl,
        square(4.0),
        at((0.0, 0.0)),
        (-3.5, 1.5),
        lambda condition, **_: 1 / condition,
        "Quadratic bowl",
        r"\tfrac12(u^2+\kappa v^2),\ (u,v)=R_\alpha(x,y)",
        "Polyak 1964, USSR Computational Mathematics 4",
    ),
    "rosenbrock": Function(
        rosenbrock,
        ((-2.0, 2.0), (-1.0, 3.0)),
        _rosenbrock_minimizers,
        (-1.2, 1.0),
        _rosenbrock_rate,
        "Rosenbrock",
        r"(a-x)^2+b(y-x^2)^2",
        "Rosenbrock 1960, Computer Journal 3",
    ),
    "himmelblau": Function(
        himmelblau,
        square(5.0),
        at(
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286169),
            (3.5844283403304917, -1.8481265269644036),
        ),
        (-0.5, -0.5),
        steady(0.01),
        "Himmelblau",
        r"(x^2+y-11)^2+(x+y^2-7)^2",
        "Himmelblau 1972, Applied Nonlinear Programming",
    ),
    "beale": Function(
        beale,
        square(4.5),
        at((3.0, 0.5)),
        (1.0, 1.5),
        steady(0.005),
        "Beale",
        r"\sum_{k=1}^3\bigl(c_k-x(1-y^k)\bigr)^2,\ c=(1.5,\,2.25,\,2.625)",
        "Beale 1958",
    ),
    "booth": Function(
        booth,
        square(10.0),
        at((1.0, 3.0)),
        (-8.0, -5.0),
        steady(0.05),
        "Booth",
        r"(x+2y-7)^2+(2x+y-5)^2",
        "Jamil & Yang 2013, arXiv:1308.4008",
    ),
    "matyas": Function(
        matyas,
        square(10.0),
        at((0.0, 0.0)),
        (-8.0, 3.0),
        steady(0.5),
        "Matyas",
        r"0.26(x^2+y^2)-0.48xy",
        "Jamil & Yang 2013, arXiv:1308.4008",
    ),
    "rastrigin": Function(
        rastrigin,
        square(5.12),
        at((0.0, 0.0)),
        (-3.2, 2.3),
        steady(0.002),
        "Rastrigin",
        r"20+\sum_i\bigl(x_i^2-10\cos 2\pi x_i\bigr)",
        "Rastrigin 1974",
    ),
    "ackley": Function(
        ackley,
        square(5.0),
        at((0.0, 0.0)),
        (-3.6, 2.4),
        steady(0.02),
        "Ackley",
        r"20+e-20\,e^{-0.2\sqrt{(x^2+y^2)/2}}-e^{(\cos 2\pi x+\cos 2\pi y)/2}",
        "Ackley 1987",
    ),
    "styblinski-tang": Function(
        styblinski_tang,
        square(5.0),
        at((-2.903534027771177, -2.903534027771177)),
        (0.5, -0.2),
        steady(0.02),
        "Styblinski–Tang",
        r"\tfrac12\sum_i\bigl(x_i^4-16x_i^2+5x_i\bigr)",
        "Styblinski & Tang 1990, Neural Networks 3",
    ),
    "goldstein-price": Function(
        goldstein_price,
        square(2.0),
        at((0.0, -1.0)),
        (-1.2, -0.4),
        steady(5e-5),
        "Goldstein–Price",
        r"\bigl(1+(x+y+1)^2(19-14x+3x^2-14y+6xy+3y^2)\bigr)"
        r"\bigl(30+(2x-3y)^2(18-32x+12x^2+48y-36xy+27y^2)\bigr)",
        "Goldstein & Price 1971, Mathematics of Computation 25",
    ),
    "three-hump-camel": Function(
        three_hump_camel,
        square(2.2),
        at((0.0, 0.0)),
        (-1.2, 1.8),
        steady(0.05),
        "Three-hump camel",
        r"2x^2-1.05x^4+\tfrac16x^6+xy+y^2",
        "Jamil & Yang 2013, arXiv:1308.4008",
    ),
    "six-hump-camel": Function(
        six_hump_camel,
        ((-2.0, 2.0), (-1.0, 1.0)),
        at((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
        (-1.2, 0.1),
        steady(0.02),
        "Six-hump camel",
        r"(4-2.1x^2+\tfrac13x^4)x^2+xy+(4y^2-4)y^2",
        "Dixon & Szegő 1978",
    ),
    "saddle": Function(
        saddle,
        square(2.0),
        at(),
        (-1.8, 0.001),
        steady(0.1),
        "Saddle",
        r"\tfrac12(x^2-y^2)",
        "Dauphin et al. 2014, arXiv:1406.2572",
    ),
    "monkey-saddle": Function(
        monkey_saddle,
        square(1.5),
        at(),
        (1.2, 0.05),
        steady(0.01),
        "Monkey saddle",
        r"x^3-3xy^2",
        "Hilbert & Cohn-Vossen 1932",
    ),
}
