"""Which layers a dense matrix shows."""

import numpy as np
import pytest

from landscapes.views.sections import matrix


@pytest.mark.parametrize(
    ("limit", "shown", "first"),
    [(100, {"a": 6, "b/kernel": 4, "b/bias": 2}, 0), (6, {"b/kernel": 4, "b/bias": 2}, 6), (1, {"b/bias": 2}, 10)],
)
def test_a_matrix_holds_the_last_layers_that_fit(monkeypatch, limit, shown, first):
    monkeypatch.setattr(matrix, "MAX_DENSE_PARAMETERS", limit)
    # Dictionaries are flattened in the order of their keys.
    params = {"a": np.zeros((2, 3)), "b": [{"kernel": np.zeros(4)}, {"bias": np.zeros(2)}]}
    sizes, mask = matrix._last_layers(params)
    assert list(sizes.values()) == list(shown.values())
    np.testing.assert_array_equal(np.flatnonzero(mask), np.arange(first, 12))


def test_a_single_array_is_called_theta():
    assert matrix._last_layers(np.zeros(3))[0] == {"θ": 3}
