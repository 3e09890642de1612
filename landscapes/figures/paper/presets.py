"""The column widths of journals and conferences, and the type of a figure at its final size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from landscapes.packages import find_spec

Family = Literal["serif", "sans"]

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0  # of type
DARK = "#1a1a1a"
MISSING = (
    "paper figures need the package matplotlib, which is not installed; "
    '`pip install "landscapes[export]"` brings it'
)
# The first that is found; each glyph that it lacks is taken from the next. STIX is metrically a Times, as are the
# text fonts of ICML, NeurIPS and IEEE. Matplotlib brings STIX and DejaVu.
FONTS: dict[Family, tuple[str, ...]] = {
    "serif": ("STIXGeneral", "DejaVu Serif", "DejaVu Sans"),
    "sans": ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"),
}
MATH_FONTS: dict[Family, str] = {"serif": "stix", "sans": "dejavusans"}


@dataclass(frozen=True)
class Preset:
    """How wide a figure is printed, and in which type.

    Attributes:
        title: name in a menu.
        width_mm: of the figure.
        family: "serif" as LaTeX's text, or "sans".
        points: font size of axis titles; ticks and notes are smaller.
    """

    title: str
    width_mm: float
    family: Family = "serif"
    points: float = 8.0

    @property
    def small_points(self) -> float:
        """Font size of ticks, legends and labels."""
        return self.points - 1.0


# Widths from icml2025.sty, neurips_2025.sty and IEEEtran.cls, and from Nature's guide to final artwork, which asks
# for a sans-serif of 5 to 7 points.
PRESETS: dict[str, Preset] = {
    "icml": Preset("ICML, column", 82.55),
    "icml-wide": Preset("ICML, page", 171.45),
    "neurips": Preset("NeurIPS, page", 139.7),
    "ieee": Preset("IEEE, column", 88.9),
    "ieee-wide": Preset("IEEE, page", 181.86),
    "nature": Preset("Nature, column", 89.0, "sans", 7.0),
    "nature-wide": Preset("Nature, page", 183.0, "sans", 7.0),
}


@dataclass(frozen=True)
class PaperStyle:
    """What the caller chose: the preset, the levels of contour plots and the color map; "" keeps the figure's."""

    preset: Preset
    levels: int | Sequence[float] | None = None
    colormap: str = ""


def preset_of(name: str) -> Preset:
    """The preset of this name.

    Raises:
        ValueError: if there is none.
    """
    if name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}")
    return PRESETS[name]


def missing() -> str:
    """A sentence with the remedy if a package that paper figures need is not installed, or ""."""
    return "" if find_spec("matplotlib") is not None else MISSING


def settings(preset: Preset) -> dict[Any, Any]:
    """Matplotlib's settings: TrueType fonts inside a PDF, text as text in an SVG, the same bytes each time."""
    return {
        "font.family": list(_found_fonts(preset.family)),
        "font.size": preset.small_points,
        "mathtext.fontset": MATH_FONTS[preset.family],
        "mathtext.default": "regular",
        "axes.unicode_minus": True,
        "axes.linewidth": 0.6,
        "axes.labelsize": preset.points,
        "axes.labelpad": 2.5,
        "axes.axisbelow": True,
        "xtick.labelsize": preset.small_points,
        "ytick.labelsize": preset.small_points,
        "xtick.major.width": 0.5,
        "ytick.major.width": 0.5,
        "xtick.minor.width": 0.4,
        "ytick.minor.width": 0.4,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "xtick.minor.size": 1.4,
        "ytick.minor.size": 1.4,
        "legend.fontsize": preset.small_points,
        "legend.frameon": False,
        "lines.solid_capstyle": "round",
        "lines.solid_joinstyle": "round",
        "pdf.fonttype": 42,
        "pdf.compression": 9,
        "ps.fonttype": 42,
        "svg.fonttype": "none",
        "svg.hashsalt": "landscapes",
        "path.simplify": False,
    }


@cache
def _found_fonts(family: Family) -> tuple[str, ...]:
    from matplotlib.font_manager import fontManager

    installed_fonts = {font.name for font in fontManager.ttflist}
    return tuple(name for name in FONTS[family] if name in installed_fonts)
