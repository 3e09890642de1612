import lzma

import numpy as np
import pytest

from landscapes.openings.grids import pack, rounding_step, unpack


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(7,), (9, 5)])
def test_every_bit_comes_back(kind, shape):
    grid = (np.random.default_rng(0).normal(size=shape) * 1e3 - 40).astype(kind)
    grid.flat[:4] = np.nan, np.inf, -np.inf, -0.0
    restored = unpack(pack(grid), grid.dtype.name)
    assert restored.dtype == grid.dtype
    assert restored.tobytes() == grid.tobytes()
    assert not restored.flags.writeable


def test_smooth_grid_halves_its_compressed_size():
    x = np.linspace(-2, 2, 129)
    grid = (0.37 * (x[:, None] - 0.2) ** 2 + 0.61 * (x + 0.1) ** 2).astype(np.float32)
    assert 2 * len(lzma.compress(pack(grid).tobytes())) < len(lzma.compress(grid.tobytes()))


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("error", [0.3, 1e-4, np.inf])
def test_a_rounded_grid_is_within_half_a_step(kind, error):
    grid = (40 + 3 * np.random.default_rng(0).normal(size=(9, 5))).astype(kind)
    step = rounding_step(grid, error)
    restored = unpack(pack(grid, step), grid.dtype.name, step)
    assert restored.dtype == grid.dtype
    assert np.max(np.abs(restored - grid.astype(float))) <= step / 2
    assert min(error / 2, np.ptp(grid) / 2**16) / 2 < step <= min(error / 2, np.ptp(grid) / 2**16)


def test_what_rounding_cannot_shorten_keeps_its_bits():
    grid = np.linspace(-1, 1, 9)
    assert rounding_step(grid, 0.0) == 0
    assert rounding_step(np.full(5, 7.0), 0.1) == 0
    assert rounding_step(grid.astype(np.float32), 1e-8) == 0  # finer than float32
    assert rounding_step(np.r_[grid, np.nan], 0.1) == 0
