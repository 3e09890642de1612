"""Convolutions for several pixels at once are the given ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.evaluation.convolutions import CHANNELS_LAST, convolve, pixels_at_once
from tests.problems import normal


def traced(inputs, kernel, stride=(1, 1), padding=((1, 1), (1, 1)), **knobs):
    """The function, and the parameters of its only primitive."""

    def function(x, w):
        return jax.lax.conv_general_dilated(x, w, stride, padding, dimension_numbers=CHANNELS_LAST, **knobs)

    return function, jax.make_jaxpr(function)(inputs, kernel).eqns[0].params


def operands(columns=8, size=(3, 3), channels=8, outputs=8, dtype=jnp.float32):
    return jnp.asarray(normal(0, 2, 5, columns, channels), dtype), jnp.asarray(
        normal(1, *size, channels, outputs), dtype
    )


@pytest.mark.parametrize(
    ("shapes", "knobs", "count"),
    [
        ({}, {}, 4),
        ({"columns": 6}, {}, 2),
        ({"outputs": 16}, {"stride": (2, 1)}, 2),
        ({"channels": 3, "outputs": 16}, {}, 4),
        ({"size": (1, 5), "outputs": 12}, {"padding": ((0, 1), (4, 2))}, 2),
    ],
    ids=str,
)
def test_several_pixels_at_once_give_same_convolution(shapes, knobs, count):
    x, w = operands(**shapes)
    function, params = traced(x, w, **knobs)
    assert pixels_at_once(x, w, params) == count
    np.testing.assert_allclose(convolve(x, w, params, count), function(x, w), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("shapes", "knobs"),
    [
        ({"columns": 7}, {}),
        ({"outputs": 32}, {}),
        ({"channels": 2}, {}),
        ({"size": (3, 1)}, {"padding": "VALID"}),
        ({"dtype": jnp.float16}, {}),
        ({}, {"stride": (1, 2)}),
        ({}, {"rhs_dilation": (2, 2)}),
    ],
    ids=str,
)
def test_other_convolutions_are_one_pixel_at_a_time(shapes, knobs):
    x, w = operands(**shapes)
    assert pixels_at_once(x, w, traced(x, w, **knobs)[1]) == 1
