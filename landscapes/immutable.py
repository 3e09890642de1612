"""Arrays in results are read-only."""

from __future__ import annotations

import numpy as np


def frozen(array: np.ndarray) -> np.ndarray:
    """A read-only copy."""
    array = np.array(array)
    array.setflags(write=False)
    return array
