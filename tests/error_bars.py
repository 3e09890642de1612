"""How wide error bars are, in terms that hold on any processor."""

import numpy as np


def median_ratio(bars, errors, scales) -> float:
    """The median of bar over error, where an error counts as at least 4ε·`scales` of float64.

    `scales` are the largest |λ|. Rounding alone moves an eigenvalue by as much: a smaller error is luck, and
    differs between instruction sets by a factor of two.
    """
    least = 4 * np.finfo(np.float64).eps * np.asarray(scales, float)
    return float(np.median(np.asarray(bars) / np.maximum(np.asarray(errors, float), least)))
