"""A paper figure: panels at their final size, and its bytes as PDF, SVG or PNG."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.paper.layout import panel_ratio, wrap_text
from landscapes.figures.paper.panel import draw_panel
from landscapes.figures.paper.plotly_looks import color, decoded
from landscapes.figures.paper.presets import (
    MM_PER_INCH,
    POINTS_PER_INCH,
    PaperStyle,
    Preset,
    missing,
    preset_of,
    settings,
)
from landscapes.figures.paper.scene_panel import SCENE_RATIO, draw_scene, has_scene
from landscapes.figures.paper.traces import DRAWN
from landscapes.figures.results import figure_of

Kind = Literal["pdf", "svg", "png"]

RASTER_DPI = 600  # pixels per inch of a surface, the one part that is an image
COLUMN_MM = 120.0  # several panels lie side by side on wider figures
MAX_HEIGHT_MM = 240.0  # of a page of text
NOTE_COLOR = "rgba(49,51,63,0.75)"
RASTER_NOTE = f"The surface is an image of {RASTER_DPI} dpi; axes, paths and text are drawn as vectors."
# Matplotlib's settings are global, so that one figure is drawn at a time.
LOCK = threading.Lock()


@check_arguments
def draw(
    *panels: Any,
    preset: str = "icml",
    levels: int | Sequence[float] | None = None,
    colormap: str = "",
    family: str = "",
    font_points: float | None = None,
    columns: int | None = None,
    notes: bool = True,
    caption: str = "",
) -> Any:
    """A Matplotlib figure of results or of Plotly figures, for print at its final size.

    It has the levels, paths, ranges, colors and words of the Plotly figures. Contours and curves are paths,
    text is text; of a scene, the surface is an image of 600 dpi. Several panels get the letters a, b, c.

    Args:
        panels: results with a figure, such as a Surface or a Spectrum, or Plotly figures of the light theme.
        preset: width and type, one of `PRESETS`.
        levels: number of contour lines or the levels themselves; by default those of the Plotly figure.
        colormap: name of a Matplotlib color map in place of Viridis, such as "cividis" or "gray".
        family: "serif" or "sans" in place of the preset's.
        font_points: size of axis titles at final size in place of the preset's.
        columns: panels side by side.
        notes: whether what a picture does not show is written below it.
        caption: text below all panels; in a paper it belongs into the caption of the figure.

    Raises:
        ValueError: without Matplotlib or panels, or for an unknown preset, family or color map.
    """
    with LOCK:
        return drawn_sheet(panels, preset, levels, colormap, family, font_points, columns, notes, caption)


@check_arguments
def encode(
    figure: Any,
    kind: Kind = "pdf",
    *,
    title: str = "",
    description: str = "",
    dpi: float = RASTER_DPI,
    recipe: str = "",
) -> bytes:
    """The bytes of a figure that `draw` returned, the same each time, with title and description as metadata.

    Args:
        dpi: pixels per inch of a PNG, and of the surface of a scene.
        recipe: JSON that is kept in a PNG.
    """
    with LOCK:
        return _encoded(figure, kind, title, description, dpi, recipe)


def drawn_sheet(
    panels: Sequence[Any],
    name: str,
    levels: int | Sequence[float] | None,
    colormap: str,
    family: str,
    font_points: float | None,
    columns: int | None,
    with_notes: bool,
    caption: str = "",
    heading: str = "",
) -> Any:
    """What `draw` returns, drawn by the holder of `LOCK`; `heading` is a title on the right of each panel."""
    if reason := missing():
        raise ValueError(reason)
    if not panels:
        raise ValueError("there is no panel to draw; give results or Plotly figures")
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    preset = _preset(preset_of(name), family, font_points)
    look = PaperStyle(preset, levels, colormap)
    figures: list[Any] = [decoded(panel) if isinstance(panel, go.Figure) else figure_of(panel) for panel in panels]
    supported_types = {*DRAWN, "surface", "scatter3d"}
    for figure in figures:
        if unsupported := [trace.type for trace in figure.data if trace.type not in supported_types]:
            raise ValueError(
                f"a trace of type {unsupported[0]} has no paper figure; use {', '.join(sorted(supported_types))}"
            )
    num_columns = columns or (min(len(figures), 2) if preset.width_mm > COLUMN_MM else 1)
    rows = -(-len(figures) // num_columns)
    ratios = [SCENE_RATIO if has_scene(figure) else panel_ratio(figure) for figure in figures]
    tallest = [max(ratios[row * num_columns : (row + 1) * num_columns]) for row in range(rows)]
    width = preset.width_mm / MM_PER_INCH
    extra = 3.5 * preset.points / POINTS_PER_INCH  # of legend and title
    height = min(sum(width / num_columns * ratio + extra for ratio in tallest), MAX_HEIGHT_MM / MM_PER_INCH)
    with rc_context(settings(preset)):
        engine = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, hspace=0.03, wspace=0.02)
        sheet = Figure(figsize=(width, height), layout=engine)
        grid = sheet.add_gridspec(rows, num_columns, height_ratios=tallest)
        parts = [sheet.add_subfigure(grid[k // num_columns, k % num_columns]) for k in range(len(figures))]
        for letter, part, figure in zip("abcdefghijklmnopqrstuvwxyz", parts, figures, strict=False):
            notes = (draw_scene if has_scene(figure) else draw_panel)(part, figure, look)
            if notes and with_notes:
                text = wrap_text("\n".join(notes), width / num_columns * POINTS_PER_INCH, preset.small_points - 1)
                part.supxlabel(text, fontsize=preset.small_points - 1, color=color(NOTE_COLOR), x=0.5)
            if heading:
                part.axes[0].set_title(heading, loc="right", fontsize=preset.small_points, pad=2)
            if len(figures) > 1:
                part.text(0.0, 1.0, letter, fontsize=preset.points + 1, fontweight="bold", va="top", ha="left")
        if caption:
            text = wrap_text(caption.replace("$", r"\$"), width * POINTS_PER_INCH, preset.small_points - 1)
            sheet.supxlabel(text, fontsize=preset.small_points - 1, color=color(NOTE_COLOR), x=0.01, ha="left")
        sheet._landscapes_settings = settings(preset)  # type: ignore[attr-defined]
        if len(figures) == 1:
            _fit_height(sheet, ratios[0])
        sheet.draw_without_rendering()
        sheet.set_layout_engine("none")  # a second layout would move everything a little
    return sheet


def _preset(preset: Preset, family: str, font_points: float | None) -> Preset:
    from dataclasses import replace

    if family not in ("", "serif", "sans"):
        raise ValueError(f"family = {family!r} is neither 'serif' nor 'sans'")
    if font_points is not None and not 4 <= font_points <= 30:
        raise ValueError(f"font_points = {font_points} is not valid; give a size from 4 to 30 points")
    return replace(preset, family=family or preset.family, points=font_points or preset.points)


def _fit_height(sheet: Any, ratio: float) -> None:
    """Gives a panel the height that its axes need beside its legend and notes. Axes of a fixed shape leave nothing
    empty; others have about this ratio."""
    for _ in range(3):
        sheet.draw_without_rendering()
        height = sheet.get_figheight()
        slots = [axes.get_position(original=True) for axes in sheet.axes]
        fixed = [axes for axes in sheet.axes if axes.get_aspect() != "auto" and axes.get_label() != "<colorbar>"]
        if fixed:
            empty_heights = [
                axes.get_position(original=True).height - axes.get_position().height for axes in fixed
            ]
            change = -min(empty_heights) * height
        else:
            span = max(slot.y1 for slot in slots) - min(slot.y0 for slot in slots)
            change = 0.8 * ratio * sheet.get_figwidth() - span * height
        if abs(change) < 0.02:
            return
        sheet.set_figheight(min(max(height + change, 0.5), MAX_HEIGHT_MM / MM_PER_INCH))


def _encoded(figure: Any, kind: Kind, title: str, description: str, dpi: float, recipe: str) -> bytes:
    from matplotlib import rc_context

    creator = "Landscapes"
    metadata: Mapping[str, Any] = {
        "pdf": {"Title": title, "Subject": description, "Creator": creator, "CreationDate": None},
        "svg": {"Title": title, "Description": description, "Creator": creator, "Date": None},
        "png": {"Title": title, "Description": description, "Software": creator}
        | ({"Recipe": recipe} if recipe else {}),
    }[kind]
    file = io.BytesIO()
    with rc_context(getattr(figure, "_landscapes_settings", {})):
        figure.savefig(file, format=kind, dpi=dpi, metadata=metadata)
    return file.getvalue()
