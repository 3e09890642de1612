"""PNG, SVG and PDF: the figure with its caption printed beneath it, drawn by a Chrome."""

from __future__ import annotations

import html
import struct
import textwrap
import threading
import zlib

import plotly.graph_objects as go

from landscapes.exports import chrome
from landscapes.exports.bundle import Bundle, Export
from landscapes.figures.palette import ink

WIDTH, HEIGHT, SCALE = 1000, 700, 2
SMALL, LINE = 11, 15  # the caption's type and the height of its lines, in pixels
PER_LINE = 165  # its characters on a line
AXIS = 60  # what a flat picture needs for ticks and titles below its axes
STEP_BACK = 1.15
PAPER = {"light": "#FFFFFF", "dark": "#0F1216"}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(bundle: Bundle) -> bytes:
    """At twice the size in pixels; text chunks hold "Description", the caption with its details, and "Recipe"."""
    image = _drawn(bundle, "png", SCALE)
    header = len(SIGNATURE) + 25  # the length, type, data and checksum of the first chunk, IHDR
    texts = _text("Title", "Landscapes") + _text("Description", bundle.description)
    texts += _text("Recipe", bundle.recipe.to_json())
    return image[:header] + texts + image[header:]


def svg(bundle: Bundle) -> bytes:
    """Vectors, with the surface itself as an embedded image; `<desc>` holds the caption with its details."""
    image = _drawn(bundle, "svg", 1).decode()
    start = image.index(">", image.index("<svg")) + 1
    description = f"<title>Landscapes</title><desc>{html.escape(bundle.description, quote=False)}</desc>"
    return (image[:start] + description + image[start:]).encode()


def pdf(bundle: Bundle) -> bytes:
    """One page of the figure's size."""
    return _drawn(bundle, "pdf", 1)


def paper(figure: go.Figure) -> str:
    """The page's color under a figure: figures are transparent and know only the color of their type."""
    text = figure.layout.font.color or figure.layout.template.layout.font.color
    return PAPER["dark" if text == ink("dark") else "light"]


def step_back(figure: go.Figure) -> go.Figure:
    """The same figure, its scene seen from a little farther away: on a page it may touch the frame, but on paper
    nobody can turn it to read the tick that is cut."""
    eye = figure.to_dict()["layout"].get("scene", {}).get("camera", {}).get("eye", {})
    if eye:
        figure.update_layout(scene_camera_eye={axis: STEP_BACK * value for axis, value in eye.items()})
    return figure


# Plotly's validators are shared, and two threads that copy figures at once can mistake each other's trace types.
_COPYING = threading.Lock()


def captioned(figure: go.Figure, caption: str) -> tuple[go.Figure, int]:
    """A copy with the caption beneath it, and the copy's height."""
    lines = textwrap.wrap(caption, PER_LINE)
    strip = LINE * len(lines) + LINE
    below = figure.layout.margin.b
    if below is None:
        below = figure.layout.template.layout.margin.b or 0
    flat = any(trace["type"] not in ("surface", "scatter3d", "mesh3d") for trace in figure.to_dict()["data"])
    # Room for the axes is set aside here, because automatic margins would move the caption onto them.
    bottom = max(below, AXIS if flat else 0) + strip
    background = paper(figure)
    copy = go.Figure(figure)
    copy.update_layout(paper_bgcolor=background, margin_b=bottom)
    step_back(copy)
    copy.add_annotation(
        text="<br>".join(html.escape(line, quote=False) for line in lines),
        name="caption",
        xref="paper",
        yref="paper",
        x=0,
        y=0,
        xanchor="left",
        yanchor="bottom",
        yshift=LINE // 2 - bottom,
        align="left",
        showarrow=False,
        font={"size": SMALL, "color": ink("dark" if background == PAPER["dark"] else "light", 0.75)},
    )
    return copy, HEIGHT + strip


def _drawn(bundle: Bundle, kind: str, scale: float) -> bytes:
    with _COPYING:
        figure, height = captioned(bundle.figure, bundle.caption)
    return chrome.draw(figure, kind, WIDTH, height, scale)


def _text(keyword: str, text: str) -> bytes:
    """A PNG chunk of uncompressed UTF-8 text (iTXt, PNG specification 11.3.4.5)."""
    data = b"iTXt" + keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


EXPORTS = {
    "png": Export("Image (PNG)", ".png", "image/png", png, needs_chrome=True),
    "svg": Export("Drawing (SVG)", ".svg", "image/svg+xml", svg, needs_chrome=True),
    "pdf": Export("Document (PDF)", ".pdf", "application/pdf", pdf, needs_chrome=True),
}
