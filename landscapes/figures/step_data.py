"""What the stage needs to draw and explain one step of each path, as plain lists in `layout.meta["steps"]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from landscapes.figures.drawn_steps import drawn_paths
from landscapes.figures.palette import styles
from landscapes.optimization.explained_optimizer import SHARES_OF_STEP

if TYPE_CHECKING:
    from landscapes.optimization.step_vectors import StepVectors
    from landscapes.slices.projection import Projection

DIGITS = 5  # of the numbers that travel with the figure
# The vectors come from a second computation of the run. Where its points are farther from the drawn path than this
# share of the picture's longer side, rounding has separated the two and no step is explained.
MAX_DEVIATION_SHARE = 0.002


def step_data(
    steps: Mapping[str, StepVectors],
    paths: Mapping[str, Projection],
    *,
    side: float,
    model: bool,
    sense: Literal["minimize", "maximize"] = "minimize",
    own_axes: bool = False,
) -> dict[str, Any]:
    """For each path: the rule, and for each drawn step its place, vectors and numbers.

    Args:
        side: the longer side of the picture.
        model: whether the drawn surface is the loss that the optimizers descend, so that the models of their steps
            can be compared with it.
        sense: of the objective that the optimizers follow.
        own_axes: whether the axes of the picture are the coordinates that the optimizers scale, so that a diagonal
            matrix is diagonal in the picture.
    """
    colors = styles(paths)
    return {
        label: _data_of_path(steps[label], path, colors[label].color, side, model, sense, own_axes)
        for label, path in drawn_paths(paths).items()
        if label in steps
    }


def _data_of_path(
    found: StepVectors, path: Projection, color: str, side: float, model: bool, sense: str, own_axes: bool
) -> dict[str, Any]:
    at = path.steps[path.steps < len(found.loss)]
    deviation = np.linalg.norm(found.coordinates[at] - path.coordinates[: len(at)], axis=1)
    faults = np.flatnonzero(~(deviation <= MAX_DEVIATION_SHARE * side))
    at = at[: faults[0]] if len(faults) else at
    arrows = found.rule.arrows(found.settings)
    return {
        "color": color,
        "lines": list(found.rule.lines(found.settings)),
        "model": found.rule.model if model else "",
        "linear": found.rule.linear if model and own_axes and found.rule.is_diagonal else "",
        "knobs": {symbol: found.settings[knob] for symbol, knob in found.rule.knobs.items()},
        "arrows": {symbol: {"role": v.role, "base": v.base, "sign": v.sign} for symbol, v in arrows.items()},
        "steps": at.tolist(),
        "at": rounded(found.coordinates[at]),
        "loss": exact(found.loss[at]),
        "shares": [0.0, *SHARES_OF_STEP],
        "along": exact(np.column_stack([found.loss, found.losses_along])[at]),
        "vectors": {symbol: rounded(rows[at]) for symbol, rows in found.components.items()},
        "norms": {symbol: rounded(row[at]) for symbol, row in found.norms.items()},
        "numbers": {name: rounded(row[at]) for name, row in found.numbers.items()},
        "sense": sense,
        "gains": {name: rounded(row[at]) for name, row in gains(found, sense).items()},
        "whole": found.is_whole_space,
        "batch": found.batch_size,
    }


def gains(found: StepVectors, sense: str = "minimize") -> dict[str, np.ndarray]:
    """How much each step lowers the loss, of a reward raises it; NaN in a game.

    "actual" is L(θ_t) − L(θ_{t+1}), "rounding" its error bar 8ε·max|L|, and "predicted" −(slope + ½curvature), the
    same of the model that the step minimizes, where there is one.
    """
    after = found.losses_along[:, SHARES_OF_STEP.index(1.0)]
    before, after = (np.asarray(each, np.float64) for each in (found.loss, after))
    largest = np.maximum(np.abs(before), np.abs(after))
    known = {
        "actual": (after - before) if sense == "maximize" else (before - after),
        "rounding": 8 * float(np.finfo(found.loss.dtype).eps) * largest,
    }
    if "slope" in found.numbers:
        known["predicted"] = -(found.numbers["slope"] + found.numbers["curvature"] / 2)
    return known


def exact(values: np.ndarray) -> list[Any]:
    """The values, of which differences are drawn, None where they are not finite."""
    return rounded(values, 17)


def rounded(values: np.ndarray, digits: int = DIGITS) -> list[Any]:
    """The values with so many significant digits, None where they are not finite."""
    flat = [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in np.ravel(values).tolist()]
    return (
        flat if values.ndim == 1 else [flat[i : i + values.shape[1]] for i in range(0, len(flat), values.shape[1])]
    )
