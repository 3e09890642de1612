"""Jumps of the gradient and of the second derivative: every kind is seen, and nothing smooth is taken for one."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, spectrum
from landscapes.objectives import FUNCTIONS
from tests import problems
from tests.compiled import compilations
from tests.problems import normal

KEY = jax.random.key(0)
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
SIZES = 1e-6, 1.0, 1e6


@cache
def scaled(loss):
    return lambda w, size: loss(w / size)


def problem(loss, point, size=1.0, dtype: Any = np.float64):
    """w ↦ loss(w/size) at size·point, the size traced."""
    return Problem.from_loss(scaled(loss), (size * np.array(point)).astype(dtype), dtype(size))


def zero_layer(w):
    """A hidden ReLU layer that starts at zero, with weight decay; its outputs are too small everywhere."""
    x, y = normal(0, 40, 2), np.abs(normal(1, 40)) + 0.1
    out = jax.nn.relu(jnp.asarray(x, w.dtype) @ w.reshape(2, 3)) @ jnp.array([0.3, 0.5, 0.7], w.dtype)
    return jnp.mean((out - jnp.asarray(y, w.dtype)) ** 2) + 0.02 * jnp.sum(w**2)


def stiff(jump):
    """The curvature is 2e6 along (1, −1), and a kink lies along (1, 1)."""
    return lambda w: 5e5 * (w[0] - w[1] - 10) ** 2 + 0.05 * (w[0] + w[1]) ** 2 + jump * jnp.abs(w[0] + w[1]) + 3


def beside_rounded(w):
    """A kink whose tie float32 rounds away."""
    return w @ w - jnp.abs(w @ jnp.array([0.3, 0.5, -0.9], w.dtype))


PEAKS = {
    "abs": (lambda w: jnp.sum(w**2 - jnp.abs(w)), [0.0, 0.0, 0.0]),
    # 0.1 differs between float32 and float64, so in float64 the kink lies near the point.
    "abs at a tenth": (lambda w: w @ w - jnp.abs(w[0] - 0.1), [0.1, 0.7]),
    "max-pool": (lambda w: w @ w - jnp.max(w), [0.4, 0.4, 0.4]),
    "hinge": (lambda w: w @ w - jax.nn.relu(1 - w[0]), [1.0, 0.0]),
    "clip": (lambda w: w @ w + jnp.clip(3 * w[0], -1.5, 1.5), [0.5, 0.2]),
    "leaky ReLU": (lambda w: w @ w - jax.nn.leaky_relu(w[1] - w[0]), [0.3, 0.3]),
    "a valley and a small peak": (lambda w: jnp.abs(w[1]) - 0.1 * jnp.abs(w[0]) + w @ w, [0.0, 0.0]),
    "far below the curvature": (stiff(-1e-3), [5.0, -5.0]),
    "rounded to beside a tie": (beside_rounded, [0.1, 0.3, 0.2]),
    "a small jump at a rounded tie": (lambda w: w @ w + 2e-3 * (beside_rounded(w) - w @ w), [0.1, 0.3, 0.2]),
    "ReLU layer at zero": (zero_layer, [0.0] * 6),
}


@DTYPES
@pytest.mark.parametrize("name", PEAKS)
def test_peak_is_non_convex_along_its_direction(name, dtype):
    loss, point = PEAKS[name]
    for size in SIZES:
        result = spectrum(problem(loss, point, size, dtype), KEY)
        assert result.verdict.state == "non-convex"
        assert result.jump is not None
        assert result.jump.kind == "gradient"
        before, after = result.jump.slopes
        assert after < before
        assert result.jump.direction is not None
        move = 1e-3 * result.jump.direction
        with jax.enable_x64(True):
            below, position, above = (float(loss(jnp.array(point) + t * move)) for t in (-1, 0, 1))
        assert below + above < 2 * position


VALLEYS = {
    "abs": (lambda w: jnp.sum(w**2 + jnp.abs(w)), [0.0, 0.0]),
    "hinge": (lambda w: w @ w + jax.nn.relu(1 - w[0]), [1.0, 0.0]),
    "max-pool": (lambda w: w @ w + jnp.max(w), [0.4, 0.4, 0.4]),
    # Along every line its slope is the same on both sides of the tie.
    "median": (lambda w: w @ w + jnp.median(w), [0.2, 0.2, 0.2]),
    "sort": (lambda w: w @ w + jnp.sort(w) @ jnp.array([1.0, 3.0, 2.0], w.dtype), [0.2, 0.2, 0.2]),
    "far below the curvature": (stiff(1e-3), [5.0, -5.0]),
    "a small jump at a rounded tie": (lambda w: w @ w - 2e-3 * (beside_rounded(w) - w @ w), [0.1, 0.3, 0.2]),
    "small beside much curvature": (lambda w: 1e3 * w[0] ** 2 + w[1] ** 2 + 1e-4 * jnp.abs(w[1]), [0.3, 0.0]),
}


@DTYPES
@pytest.mark.parametrize("name", VALLEYS)
def test_convex_kink_is_undetermined(name, dtype):
    for size in SIZES:
        verdicts = spectrum(problem(*VALLEYS[name], size=size, dtype=dtype), KEY).verdict
        assert verdicts.state == "undetermined"
        assert verdicts.sentence.startswith("Undetermined here: the gradient jumps by ")


def huber(w):
    return jnp.where(jnp.abs(w[0]) < 1, w[0] ** 2, 2 * jnp.abs(w[0]) - 1) + w[1] ** 2


def saddle_knot(w):
    return jax.nn.relu(w[0]) ** 2 - 0.5 * jax.nn.relu(-w[0]) ** 2 + 0.1 * w[1] ** 2


@DTYPES
def test_knot_is_undetermined_unless_one_side_is_concave(dtype):
    result = spectrum(problem(huber, [1.0, 0.3], 1.0, dtype), KEY)
    assert result.jump is not None
    assert result.jump.kind == "second derivative"
    assert result.verdict.sentence.startswith("Undetermined here: the second derivative jumps")
    nearby = spectrum(problem(saddle_knot, [0.0, 0.3], 1.0, dtype), KEY)
    assert nearby.verdict.state == "non-convex"
    assert nearby.jump is not None
    assert nearby.jump.nearby_curvature == pytest.approx(-1, abs=1e-6)


def test_reward_reverses_the_signs():
    peak, valley = (lambda w: jnp.abs(w[0]) - w @ w), (lambda w: -jnp.abs(w[0]) - w @ w)
    verdicts = [spectrum(problems.maximized(problem(f, [0.0, 0.2])), KEY).verdict for f in (peak, valley)]
    assert [each.state for each in verdicts] == ["non-convex", "undetermined"]
    assert verdicts[0].sentence.startswith(
        "Not concave here: the gradient jumps; along one direction the objective rises"
    )


def test_a_kink_beside_the_point_does_not_touch_negative_curvature_at_it():
    def loss(w):
        return beside_rounded(w) - 4 * w[2] ** 2

    result = spectrum(problem(loss, [0.1, 0.3, 0.2], 1.0, np.float32), KEY)
    assert result.jump is None
    assert result.verdict.sentence.startswith("Not convex here: a direction of negative curvature was found")


SMOOTH = {
    "fast cosine": (lambda w: jnp.sum(jnp.cos(1e6 * w)), [0.3, 0.7]),
    "steep softplus": (lambda w: jnp.sum(jax.nn.softplus(1e4 * w)), [0.0, 0.7]),
    "a root rounded off": (lambda w: jnp.sqrt(w[0] ** 2 + 1e-9), [0.0]),
    "quartic": (lambda w: jnp.sum(w**4), [0.0, 0.0]),
    "large terms that cancel": (lambda w: jnp.sum((w + 1e5) ** 2) - 2e5 * jnp.sum(w), [0.3, 0.4]),
    "nearly linear": (lambda w: 1e-9 * jnp.sum(w**2) + jnp.sum(jnp.sin(w)) + 1e3, [0.3, 0.4]),
    "saturated": (lambda w: -jax.nn.softmax(30 * w)[0], [1.0, 0.0, -1.0]),
    "sure": (lambda w: -jnp.sum(jax.nn.log_sigmoid(30 * w)), [1.0, 1.2]),
    "scales apart": (lambda w: jnp.cos(w[0] * 1e6) + (w[1] * 1e-6 - 1) ** 2, [1e-6, 1e6]),
}


@DTYPES
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_losses_have_no_jump(name, dtype):
    for size in SIZES:
        assert spectrum(problem(*SMOOTH[name], size=size, dtype=dtype), KEY).jump is None


def test_smooth_test_functions_have_no_jump():
    for name, function in FUNCTIONS.items():
        result = spectrum(Problem.from_loss(function.f, np.array(function.start)), KEY)
        assert result.jump is None, name


def test_second_search_does_not_compile():
    loss, point = PEAKS["max-pool"]
    spectrum(problem(loss, point), KEY)
    with compilations() as result:
        spectrum(problem(loss, point, 3.0), KEY)
    assert not result
