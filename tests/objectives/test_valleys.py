"""Functions with one trap, against algebra, published values and counts of their critical points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Problem, Recipe
from landscapes.curvature import critical_points
from landscapes.objectives import FUNCTIONS
from landscapes.objectives.valleys import FREQUENCIES, PHASES
from landscapes.recipes import catalog


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def value(name, x, y, **knobs):
    return float(FUNCTIONS[name].f(jnp.array([x, y]), **knobs))


# Jamil & Yang 2013 (arXiv:1308.4008), to the digits printed there; the rest from algebra.
PUBLISHED = [
    ("easom", (np.pi, np.pi), -1.0),
    ("easom", (np.pi, 0), np.exp(-(np.pi**2))),
    ("mccormick", (-0.547, -1.547), -1.9133),
    ("mccormick", (np.pi, 0), np.pi**2 - 1.5 * np.pi + 1),
    ("dixon-price", (1, 0.5**0.5), 0.0),
    ("dixon-price", (1 / 3, 0), 2 / 3),
    ("dixon-price", (2, 1), 1.0),
    ("bukin6", (-10, 1), 0.0),
    ("bukin6", (-6, 0.11), 5.0 * 10 + 0.0 + 0.04),
    ("bukin6", (-12, 1.44), 0.02),
]


@pytest.mark.parametrize(("name", "point", "expected"), PUBLISHED, ids=str)
def test_published_values(name, point, expected):
    assert value(name, *point) == pytest.approx(expected, abs=1e-4)


def test_mccormick_falls_beyond_its_box():
    function = FUNCTIONS["mccormick"]
    ((x, y),) = function.minima
    assert value("mccormick", x, y) == pytest.approx(-(3**0.5) / 2 - np.pi / 3, rel=1e-12)
    assert value("mccormick", x - np.pi, y - np.pi) == pytest.approx(value("mccormick", x, y) - np.pi, rel=1e-12)


@pytest.mark.parametrize("name", ["griewank", "levy", "noisy-double-well"])
def test_audits_of_coercive_functions_close_and_find_the_minima(name):
    function = FUNCTIONS[name]
    points = critical_points(Problem.from_loss(function.f, np.zeros(2)), function.box, key=jax.random.key(0))
    assert points.morse is not None
    assert points.morse.is_complete
    for minimum in catalog.minima(Recipe(objective=Choice(name))):
        assert np.min(np.linalg.norm(points.points - minimum, axis=1)) < 1e-6


def test_the_audit_of_dixon_price_closes():
    function = FUNCTIONS["dixon-price"]
    points = critical_points(Problem.from_loss(function.f, np.zeros(2)), function.box, key=jax.random.key(0))
    expected = [(1, 0.5**0.5), (1, -(0.5**0.5)), (1 / 3, 0)]
    for point in expected:
        assert np.min(np.linalg.norm(points.points - point, axis=1)) < 1e-9
    assert points.morse is not None
    assert (points.morse.minima, points.morse.saddles, points.morse.maxima) == (2, 1, 0)
    assert points.morse.is_complete


def test_bukin_is_steep_on_both_sides_of_its_crease():
    gradient = jax.grad(FUNCTIONS["bukin6"].f)
    above, below, on = (gradient(jnp.array([-7.0, 0.49 + away])) for away in (1e-6, -1e-6, 0.0))
    np.testing.assert_allclose([above[1], below[1]], [5e4, -5e4], rtol=1e-3)
    assert np.all(np.isfinite(on))


def test_the_double_well_without_noise_is_a_polynomial():
    for x, y in [(1.3, -0.4), (-0.2, 1.1)]:
        expected = (x**2 - 1) ** 2 + y**2 / 2 + 0.3 * x
        assert value("noisy-double-well", x, y, noise=0.0, tilt=0.3) == pytest.approx(expected, rel=1e-12)
    ((x, y),) = FUNCTIONS["noisy-double-well"].minimizers(noise=0.0, tilt=0.3)
    assert 4 * x * (x**2 - 1) + 0.3 == pytest.approx(0, abs=1e-12)
    assert x < -1
    assert y == pytest.approx(0, abs=1e-12)


def test_the_noise_has_the_given_deviation():
    """The mean square of Σ cos over a large square is half the number of waves."""
    points = np.random.default_rng(1).uniform(-300, 300, (20_000, 2))
    f = jax.jit(jax.vmap(lambda z, noise: FUNCTIONS["noisy-double-well"].f(z, noise=noise), (0, None)))
    waves = (f(points, 0.5) - f(points, 0.0)) / 0.5
    rounding = 1e-4  # of f, which is 10¹⁰ at the corners
    assert float(jnp.std(waves)) == pytest.approx(1, abs=0.02)
    expected = (2 / 12) ** 0.5 * np.cos(points @ FREQUENCIES + PHASES).sum(axis=1)
    np.testing.assert_allclose(waves, expected, atol=rounding)
