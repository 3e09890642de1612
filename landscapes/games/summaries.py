"""One line on each of the larger results of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landscapes.games.game_jacobian import Jacobian


def jacobian_summary(jacobian: Jacobian) -> str:
    """The key figures with their errors, in one line."""
    count = f"{len(jacobian.eigenvalues)} of {jacobian.dim:,} eigenvalues"
    if not len(jacobian.eigenvalues):
        return f"{count}, ‖v‖ = {jacobian.field_norm:.3g}, {jacobian.method}"
    largest, error = jacobian.eigenvalues[0], float(jacobian.errors[0])
    return (
        f"{count}, the largest {largest.real:.4g} ± {abs(largest.imag):.4g}i to within {error:.1g}, "
        f"‖v‖ = {jacobian.field_norm:.3g}, {jacobian.method}"
    )
