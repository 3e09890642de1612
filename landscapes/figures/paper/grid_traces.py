"""Contour plots and cells as paths of Matplotlib, with their color bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from landscapes.figures.paper.plotly_looks import color, colormap, dash, luminance, plain, points, split_notes
from landscapes.figures.paper.presets import DARK, PaperStyle, Preset
from landscapes.figures.scale import Scale, number

# Every second or fourth level has a label, so that there are at most this many.
MAX_LABELED_LEVELS = 8
WHITE = "#ffffff"


def draw_contour(
    axes: Any, trace: Any, look: PaperStyle, meta: dict[str, Any], categories: dict[str, list[str]]
) -> None:
    """Filled levels and their lines, both as paths; the levels of the loss have labels."""
    z = np.ma.masked_invalid(np.asarray(trace.z, float))
    x = np.arange(z.shape[1]) if trace.x is None else np.asarray(trace.x, float)
    y = np.arange(z.shape[0]) if trace.y is None else np.asarray(trace.y, float)
    levels = drawn_levels(trace)
    low = float(trace.zmin if trace.zmin is not None else z.min())
    high = float(trace.zmax if trace.zmax is not None else z.max())
    is_loss = (trace.meta or {}).get("role") == "surface"
    if is_loss and look.levels is not None:
        levels = _chosen_levels(look.levels, low, high)
    line = trace.line
    widths = points(line.width, 0.5)
    if trace.contours.coloring in ("heatmap", "fill", None):
        inner = levels[(levels > low) & (levels < high)]
        hues = colormap(trace.colorscale, look.colormap)
        filled = axes.contourf(x, y, z, [low, *inner, high], cmap=hues, vmin=low, vmax=high, zorder=0.5)
        filled.set_edgecolor("face")  # without a line of their own color, viewers show the page between bands
        filled.set_linewidth(0.25)
        filled.set_gid("levels")
        if trace.showscale is not False:
            add_colorbar(axes, filled, trace.colorbar, look.preset)
    else:
        inner = levels
    if not len(inner) or trace.contours.showlines is False:
        return
    lines = axes.contour(
        *(x, y, z, inner),
        colors=[color(line.color or DARK)],
        linewidths=widths,
        linestyles=[dash(line.dash)],
        zorder=0.8,
    )
    lines.set_gid("level lines")
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    if is_loss and trace.contours.coloring in ("heatmap", "fill", None):
        _label_levels(axes, lines, inner, colormap(trace.colorscale, look.colormap), (low, high), look, meta)


def _chosen_levels(levels: int | Sequence[float], low: float, high: float) -> np.ndarray:
    if isinstance(levels, int):
        if levels < 1:
            raise ValueError(
                f"levels = {levels} is not valid; give a number of at least 1 or the levels themselves"
            )
        return np.linspace(low, high, levels + 2)[1:-1]
    return np.unique(np.asarray(levels, float))


def _label_levels(
    axes: Any,
    lines: Any,
    levels: np.ndarray,
    hues: Any,
    span: tuple[float, float],
    look: PaperStyle,
    meta: dict[str, Any],
) -> None:
    low, high = span
    stride = next(k for k in (1, 2, 4, 5, 8, 10, 20, 50, 100, 10**6) if len(levels) / k <= MAX_LABELED_LEVELS)
    labeled_levels = levels[stride // 2 :: stride] if stride > 1 else levels
    scale = Scale(
        meta.get("scale", "linear"), meta.get("sense", "minimize"), meta.get("low", 0), meta.get("high", 1)
    )
    label_points = _label_places(axes, lines, levels, labeled_levels)
    texts = {level: number(float(scale.inverse(np.asarray(level)))) for level in label_points}
    text_colors = [
        DARK if luminance(hues((level - low) / (high - low))) > 0.45 else WHITE for level in label_points
    ]
    for (level, point), text_color in zip(label_points.items(), text_colors, strict=True):
        axes.clabel(
            *(lines, [level]),
            fmt=texts,
            colors=text_color,
            fontsize=look.preset.small_points - 1.5,
            inline=True,
            inline_spacing=2,
            manual=[point],
            use_clabeltext=True,
            zorder=0.9,
        )


def _label_places(
    axes: Any, lines: Any, levels: np.ndarray, labeled_levels: np.ndarray
) -> dict[float, tuple[float, float]]:
    """One point of each chosen level, away from the border and from the other labels."""
    (left, right), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    label_points: dict[float, tuple[float, float]] = {}
    occupied: list[np.ndarray] = []
    for level, path in zip(levels, lines.get_paths(), strict=True):
        if level not in labeled_levels or len(path.vertices) < 8:
            continue
        positions = (path.vertices - [left, bottom]) / [right - left, top - bottom]
        border = np.minimum(positions, 1 - positions).min(axis=1)
        distances = [np.linalg.norm(positions - occupied_point, axis=1) for occupied_point in occupied]
        clearance = np.min(distances, axis=0) if distances else np.ones(len(positions))
        farthest = int(np.argmax(np.minimum(border, 0.12) + np.minimum(clearance, 0.3)))
        if border[farthest] > 0.05 and clearance[farthest] > 0.08:
            occupied.append(positions[farthest])
            label_points[float(level)] = (float(path.vertices[farthest, 0]), float(path.vertices[farthest, 1]))
    return label_points


def draw_heatmap(
    axes: Any, trace: Any, look: PaperStyle, meta: dict[str, Any], categories: dict[str, list[str]]
) -> None:
    """Cells as paths, so that their edges stay sharp at any size."""
    z = np.ma.masked_invalid(np.asarray(trace.z, float))
    x = _edges(trace.x, z.shape[1])
    y = _edges(trace.y, z.shape[0])
    low = float(trace.zmin if trace.zmin is not None else (z.min() if z.count() else 0.0))
    high = float(trace.zmax if trace.zmax is not None else (z.max() if z.count() else 1.0))
    hues = colormap(trace.colorscale or "Viridis", look.colormap)
    opacity = trace.opacity
    if not z.count():
        return
    mesh = axes.pcolormesh(x, y, z, cmap=hues, vmin=low, vmax=high, alpha=opacity, linewidth=0, zorder=0.6)
    mesh.set_rasterized(False)
    if trace.showscale is not False:
        add_colorbar(axes, mesh, trace.colorbar, look.preset)


def _edges(centers: Any, count: int) -> np.ndarray:
    """The edges of cells with these centers."""
    positions = np.arange(count, dtype=float) if centers is None else np.asarray(list(centers), float)
    if len(positions) == count + 1:
        return positions
    if count == 1:
        return np.array([positions[0] - 0.5, positions[0] + 0.5])
    middle = (positions[1:] + positions[:-1]) / 2
    return np.concatenate([[2 * positions[0] - middle[0]], middle, [2 * positions[-1] - middle[-1]]])


def add_colorbar(axes: Any, mappable: Any, bar: Any, preset: Preset) -> None:
    """The color bar of a trace, with the ticks that the figure has."""
    from matplotlib.ticker import MaxNLocator

    # An inset keeps the height of axes whose shape is fixed.
    bar_axes = axes.inset_axes((1.025, 0.0, 0.035, 1.0))
    colorbar = axes.get_figure(root=True).colorbar(mappable, cax=bar_axes)
    colorbar.outline.set_visible(False)
    colorbar.ax.tick_params(length=1.6, width=0.4, pad=1.5)
    colorbar.solids.set_edgecolor("face")
    colorbar.solids.set_rasterized(False)  # Matplotlib turns bars of many colors into images
    if bar.tickvals is not None:
        texts = None if bar.ticktext is None else [plain(str(text)) for text in bar.ticktext]
        colorbar.set_ticks([float(value) for value in bar.tickvals], labels=texts)
        colorbar.ax.minorticks_off()
    else:
        colorbar.locator = MaxNLocator(nbins=int(bar.nticks or 7), steps=[1, 2, 2.5, 5, 10])
        colorbar.update_ticks()
    text, _ = split_notes(bar.title.text)
    if text:
        colorbar.set_label(text, fontsize=preset.points, labelpad=4)


def drawn_levels(trace: Any) -> np.ndarray:
    """The levels of a Plotly contour plot."""
    contours = trace.contours
    if contours.start is None:
        return np.linspace(float(np.nanmin(trace.z)), float(np.nanmax(trace.z)), 12)
    if not contours.size or contours.end <= contours.start:
        return np.array([float(contours.start)])
    count = int((contours.end - contours.start) / contours.size + 1e-6) + 1
    return float(contours.start) + float(contours.size) * np.arange(count)
