"""Paper figures: results as vector figures at their final size, through Matplotlib.

`draw(result, preset="icml")` takes the same results as `figures`, and Plotly figures; `encode` gives a file.
`frames` gives those of a film.
"""

from landscapes.figures.paper.film import Motion, frames
from landscapes.figures.paper.presets import PRESETS, Preset, missing
from landscapes.figures.paper.sheet import RASTER_DPI, RASTER_NOTE, Kind, draw, encode

__all__ = [
    "PRESETS",
    "RASTER_DPI",
    "RASTER_NOTE",
    "Kind",
    "Motion",
    "Preset",
    "draw",
    "encode",
    "frames",
    "missing",
]
