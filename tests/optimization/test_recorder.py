"""The path of a run as it grows."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from landscapes.optimization.recorder import Record


def segment(record: Record, points: int, first: int, faults: bool = False) -> bool:
    """Adds the steps `first` to `points` − 1; step t has loss 10 + t and the parameters (t, t + 0.5)."""
    steps = np.arange(first, points)
    rows = np.stack([10.0 + steps, 100.0 + steps, 1000.0 + steps, 1.0 + steps % 2])
    kept = steps[steps % record.stride == 0]
    state: Any = SimpleNamespace(step=points, faults=np.array([faults]))
    curves: Any = SimpleNamespace(rows=np.pad(rows, ((0, 0), (0, 3))), terms=("square",))
    return record.add(state, curves, np.stack([kept, kept + 0.5], axis=1))


def test_a_path_grows_by_segments_and_ends_where_the_run_did():
    record = Record({"a": np.zeros(()), "b": np.zeros(1)}, 10, 3)
    assert segment(record, 5, 0)
    part = record.path()
    np.testing.assert_array_equal(part["steps"], [0, 3])
    assert not segment(record, 9, 5, faults=True)
    full = record.path(np.array([8.0, 8.5]))
    np.testing.assert_array_equal(full["steps"], [0, 3, 6, 8])
    np.testing.assert_array_equal(full["params"]["a"], [0, 3, 6, 8])
    np.testing.assert_array_equal(full["params"]["b"], [[0.5], [3.5], [6.5], [8.5]])
    np.testing.assert_array_equal(full["loss"], 10 + np.arange(9))
    np.testing.assert_array_equal(full["gradient_norm"], 100 + np.arange(9))
    np.testing.assert_array_equal(full["terms"]["square"], 1000 + np.arange(9))
    np.testing.assert_array_equal(full["evaluations"], [0, 1, 3, 4, 6, 7, 9, 10, 12])
    np.testing.assert_array_equal(part["loss"], 10 + np.arange(5))  # a partial path never changes
    with pytest.raises(ValueError, match="read-only"):
        full["loss"][0] = 0
