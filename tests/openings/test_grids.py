import lzma

import numpy as np
import pytest

from landscapes.openings.grids import pack, unpack


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
