"""Figures: pure functions from a result to a Plotly figure, the same in a notebook, an export and the app."""

from landscapes.figures.conflict import conflict, conflict_path
from landscapes.figures.contour import contour
from landscapes.figures.eigenvalues import eigenvalues
from landscapes.figures.history import history
from landscapes.figures.jacobian import jacobian
from landscapes.figures.line import line
from landscapes.figures.palette import STYLES, Style, Theme, styles, template
from landscapes.figures.pareto import pareto
from landscapes.figures.players import players
from landscapes.figures.scale import Scale
from landscapes.figures.surface import surface

__all__ = [
    "STYLES",
    "Scale",
    "Style",
    "Theme",
    "conflict",
    "conflict_path",
    "contour",
    "eigenvalues",
    "history",
    "jacobian",
    "line",
    "pareto",
    "players",
    "styles",
    "surface",
    "template",
]
