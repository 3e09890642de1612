"""Whether a symmetric operator may have an eigenvalue beyond a value, from a Lanczos chain with a random start.

The residual polynomial pⱼ of j steps from a unit vector w satisfies ‖pⱼ(A)w‖ = 1. For a unit eigenvector u of an
eigenvalue λ therefore |pⱼ(λ)|·|wᵀu| ≤ 1. Outside of the Ritz values |pⱼ| grows without bound, so that a large
|pⱼ(μ)| leaves an eigenvalue beyond μ only to a start that is almost orthogonal to u (van Dorsselaer,
Hochstenbach & van der Vorst 2000, doi:10.1137/S0895479898333599).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

MISS_PROBABILITY = 1e-6  # of an eigenvalue that is overlooked, for a uniformly random start
ROUNDING_SHARE = 1e-3  # of the largest β; a smaller β is replaced by this, since it may be rounding error


def is_excluded(
    diagonal: Float[np.ndarray, "j"], off_diagonal: Float[np.ndarray, "j"], value: float, *, is_above: bool, n: int
) -> bool:
    """Whether no eigenvalue of the operator lies beyond `value`, up to a probability of one in a million.

    Args:
        diagonal, off_diagonal: α₁ … αⱼ and β₁ … βⱼ of the chain; βⱼ is the norm of the part of the last product
            outside the basis.
        is_above: whether values above `value` are asked about, or those below it.
        n: the dimension of the operator.
    """
    sign = 1.0 if is_above else -1.0
    ritz = np.linalg.eigvalsh(np.diag(diagonal) + np.diag(off_diagonal[:-1], 1) + np.diag(off_diagonal[:-1], -1))
    if np.max(sign * ritz) >= sign * value:
        return False
    # Uniform on the sphere, |wᵀu| is below t with probability t·√(2n/π) at most.
    required = np.log(np.sqrt(2 * n / np.pi) / MISS_PROBABILITY)
    # A small β is rounding error, of either sign; a larger one makes the bound weaker.
    sizes = np.maximum(np.abs(off_diagonal), ROUNDING_SHARE * np.max(np.abs(off_diagonal)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return bool(np.sum(np.log(np.abs(value - ritz))) - np.sum(np.log(sizes)) >= required)
