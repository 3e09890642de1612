"""A bound on the error of an extreme Ritz value, quadratic in its residual where there is a gap."""

from __future__ import annotations

import numpy as np

# The gap is measured to a Ritz value, which lies inside the spectrum, so the true gap may be smaller. For that
# reason 3 of 3,888 extreme eigenvalues of small networks were off by up to twice the bound without this factor.
GAP_SAFETY_FACTOR = 4
# Noise rotates two eigenvectors into each other by the angle noise ÷ gap. Below 1/4 this moves the outer value by
# at most a quarter of its residual; above 1/2 it can move it by more than the residual.
RESOLVED_GAP_PER_NOISE = 4


def ritz_value_bound(
    values: np.ndarray, residuals: np.ndarray, end: int, *, residual: float, noise: float
) -> float:
    """A bound of |λ − θ| for the outermost Ritz value θ, from its residual r and its gap η to the next one:

        min(r, 4·2r² / (η + √(η² + 4r²))),

    which is r without a gap and near 4r²/η with one. Without the factor 4 it is the bound of Kato (1949) and
    Temple (1928), in the form of Li & Li (2005, doi:10.1016/j.laa.2004.08.023), which also holds for small η. η is
    the distance to the next Ritz value, less its residual and the noise.

    If the next Ritz value is within four times the noise, the vector of θ may be any mixture of the two
    eigenvectors, or of all that follow so closely. One of their eigenvalues is within r of θ. The outermost
    differs from it by at most their spread, which noise may have hidden (Weyl). The bound is then
    r + spread + 2·noise.

    Args:
        values, residuals: Ritz values, ascending, and the residual of each.
        end: 0 for the smallest, −1 for the largest.
        residual: r, as measured.
        noise: the rounding error of the Ritz values and of the next one's residual.
    """
    inward = values if end == 0 else values[::-1]
    gaps = np.abs(np.diff(inward))
    if not len(gaps) or not residual > 0:
        return float(residual)
    if gaps[0] <= RESOLVED_GAP_PER_NOISE * noise:
        close = int(np.argmax(np.append(gaps, np.inf) > RESOLVED_GAP_PER_NOISE * noise))
        return float(residual + np.sum(gaps[:close]) + 2 * noise)
    gap = max(0.0, float(gaps[0]) - float(residuals[1 if end == 0 else -2]) - noise)
    bound = GAP_SAFETY_FACTOR * 2 * residual**2 / (gap + float(np.sqrt(gap**2 + 4 * residual**2)))
    return min(float(residual), bound)
