"""The loss and the gradient norm of each run by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import Style, Theme, page_color, size, styles, template, text_color
from landscapes.figures.scale import Kind, Scale
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.objective import Sense
    from landscapes.optimization.trajectory import Trajectory


MAX_POINTS_PER_CURVE = 2000  # more than a column has pixels
# Values above this many times the largest initial loss are outside the axis; a diverging run reaches 1e300.
MAX_RELATIVE_LOSS = 1e6
# A reference extends the axis by at most this share of the curves' range of logarithms.
MAX_REFERENCE_EXTENSION = 0.5
MAX_LINE_CHARACTERS = 46  # of the title, as many as a narrow column has room for
NAME_SHARE = 0.18  # of the upper panel's height, which the name of a reference takes in a narrow column


@check_arguments
def history(
    trajectories: Mapping[str, Trajectory],
    *,
    value: str = "loss",
    scale: Kind = "log",
    theme: Theme = "light",
    presenter: bool = False,
    legend: bool | None = None,
    sense: Sense = "minimize",
    references: Mapping[str, float] | None = None,
    bounds: str = "",
    axes_include: Sequence[Trajectory] = (),
) -> go.Figure:
    """The loss by step in the upper panel and the norm of its gradient in the lower.

    The gradient norm's axis is logarithmic. With `scale` "log", the loss's axis shows L if every loss is positive,
    and L − Lmin + ε if not; with `sense` "maximize" it shows −log₁₀(Lmax − L + ε). The title contains the formula.
    The runs that did not diverge, if any, determine the range of the axes, and the title lists runs that leave it.

    Args:
        legend: whether the runs are listed; by default if there are several.
        references: named values, drawn as horizontal lines.
        bounds: the term that the loss is a bound of. It is dotted, and the gap to each run's loss is shaded.
        axes_include: runs of a second figure of the same quantity. The axes contain them, so that both are
            comparable.

    Raises:
        ValueError: for an unknown scale, or a bound of a term that does not exist.
    """
    legend = len(trajectories) > 1 if legend is None else legend
    all_runs = [*trajectories.values(), *axes_include]
    for run in all_runs:
        if bounds and bounds not in run.terms:
            raise ValueError(f"there is no term {bounds!r}; the terms are: {', '.join(run.terms)}")
    runs = [run for run in all_runs if run.outcome.kind != "diverged"] or all_runs
    losses = [np.asarray(run.loss, np.float64) for run in runs]
    losses += [np.asarray(run.terms[bounds], np.float64) for run in runs if bounds]
    shared = Scale.of(_bounded_values(losses), scale, sense)
    is_reversed = scale == "log" and sense == "maximize"
    is_unshifted = scale == "linear" or (shared.low > 0 and not is_reversed)
    logarithmic = scale == "log" and not is_reversed

    def to_heights(loss: np.ndarray) -> np.ndarray:
        if is_reversed:
            return shared(loss)
        return loss if is_unshifted else loss - shared.low + shared.floor

    styles_by_label = styles(trajectories)
    curves = to_heights(_bounded_values(losses))
    out_of_range = [
        label for label, run in trajectories.items() if not _is_within(to_heights(np.asarray(run.loss)), curves)
    ]
    traces = [
        trace
        for label, run in trajectories.items()
        for trace in _traces(label, run, styles_by_label[label], to_heights, value, legend, presenter, bounds)
    ]
    norms = [np.asarray(run.gradient_norm, np.float64) for run in runs]
    points = size(presenter)
    heights = {name: float(to_heights(np.array([level]))[0]) for name, level in (references or {}).items()}
    heights = {name: at for name, at in heights.items() if np.isfinite(at) and (at > 0 or not logarithmic)}
    figure = go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "step"}, "anchor": "y2", "rangemode": "tozero"},
            "yaxis": {"domain": [0.56, 1]}
            | (decades([curves, _nearby_references(curves, heights)]) if logarithmic else shared.ticks()),
            "yaxis2": {"domain": [0, 0.44]} | decades([_bounded_values(norms)]),
            "legend": {"y": 1.06, "yanchor": "bottom"},
            "margin": {"t": points + 10},
            "meta": {"kind": "history", "scale": scale, "terms": {}, "weights": {}},
        },
    )
    if axes_include:
        figure.update_xaxes(range=[0, max(len(run.loss) for run in all_runs) - 1])
    if (axes_include or out_of_range) and not logarithmic and curves.size:
        low, high = (float(end) for end in (np.min(curves), np.max(curves)))
        margin = 0.04 * (high - low) or 0.5
        figure.update_layout(yaxis_range=[low - margin, high + margin])
    upper = _middle(curves, logarithmic)
    named_above = max((at for at in heights.values() if at >= upper), default=None)
    if logarithmic and (shown := figure.layout.yaxis.range):  # a linear axis makes room for names by itself
        figure.update_layout(yaxis_range=_with_room_for_names(shown, heights.values(), named_above))
    for name, at in heights.items():
        figure.add_hline(at, line={"color": text_color(theme, 0.6), "width": 1.2, "dash": "dot"})
        figure.add_annotation(
            **{"xref": "paper", "x": 1, "xanchor": "right", "yref": "y"},
            # On a logarithmic axis Plotly places a line by its value and a text by the value's logarithm.
            y=np.log10(at) if logarithmic else at,
            # The highest reference has its name above the line and the others below, so that close ones do not
            # overlap. References in the lower half have their names below, away from the descending curves.
            yanchor="bottom" if at == named_above else "top",
            text=name,
            showarrow=False,
            font={"size": points - 1},
            bgcolor=page_color(theme),  # a curve may run there
        )
    title = value if is_unshifted else shared.title(value) if is_reversed else f"{value}, as {shared.gap}"
    title += f"; dotted: {symbol(bounds)}" if bounds else ""
    title += f"; out of range: {', '.join(out_of_range)}" if out_of_range else ""
    lines = wrap(title, MAX_LINE_CHARACTERS)
    if len(lines) > 1:
        figure.update_layout(margin_t=len(lines) * (points + 4) + 6, legend_y=1.06 + 0.07 * (len(lines) - 1))
    for text, y in (("<br>".join(lines), 1.0), ("gradient norm", 0.44)):
        figure.add_annotation(
            **{"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom"},
            text=text,
            align="left",
            showarrow=False,
            font={"size": points, "color": text_color(theme, 0.8)},
        )
    return figure


def _traces(
    label, run, style: Style, to_heights, value: str, legend: bool, presenter: bool, bounds: str
) -> list[go.Scatter]:
    finite_indices = np.flatnonzero(np.isfinite(run.loss))
    # Between checkpoints the loss is not known: markers show where it is, and straight lines join them.
    is_sparse = bool(finite_indices.size) and finite_indices.size <= finite_indices[-1] - finite_indices[0]
    keep = finite_indices if is_sparse else drawn_steps(len(run.loss))
    loss = np.asarray(run.loss, np.float64)[keep]
    trace_options = {
        "x": keep,
        "mode": "lines+markers" if is_sparse else "lines",
        "marker": {"size": 4, "color": style.color},
        "name": label,
        "legendgroup": label,
        "meta": {"role": "curve", "label": label},
    }
    trace_options["line"] = {"color": style.color, "dash": style.dash, "width": 3 if presenter else 1.8}
    traces = []
    is_bounded = bounds in run.terms
    if is_bounded:
        bounded = np.asarray(run.terms[bounds], np.float64)[keep]
        hover = f"<b>{label}</b> step %{{x}}<br>{symbol(bounds)} %{{customdata:.5g}}<extra></extra>"
        dotted = {"line": {"color": style.color, "dash": "dot", "width": 2 if presenter else 1.2}}
        dotted |= {"customdata": bounded, "hovertemplate": hover, "showlegend": False}
        traces.append(go.Scatter(y=to_heights(bounded), **trace_options | dotted))
    traces += [
        go.Scatter(
            y=to_heights(loss),
            customdata=loss,
            hovertemplate=f"<b>{label}</b> step %{{x}}<br>{value} %{{customdata:.5g}}<extra></extra>",
            showlegend=legend,
            fill="tonexty" if is_bounded else "none",
            **trace_options,
        ),
        go.Scatter(
            y=np.asarray(run.gradient_norm, np.float64)[keep],
            yaxis="y2",
            hovertemplate=f"<b>{label}</b> step %{{x}}<br>gradient norm %{{y:.4g}}<extra></extra>",
            showlegend=False,
            **trace_options,
        ),
    ]
    finite = np.flatnonzero(np.isfinite(loss))
    if run.outcome.kind == "diverged" and len(finite):
        cross = go.Scatter(
            x=keep[finite[-1:]],
            y=to_heights(loss[finite[-1:]]),
            mode="markers",
            marker={"symbol": "x", "size": 12 if presenter else 9, "color": style.color},
            hovertemplate=f"<b>{label}</b> diverged at step {run.outcome.step}<extra></extra>",
            showlegend=False,
            legendgroup=label,
            meta={"role": "stop", "label": label},
        )
        traces.append(cross)
    return traces


def _is_within(curve: np.ndarray, curves: np.ndarray) -> bool:
    """Whether a run's curve stays within the range of `curves`, extended by 10 % on both sides."""
    curve, curves = curve[np.isfinite(curve)], curves[np.isfinite(curves)]
    if not (curve.size and curves.size):
        return True
    low, high = float(curves.min()), float(curves.max())
    margin = 0.1 * (high - low)
    return bool(low - margin <= curve.min() and curve.max() <= high + margin)


