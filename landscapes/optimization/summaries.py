"""One line on a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from landscapes.optimization.trajectory import Trajectory


def trajectory_summary(path: Trajectory) -> str:
    """The key figures, in one line. What is not known is left out, such as the gradient norm of checkpoints. A
    game has no single loss, so its terms stand in its place."""
    known = path.loss[np.isfinite(path.loss)]
    if known.size:
        ends = {"loss": (known[0], path.final_loss if np.isfinite(path.final_loss) else known[-1])}
    else:
        ends = {name: (curve[0], path.final_terms[name]) for name, curve in path.terms.items()}
    parts = [f"{path.outcome.kind} after {path.outcome.step} steps"]
    parts += [f"{name} {float(start):.4g} to {float(end):.4g}" for name, (start, end) in ends.items()]
    if np.isfinite(path.gradient_norm[-1]):
        parts.append(f"gradient norm {float(path.gradient_norm[-1]):.3g} at the end")
    return ", ".join([*parts, f"{len(path.steps)} snapshots"])
