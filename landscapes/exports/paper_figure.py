"""PDF and SVG: the figure for print at its final size, drawn as paths and text.

Of a scene, the surface is an image of 600 dpi. Metadata hold the title, and the caption with its details.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from landscapes.exports.bundle import Bundle, Export
from landscapes.figures import off_plane, paper
from landscapes.figures.saved_figure import saved_history

COLUMN = "icml"  # preset of one picture
PAGE = "neurips"  # preset of several panels


def pdf(bundle: Bundle) -> bytes:
    """One page as wide as a column, with the picture."""
    return _encoded(bundle, "pdf", [bundle.light_figure], bundle.settings.preset or COLUMN)


def svg(bundle: Bundle) -> bytes:
    """The same as SVG, whose text is text."""
    return _encoded(bundle, "svg", [bundle.light_figure], bundle.settings.preset or COLUMN)


def panels(bundle: Bundle) -> bytes:
    """One page with the picture and its charts as panels a, b, c."""
    return _encoded(bundle, "pdf", [bundle.light_figure, *charts(bundle)], bundle.settings.preset or PAGE)


def charts(bundle: Bundle) -> list[go.Figure]:
    """The charts of a picture: the history of its runs, what the plane leaves out, and the eigenvalues."""
    figures: list[go.Figure] = []
    if bundle.trajectories:
        figures.append(saved_history(bundle.trajectories))
    if bundle.paths and not bundle.surface.game:
        figures.append(off_plane(bundle.paths))
    figures += [each.figure() for each in (bundle.spectrum, bundle.jacobian) if each is not None]
    return figures


def caption_of_print(bundle: Bundle) -> str:
    """The caption of a printed figure: that of the picture, which also says what is an image."""
    is_solid = any(trace["type"] == "surface" for trace in bundle.figure.to_dict()["data"])
    return f"{bundle.caption} {paper.RASTER_NOTE}" if is_solid else bundle.caption


def _encoded(bundle: Bundle, kind: paper.Kind, figures: Sequence[go.Figure], preset: str) -> bytes:
    details = "\n".join(f"{name}: {text}" for name, text in bundle.details.items())
    description = f"{caption_of_print(bundle)}\n{details}".strip()
    return paper.encode(paper.draw(*figures, preset=preset), kind, title=bundle.title, description=description)


EXPORTS = {
    "pdf": Export("Paper figure (PDF)", ".pdf", "application/pdf", pdf, paper.missing),
    "svg": Export("Paper figure (SVG)", ".svg", "image/svg+xml", svg, paper.missing),
    "panels": Export("Paper figure with charts (PDF)", ".panels.pdf", "application/pdf", panels, paper.missing),
}
