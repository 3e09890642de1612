"""Figures: pure functions from a result to a Plotly figure, the same in a notebook, an export and the app."""

from landscapes.figures.bands import bands
from landscapes.figures.conflict import conflict, conflict_path
from landscapes.figures.connection import connection, connection_plane
from landscapes.figures.contour import contour
from landscapes.figures.eigenvalues import eigenvalues
from landscapes.figures.history import history
from landscapes.figures.jacobian import jacobian
from landscapes.figures.line import line
from landscapes.figures.offplane import off_plane
from landscapes.figures.palette import STYLES, Style, Theme, styles, template
from landscapes.figures.pareto import pareto
from landscapes.figures.players import players
from landscapes.figures.scale import Scale
from landscapes.figures.sharpness import sharpness
from landscapes.figures.stability import stability
from landscapes.figures.surface import surface

__all__ = [
    "STYLES",
    "Scale",
    "Style",
    "Theme",
    "bands",
    "conflict",
    "conflict_path",
    "connection",
    "connection_plane",
    "contour",
    "eigenvalues",
    "history",
    "jacobian",
    "line",
    "off_plane",
    "pareto",
    "players",
    "sharpness",
    "stability",
    "styles",
    "surface",
    "template",
]
