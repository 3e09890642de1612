"""Several runs from one start: loss, gradient norm and distance, by step, by gradient evaluation or by time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.history_figure import decades, drawn_steps
from landscapes.figures.palette import Style, Theme, size, styles, template, text_color

if TYPE_CHECKING:
    from landscapes.games.convergence_rate import Rate
    from landscapes.optimization.trajectory import Trajectory

AXES = {"step": "step", "gradients": "gradient evaluations", "seconds": "seconds"}
PANEL_GAP = 0.09  # of the figure
MAX_RELATIVE_VALUE = 1e3
"""Values above this many times the largest first value are outside the axis."""
MIN_RELATIVE_RATE_VALUE = 1e-1
"""A line of theory ends where it is this far below the lowest measured distance."""


@check_arguments
def race(
    trajectories: Mapping[str, Trajectory],
    *,
    distances: Mapping[str, Any] | None = None,
    rates: Mapping[str, Rate | str] | None = None,
    axis: Literal["step", "gradients", "seconds"] = "step",
    seconds: Mapping[str, float] | None = None,
    lowest: float | None = None,
    value: str = "loss",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """The loss, the norm of its gradient and the distance from a target in three panels over one axis, all on
    logarithmic scales. A loss that is not positive everywhere is drawn linearly.

    Args:
        distances: from the target, at the snapshots of each run.
        rates: of the runs; a known one is a thin dashed line in the panel of distances, from the first one.
        axis: "step", "gradients" (evaluations so far), or "seconds".
        seconds: the mean time of a step of each run, for the last.
        lowest: the loss of the target, which is subtracted.
    """
    positions = {
        label: _positions(run, axis, (seconds or {}).get(label, np.nan)) for label, run in trajectories.items()
    }
    looks = styles(trajectories)
    losses = {label: np.asarray(run.loss, float) - (lowest or 0.0) for label, run in trajectories.items()}
    norms = {label: np.asarray(run.gradient_norm, float) for label, run in trajectories.items()}
    finite = np.concatenate([each[np.isfinite(each)] for each in losses.values()] or [np.zeros(0)])
    is_logarithmic = lowest is not None or bool(finite.size and finite.min() > 0)
    gap = f"{value} − {lowest:.3g}" if lowest else value
    panels: list[tuple[str, dict[str, np.ndarray], dict[str, np.ndarray], bool]] = []
    all_steps = {label: drawn_steps(len(run.loss)) for label, run in trajectories.items()}
    if any(np.isfinite(loss).any() for loss in losses.values()):
        panels.append((gap, all_steps, losses, is_logarithmic))
    panels.append(("gradient norm", all_steps, norms, True))
    if distances:
        snapshot_steps = {
            label: np.asarray(run.steps) for label, run in trajectories.items() if label in distances
        }
        distances = {label: np.asarray(distances[label], float) for label in snapshot_steps}
        panels.append(("distance", snapshot_steps, distances, True))
    traces: list[Any] = []
    layout: dict[str, Any] = {"annotations": []}
    points = size(presenter)
    height = (1 - PANEL_GAP * (len(panels) - 1)) / len(panels)
    for index, (title, steps, values, logarithmic) in enumerate(panels):
        name = f"y{index + 1 if index else ''}"
        top = 1 - index * (height + PANEL_GAP)
        span = _bounded(list(values.values()))
        y: dict[str, Any] = {"domain": [max(0.0, top - height), top], "zeroline": False}
        if logarithmic:
            y |= decades([span])
        elif span.size:
            margin = 0.05 * float(np.ptp(span)) or 0.5
            y["range"] = [float(span.min()) - margin, float(span.max()) + margin]
        layout[f"yaxis{name[1:]}"] = y
        layout["annotations"].append(_panel_title(title, top, points, theme))
        for label, series in values.items():
            curve = series if title == "distance" else series[steps[label]]
            curve_positions = positions[label][steps[label]]
            data = curve_positions, curve, steps[label]
            traces += _curve(label, *data, name, looks[label], title, axis, index, presenter)
        if title == "distance":
            for label, rate in (rates or {}).items():
                if not isinstance(rate, str) and label in values:
                    traces += _theory(label, rate, positions[label], values[label], name, theme, presenter)
    ends = [float(curve_positions[-1]) for curve_positions in positions.values()]
    last = max(filter(np.isfinite, ends), default=1.0)
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {
                "title": {"text": AXES[axis]},
                "range": [0, last or 1.0],
                "zeroline": False,
                "anchor": f"y{len(panels) if len(panels) > 1 else ''}",
            },
            **layout,
            "legend": {"y": 1.02 + 0.002 * points, "yanchor": "bottom"},
            "margin": {"t": 3 * points},
            "meta": {"kind": "history" if axis == "step" else "race", "terms": {}, "weights": {}},
        },
    )


def _positions(run: Trajectory, axis: str, seconds: float) -> np.ndarray:
    """Where each entry of a run's curves is on the axis."""
    steps = np.arange(len(run.loss), dtype=float)
    if axis == "gradients":
        return steps if run.evaluations is None else np.asarray(run.evaluations, float)
    return steps if axis == "step" else steps * seconds


