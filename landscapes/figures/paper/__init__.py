"""Paper figures: results as vector figures at their final size, through Matplotlib.

`draw(result, preset="icml")` takes the same results as `figures`, and Plotly figures; `encode` gives a file.
"""

from landscapes.figures.paper.presets import PRESETS, Preset, missing
from landscapes.figures.paper.sheet import RASTER_DPI, RASTER_NOTE, Kind, draw, encode

__all__ = ["PRESETS", "RASTER_DPI", "RASTER_NOTE", "Kind", "Preset", "draw", "encode", "missing"]
