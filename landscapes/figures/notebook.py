"""Results in notebooks: the stage as HTML, and the paper figure for what shows no HTML, such as a PDF."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from typing import Any

import plotly.graph_objects as go

from landscapes.display import described
from landscapes.figures import paper
from landscapes.figures.results import drawn_type, figure_of
from landscapes.figures.stage.snippet import snippet
from landscapes.scenes.captions import caption
from landscapes.scenes.scene import Scene

HEIGHT_PX = 480  # of a figure in an output cell
HTML, PNG, PDF, SVG = "text/html", "image/png", "application/pdf", "image/svg+xml"
KINDS: dict[str, paper.Kind] = {PNG: "png", PDF: "pdf", SVG: "svg"}
PNG_DPI = 250  # pixels per inch
# A larger PDF or SVG stays out of the notebook, which keeps every format of every output. The PNG takes its place.
MAX_VECTOR_BYTES = 400_000


def html_of(result: Any) -> str | None:
    """The figure on the stage above the result's caption; None for a type without a figure.

    It contains plotly.js, 2 MB as gzip, so that a notebook and a page made of it need no network.
    """
    return mimebundle(result, [HTML]).get(HTML)


def caption_of(result: Any) -> str:
    """What the figure shows, with errors."""
    return caption(result) if isinstance(result, Scene) else f"{type(result).__name__}: {described(result)}"


def mimebundle(
    result: Any, include: Collection[str] | None = None, exclude: Collection[str] | None = None
) -> dict[str, str]:
    """The formats of IPython's display protocol: the stage as HTML, and the paper figure as in `images`.

    A PDF of a notebook shows the paper figure with its caption. A type without a figure has no format.

    Args:
        include, exclude: media types; all by default.
    """
    if drawn_type(result) is None:
        return {}
    return figure_formats(figure_of(result), caption_of(result), type(result).__name__, include, exclude)


def figure_formats(
    figure: go.Figure,
    caption_text: str,
    name: str,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
) -> dict[str, str]:
    """The formats of `mimebundle` of a figure with a caption; `name` is that of its kind, for the title."""
    encoded = {}
    if is_wanted(HTML, include, exclude):
        encoded[HTML] = snippet(figure, title=f"Landscapes: {name}", caption=caption_text, height=HEIGHT_PX)
    return encoded | images(figure, caption_text, include, exclude)


def is_wanted(kind: str, include: Collection[str] | None, exclude: Collection[str] | None) -> bool:
    """Whether IPython asks for a media type."""
    return (not include or kind in include) and kind not in (exclude or ())


def images(
    figure: go.Figure,
    caption_text: str,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
) -> dict[str, str]:
    """The paper figure with a caption: a PNG and, unless it is a scene or large, a PDF and an SVG.

    A scene's PDF and SVG contain an image and are larger than its PNG. An SVG comes only beside a PDF, unless it
    is asked for alone: nbconvert makes a missing PDF of it by Inkscape, and stops where that is not installed.
    Without Matplotlib there is none.
    """
    if (figure.to_dict()["layout"].get("meta") or {}).get("kind") == "volume":
        return {}  # Matplotlib sorts no triangles of surfaces within one another
    is_scene = any(trace["type"] == "surface" for trace in figure.to_dict()["data"])
    kinds: dict[str, paper.Kind] = {PNG: "png"} if is_scene else KINDS
    kind_by_mime: dict[str, paper.Kind] = {k: name for k, name in kinds.items() if is_wanted(k, include, exclude)}
    if paper.missing() or not kind_by_mime:
        return {}
    sheet = paper.draw(figure, caption=caption_text)
    encoded = {}
    for kind, name in kind_by_mime.items():
        data = paper.encode(sheet, name, title=caption_text, dpi=PNG_DPI)
        text = data.decode() if kind == SVG else b64encode(data).decode()
        if kind == PNG or len(text) <= MAX_VECTOR_BYTES:
            encoded[kind] = text
    if PDF in kind_by_mime and PDF not in encoded:
        encoded.pop(SVG, None)
    return encoded
