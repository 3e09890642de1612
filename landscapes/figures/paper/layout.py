"""Where the axes of a Plotly figure lie in a panel, and how much room texts have."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from landscapes.figures.paper.presets import POINTS_PER_INCH

# Height of a chart relative to its width, and how much of it each further row of axes adds.
CHART_RATIO, ROW_RATIO = 0.6, 0.28
GRID_COLOR, QUIET_COLOR = "#e6e6e9", "#55575f"
CHARACTER_WIDTH = 0.47  # of a text, relative to its font size


def panel_points(part: Any) -> float:
    """The width of a part of a paper figure in points."""
    sheet = part.get_figure(root=True)
    return float(sheet.get_figwidth() * POINTS_PER_INCH * part.bbox.width / sheet.bbox.width)


def wrap_text(text: str, width_points: float, size: float) -> str:
    """The text, broken into lines of this width."""
    count = max(int(width_points / (CHARACTER_WIDTH * size)), 12)
    return "\n".join("\n".join(textwrap.wrap(line, count)) for line in text.split("\n"))


def axis_of(layout: Any, name: str) -> Any:
    """The layout of an axis, of a name such as "x2"."""
    return layout[f"{name[0]}axis{name[1:]}"]


def domain_of(axis: Any) -> tuple[float, float]:
    """The share of the Plotly figure that an axis takes."""
    low, high = axis.domain or (0.0, 1.0)
    return round(float(low), 3), round(float(high), 3)


def cells_of(figure: Any) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """The rows, from the lowest, and the columns of the axes that a figure draws in."""
    layout = figure.layout
    pairs = {(trace.xaxis or "x", trace.yaxis or "y") for trace in figure.data if trace.type not in ("surface",)}
    rows = {domain_of(axis_of(layout, y)) for _, y in pairs or {("x", "y")} if not axis_of(layout, y).overlaying}
    columns = {domain_of(axis_of(layout, x)) for x, _ in pairs or {("x", "y")}}
    return sorted(rows), sorted(columns)


def is_below(layout: Any, name: str, other: str) -> bool:
    """Whether one vertical axis lies below another."""
    one, two = axis_of(layout, name), axis_of(layout, other)
    return not one.overlaying and domain_of(one) < domain_of(two)


def panel_ratio(figure: Any) -> float:
    """Height of a panel relative to its width, without legend and notes."""
    layout = figure.layout
    rows = cells_of(figure)[0]
    if layout.yaxis.scaleanchor and layout.xaxis.range and layout.yaxis.range:
        wide, high = (abs(float(span[1]) - float(span[0])) for span in (layout.xaxis.range, layout.yaxis.range))
        return float(np.clip(0.8 * high / wide + 0.12, 0.3, 1.6))
    return 0.82 if is_map(figure) else CHART_RATIO + ROW_RATIO * (len(rows) - 1)


def is_map(figure: Any) -> bool:
    """Whether colors fill the figure's plane."""
    return any(trace.type in ("contour", "heatmap") for trace in figure.data)
