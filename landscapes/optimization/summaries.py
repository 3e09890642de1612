"""One line on a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landscapes.optimization.trajectory import Trajectory


def trajectory_summary(path: Trajectory) -> str:
    """The key figures, in one line."""
    return (
        f"{path.outcome.kind} after {path.outcome.step} steps, loss {float(path.loss[0]):.4g} to "
        f"{path.final_loss:.4g}, gradient norm {float(path.gradient_norm[-1]):.3g} at the end, "
        f"{len(path.steps)} snapshots"
    )