def _nearby_references(curves: np.ndarray, heights: Mapping[str, float]) -> np.ndarray:
    """The references that extend a logarithmic axis over the curves by at most `MAX_REFERENCE_EXTENSION`."""
    curves = curves[np.isfinite(curves) & (curves > 0)]
    if not curves.size:
        return curves
    low, high = np.log10([curves.min(), curves.max()])
    max_extension = MAX_REFERENCE_EXTENSION * (high - low)
    return np.array(
        [
            height
            for height in heights.values()
            if height > 0 and low - max_extension <= np.log10(height) <= high + max_extension
        ]
    )


def _with_room_for_names(ends: Sequence[float], heights: Iterable[float], above: float | None) -> list[float]:
    """The ends of a logarithmic axis, moved so that the names of its references are between the titles of the
    panels: the name of the line at `above` is above it, and those of the others are below."""
    (low, high), share = ends, NAME_SHARE
    lines = {at: np.log10(at) for at in heights if low <= np.log10(at) <= high}
    if above in lines:
        high = max(high, low + (lines[above] - low) / (1 - share))
    for line in (line for at, line in lines.items() if at != above):
        low = min(low, (line - share * high) / (1 - share))
    return [low, high]


def _middle(curves: np.ndarray, logarithmic: bool) -> float:
    """The middle of the curves' range on the drawn axis."""
    curves = curves[np.isfinite(curves) & ((curves > 0) | (not logarithmic))]
    if not curves.size:
        return -np.inf
    low, high = float(curves.min()), float(curves.max())
    return float(np.sqrt(low * high)) if logarithmic else (low + high) / 2


