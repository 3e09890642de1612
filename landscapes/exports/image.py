"""PNG: the figure with its caption below it, rendered by Chrome."""

from __future__ import annotations

import html
import struct
import textwrap
import threading
import zlib

import plotly.graph_objects as go

from landscapes.exports import chrome
from landscapes.exports.bundle import Bundle, Export
from landscapes.figures.palette import text_color

WIDTH, HEIGHT = 1000, 700  # of the figure without its caption, in CSS pixels
SCALE = 2  # pixels of a PNG per CSS pixel
CAPTION_FONT_PX, CAPTION_LINE_PX = 11, 15  # font size and line height
CAPTION_LINE_CHARACTERS = 165
AXIS_MARGIN_PX = 60  # for ticks and titles below the axes of a picture in two dimensions
CAMERA_DISTANCE_FACTOR = 1.15
BACKGROUNDS = {"light": "#FFFFFF", "dark": "#0F1216"}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(bundle: Bundle) -> bytes:
    """The image, whose text chunks hold "Description" (the caption with its details) and "Recipe"."""
    with _COPY_LOCK:
        figure, height = with_caption(bundle.figure, bundle.caption)
    image = chrome.render(figure, "png", WIDTH, height, SCALE)
    header = len(SIGNATURE) + 25  # length, type, data and checksum of the first chunk, IHDR
    texts = _text_chunk("Title", bundle.title) + _text_chunk("Description", bundle.description)
    texts += b"" if bundle.recipe is None else _text_chunk("Recipe", bundle.recipe.to_json())
    return image[:header] + texts + image[header:]


def background_color(figure: go.Figure) -> str:
    """The background color for a figure, inferred from the color of its text: figures are transparent."""
    text = figure.layout.font.color or figure.layout.template.layout.font.color
    return BACKGROUNDS["dark" if text == text_color("dark") else "light"]


def move_camera_back(figure: go.Figure) -> go.Figure:
    """The figure with its camera 15 % farther away: in an image, nobody can turn a scene whose labels are cut."""
    eye = figure.to_dict()["layout"].get("scene", {}).get("camera", {}).get("eye", {})
    if eye:
        figure.update_layout(
            scene_camera_eye={axis: CAMERA_DISTANCE_FACTOR * value for axis, value in eye.items()}
        )
    return figure


# Threads share Plotly's validators: two that copy figures at once can mistake each other's trace types.
_COPY_LOCK = threading.Lock()


def with_caption(figure: go.Figure, caption: str) -> tuple[go.Figure, int]:
    """A copy of the figure with the caption below it, and the height of the copy."""
    lines = textwrap.wrap(caption, CAPTION_LINE_CHARACTERS)
    caption_height = CAPTION_LINE_PX * len(lines) + CAPTION_LINE_PX
    margin = figure.layout.margin.b
    if margin is None:
        margin = figure.layout.template.layout.margin.b or 0
    flat = any(trace["type"] not in ("surface", "scatter3d", "mesh3d") for trace in figure.to_dict()["data"])
    # The margin of the axes is fixed here, because automatic margins would move the caption onto them.
    bottom = max(margin, AXIS_MARGIN_PX if flat else 0) + caption_height
    background = background_color(figure)
    copy = go.Figure(figure)
    copy.update_layout(paper_bgcolor=background, margin_b=bottom)
    move_camera_back(copy)
    copy.add_annotation(
        text="<br>".join(html.escape(line, quote=False) for line in lines),
        name="caption",
        xref="paper",
        yref="paper",
        x=0,
        y=0,
        xanchor="left",
        yanchor="bottom",
        yshift=CAPTION_LINE_PX // 2 - bottom,
        align="left",
        showarrow=False,
        font={
            "size": CAPTION_FONT_PX,
            "color": text_color("dark" if background == BACKGROUNDS["dark"] else "light", 0.75),
        },
    )
    return copy, HEIGHT + caption_height


def _text_chunk(keyword: str, text: str) -> bytes:
    """A PNG chunk of uncompressed UTF-8 text (iTXt, PNG specification 11.3.4.5)."""
    data = b"iTXt" + keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


EXPORTS = {
    "png": Export("Image (PNG)", ".png", "image/png", png, chrome.missing),
}
