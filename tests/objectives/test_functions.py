"""Test functions against their known minima, critical points and Hessian eigenvalues, in float64."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.knobs import knobs
from landscapes.objectives import FUNCTIONS
from landscapes.objectives.valleys import FREQUENCIES, PHASES

# (function, point, value, ascending Hessian eigenvalues): every figure is from algebra, to the digits printed.
CRITICAL_POINTS = [
    ("bowl", (0, 0), 0, (1, 10)),
    ("rosenbrock", (1, 1), 0, (0.39936077, 1001.60063923)),
    ("himmelblau", (3, 2), 0, (25.715729, 82.284271)),
    ("himmelblau", (-2.805118, 3.131313), 0, (64.840373, 80.550072)),
    ("himmelblau", (-3.779310, -3.283186), 0, (70.714355, 133.785615)),
    ("himmelblau", (3.584428, -1.848127), 0, (28.690677, 105.418908)),
    ("himmelblau", (3.385154, 0.073852), 13.311926, (-14.135178, 97.547878)),
    ("himmelblau", (0.086678, 2.884255), 67.719150, (-31.706622, 75.507609)),
    ("himmelblau", (-3.073026, -0.081353), 104.015163, (-39.651496, 72.435248)),
    ("himmelblau", (-0.127961, -1.953715), 178.337239, (-50.610239, 20.284050)),
    ("himmelblau", (-0.270845, -0.923039), 181.616522, (-45.605229, -16.066020)),
    ("beale", (3, 0.5), 0, (0.301464, 48.979786)),
    ("beale", (0, 1), 14.203125, (-27.75, 27.75)),
    ("booth", (1, 3), 0, (2, 18)),
    ("matyas", (0, 0), 0, (0.04, 1)),
    ("rastrigin", (0, 0), 0, (396.784176, 396.784176)),
    ("rastrigin", (0.9949586, 0), 0.994959, None),
    ("rastrigin", (0, -1.9899122), 3.979831, None),
    ("rastrigin", (2.9848557, 0), 8.954601, None),
    ("rastrigin", (-3.9797839, 4.9746914), 15.919244 + 24.873723, None),
    ("styblinski-tang", (-2.903534, -2.903534), -78.33233, (34.583059, 34.583059)),
    ("styblinski-tang", (0.156731, 0.156731), None, (-15.852612, -15.852612)),
    ("styblinski-tang", (2.746803, 2.746803), None, (29.269553, 29.269553)),
    ("styblinski-tang", (2.746803, 0.156731), None, (-15.852612, 29.269553)),
    ("goldstein-price", (0, -1), 3, (402.831012, 965.168988)),
    ("three-hump-camel", (0, 0), 0, (3 - 2**0.5, 3 + 2**0.5)),
    ("six-hump-camel", (0.089842, -0.712656), -1.031628, None),
    ("saddle", (0, 0), 0, (-1, 1)),
]

CREASED = {"bukin6"}  # the minimum lies in a crease, where no gradient exists


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


@cache
def derivatives(name):
    """(z, **knobs) ↦ (f, ∇f, ∇²f), compiled once per function."""

    def evaluated(z, **kwargs):
        def f(z):
            return FUNCTIONS[name].f(z, **kwargs)

        return f(z), jax.grad(f)(z), jax.hessian(f)(z)

    return jax.jit(evaluated)


@pytest.mark.parametrize(("name", "point", "value", "eigenvalues"), CRITICAL_POINTS, ids=str)
def test_critical_points(name, point, value, eigenvalues):
    at = np.asarray(point, np.float64)
    for _ in range(3):  # Newton's method, from the printed digits to all digits
        _, gradient, hessian = derivatives(name)(at)
        at = at - np.linalg.solve(hessian, gradient)
    result, gradient, hessian = derivatives(name)(at)
    np.testing.assert_allclose(at, point, atol=1e-6)
    assert np.linalg.norm(gradient) < 1e-9
    if value is not None:
        np.testing.assert_allclose(result, value, atol=1e-6, rtol=1e-7)
    if eigenvalues is not None:
        np.testing.assert_allclose(np.linalg.eigvalsh(hessian), eigenvalues, atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_minimizers_are_the_lowest_points_of_the_box(name):
    function = FUNCTIONS[name]
    (x_low, x_high), (y_low, y_high) = function.box
    x, y = np.meshgrid(np.linspace(x_low, x_high, 41), np.linspace(y_low, y_high, 43))
    values = jax.jit(jax.vmap(function.f))(jnp.stack([x.ravel(), y.ravel()], axis=1))
    assert jnp.all(jnp.isfinite(values))
    for point in function.minima:
        assert x_low < point[0] < x_high
        assert y_low < point[1] < y_high
        lowest, gradient, hessian = derivatives(name)(jnp.asarray(point))
        if name not in CREASED:
            assert np.linalg.norm(gradient) < 1e-9
            assert np.all(np.linalg.eigvalsh(hessian) > 0)
        # Under the root of a crease, 10⁻¹⁶ of rounding is 10⁻⁶ of height.
        rounding = 1e-5 if name in CREASED else 1e-12
        assert lowest <= jnp.min(values) + rounding
        angles = 2 * np.pi * np.arange(16) / 16
        circle = 1e-3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        assert lowest < jnp.min(jax.vmap(function.f)(np.asarray(point) + circle))
        np.testing.assert_allclose(lowest, function.f(jnp.asarray(function.minima[0])), atol=rounding)


def test_minimizers_follow_the_knobs():
    rosenbrock = FUNCTIONS["rosenbrock"]
    ((x, y),) = rosenbrock.minimizers(a=-1.5, b=3.0)
    assert (x, y) == (-1.5, 2.25)
    assert rosenbrock.f(jnp.array([x, y]), a=-1.5, b=3.0) == 0
    for name, arguments in (("michalewicz", {"m": 3.0}), ("noisy-double-well", {"noise": 0.6, "tilt": 0.05})):
        (point,) = FUNCTIONS[name].minimizers(**arguments)
        assert point != FUNCTIONS[name].minima[0]
        _, gradient, hessian = derivatives(name)(jnp.asarray(point), **arguments)
        assert np.linalg.norm(gradient) < 1e-9
        assert np.all(np.linalg.eigvalsh(hessian) > 0)
    for function in FUNCTIONS.values():
        defaults = {knob.name: knob.default for knob in knobs(function.f).values()}
        assert function.minimizers(**defaults) == function.minima


def test_the_bowl_keeps_its_eigenvalues_when_turned():
    hessian = derivatives("bowl")(jnp.array([2.0, -1.0]), condition=7.0, angle=30.0)[2]
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), (1, 7), rtol=1e-12)
    shallow = jnp.array([3**0.5 / 2, 0.5])  # 30 degrees from the x axis
    np.testing.assert_allclose(hessian @ shallow, shallow, rtol=1e-12)


def test_rosenbrock_is_not_convex():
    _, _, hessian = derivatives("rosenbrock")(jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(hessian, [[-398, 0], [0, 200]])


def test_t27_the_monkey_saddle_has_no_curvature_at_its_saddle():
    _, gradient, hessian = derivatives("monkey-saddle")(jnp.zeros(2))
    np.testing.assert_array_equal(hessian, np.zeros((2, 2)))
    np.testing.assert_array_equal(gradient, np.zeros(2))
    angles = 2 * np.pi * np.arange(6) / 6
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    signs = [np.sign(derivatives("monkey-saddle")(point)[0]) for point in circle]
    assert signs == [1, -1, 1, -1, 1, -1]


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_t33_ackley_gradient_at_the_optimum(dtype):
    value, gradient, hessian = derivatives("ackley")(jnp.zeros(2, dtype))
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros(2))
    assert np.all(np.isfinite(hessian))
    value, gradient, _ = derivatives("ackley")(jnp.array([3e-4, 4e-4], dtype))
    assert value.dtype == gradient.dtype == dtype
    # Close to the tip a cone, 4·√(½r²), and a bowl, eπ²r², are all there is.
    np.testing.assert_allclose(value, 8**0.5 * 5e-4 + np.e * np.pi**2 * 25e-8, rtol=1e-4)
    slope = 8**0.5 + 2 * np.e * np.pi**2 * 5e-4
    np.testing.assert_allclose(gradient, slope * np.array([0.6, 0.8]), rtol=1e-3)


def _turned(x, y, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return c * x + s * y, c * y - s * x


def _bowl(x, y, condition, angle):
    u, v = _turned(x, y, angle)
    return (u**2 + condition * v**2) / 2


def _double_well(x, y, noise, tilt):
    waves = np.sqrt(2 / 12) * np.cos(x * FREQUENCIES[0] + y * FREQUENCIES[1] + PHASES).sum()
    return (x**2 - 1) ** 2 + y**2 / 2 + tilt * x + noise * waves


sin, cos, exp, sqrt, pi = np.sin, np.cos, np.exp, np.sqrt, np.pi
TEXTBOOK = {
    "bowl": _bowl,
    "rosenbrock": lambda x, y, a, b: (a - x) ** 2 + b * (y - x**2) ** 2,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "beale": lambda x, y: sum((c - x + x * y**k) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), 1)),
    "booth": lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    "matyas": lambda x, y: 0.26 * (x**2 + y**2) - 0.48 * x * y,
    "rastrigin": lambda x, y: 20 + sum(t**2 - 10 * cos(2 * pi * t) for t in (x, y)),
    "ackley": lambda x, y: (
        20 + np.e - 20 * exp(-0.2 * sqrt((x**2 + y**2) / 2)) - exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2)
    ),
    "styblinski-tang": lambda x, y: sum(t**4 - 16 * t**2 + 5 * t for t in (x, y)) / 2,
    "goldstein-price": lambda x, y: (
        (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2))
        * (30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2))
    ),
    "three-hump-camel": lambda x, y: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
    "six-hump-camel": lambda x, y: 4 * x**2 - 2.1 * x**4 + x**6 / 3 + x * y - 4 * y**2 + 4 * y**4,
    "saddle": lambda x, y: (x**2 - y**2) / 2,
    "monkey-saddle": lambda x, y: x**3 - 3 * x * y**2,
    "griewank": lambda x, y: 1 + (x**2 + y**2) / 4000 - cos(x) * cos(y / sqrt(2)),
    "levy": lambda x, y: (
        sin(pi * (x + 3) / 4) ** 2
        + ((x - 1) / 4) ** 2 * (1 + 10 * sin(pi * (x + 3) / 4 + 1) ** 2)
        + ((y - 1) / 4) ** 2 * (1 + sin(pi * (y + 3) / 2) ** 2)
    ),
    "schwefel": lambda x, y: 837.965774544 - sum(t * sin(sqrt(abs(t))) for t in (x, y)),
    "eggholder": lambda x, y: -(y + 47) * sin(sqrt(abs(x / 2 + y + 47))) - x * sin(sqrt(abs(x - y - 47))),
    "cross-in-tray": lambda x, y: -1e-4 * (abs(sin(x) * sin(y) * exp(abs(100 - np.hypot(x, y) / pi))) + 1) ** 0.1,
    "michalewicz": lambda x, y, m: -sin(x) * sin(x**2 / pi) ** (2 * m) - sin(y) * sin(2 * y**2 / pi) ** (2 * m),
    "easom": lambda x, y: -cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2),
    "mccormick": lambda x, y: sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
    "dixon-price": lambda x, y: (x - 1) ** 2 + 2 * (2 * y**2 - x) ** 2,
    "bukin6": lambda x, y: 100 * sqrt(abs(y - 0.01 * x**2)) + 0.01 * abs(x + 10),
    "noisy-double-well": _double_well,
}
TURNED = {"condition": 7.0, "angle": 25.0, "a": -1.5, "b": 3.0, "m": 2.0, "noise": 0.7, "tilt": 0.4}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_its_textbook_formula_with_every_knob_turned(name):
    function = FUNCTIONS[name]
    settings = {knob.name: TURNED[knob.name] for knob in knobs(function.f).values()}
    for x, y in ((1.3, -0.7), (-2.1, 0.4), (0.6, 2.9)):
        found = function.f(np.array([x, y]), **settings)
        np.testing.assert_allclose(found, TEXTBOOK[name](x, y, **settings), rtol=1e-11, err_msg=str((x, y)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_match_finite_differences_and_keep_the_precision(name):
    function = derivatives(name)
    arguments = {knob.name: 0.9 * float(knob.default) + 0.2 for knob in knobs(FUNCTIONS[name].f).values()}
    at = np.asarray(FUNCTIONS[name].start)
    value, gradient, _ = function(at, **arguments)
    for axis, step in enumerate(1e-6 * np.eye(2)):
        difference = (function(at + step, **arguments)[0] - function(at - step, **arguments)[0]) / 2e-6
        np.testing.assert_allclose(difference, gradient[axis], rtol=1e-6, atol=1e-6)
    single = jax.eval_shape(
        FUNCTIONS[name].f, *jax.tree.map(np.float32, (at,)), **jax.tree.map(np.float32, arguments)
    )
    assert single.dtype == jnp.float32
    rounded = FUNCTIONS[name].f(jnp.asarray(at, jnp.float32), **arguments)
    assert rounded.dtype == jnp.float32
    np.testing.assert_allclose(rounded, value, rtol=1e-5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_starts_lie_in_the_box_and_give_optimizers_something_to_do(name):
    function = FUNCTIONS[name]
    for coordinate, (low, high) in zip(function.start, function.box, strict=True):
        assert low < coordinate < high
    assert np.linalg.norm(derivatives(name)(np.asarray(function.start))[1]) > 0.1
    for point in function.minima:
        assert np.linalg.norm(np.subtract(function.start, point)) > 0.5


def test_every_function_says_what_it_is():
    titles = [function.title for function in FUNCTIONS.values()]
    assert len(set(titles)) == len(titles)
    assert all(function.formula and function.source for function in FUNCTIONS.values())


EXTREMES = [
    {"bowl": {"condition": 10_000.0, "angle": 45.0}},
    {"rosenbrock": {"b": 1000.0}},
    {"rosenbrock": {"a": 2.0, "b": 1.0}},
    {"michalewicz": {"m": 20.0}},
    {"michalewicz": {"m": 1.0}},
    {"noisy-double-well": {"noise": 1.0, "tilt": 1.0}},
]


@pytest.mark.parametrize("given", [{name: {}} for name in FUNCTIONS] + EXTREMES, ids=str)
def test_gradient_descent_at_the_given_rate_goes_down_at_every_step(given):
    ((name, changed),) = given.items()
    function = FUNCTIONS[name]
    settings = {knob.name: knob.default for knob in knobs(function.f).values()} | changed
    rate = function.rate(**settings)

    @jax.jit
    def descend(start):
        def step(xy, _):
            value, gradient = jax.value_and_grad(function.f)(xy, **settings)
            return xy - rate * gradient, value

        return jax.lax.scan(step, start, length=100)[1]

    values = np.asarray(descend(jnp.asarray(function.start)))
    within = values[np.isfinite(values)]  # a saddle's branch has no end
    assert len(within) >= (2 if not function.minima else 100)
    assert np.all(np.diff(within) <= 1e-12 * np.abs(within[1:]))
    assert within[-1] < within[0]
