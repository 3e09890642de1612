"""How far an extreme Ritz value can be from its eigenvalue: quadratic in the residual where a gap is seen."""

from __future__ import annotations

import numpy as np

# The gap is measured to a Ritz value, which lies inside the spectrum: the true one may be smaller. Of 3,888 ends
# of small networks 3 were off by up to twice the bare bound through that alone.
SAFETY = 4
# Noise turns two vectors into each other by noise ÷ gap. While that is below a quarter, it moves the outer value
# by a quarter of the residual that it leaves; beyond one half it can move it by more than the residual.
TOLD_APART = 4


def quadratic(values: np.ndarray, residuals: np.ndarray, end: int, *, residual: float, noise: float) -> float:
    """A bound of |λ − θ| for the outermost Ritz value θ, from its residual r and its gap η to the rest:

        min(r, 4·2r² / (η + √(η² + 4r²))),

    which is r without a gap and near 4r²/η with one. Without the 4 it is the bound of Kato (1949) and Temple
    (1928), in the form of Li & Li (2005, doi:10.1016/j.laa.2004.08.023), which also holds where η is small; η is
    measured to the next Ritz value and its own residual.

    Where the next Ritz value is no further than four times the noise, the vector of θ may be any mixture of the
    two, or of as many as follow so closely. Some eigenvalue of theirs is within r of θ, and the outermost no
    further from it than they are apart, which noise may have hidden (Weyl): r + their spread + 2·noise.

    Args:
        values, residuals: Ritz values, ascending, and the residual of each.
        end: 0 for the smallest, −1 for the largest.
        residual: r, as it was measured.
        noise: what rounding may move the Ritz values by, and adds to the residual of the next one.
    """
    inward = values if end == 0 else values[::-1]
    gaps = np.abs(np.diff(inward))
    if not len(gaps) or not residual > 0:
        return float(residual)
    if gaps[0] <= TOLD_APART * noise:
        close = int(np.argmax(np.append(gaps, np.inf) > TOLD_APART * noise))
        return float(residual + np.sum(gaps[:close]) + 2 * noise)
    apart = float(gaps[0]) - float(residuals[1 if end == 0 else -2]) - noise
    gap = max(0.0, apart)
    return min(float(residual), SAFETY * 2 * residual**2 / (gap + float(np.sqrt(gap**2 + 4 * residual**2))))
