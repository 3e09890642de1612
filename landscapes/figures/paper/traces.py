"""The traces of a Plotly figure in two dimensions as paths of Matplotlib."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.figures.paper.grid_traces import draw_contour, draw_heatmap
from landscapes.figures.paper.plotly_looks import (
    color,
    colormap,
    dash,
    plain,
    points,
    symbol,
)
from landscapes.figures.paper.presets import DARK, PaperStyle


def draw_trace(
    axes: Any, trace: Any, look: PaperStyle, meta: dict[str, Any], categories: dict[str, list[str]]
) -> None:
    """Draws a visible trace of one of the types in `DRAWN`."""
    DRAWN[trace.type](axes, trace, look, meta, categories)


def numbers(values: Any, categories: list[str]) -> np.ndarray:
    """Coordinates as numbers; texts are counted in the order in which they appear, in `categories`."""
    values = [] if values is None else list(values)
    if any(isinstance(value, str) for value in values):
        for value in values:
            if isinstance(value, str) and value not in categories:
                categories.append(value)
        return np.array([float(categories.index(v)) if isinstance(v, str) else np.nan for v in values])
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def _scatter(
    axes: Any, trace: Any, look: PaperStyle, meta: dict[str, Any], categories: dict[str, list[str]]
) -> None:
    y = numbers(trace.y, categories["y"])
    x = numbers(trace.x, categories["x"]) if trace.x is not None else np.arange(len(y), dtype=float)
    mode = trace.mode or "lines+markers"
    zorder = 3.0
    if trace.fill in ("tonexty", "tozeroy", "toself"):
        _fill(axes, trace, x, y)
    name = plain(trace.name) if is_in_legend(trace) else "_nolegend_"
    line, marker = trace.line, trace.marker
    line_options: dict[str, Any] = {"zorder": zorder, "label": name, "clip_on": True}
    if "lines" in mode and line.width != 0:
        line_options |= {"color": color(line.color or DARK, trace.opacity), "linestyle": dash(line.dash)}
        line_options |= {"linewidth": points(line.width)}
    else:
        line_options["linestyle"] = "none"
    if trace.error_x.array is not None or trace.error_y.array is not None:
        _error_bars(axes, trace, x, y, zorder)
    varies = any(_is_array(value) for value in (marker.color, marker.size, marker.symbol))
    if "markers" in mode and varies:
        _cloud(axes, trace, x, y, look, zorder + 0.1)
        if "lines" not in mode:
            line_options["label"] = "_nolegend_"
    elif "markers" in mode:
        line_options |= _marker(marker, trace.opacity)
    if "lines" in mode or ("markers" in mode and not varies):
        step = {"hv": "steps-post", "vh": "steps-pre", "hvh": "steps-mid"}.get(line.shape or "")
        (curve,) = axes.plot(x, y, drawstyle=step or "default", **line_options)
        curve.set_gid((trace.meta or {}).get("role") if isinstance(trace.meta, dict) else None)
    if "text" in mode and trace.text is not None:
        _texts(axes, trace, x, y, look)
    setattr(axes, "_last_curve", (x, y))  # noqa: B010


def is_in_legend(trace: Any) -> bool:
    """Whether a trace has an entry in the legend of its figure."""
    return (
        bool(trace.name)
        and trace.showlegend is not False
        and type(trace).__name__ in ("Scatter", "Bar", "Scatter3d")
    )


def _fill(axes: Any, trace: Any, x: np.ndarray, y: np.ndarray) -> None:
    face = color(trace.fillcolor or trace.line.color, 1.0 if trace.fillcolor else 0.4)
    look = {"facecolor": face, "linewidth": 0.0, "zorder": 1.5}
    if trace.fill == "toself":
        axes.fill(x, y, **look)
        return
    last_curve = getattr(axes, "_last_curve", None) if trace.fill == "tonexty" else None
    if last_curve is None:
        axes.fill_between(x, y, 0.0, **look)
        return
    base_x, base = last_curve
    is_same_grid = len(base_x) == len(x) and np.array_equal(base_x, x, equal_nan=True)
    axes.fill_between(x, y, base if is_same_grid else np.interp(x, base_x, base), **look)


def _marker(marker: Any, opacity: float | None) -> dict[str, Any]:
    shape, is_filled = symbol(marker.symbol)
    hue = color(marker.color or DARK, marker.opacity if marker.opacity is not None else opacity)
    size = points(marker.size, 6.0)
    edge = color(marker.line.color, opacity) if marker.line.color and is_filled else hue
    return {
        "marker": shape,
        "markersize": size * (0.85 if shape in "Ds" else 1.0),
        "markerfacecolor": hue if is_filled else "none",
        "markeredgecolor": edge,
        "markeredgewidth": points(marker.line.width, 0.0 if is_filled else 1.2),
    }


def _cloud(axes: Any, trace: Any, x: np.ndarray, y: np.ndarray, look: PaperStyle, zorder: float) -> None:
    """Markers of which each has its own color, size or symbol."""
    marker = trace.marker
    sizes = np.broadcast_to(np.asarray(6.0 if marker.size is None else marker.size, float), x.shape)
    names = list(marker.symbol) if _is_array(marker.symbol) else [marker.symbol] * len(x)
    first = np.asarray(list(marker.color) if _is_array(marker.color) else [])
    if first.size and first.dtype.kind in "fiu":
        low = marker.cmin if marker.cmin is not None else np.nanmin(first)
        high = marker.cmax if marker.cmax is not None else np.nanmax(first)
        hues = list(colormap(marker.colorscale or "Viridis", look.colormap)((first - low) / ((high - low) or 1.0)))
    else:
        hues = [color(value) for value in (first if first.size else [marker.color or DARK] * len(x))]
    edges = [color(marker.line.color)] * len(x) if marker.line.color else hues
    for name in dict.fromkeys(names):
        indices = [k for k, each in enumerate(names) if each == name]
        shape, is_filled = symbol(name)
        axes.scatter(
            *(x[indices], y[indices]),
            s=(points(1.0) * sizes[indices]) ** 2,
            marker=shape,
            facecolors=[hues[k] for k in indices] if is_filled else "none",
            edgecolors=[(edges if is_filled else hues)[k] for k in indices],
            linewidths=points(marker.line.width, 0.0 if is_filled else 1.2),
            alpha=trace.opacity,
            zorder=zorder,
        )


def _error_bars(axes: Any, trace: Any, x: np.ndarray, y: np.ndarray, zorder: float) -> None:
    hue = trace.marker.color if trace.type == "bar" else trace.line.color or trace.marker.color
    for name in ("x", "y"):
        bar = trace[f"error_{name}"]
        if bar.array is None:
            continue
        upper_bars = np.nan_to_num(np.asarray(bar.array, float))
        lower_bars = upper_bars if bar.arrayminus is None else np.nan_to_num(np.asarray(bar.arrayminus, float))
        axes.errorbar(
            *(x, y),
            **{f"{name}err": np.maximum([lower_bars, upper_bars], 0.0)},
            fmt="none",
            ecolor=color(bar.color or (None if _is_array(hue) else hue) or DARK),
            elinewidth=points(bar.thickness, 1.5),
            capsize=points(bar.width, 4.0) / 2,
            capthick=points(bar.thickness, 1.5),
            zorder=zorder - 0.2,
        )


def _texts(axes: Any, trace: Any, x: np.ndarray, y: np.ndarray, look: PaperStyle) -> None:
    texts = [trace.text] * len(x) if isinstance(trace.text, str) else list(trace.text)
    text_positions = (
        list(trace.textposition)
        if _is_array(trace.textposition)
        else [trace.textposition or "middle center"] * len(x)
    )
    font = trace.textfont
    hue = font.color if not _is_array(font.color) else None
    for index, (text, text_position) in enumerate(zip(texts, text_positions, strict=False)):
        if not text or not np.isfinite([x[index], y[index]]).all():
            continue
        vertical, _, horizontal = text_position.partition(" ")
        x_sign = {"left": -1, "right": 1}.get(horizontal, 0)
        y_sign = {"top": 1, "bottom": -1}.get(vertical, 0)
        annotation = axes.annotate(
            plain(text),
            (x[index], y[index]),
            xytext=(3.0 * x_sign, 3.0 * y_sign),
            textcoords="offset points",
            ha={-1: "right", 0: "center", 1: "left"}[x_sign],
            va={-1: "top", 0: "center", 1: "bottom"}[y_sign],
            color=color(hue or (font.color[index] if font.color is not None else DARK)),
            fontsize=look.preset.small_points,
            zorder=6,
            annotation_clip=True,
        )
        if font.shadow:
            outline(annotation)


def outline(text: Any, width: float = 1.2, hue: str = "#202020") -> None:
    """A dark line around light text on a picture."""
    from matplotlib import patheffects

    text.set_path_effects([patheffects.withStroke(linewidth=width, foreground=hue)])


def _bar(axes: Any, trace: Any, look: PaperStyle, meta: dict[str, Any], categories: dict[str, list[str]]) -> None:
    x, y = numbers(trace.x, categories["x"]), numbers(trace.y, categories["y"])
    hue = trace.marker.color
    hues = [color(value) for value in hue] if _is_array(hue) else color(hue or DARK)
    width = trace.width if trace.width is not None else 0.8
    label = plain(trace.name) if is_in_legend(trace) else "_nolegend_"
    base = 0.0 if trace.base is None else trace.base
    axes.bar(x, y, width, base, color=hues, linewidth=0, label=label, zorder=2.5)
    _error_bars(axes, trace, x, y + base, 4.0)


def _is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple, np.ndarray))


# How each type of trace is drawn. A result figure made of these has a paper figure by itself.
DRAWN = {"scatter": _scatter, "bar": _bar, "contour": draw_contour, "heatmap": draw_heatmap}
