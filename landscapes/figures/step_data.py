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
    vectors: StepVectors, path: Projection, color: str, side: float, model: bool, sense: str, own_axes: bool
) -> dict[str, Any]:
    steps = path.steps[path.steps < len(vectors.loss)]
    deviation = np.linalg.norm(vectors.coordinates[steps] - path.coordinates[: len(steps)], axis=1)
    far_indices = np.flatnonzero(~(deviation <= MAX_DEVIATION_SHARE * side))
    steps = steps[: far_indices[0]] if len(far_indices) else steps
    arrows = vectors.rule.arrows(vectors.settings)
    return {
        "color": color,
        "lines": list(vectors.rule.lines(vectors.settings)),
        "model": vectors.rule.model if model else "",
        "linear": vectors.rule.linear if model and own_axes and vectors.rule.is_diagonal else "",
        "knobs": {symbol: vectors.settings[knob] for symbol, knob in vectors.rule.knobs.items()},
        "arrows": {symbol: {"role": v.role, "base": v.base, "sign": v.sign} for symbol, v in arrows.items()},
        "steps": steps.tolist(),
        "at": rounded(vectors.coordinates[steps]),
        "loss": exact(vectors.loss[steps]),
        "shares": [0.0, *SHARES_OF_STEP],
        "along": exact(np.column_stack([vectors.loss, vectors.losses_along])[steps]),
        "vectors": {symbol: rounded(rows[steps]) for symbol, rows in vectors.components.items()},
        "norms": {symbol: rounded(row[steps]) for symbol, row in vectors.norms.items()},
        "numbers": {name: rounded(row[steps]) for name, row in vectors.numbers.items()},
        "sense": sense,
        "gains": {name: rounded(row[steps]) for name, row in gains(vectors, sense).items()},
        "whole": vectors.is_whole_space,
        "batch": vectors.batch_size,
    }


def gains(vectors: StepVectors, sense: str = "minimize") -> dict[str, np.ndarray]:
    """How much each step lowers the loss, of a reward raises it; NaN in a game.

    "actual" is L(θ_t) − L(θ_{t+1}), "rounding" its error bar 8ε·max|L|, and "predicted" −(slope + ½curvature), the
    same of the model that the step minimizes, where there is one.
    """
    loss_after = vectors.losses_along[:, SHARES_OF_STEP.index(1.0)]
    loss_before, loss_after = (np.asarray(each, np.float64) for each in (vectors.loss, loss_after))
    largest = np.maximum(np.abs(loss_before), np.abs(loss_after))
    gain = {
        "actual": (loss_after - loss_before) if sense == "maximize" else (loss_before - loss_after),
        "rounding": 8 * float(np.finfo(vectors.loss.dtype).eps) * largest,
    }
    if "slope" in vectors.numbers:
        gain["predicted"] = -(vectors.numbers["slope"] + vectors.numbers["curvature"] / 2)
    return gain


def exact(values: np.ndarray) -> list[Any]:
    """The values, of which differences are drawn, None where they are not finite."""
    return rounded(values, 17)


def rounded(values: np.ndarray, digits: int = DIGITS) -> list[Any]:
    """The values with so many significant digits, None where they are not finite."""
    flat = [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in np.ravel(values).tolist()]
    return (
        flat if values.ndim == 1 else [flat[i : i + values.shape[1]] for i in range(0, len(flat), values.shape[1])]
    )
