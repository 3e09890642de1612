"""One Plotly figure in two dimensions as one panel of a paper figure."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.figures.paper.layout import (
    CHARACTER_WIDTH,
    GRID_COLOR,
    axis_of,
    cells_of,
    domain_of,
    is_below,
    is_map,
    panel_points,
    panel_ratio,
    wrap_text,
)
from landscapes.figures.paper.panel_notes import draw_annotation, draw_legend, draw_shape
from landscapes.figures.paper.plotly_looks import color, plain, split_notes
from landscapes.figures.paper.presets import PaperStyle
from landscapes.figures.paper.traces import draw_trace


def draw_panel(part: Any, figure: Any, look: PaperStyle) -> list[str]:
    """Draws the figure into a part of a paper figure, and returns the notes that belong below it."""
    layout, meta = figure.layout, _meta(figure)
    rows, columns = cells_of(figure)
    grid = part.add_gridspec(
        *(len(rows), len(columns)),
        height_ratios=[high - low for low, high in reversed(rows)],
        width_ratios=[high - low for low, high in columns],
    )
    axes_by_pair: dict[tuple[str, str], Any] = {}
    shared_x: dict[str, Any] = {}
    categories: dict[str, dict[str, list[str]]] = {}
    pairs = list(dict.fromkeys((t.xaxis or "x", t.yaxis or "y") for t in figure.data)) or [("x", "y")]
    for x, y in sorted(pairs, key=lambda pair: bool(axis_of(layout, pair[1]).overlaying)):
        base = axis_of(layout, y).overlaying
        if base:
            axes_by_pair[x, y] = next(axes for (_, other), axes in axes_by_pair.items() if other == base).twinx()
            continue
        row = len(rows) - 1 - rows.index(domain_of(axis_of(layout, y)))
        column = columns.index(domain_of(axis_of(layout, x)))
        axes_by_pair[x, y] = part.add_subplot(grid[row, column], sharex=shared_x.get(x))
        shared_x.setdefault(x, axes_by_pair[x, y])
    for trace in figure.data:
        if trace.visible is False or trace.visible == "legendonly":
            continue
        pair_names = (trace.xaxis or "x", trace.yaxis or "y")
        names = categories.setdefault(pair_names[1], {"x": [], "y": []})
        draw_trace(axes_by_pair[pair_names], trace, look, meta, names)
    notes: list[str] = []
    for (x, y), axes in axes_by_pair.items():
        names = categories.get(y, {"x": [], "y": []})
        is_lowest = not any(other == x and is_below(layout, below, y) for other, below in axes_by_pair)
        width = panel_points(part)
        lengths = 0.74 * width, min(0.62, 0.8 * panel_ratio(figure)) * width / (len(rows) if len(rows) > 1 else 1)
        _set_axis(axes, "x", axis_of(layout, x), names["x"], look, lengths[0] / len(columns), is_lowest)
        _set_axis(axes, "y", axis_of(layout, y), names["y"], look, lengths[1])
        notes += [note for bar in axes.child_axes if (note := _shorten_title(bar, lengths[1], look))]
        notes += split_notes(axis_of(layout, x).title.text)[1]
        is_plane = axis_of(layout, y).scaleanchor is not None
        if is_plane:
            axes.set_aspect("equal", adjustable="box")
        if not (is_plane or is_map(figure) or axis_of(layout, y).overlaying):
            axes.spines[["top", "right"]].set_visible(False)
    for shape in layout.shapes:
        draw_shape(axes_by_pair, layout, shape)
    for note in layout.annotations:
        if note.name == "notes":
            notes += plain(note.text).split("\n")
        elif note.name != "caption" and note.text:
            draw_annotation(axes_by_pair, layout, note, look)
    if layout.showlegend is not False:
        draw_legend(part, list(axes_by_pair.values()), figure, look)
    return list(dict.fromkeys(notes))


def _meta(figure: Any) -> dict[str, Any]:
    return figure.layout.meta if isinstance(figure.layout.meta, dict) else {}


def _set_axis(
    axes: Any, side: str, axis: Any, names: list[str], look: PaperStyle, length: float, is_labeled: bool = True
) -> None:
    """Range, scale, ticks and title of one axis of about this length in points."""
    plot_axis = axes.xaxis if side == "x" else axes.yaxis
    set_limits = axes.set_xlim if side == "x" else axes.set_ylim
    is_log = axis.type == "log"
    if is_log:
        (axes.set_xscale if side == "x" else axes.set_yscale)("log")
    if axis.range is not None and None not in axis.range:
        low, high = (10.0 ** float(end) if is_log else float(end) for end in axis.range)
        set_limits(low, high)
    elif axis.rangemode == "tozero":
        set_limits(0, None)
    if axis.autorange == "reversed":
        plot_axis.set_inverted(True)
    if names:
        plot_axis.set_ticks(range(len(names)), labels=[plain(name) for name in names])
    elif axis.tickvals is not None:
        _set_ticks(plot_axis, axis, look.preset.small_points, length if side == "x" else None)
    elif not is_log:
        _round_ticks(plot_axis, axis)
    if axis.showticklabels is False or axis.visible is False:
        plot_axis.set_ticks([])
    if axis.visible is False:
        axes.spines[["bottom", "top"] if side == "x" else ["left", "right"]].set_visible(False)
    if axis.showgrid is not False and not axis.overlaying:
        plot_axis.grid(True, color=GRID_COLOR, linewidth=0.4)
    if axis.zeroline and not is_log:
        draw = axes.axvline if side == "x" else axes.axhline
        draw(0.0, color=color(axis.zerolinecolor or "#bbbbbb"), linewidth=0.5, zorder=1)
    plot_axis.set_tick_params(which="both", pad=2)
    if not is_labeled:
        plot_axis.set_tick_params(labelbottom=False)
        return
    text, _ = split_notes(axis.title.text)
    if text:
        plot_axis.set_label_text(wrap_text(text, length, look.preset.points))


def _shorten_title(bar: Any, length: float, look: PaperStyle) -> str:
    """Leaves out the parenthesis of a color bar's title that is longer than the bar, and returns it as a note.

    Several lines beside a wide, low picture would take its room."""
    text = bar.get_ylabel()
    name, _, rest = text.partition(" (")
    if not rest or "\n" not in wrap_text(text, length, look.preset.points):
        return ""
    bar.yaxis.set_label_text(name)
    return f"Colors: {text}"


def _set_ticks(plot_axis: Any, axis: Any, size: float, length: float | None) -> None:
    """The ticks that the figure has. Along an axis of this length, a label that would cover the one before it is
    left out."""
    values = [float(value) for value in axis.tickvals]
    from matplotlib.ticker import NullLocator

    plot_axis.set_minor_locator(NullLocator())
    if axis.ticktext is None:
        plot_axis.set_ticks(values)
        return
    texts = [plain(str(text)) for text in axis.ticktext]
    if length is not None:
        low, high = plot_axis.get_view_interval()
        positions = [length * (value - low) / ((high - low) or 1.0) for value in values]
        end = -np.inf
        for k in np.argsort(positions):
            half = 0.5 * CHARACTER_WIDTH * size * (len(texts[k]) + 1)
            texts[k], end = ("", end) if positions[k] - half < end else (texts[k], positions[k] + half)
    plot_axis.set_ticks(values, labels=texts)


def _round_ticks(plot_axis: Any, axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    if axis.tickmode == "linear" and axis.dtick:
        plot_axis.set_major_locator(MultipleLocator(float(axis.dtick)))
    else:
        plot_axis.set_major_locator(MaxNLocator(nbins=int(axis.nticks or 6), steps=[1, 2, 2.5, 5, 10]))
