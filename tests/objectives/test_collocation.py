"""Collocation points: one in each cell, in the box, so that their mean is an integral."""

import numpy as np
import pytest

from landscapes.objectives import collocation


@pytest.mark.parametrize("name", collocation.DATASETS)
def test_every_cell_holds_one_point(name):
    data = collocation.DATASETS[name].load(3, examples=7)
    sizes = np.array([2 * np.pi, 1.0])[-data.input_shape[0] :]
    for part in (data.train, data.test):
        cells = np.floor(part["x"] / sizes * 7).astype(int)
        assert len(np.unique(cells, axis=0)) == len(cells) == 7 ** len(sizes)
        assert cells.min() == 0
        assert cells.max() == 6
    assert np.any(data.train["x"] != data.test["x"])


def test_a_mean_over_the_points_is_an_integral():
    """The error of stratified points falls as n^(−3/2); that of independent ones as n^(−1/2)."""
    x = collocation.DATASETS["interval"].load(0, examples=1000).train["x"]
    assert abs(np.mean(np.sin(np.pi * x)) - 2 / np.pi) < 1e-3
