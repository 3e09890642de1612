"""Colors and type: one style per optimizer, a perceptually uniform color map, and light and dark templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import plotly.graph_objects as go

from landscapes.arguments import check_arguments

Theme = Literal["light", "dark"]

# Okabe and Ito (2008): color-blind readers can distinguish them. Without black, which is invisible on a dark page.
SKY, VERMILLION, ORANGE, GREEN = "#56B4E9", "#D55E00", "#E69F00", "#009E73"
BLUE, PURPLE, YELLOW, GREY = "#0072B2", "#CC79A7", "#F0E442", "#8C8C8C"

SURFACE = "Viridis"
# Color of a wider line beneath every path, so that the path contrasts with the surface.
OUTLINE_COLOR = "rgba(255,255,255,0.85)"
# Of a scene: the floor, the shadows on it, and the level lines of the surface and the floor. They are opaque
# because gl3d does not blend the lines of a scene.
FLOOR_COLORS = {"light": "#f4f5f7", "dark": "#1c2129"}
SHADOW_COLORS = {"light": "#d9dce2", "dark": "#0b0e12"}
LEVEL_LINE_COLORS = {"light": "#86a9ae", "dark": "#5d7f86"}
LABEL_CONTRAST = 4.6  # of text with the page; WCAG 2.2 requires 4.5
FONT = '"Source Sans", "Source Sans Pro", "Source Sans 3", system-ui, "Helvetica Neue", Arial, sans-serif'
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True)
class Style:
    """Color, dash and marker of one optimizer. Plotly has `symbol` in two and in three dimensions."""

    color: str
    dash: str = "solid"
    symbol: str = "circle"


# There are eight hues; optimizers with the same hue differ in dash and marker.
STYLES = {
    "sgd": Style(SKY),
    "momentum": Style(VERMILLION, symbol="square"),
    "nesterov": Style(ORANGE, symbol="diamond"),
    "rmsprop": Style(GREEN, symbol="square"),
    "adagrad": Style(BLUE, symbol="diamond"),
    "adam": Style(PURPLE),
    "adamw": Style(PURPLE, "dash", "diamond"),
    "lion": Style(YELLOW, symbol="square"),
    "yogi": Style(BLUE, "dash"),
    "adabelief": Style(GREEN, "dash", "diamond"),
    "lbfgs": Style(GREY, symbol="diamond"),
    "sam": Style(BLUE, "dot", "square"),
    "nadam": Style(SKY, "dashdot", "square"),
    "radam": Style(VERMILLION, "dot"),
    "prodigy": Style(GREEN, "dot", "diamond"),
    "sophia": Style(ORANGE, "dot", "square"),
    "schedule-free-sgd": Style(SKY, "dot", "square"),
    "schedule-free-adamw": Style(PURPLE, "longdash", "square"),
    "muon": Style(GREY, "dash", "square"),
    "lars": Style(YELLOW, "dash", "diamond"),
    "lamb": Style(YELLOW, "dot"),
    "adafactor": Style(GREEN, "dashdot", "square"),
    "simultaneous": Style(SKY, "dash", "diamond"),
    "alternating": Style(ORANGE, "dash", "circle"),
    "extragradient": Style(VERMILLION, "dash", "diamond"),
    "optimistic": Style(PURPLE, "dot", "square"),
}


@check_arguments
def styles(labels: Iterable[str]) -> dict[str, Style]:
    """A style for every label. A label is an optimizer's name, with or without other words ("adam", "adam 0.01",
    "L-BFGS"). A second run of the same optimizer has the same color and another dash. A label without an
    optimizer's name gets the next unused hue.
    """
    names = {label: _optimizer(label) for label in labels}
    hues = [style for name, style in STYLES.items() if style.dash == "solid" and name not in names.values()]
    styles_by_label: dict[str, Style] = {}
    for label, name in names.items():
        style = STYLES[name] if name else (hues.pop(0) if hues else Style(GREY))
        used_looks = {(each.color, each.dash) for each in styles_by_label.values()}
        unused_dashes = [dash for dash in (style.dash, *DASHES) if (style.color, dash) not in used_looks]
        styles_by_label[label] = replace(style, dash=unused_dashes[0] if unused_dashes else style.dash)
    return styles_by_label


def _optimizer(label: str) -> str | None:
    words = re.findall(r"[a-z]+", label.lower().replace("-", ""))
    names = {name.replace("-", ""): name for name in STYLES}
    return next((names[word] for word in words if word in names), None)


def text_color(theme: Theme, strength: float = 1.0) -> str:
    """The text color of a theme with opacity `strength`, as an rgba color."""
    red, green, blue = (49, 51, 63) if theme == "light" else (250, 250, 250)
    return f"rgba({red},{green},{blue},{strength:g})"


def blended_text_color(theme: Theme, strength: float) -> str:
    """The text color blended with the background, as an opaque color; gl3d does not blend the lines of a scene."""
    text, page = ((49, 51, 63), (255, 255, 255)) if theme == "light" else ((250, 250, 250), (14, 17, 23))
    return "#" + "".join(
        f"{round(strength * t + (1 - strength) * p):02x}" for t, p in zip(text, page, strict=True)
    )


def label_color(color: str, theme: Theme) -> str:
    """The color, blended with the text color until text in it has `LABEL_CONTRAST` with the page."""
    page, text = _channels(page_color(theme)), (49, 51, 63) if theme == "light" else (250, 250, 250)
    for share in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        blend = [round((1 - share) * c + share * t) for c, t in zip(_channels(color), text, strict=True)]
        dark, light = sorted((_luminance(blend), _luminance(page)))
        if (light + 0.05) / (dark + 0.05) >= LABEL_CONTRAST:
            break
    return "#" + "".join(f"{c:02x}" for c in blend)


def _channels(color: str) -> list[int]:
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(channels: Sequence[int]) -> float:
    """Relative luminance of sRGB channels, from 0 to 1."""
    linear = [c / 3294 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def page_color(theme: Theme) -> str:
    """The background color of the app and of exported pages."""
    return {"light": "#ffffff", "dark": "#0f1216"}[theme]


def theme_of(figure: go.Figure) -> Theme:
    """The theme of a figure, inferred from the color of its text: figures are transparent."""
    plain: Any = figure  # Plotly's figures carry no types
    text = plain.layout.font.color or plain.layout.template.layout.font.color
    return "dark" if text == text_color("dark") else "light"


def size(presenter: bool) -> int:
    """Font size in pixels, larger for a lecture hall."""
    return 20 if presenter else 13


@cache
@check_arguments
def template(theme: Theme = "light", presenter: bool = False) -> go.layout.Template:
    """The template of every figure: transparent background, thin grids, colors of the theme.

    Raises:
        ValueError: for an unknown theme.
    """
    if theme not in ("light", "dark"):
        raise ValueError(f"theme = {theme!r} is neither 'light' nor 'dark'; choose one of them")
    points = size(presenter)
    axis = {
        "gridcolor": text_color(theme, 0.1),
        "zerolinecolor": text_color(theme, 0.25),
        "zerolinewidth": 1,
        "linecolor": text_color(theme, 0.3),
        "tickfont": {"size": points - 1, "color": text_color(theme, 0.75)},
        "title": {"font": {"size": points}, "standoff": 8},
        "ticks": "",
        "automargin": True,
    }
    scene_axis = {k: v for k, v in axis.items() if k not in ("automargin", "title")} | {
        "gridcolor": blended_text_color(theme, 0.14),
        "zerolinecolor": blended_text_color(theme, 0.3),
        "linecolor": blended_text_color(theme, 0.3),
        "showgrid": False,
        "zeroline": False,
        "showbackground": False,
        "showspikes": False,
        # gl3d draws text larger than the page does, and large text more so.
        "tickfont": {"size": 14 if presenter else 12, "color": text_color(theme, 0.75)},
        "title": {"font": {"size": 17 if presenter else points}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": points, "color": text_color(theme)},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "title": {"font": {"size": points + 4}, "x": 0.01, "xanchor": "left"},
            "legend": {
                "orientation": "h",
                "x": 0.5,
                "xanchor": "center",
                "y": 1,
                "yanchor": "top",
                "bgcolor": "rgba(0,0,0,0)",
                "font": {"size": points},
                "itemwidth": 36,
                "tracegroupgap": 0,
            },
            "hoverlabel": {"font": {"family": FONT, "size": points}},
            "hovermode": "closest",
            "dragmode": "pan",
            "xaxis": axis,
            "yaxis": axis,
            "scene": {"xaxis": scene_axis, "yaxis": scene_axis, "zaxis": scene_axis},
        }
    )
