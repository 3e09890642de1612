"""Plotly's text, colors, dashes and symbols as Matplotlib's."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

# Points of a printed figure per pixel of a figure on a page, of lines and markers.
POINTS_PER_PIXEL = 0.42
DASHES: dict[str, Any] = {
    "solid": "-",
    "dash": (0, (4.0, 2.2)),
    "dot": (0, (1.0, 1.6)),
    "dashdot": (0, (4.0, 1.6, 1.0, 1.6)),
    "longdash": (0, (7.0, 2.5)),
    "longdashdot": (0, (7.0, 1.8, 1.0, 1.8)),
}
SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "cross": "P",
    "x": "X",
    "triangle-up": "^",
    "triangle-down": "v",
    "star": "*",
    "line-ns": "|",
    "line-ew": "_",
}
NOTE = re.compile(r'<span style="font-size[^>]*>(.*?)</span>')


def decoded(figure: go.Figure) -> go.Figure:
    """The figure with its arrays as arrays: a figure that was read from JSON or unpickled has them in base64."""
    traces: Any = figure.data
    is_encoded = any(isinstance(each[name], dict) and "bdata" in each[name] for each in traces for name in each)
    return go.Figure(_decode(figure.to_dict())) if is_encoded else figure


def _decode(node: Any) -> Any:
    if isinstance(node, dict) and {"bdata", "dtype"} <= set(node):
        flat = np.frombuffer(base64.b64decode(node["bdata"]), node["dtype"])
        return flat.reshape([int(n) for n in str(node["shape"]).split(",")]) if "shape" in node else flat
    if isinstance(node, dict):
        return {name: _decode(each) for name, each in node.items()}
    return [_decode(each) for each in node] if isinstance(node, (list, tuple)) else node


def split_notes(text: str | None) -> tuple[str, list[str]]:
    """The text of a title, and the notes in small type below it."""
    text = text or ""
    notes = [plain(note) for note in NOTE.findall(text)]
    return plain(re.sub(r"(<br>)+$", "", NOTE.sub("", text))), notes


def plain(text: str | None) -> str:
    """Plotly's markup as Matplotlib's text: line breaks, and indices and exponents as mathtext."""
    text = (text or "").replace("$", r"\$")
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = re.sub(r"<sub>(.*?)</sub>", r"$_{\1}$", text)
    text = re.sub(r"<sup>(.*?)</sup>", r"$^{\1}$", text)
    # Only the tags that Plotly knows: any other "<" is text.
    return html.unescape(re.sub(r"</?(?:b|i|em|span|a)(?:\s[^>]*)?>", "", text)).strip()


def color(value: Any, opacity: float | None = None) -> tuple[float, float, float, float]:
    """A CSS color as RGBA from 0 to 1; none is transparent."""
    from matplotlib.colors import to_rgba

    if value is None:
        return (0.0, 0.0, 0.0, 0.0)
    text = str(value).replace(" ", "")
    if rgb_match := re.match(r"rgba?\(([^)]*)\)", text):
        numbers = [float(part) for part in rgb_match[1].split(",")]
        red, green, blue = (part / 255 for part in numbers[:3])
        rgba = (red, green, blue, numbers[3] if len(numbers) == 4 else 1.0)
    else:
        rgba = to_rgba(text)
    return (*rgba[:3], rgba[3] * (1.0 if opacity is None else opacity))


def dash(name: str | None) -> Any:
    """A dash by its name in Plotly."""
    return DASHES[name or "solid"]


def symbol(name: Any) -> tuple[str, bool]:
    """Matplotlib's marker, and whether it is filled."""
    text = str(name or "circle")
    return SYMBOLS.get(text.removesuffix("-open").removesuffix("-dot"), "o"), not text.endswith("-open")


def points(pixels: float | None, default: float = 2.0) -> float:
    """A width or a size in points."""
    return POINTS_PER_PIXEL * float(default if pixels is None else pixels)


def colormap(scale: Any, override: str = "") -> Any:
    """The color map of a Plotly color scale: a name, or pairs of a position and a color. `override` replaces a
    sequential scale such as Viridis.

    Raises:
        ValueError: for an unknown name.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    named = scale if isinstance(scale, str) else _name_of(scale)
    if override and named:
        if override not in colormaps:
            raise ValueError(f"there is no color map {override!r}; give one of Matplotlib's, such as 'cividis'")
        return colormaps[override]
    if named:
        return colormaps[named.lower()]
    positions = [float(position) for position, _ in scale]
    low, high = positions[0], positions[-1]
    pairs = [((at - low) / (high - low), color(value)) for at, (_, value) in zip(positions, scale, strict=True)]
    return LinearSegmentedColormap.from_list("scale", pairs, 512)


def _name_of(scale: Sequence[Any]) -> str:
    """The name of a scale whose colors Plotly wrote out, or ""."""
    from plotly.colors import PLOTLY_SCALES, sequential

    for name in ("Viridis", "Cividis", "Plasma", "Magma", "Inferno"):
        known_colors = [color(value)[:3] for value in getattr(sequential, name)]
        colors = [color(value)[:3] for _, value in scale]
        if (
            name in PLOTLY_SCALES
            and len(known_colors) == len(colors)
            and np.allclose(known_colors, colors, atol=0.01)
        ):
            return name
    return ""


def luminance(rgba: Sequence[float]) -> float:
    """How light a color is, from 0 to 1."""
    return 0.2126 * rgba[0] + 0.7152 * rgba[1] + 0.0722 * rgba[2]
