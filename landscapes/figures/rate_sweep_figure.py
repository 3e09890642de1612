"""The loss at the end against the learning rate, one curve for each optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.history_figure import decades
from landscapes.figures.palette import Style, Theme, size, styles, template
from landscapes.scenes.rate_sweep import Curve, RateSweep

BAND_OPACITY = 0.16  # of the range over the starts


@check_arguments
def rate_sweep(
    sweep: RateSweep,
    *,
    current_rates: Mapping[str, float] | None = None,
    value: str = "loss",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """The median over the starts as a line, their range as a band, and the rate of the lowest median as a star.
    Crosses above the curves mark rates at which at least half of the runs diverged.

    Args:
        current_rates: the present learning rates, marked as circles.
    """
    looks = styles(sweep.curves)
    points = size(presenter)
    medians = {label: sweep.sign * sweep.medians(label) for label in sweep.curves}
    finite = np.concatenate([each[np.isfinite(each)] for each in medians.values()] or [np.zeros(0)])
    # A reward may have any sign, and a log scale would hide its distance from the optimum.
    is_logarithmic = bool(finite.size and finite.min() > 0 and sweep.sign > 0)
    traces: list[Any] = []
    for label, curve in sweep.curves.items():
        traces += _curve(label, curve, sweep, medians[label], looks[label], value, points)
    axis: dict[str, Any] = decades([finite]) if is_logarithmic else {}
    top, step = _top(finite, is_logarithmic, axis)
    for row, (label, curve) in enumerate(sweep.curves.items()):
        traces += _crosses(label, curve, sweep.rates, top, step, row, looks[label], is_logarithmic, points)
        best_index = sweep.best(label)
        if best_index is not None:
            traces.append(_mark(label, sweep, medians[label], best_index, looks[label], "star", points, value))
        current_rate = (current_rates or {}).get(label)
        if current_rate is not None and sweep.rates[0] <= current_rate <= sweep.rates[-1]:
            nearest = int(np.argmin(np.abs(np.log(sweep.rates / current_rate))))
            if np.isfinite(medians[label][nearest]):
                traces.append(
                    _mark(label, sweep, medians[label], nearest, looks[label], "circle-open", points, value)
                )
    title = f"{value} − {sweep.lowest:.3g} at the end" if sweep.lowest else f"{value} at the end"
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {
                "type": "log",
                "title": {"text": "learning rate η"},
                "exponentformat": "power",
                "dtick": 1,
                "range": [float(np.log10(sweep.rates[0])) - 0.05, float(np.log10(sweep.rates[-1])) + 0.05],
            },
            "yaxis": axis | {"title": {"text": title}},
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 3 * points},
            "meta": {"kind": "rate sweep", "terms": {}, "weights": {}},
        },
    )


def _curve(
    label: str, curve: Curve, sweep: RateSweep, medians: np.ndarray, style: Style, value: str, points: int
) -> list[Any]:
    losses = sweep.sign * np.maximum(curve.losses, sweep.floor)
    rows = np.flatnonzero(np.isfinite(medians) & np.isfinite(losses).any(axis=1))
    low, high = (
        np.array([each(losses[row][np.isfinite(losses[row])]) for row in rows]) for each in (np.min, np.max)
    )
    diverged = np.mean(np.isnan(curve.losses) & curve.computed, axis=1)[rows]
    rates = sweep.rates[rows]
    fill = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, "legendgroup": label}
    red, green, blue = (int(style.color[k : k + 2], 16) for k in (1, 3, 5))
    return [
        go.Scatter(x=rates, y=low, **fill, meta={"role": "low", "label": label}),
        go.Scatter(
            x=rates,
            y=high,
            fill="tonexty",
            fillcolor=f"rgba({red},{green},{blue},{BAND_OPACITY})",
            **fill,
            meta={"role": "high", "label": label},
        ),
        go.Scatter(
            x=rates,
            y=medians[rows],
            mode="lines+markers",
            name=label,
            legendgroup=label,
            line={"color": style.color, "dash": style.dash, "width": 3 if points > 15 else 2},
            marker={"color": style.color, "size": points / 2.6},
            customdata=np.stack([low, high, diverged], axis=-1) if len(rows) else None,
            hovertemplate=f"<b>{label}</b> η = %{{x:.3g}}<br>median {value} %{{y:.4g}}<br>from "
            "%{customdata[0]:.4g} to %{customdata[1]:.4g}<br>%{customdata[2]:.0%} diverged<extra></extra>",
            meta={"role": "median", "label": label},
        ),
    ]


def _top(finite: np.ndarray, is_logarithmic: bool, axis: dict[str, Any]) -> tuple[float, float]:
    """The height of the first row of crosses, and the distance between rows, in the units of the drawn axis. The
    axis is extended to hold them."""
    if is_logarithmic and "range" in axis:
        low, high = axis["range"]
        step = 0.05 * (high - low)
        axis["range"] = [low, high + 4 * step]
        return high + step, step
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    step = 0.05 * ((high - low) or 1.0)
    axis["range"] = [low - step, high + 5 * step]
    return high + 2 * step, step


def _crosses(label, curve, rates, top, step, row, style: Style, is_logarithmic: bool, points: int) -> list[Any]:
    share = np.mean(np.isnan(curve.losses) & curve.computed, axis=1)
    rows = np.flatnonzero(share >= 0.5)
    height = top + row * step / 2
    return [
        go.Scatter(
            x=rates[rows],
            y=np.full(len(rows), 10.0**height if is_logarithmic else height),
            mode="markers",
            marker={"symbol": "x", "color": style.color, "size": points / 1.9},
            customdata=share[rows],
            legendgroup=label,
            showlegend=False,
            hovertemplate=f"<b>{label}</b> η = %{{x:.3g}}<br>"
            "%{customdata:.0%} of the runs diverged<extra></extra>",
            meta={"role": "diverged", "label": label},
        )
    ]


def _mark(label, sweep: RateSweep, medians, row: int, style: Style, symbol: str, points: int, value: str) -> Any:
    rate_kind = "tuned" if symbol == "star" else "present rate"
    return go.Scatter(
        x=sweep.rates[row : row + 1],
        y=medians[row : row + 1],
        mode="markers",
        marker={
            "symbol": symbol,
            "color": style.color,
            "size": points * 1.25,
            "line": {
                "color": "#222" if symbol == "star" else style.color,
                "width": 1.2 if symbol == "star" else 2.5,
            },
        },
        legendgroup=label,
        showlegend=False,
        hovertemplate=f"<b>{label}</b>, {rate_kind}: η = %{{x:.3g}}<br>median {value} %{{y:.4g}}<extra></extra>",
        meta={"role": rate_kind, "label": label},
    )
