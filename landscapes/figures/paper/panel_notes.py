"""The annotations, the lines across and the legend of a panel."""

from __future__ import annotations

from typing import Any

from landscapes.figures.paper.layout import (
    CHARACTER_WIDTH,
    QUIET_COLOR,
    axis_of,
    domain_of,
    panel_points,
    wrap_text,
)
from landscapes.figures.paper.plotly_looks import color, dash, plain, points
from landscapes.figures.paper.presets import DARK, PaperStyle


def _placed(axes_by_pair: dict[tuple[str, str], Any], layout: Any, x: str, y: str) -> tuple[Any, Any]:
    """The axes that a note or a shape lies in, and its transform: in data, or in shares of the axes."""
    names = {name.partition(" ")[0] for name in (x, y)} - {"paper", "pixel"}
    axes = next(
        (each for pair, each in axes_by_pair.items() if names <= set(pair)),
        next(
            (each for pair, each in axes_by_pair.items() if names & set(pair)), next(iter(axes_by_pair.values()))
        ),
    )
    from matplotlib.transforms import blended_transform_factory

    horizontal = axes.transAxes if x == "paper" or x.endswith("domain") else axes.transData
    vertical = axes.transAxes if y == "paper" or y.endswith("domain") else axes.transData
    return axes, blended_transform_factory(horizontal, vertical)


def _share(value: Any, domain: tuple[float, float]) -> float:
    """A place on the whole paper of a Plotly figure as a share of the axes in a domain."""
    return (float(value) - domain[0]) / (domain[1] - domain[0])


def _at(axes_by_pair: dict[tuple[str, str], Any], layout: Any, note: Any) -> tuple[Any, Any, float, float]:
    """(axes, transform, x, y) of a note; on paper, in the row of axes that contains it."""
    x, y, xref, yref = note.x, note.y, note.xref or "x", note.yref or "y"
    if xref == "paper" and yref == "paper":
        inside = [
            p for p in axes_by_pair if (d := domain_of(axis_of(layout, p[1])))[0] - 0.04 <= float(y) <= d[1] + 0.12
        ]
        pair = min(inside or list(axes_by_pair), key=lambda p: abs(domain_of(axis_of(layout, p[1]))[1] - float(y)))
        axes = axes_by_pair[pair]
        return (
            *(axes, axes.transAxes, _share(x, domain_of(axis_of(layout, pair[0])))),
            _share(y, domain_of(axis_of(layout, pair[1]))),
        )
    axes, transform = _placed(axes_by_pair, layout, xref, yref)
    pair = next(p for p, each in axes_by_pair.items() if each is axes)
    x_axis, y_axis = (axis_of(layout, name) for name in pair)
    x = _share(x, domain_of(x_axis)) if xref == "paper" else _value(x, x_axis, xref)
    y = _share(y, domain_of(y_axis)) if yref == "paper" else _value(y, y_axis, yref)
    return axes, transform, x, y


def _value(value: Any, axis: Any, reference: str) -> float:
    """A coordinate of a note in data; Plotly gives those on a logarithmic axis as their logarithms."""
    is_log = axis.type == "log" and not reference.endswith("domain")
    return 10.0 ** float(value) if is_log else float(value)


def draw_annotation(axes_by_pair: dict[tuple[str, str], Any], layout: Any, note: Any, look: PaperStyle) -> None:
    """Draws a note, with a line to its point if it has an arrow."""
    axes, transform, x, y = _at(axes_by_pair, layout, note)
    arrow, offset = None, (points(note.xshift, 0.0) * 1.6, points(note.yshift, 0.0) * 1.6)
    horizontal = {"left": "left", "right": "right"}.get(note.xanchor or "", "center")
    vertical = {"top": "top", "bottom": "bottom"}.get(note.yanchor or "", "center")
    if note.showarrow is not False and (note.ax or note.ay):
        offset = (points(note.ax, 0.0) * 1.4, -points(note.ay, 0.0) * 1.4)
        arrow = {"arrowstyle": "-", "linewidth": 0.4, "color": QUIET_COLOR, "shrinkA": 1, "shrinkB": 1}
    axes.annotate(
        plain(note.text),
        (x, y),
        xycoords=transform,
        xytext=offset,
        textcoords="offset points",
        ha=horizontal,
        va=vertical,
        rotation=-float(note.textangle or 0),
        color=color(note.font.color or QUIET_COLOR),
        fontsize=look.preset.small_points,
        arrowprops=arrow,
        zorder=5,
        annotation_clip=False,
        multialignment={"left": "left", "right": "right"}.get(note.align or "", "center"),
    )


def draw_shape(axes_by_pair: dict[tuple[str, str], Any], layout: Any, shape: Any) -> None:
    """Draws a line or a rectangle across the axes."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    xref, yref = shape.xref or "x", shape.yref or "y"
    axes, transform = _placed(axes_by_pair, layout, xref, yref)
    pair = next(p for p, each in axes_by_pair.items() if each is axes)
    x0, x1 = (_value(v, axis_of(layout, pair[0]), xref) for v in (shape.x0, shape.x1))
    y0, y1 = (_value(v, axis_of(layout, pair[1]), yref) for v in (shape.y0, shape.y1))
    look = {"linewidth": points(shape.line.width, 1.5), "linestyle": dash(shape.line.dash), "transform": transform}
    if shape.type == "rect":
        face = color(shape.fillcolor, shape.opacity)
        edge = color(shape.line.color) if shape.line.width else (0, 0, 0, 0)
        patch = Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=face, edgecolor=edge, zorder=1, **look)
        axes.add_patch(patch)
    else:
        hue = color(shape.line.color or DARK, shape.opacity)
        axes.add_line(Line2D([x0, x1], [y0, y1], color=hue, zorder=2, **look))


def draw_legend(part: Any, all_axes: list[Any], figure: Any, look: PaperStyle) -> None:
    """One legend above the panel, in as many columns as fit."""
    handles_by_label: dict[str, Any] = {}
    for axes in all_axes:
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            handles_by_label.setdefault(name, handle)
    entries = [
        trace for trace in figure.data if trace.showlegend is not False and trace.type in ("scatter", "bar")
    ]
    if not handles_by_label or (len(entries) < 2 and not any(trace.showlegend for trace in entries)):
        return
    size = look.preset.small_points
    width = panel_points(part)
    columns = legend_columns(list(handles_by_label), width, size)
    part.legend(
        list(handles_by_label.values()),
        [wrap_text(name, width - 4 * size, size) for name in handles_by_label],
        loc="outside upper center",
        ncols=columns,
        handlelength=1.8,
        handletextpad=0.5,
        columnspacing=1.2,
        borderaxespad=0.2,
        labelspacing=0.25,
        borderpad=0.1,
    )


def legend_columns(names: list[str], width_points: float, size: float) -> int:
    """The most columns in which a legend of these names, filled from column to column, is at most so wide."""
    widths = [CHARACTER_WIDTH * size * max(map(len, name.split("\n"))) + 3.7 * size for name in names]
    for columns in range(len(names), 1, -1):
        rows = -(-len(names) // columns)
        width_needed = sum(max(widths[first : first + rows]) for first in range(0, len(names), rows))
        if width_needed <= width_points:
            return -(-len(names) // rows)
    return 1
