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
        norm = "norm of the field" if path.player_weights else "gradient norm"
        parts.append(f"{norm} {float(path.gradient_norm[-1]):.3g} at the end")
    text = ", ".join([*parts, _snapshots(path)])
    count = len(path.projections)
    return f"{text}; every step projected on {count} plane{'s' * (count > 1)}" if count else text


def _snapshots(path: Trajectory) -> str:
    """How many of the points of the path were kept, such as "201 of 5,001 snapshots kept, every 25th"."""
    kept, points = len(path.steps), len(path.loss)
    gaps = np.diff(path.steps)[:-1]  # the last one closes the path
    if kept >= points or path.steps[0] != 0 or np.any(gaps != gaps[:1]):
        return f"{kept:,} snapshot{'s' * (kept != 1)}"  # all of them, or checkpoints of another program
    text = f"{kept:,} of {points:,} snapshots kept"
    return f"{text}, every {_ordinal(int(gaps[0]))}" if len(gaps) else f"{text}, the first and the last"


def _ordinal(number: int) -> str:
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
