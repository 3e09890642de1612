"""The optimizer steps of the paths of a figure, from the first frame of a film to its last."""

from __future__ import annotations

from typing import Any

import numpy as np


def steps_of(trace: Any, count: int) -> np.ndarray:
    """The step of each point of a trace; −∞ for a trace that is no path, which every frame shows."""
    steps = trace.meta.get("steps") if isinstance(trace.meta, dict) else None
    return np.full(count, -np.inf) if steps is None else np.asarray(steps, float)


def last_step(figure: Any) -> float:
    """The last step of the paths of a figure; 0 without paths."""
    ends = [trace.meta["steps"][-1:] for trace in figure.data if "steps" in (trace.meta or {})]
    return max((float(step) for end in ends for step in end), default=0.0)


def step_text(step: float, last: float) -> str:
    """The step of a frame in words."""
    return f"step {min(step, last):.0f} / {last:.0f}"
