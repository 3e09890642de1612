"""A description of a figure in words, for screen readers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.scale import number

KINDS = {
    "surface": "Surface in three dimensions",
    "contour": "Contour plot",
    "line": "Line plot",
    "volume": "Surfaces of equal value in a volume, below a slice,",
}
MAX_NAMED_CURVES = 8  # in a description for screen readers


def describe(figure: go.Figure) -> str:
    """A text with the figure's kind, value, axes and their ranges, the end of each path, and the notes.

    Figures of `surface`, `contour` and `line` are described from `layout.meta`, all others from the titles of
    their axes and the names of their traces.
    """
    plain: Any = figure  # Plotly's figures carry no types
    layout, traces = plain.layout.to_plotly_json(), list(plain.data)
    meta = layout.get("meta") or {}
    kind = KINDS.get(meta.get("kind", ""))
    return (_describe_landscape(kind, meta, traces) if kind else _describe_curves(layout, traces)).strip()


def _describe_landscape(kind: str, meta: dict[str, Any], traces: list[Any]) -> str:
    axes = [
        f"{_plain(label)} from {_number(low)} to {_number(high)}"
        for label, (low, high) in zip(meta["labels"], meta["box"], strict=False)
    ]
    scale = " on a logarithmic scale" if meta["scale"] == "log" else ""
    text = f"{kind} of {meta['value']}{scale} over {' and '.join(axes)}. "
    error = sum(abs(weight) * meta["errors"].get(name, 0.0) for name, weight in meta["weights"].items())
    lowest, highest = (number(value, error=error) for value in _value_range(meta, traces))
    text += f"Values range from {lowest} to {highest}. "
    for trace in traces:
        role = trace.meta or {}
        if role.get("role") == "head" and len(trace.customdata):
            step, value, *_ = trace.customdata[-1]
            text += f"The path of {role['label']} ends at step {step:.0f} with value {_number(value)}. "
    for trace in traces:
        role = trace.meta or {}
        if role.get("role") == "marks":
            count = len(trace.x)
            text += f"{count} {'point is' if count == 1 else 'points are'} marked: {role['label']}. "
    return text + "".join(f"{note}. " for note in meta.get("notes", ()))


def _value_range(meta: dict[str, Any], traces: list[Any]) -> tuple[float, float]:
    """The lowest and the highest value of the surface. The scale may reach beyond them, for a second picture."""
    for trace in traces:
        if (trace.meta or {}).get("role") == "surface" and trace.type != "volume":
            heights = trace.y if trace.type == "scatter" else trace.z
            values = np.asarray(heights if trace.customdata is None else trace.customdata, float)
            values = values[..., 0] if values.ndim > np.ndim(heights) else values
            if np.isfinite(values).any():
                return float(np.nanmin(values)), float(np.nanmax(values))
    return meta["low"], meta["high"]


def _describe_curves(layout: dict[str, Any], traces: list[Any]) -> str:
    scene = layout.get("scene") or layout
    titles = [
        _plain(((scene.get(name) or {}).get("title") or {}).get("text")) for name in ("xaxis", "yaxis", "zaxis")
    ]
    # The titles of panels; the name of a line is placed by its height on the axis.
    notes = layout.get("annotations", ())
    panels = [_plain(note.get("text")) for note in notes if note.get("yref") == "paper"]
    panels = panels or [_plain(note.get("text")) for note in notes]
    named_traces = [trace for trace in traces if trace.showlegend is not False and trace.name] or traces
    named = dict.fromkeys(_plain(trace.name) for trace in named_traces)
    names = [name for name in named if name]
    kinds = dict.fromkeys(trace.type for trace in traces)
    words = {"heatmap": "Color map", "bar": "Bars", "histogram": "Histogram", "contour": "Contour plot"}
    text = next((words[kind] for kind in kinds if kind in words), "Curves")
    across, up = titles[0], titles[1] or next(filter(None, panels), "")
    text += f" of {up}" if up else ""
    text += f" over {across}" if across else ""
    if names:
        more = f" and {len(names) - MAX_NAMED_CURVES} more" if len(names) > MAX_NAMED_CURVES else ""
        text += f": {', '.join(names[:MAX_NAMED_CURVES])}{more}"
    return text + ". " + "".join(f"{note}. " for note in (layout.get("meta") or {}).get("notes", ()))


def _plain(text: str | None) -> str:
    return re.sub(r"<[^>]*>", "", (text or "").replace("<br>", " ")).strip()


def _number(value: float) -> str:
    return f"{float(value):.3g}".replace("-", "−")
