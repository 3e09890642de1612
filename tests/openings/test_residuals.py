"""Every bit comes back, by every prediction, and what is smooth gets small residuals."""

import numpy as np
import pytest

from landscapes.openings import residuals

RANDOM = np.random.default_rng(0)
SHAPES = [(), (1,), (7,), (33,), (9, 5), (33, 33), (12, 4, 3), (9, 9, 5)]


def kept(array, name=""):
    """The array after it was integers, residuals and bytes."""
    integers = residuals.to_integers(array)
    name, rest = (name, residuals.METHODS[name].subtract(integers)) if name else residuals.encode(integers)
    used, data = residuals.to_bytes(rest)
    rest = residuals.from_bytes(memoryview(data), used, rest.size)
    return residuals.from_integers(residuals.decode(name, rest, array.shape), array.dtype.name)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "uint8", "bool"])
def test_every_bit_comes_back(dtype):
    for shape in SHAPES:
        array = np.asarray(RANDOM.normal(size=shape) * 100).astype(dtype)
        if array.dtype.kind == "f" and array.size > 4:
            array.flat[:5] = np.nan, np.inf, -np.inf, -0.0, 0.0
        for name in ("", *residuals.METHODS):
            if name and not residuals._fits(name, residuals.to_integers(array)):
                continue
            result = kept(array, name)
            assert (result.dtype, result.shape) == (array.dtype, array.shape)
            assert result.tobytes() == array.tobytes(), (name, shape)


def test_extreme_integers_and_no_numbers_come_back():
    extremes = np.array([np.iinfo(np.int64).min, -1, 0, 1, np.iinfo(np.int64).max])
    for array in (extremes, np.zeros((0, 3)), np.array([np.finfo(float).max, -np.finfo(float).max])):
        assert kept(array).tobytes() == array.tobytes()


def test_integers_have_the_order_of_the_numbers():
    numbers = np.array([-np.inf, -2.0, -1e-300, -0.0, 0.0, 1e-300, 0.5, np.inf])
    assert np.all(np.diff(residuals.to_integers(numbers)) > 0)


def test_a_polynomial_of_degree_five_has_no_residuals_inside():
    """The midpoints are exact for it, in each axis, where six nodes surround them."""
    x = np.arange(0, 65) - 32
    grid = np.multiply.outer(x**5 - 40 * x**3, 3 * x**2 + x)
    name, rest = residuals.encode(grid)
    assert name == "between"
    assert np.count_nonzero(rest) < 0.4 * rest.size
    line = x**5 - 40 * x**3
    finest = residuals.METHODS["between"].subtract(line)[-32:]
    assert not finest[2:-2].any()


def test_the_cheapest_method_is_taken():
    steps = np.arange(0, 400, 2)
    name, rest = residuals.encode(steps)
    assert not rest[2:].any()
    assert residuals.encode(RANDOM.integers(-1000, 1000, 50) * 7)[0] == "0"
    assert name in ("2", "3")
