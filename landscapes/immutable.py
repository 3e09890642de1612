"""Arrays in results are read-only."""

from __future__ import annotations

import numpy as np


def frozen(array: np.ndarray) -> np.ndarray:
    """A read-only copy."""
    return read_only(np.array(array))


def read_only(array: np.ndarray) -> np.ndarray:
    """The array itself, which cannot be written to any more."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array