def _bounded(curves: list[np.ndarray]) -> np.ndarray:
    """The finite values that are not far above the first ones, which a diverging run exceeds."""
    values = np.concatenate([*curves, np.zeros(0)])
    values = values[np.isfinite(values)]
    first = max((abs(float(curve[0])) for curve in curves if len(curve) and np.isfinite(curve[0])), default=0.0)
    return values[np.abs(values) <= MAX_RELATIVE_VALUE * first] if first > 0 else values


def _panel_title(text: str, top: float, points: int, theme: Theme) -> dict[str, Any]:
    title_position = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    return {
        **title_position,
        "text": text,
        "showarrow": False,
        "font": {"size": points, "color": text_color(theme, 0.8)},
    }


def _curve(
    label, positions, values, steps, name: str, style: Style, title: str, axis: str, panel: int, presenter: bool
):
    # Outside the axis of steps the stage cuts the curves at the current step, as it does with paths.
    meta = {"role": "curve", "label": label}
    if axis != "step":
        meta = {"role": "path", "label": f"{label} {title}", "steps": np.asarray(steps).tolist()}
    return [
        go.Scatter(
            x=positions,
            y=values,
            yaxis=name,
            mode="lines",
            line={"color": style.color, "dash": style.dash, "width": 3.5 if presenter else 2.2},
            name=label,
            legendgroup=label,
            showlegend=panel == 0,
            hovertemplate=f"<b>{label}</b> {AXES[axis]} %{{x:.4g}}<br>{title} %{{y:.4g}}<extra></extra>",
            meta=meta,
        )
    ]


def _theory(label, rate: Rate, positions, distances, name: str, theme: Theme, presenter: bool) -> list[go.Scatter]:
    """The line ρᵗ times the first distance, down to the lowest measured distance."""
    steps = drawn_steps(len(positions))
    with np.errstate(under="ignore", over="ignore"):
        line = distances[0] * rate.factor ** steps.astype(float)
    positive = distances[np.isfinite(distances) & (distances > 0)]
    low = MIN_RELATIVE_RATE_VALUE * float(positive.min()) if positive.size else 0.0
    is_drawn = np.isfinite(line) & (line > low) & (line < MAX_RELATIVE_VALUE * max(float(distances[0]), 1e-300))
    kind = "bound" if rate.is_bound else "slope"
    return [
        go.Scatter(
            x=positions[steps[is_drawn]],
            y=line[is_drawn],
            yaxis=name,
            mode="lines",
            # In the color of the text, since it often lies on its curve.
            line={"color": text_color(theme, 0.9), "dash": "3px,4px", "width": 2 if presenter else 1.2},
            name=f"{label}, theory",
            legendgroup=label,
            showlegend=False,
            hovertemplate=f"<b>{label}</b>, {kind} ρᵗ, ρ = {rate.factor:.6g}<br>{rate.theorem}<extra></extra>",
            meta={"role": "theory", "label": label},
        )
    ]
