"""Frames of a film of a picture: its optimizers run, its camera turns, or both.

They have the type and the colors of a paper figure. A picture in two dimensions is drawn once, its paths on each
frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.paper.layout import wrap_text
from landscapes.figures.paper.path_steps import last_step, step_text
from landscapes.figures.paper.plotly_looks import decoded
from landscapes.figures.paper.presets import MM_PER_INCH, POINTS_PER_INCH, PaperStyle, Preset, preset_of, settings
from landscapes.figures.paper.scene_frames import scene_frames
from landscapes.figures.paper.scene_panel import has_scene
from landscapes.figures.paper.sheet import LOCK, drawn_sheet
from landscapes.figures.paper.traces import draw_trace

Motion = Literal["", "paths", "camera", "both"]

RUNNING_SHARE = 0.85  # of the frames; on the others the paths are whole
SCENE_RATIO = 0.76  # height of a scene relative to its width, without the caption
LINE_HEIGHT = 1.3  # of a caption, in font sizes


@check_arguments
def frames(
    figure: go.Figure,
    *,
    motion: Motion = "",
    count: int = 50,
    width_px: int = 640,
    preset: str = "neurips",
    caption: str = "",
) -> np.ndarray:
    """Frames["count height width 3"] of a picture as bytes from 0 to 255; height and width are even.

    The paths grow at a constant number of steps per frame and are whole on the last frames. The camera makes one
    turn, so that a film of the frames has no end.

    Args:
        figure: a Plotly figure of the light theme with one picture.
        motion: "paths" (the optimizers run), "camera" (a scene turns) or "both"; "" is as much as the picture has.
        count: of frames, at least 2.
        width_px: of a frame.
        preset: the type, one of `PRESETS`.
        caption: text below the picture.

    Raises:
        ValueError: if nothing moves, if a picture in two dimensions should turn, or for an unknown preset.
    """
    moves = _motion(figure, motion)
    if count < 2 or width_px < 64:
        raise ValueError(f"{count} frames of {width_px} pixels are too few; give at least 2 frames of 64 pixels")
    from matplotlib import rc_context

    look = PaperStyle(preset_of(preset))
    last = last_step(figure)
    shares = np.arange(count) / max(round(RUNNING_SHARE * count) - 1, 1)
    steps = np.floor(np.minimum(shares, 1.0) * last) if moves != "camera" else np.full(count, np.inf)
    angles = 2 * np.pi * np.arange(count) / count if moves != "paths" else np.zeros(count)
    views = list(zip(angles.tolist(), steps.tolist(), strict=True))
    with LOCK, rc_context(settings(look.preset)):
        plain = decoded(figure)
        if has_scene(plain):
            size, dpi = _scene_size(width_px, look.preset, caption)
            frame_iterator: Iterator[np.ndarray] = scene_frames(plain, look, size, dpi, views, caption)
        else:
            frame_iterator = _panel_frames(plain, preset, width_px, steps.tolist(), caption)
        return np.stack([frame[: len(frame) // 2 * 2, : frame.shape[1] // 2 * 2] for frame in frame_iterator])


def _motion(figure: go.Figure, motion: Motion) -> Motion:
    has_camera, has_paths = has_scene(figure), last_step(figure) > 0
    if motion in ("paths", "both") and not has_paths:
        raise ValueError(f"motion = {motion!r} needs the path of an optimizer, and the picture has none; add one")
    if motion in ("camera", "both") and not has_camera:
        raise ValueError(f"motion = {motion!r} needs a camera; choose the surface in 3-D, or motion = 'paths'")
    if not (has_camera or has_paths):
        raise ValueError("nothing moves in this picture; add an optimizer, or choose the surface in 3-D")
    return motion or ("both" if has_camera and has_paths else "camera" if has_camera else "paths")


def _scene_size(width_px: int, preset: Preset, caption: str) -> tuple[tuple[int, int], float]:
    """The width and height of a frame in pixels, and its pixels per inch."""
    dpi = width_px / (preset.width_mm / MM_PER_INCH)
    small = preset.small_points - 1
    lines = wrap_text(caption, 0.97 * preset.width_mm / MM_PER_INCH * POINTS_PER_INCH, small).count("\n") + 1
    caption_height = LINE_HEIGHT * small * lines / POINTS_PER_INCH * dpi if caption else 0.0
    return (width_px // 2 * 2, round(SCENE_RATIO * width_px + caption_height) // 2 * 2), dpi


def _panel_frames(
    figure: Any, preset: str, width_px: int, steps: Sequence[float], caption: str
) -> Iterator[np.ndarray]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    last = last_step(figure)
    # The legend keeps the entries of paths that have no points yet.
    empty_figure = go.Figure(figure)
    empty_figure.for_each_trace(_empty, lambda trace: "steps" in (trace.meta or {}))
    sheet = drawn_sheet([empty_figure], preset, None, "", "", None, 1, True, caption, step_text(last, last))
    sheet.set_dpi(width_px / sheet.get_figwidth())
    canvas = FigureCanvasAgg(sheet)
    axes = sheet.subfigs[0].axes[0]
    renderer = canvas.get_renderer()
    title_box = axes._right_title.get_window_extent(renderer)
    small = PaperStyle(preset_of(preset)).preset.small_points
    title = sheet.text(title_box.x1, title_box.y0, "", fontsize=small, ha="right", va="bottom", transform=None)
    axes.set_title("", loc="right")
    canvas.draw()
    pixels: Any = canvas.buffer_rgba()
    background = np.array(pixels)
    axes.autoscale(False)
    look, meta = PaperStyle(preset_of(preset)), figure.layout.meta
    moving = []
    for trace in figure.data:
        if "steps" in (trace.meta or {}) and trace.visible is not False:
            old_artists = set(axes.get_children())
            draw_trace(axes, trace, look, meta, {"x": [], "y": []})
            artists = [artist for artist in axes.get_children() if artist not in old_artists]
            moving += [
                (trace, artist, _points(artist)) for artist in sorted(artists, key=lambda a: a.get_zorder())
            ]
    path_points = {t.meta["label"]: (t, p) for t, _, p in moving if t.meta["role"] == "path" and len(p)}
    for step in steps:
        np.asarray(pixels)[:] = background
        for trace, artist, points in moving:
            is_head = trace.meta["role"] == "head"
            path, points_to_show = (
                path_points.get(trace.meta["label"], (trace, points)) if is_head else (trace, points)
            )
            end = int(np.searchsorted(np.asarray(path.meta["steps"], float), step, side="right"))
            _show(artist, points_to_show, max(end - 1, 0) if is_head else 0, end)
            artist.draw(renderer)
        title.set_text(step_text(step, last))
        title.draw(renderer)
        yield np.array(pixels)[..., :3]


def _empty(trace: Any) -> None:
    """Takes away the points of a trace."""
    trace.update(x=[], y=[], customdata=None)
    if isinstance(trace.marker.size, (tuple, list, np.ndarray)):
        trace.marker.size = 6
    if trace.text is not None:
        trace.text = []


def _points(artist: Any) -> np.ndarray:
    """The points["n …"] of a line or of markers, with the sizes of markers; of a text there are none."""
    if hasattr(artist, "get_xydata"):
        return np.array(artist.get_xydata())
    if hasattr(artist, "get_offsets"):
        offsets = np.ma.getdata(artist.get_offsets())
        return np.column_stack([offsets, np.broadcast_to(artist.get_sizes(), len(offsets))])
    return np.empty((0, 2))


def _show(artist: Any, points: np.ndarray, begin: int, end: int) -> None:
    """Shows a line or markers from one point to another, or a text if there is one."""
    if hasattr(artist, "set_data"):
        artist.set_data(points[begin:end, 0], points[begin:end, 1])
    elif hasattr(artist, "set_offsets"):
        artist.set_offsets(points[begin:end, :2])
        artist.set_sizes(points[begin:end, 2])
    else:
        artist.set_visible(end > 0)
