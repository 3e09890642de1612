"""Functions with many minima against published values and against counts of their critical points."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature import critical_points
from landscapes.objectives import FUNCTIONS
from landscapes.objectives.multimodal import SCHWEFEL_MINIMIZER


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def value(name, x, y):
    return float(FUNCTIONS[name].f(jnp.array([x, y])))


# Jamil & Yang 2013 (arXiv:1308.4008), to the digits printed there; the rest from algebra.
PUBLISHED = [
    ("griewank", (0, 0), 0.0),
    ("griewank", (np.pi, np.pi * 2**0.5), np.pi**2 * 3 / 4000),
    ("griewank", (np.pi, 0), 2 + np.pi**2 / 4000),
    ("levy", (1, 1), 0.0),
    ("levy", (5, 1), 1 + 10 * np.sin(1) ** 2),
    ("levy", (1, -3), 1.0),
    ("schwefel", (420.9687, 420.9687), 0.0),
    ("schwefel", (0, 0), 837.9658),
    ("eggholder", (512, 404.2319), -959.6407),
    ("eggholder", (0, -47), 0.0),
    ("cross-in-tray", (1.3494066, -1.3494066), -2.062612),
    ("cross-in-tray", (0, 2), -1e-4),
    ("michalewicz", (2.20290552, 1.57079633), -1.801303),
    ("michalewicz", (np.pi / 2, np.pi / 2), -1 - np.sin(np.pi / 4) ** 20),
]


@pytest.mark.parametrize(("name", "point", "expected"), PUBLISHED, ids=str)
def test_published_values(name, point, expected):
    assert value(name, *point) == pytest.approx(expected, abs=1e-4)


def test_schwefel_has_its_second_best_minimum_far_away():
    root = SCHWEFEL_MINIMIZER**0.5
    assert root / 2 == pytest.approx(-np.tan(root), rel=1e-12)
    second = value("schwefel", -302.5249, SCHWEFEL_MINIMIZER)
    assert second == pytest.approx(118.4384, abs=1e-4)
    assert value("schwefel", 203.8143, SCHWEFEL_MINIMIZER) > second


def test_what_falls_beyond_its_box_says_so():
    assert value("eggholder", 530.0, 420.0) < -959.6407
    assert value("schwefel", 5000.0, 421.0) < 0
    assert FUNCTIONS["eggholder"].minima == ()


def test_cross_in_tray_fits_into_float32():
    """exp(100) overflows there; the textbook's form, in float64, does not."""
    for x, y in [(1.3, 0.4), (-3.0, 2.0), (1e-3, -2.0)]:
        radius = np.hypot(x, y)
        textbook = -1e-4 * (abs(np.sin(x) * np.sin(y) * np.exp(abs(100 - radius / np.pi))) + 1) ** 0.1
        single = FUNCTIONS["cross-in-tray"].f(jnp.array([x, y], jnp.float32))
        assert value("cross-in-tray", x, y) == pytest.approx(textbook, rel=1e-12)
        assert float(single) == pytest.approx(textbook, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "point"), [("eggholder", (0, -47)), ("schwefel", (0, 3)), ("cross-in-tray", (0, 0))]
)
def test_gradients_are_finite_in_creases(name, point):
    gradient = jax.jit(jax.grad(FUNCTIONS[name].f))(jnp.array(point, float))
    assert np.all(np.isfinite(gradient))


def count_of_one_variable(f):
    """(minima, maxima) of f over ]−10, 10[, by the signs of its differences on a fine grid."""
    falls = np.diff(f(np.linspace(-10, 10, 400_001))) < 0
    turns = np.diff(falls.astype(int))
    return np.count_nonzero(turns < 0), np.count_nonzero(turns > 0)


def test_critical_points_of_levy_are_products_of_one_dimensional_ones():
    def first(x):
        u = (x - 1) / 4
        return np.sin(np.pi * u) ** 2 + u**2 * (1 + 10 * np.sin(np.pi * (u + 1) + 1) ** 2)

    def second(y):
        v = (y - 1) / 4
        return v**2 * (1 + np.sin(2 * np.pi * v) ** 2)

    function = FUNCTIONS["levy"]
    points = critical_points(Problem.from_loss(function.f, np.zeros(2)), function.box, key=jax.random.key(0))
    (low_x, high_x), (low_y, high_y) = map(count_of_one_variable, (first, second))
    assert points.morse is not None
    assert points.morse.minima == low_x * low_y
    assert points.morse.maxima == high_x * high_y
    assert points.morse.saddles == low_x * high_y + high_x * low_y
    assert points.morse.is_complete


def test_griewank_has_a_minimum_near_every_node_of_its_lattice():
    """cos x · cos(y/√2) = 1 where x/π and y/(√2π) are whole and of equal parity; the bowl moves each inward."""
    function = FUNCTIONS["griewank"]
    points = critical_points(Problem.from_loss(function.f, np.zeros(2)), function.box, key=jax.random.key(0))
    minima = points.points[[kind == "minimum" for kind in points.kinds]]
    lattice = np.array([
        (np.pi * i, 2**0.5 * np.pi * j)
        for i, j in itertools.product(range(-4, 5), range(-3, 4))
        if (i + j) % 2 == 0
    ])  # fmt: skip
    gaps = np.linalg.norm(minima[:, None] - lattice, axis=2)
    assert len(minima) == len(lattice)
    assert np.all(gaps.min(axis=0) < 0.05)
    assert points.morse is not None
    assert points.morse.is_complete
