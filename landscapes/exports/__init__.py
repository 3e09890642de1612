"""Exports: pure functions from a picture and what is behind it to bytes, one per format."""

from landscapes.exports.archive import archive
from landscapes.exports.bundle import Bundle, Export
from landscapes.exports.image import pdf, png, svg
from landscapes.exports.page import page
from landscapes.exports.tables import eigenvalues, paths, surface

__all__ = ["EXPORTS", "Bundle", "Export"]


def recipe(bundle: Bundle) -> bytes:
    """The recipe as JSON."""
    return bundle.recipe.to_json().encode()


EXPORTS: dict[str, Export] = {
    "html": Export("Interactive page (HTML)", ".html", "text/html", page),
    "png": Export("Image (PNG)", ".png", "image/png", png, needs_chrome=True),
    "svg": Export("Drawing (SVG)", ".svg", "image/svg+xml", svg, needs_chrome=True),
    "pdf": Export("Document (PDF)", ".pdf", "application/pdf", pdf, needs_chrome=True),
    "csv": Export("Surface (CSV)", ".csv", "text/csv", surface),
    "paths": Export("Paths (CSV)", ".paths.csv", "text/csv", paths),
    "eigenvalues": Export("Eigenvalues (CSV)", ".eigenvalues.csv", "text/csv", eigenvalues),
    "npz": Export("All data (NPZ)", ".npz", "application/x-npz", archive),
    "json": Export("Recipe (JSON)", ".json", "application/json", recipe),
}