def drawn_steps(count: int) -> np.ndarray:
    """Indices of the drawn steps: all of `count`, or `MAX_POINTS_PER_CURVE` evenly spaced with the last."""
    return np.unique(np.linspace(0, count - 1, min(count, MAX_POINTS_PER_CURVE)).round().astype(int))


def _bounded_values(curves: Sequence[np.ndarray]) -> np.ndarray:
    """The finite values of all curves up to `MAX_RELATIVE_LOSS` times the largest of their first two."""
    values = np.concatenate([*curves, []])
    values = values[np.isfinite(values)]
    starts = np.abs(np.concatenate([*(curve[:2] for curve in curves), []]))  # a first one may be rounding of 0
    first = float(np.max(starts, where=np.isfinite(starts), initial=0.0))
    return values[np.abs(values) <= MAX_RELATIVE_LOSS * first] if first > 0 else values


def decades(curves: Sequence[np.ndarray]) -> dict[str, Any]:
    """A logarithmic axis over the positive values, with at most about five labels: at powers of ten if it spans
    more than 1.5 decades, and otherwise at round values."""
    values = np.concatenate([*curves, []])
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return {"type": "log", "exponentformat": "power"}
    low, high = np.log10([values.min(), values.max()])
    margin = 0.04 * (high - low) or 0.5
    axis = {"type": "log", "exponentformat": "power", "range": [low - margin, high + margin]}
    if high - low > 1.5:
        return axis | {"dtick": int(np.ceil((high - low) / 4))}
    # Plotly's default labels every digit, and the labels overlap.
    tick_values = _round_values(float(values.min()), float(values.max()))
    return axis | {
        "tickmode": "array",
        "tickvals": tick_values,
        "ticktext": [f"{value:.4g}" for value in tick_values],
    }


def _round_values(low: float, high: float) -> np.ndarray:
    """1, 2 and 5 times powers of ten from low to high; if there are fewer than two, multiples of one such
    value."""
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    values = np.outer(powers, [1, 2, 5]).ravel()
    values = values[(low <= values) & (values <= high)]
    if len(values) > 1:
        return values
    if low == high:
        return np.array([low])
    step = (high - low) / 3
    magnitude = 10.0 ** np.floor(np.log10(step))
    step = magnitude * max(m for m in (1, 2, 5) if m * magnitude <= step * 1.001)
    return np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
