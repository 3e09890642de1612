"""Figures: pure functions from a result to a Plotly figure, the same in a notebook, an export and the app.

Each takes the result first, then options by keyword; `theme` and `presenter` are common to all. `paper` redraws a
figure with Matplotlib at its printed size, `stage` holds the script that turns and plays it in a browser, and
`behavior` the one that draws what the model does.
"""

from landscapes.figures.bands_figure import bands
from landscapes.figures.basins_figure import basins
from landscapes.figures.conflict_figure import conflict, conflict_path
from landscapes.figures.connection_figure import connection, connection_plane
from landscapes.figures.contour_figure import contour
from landscapes.figures.critical_points import critical_values
from landscapes.figures.curve import training_curve
from landscapes.figures.eigenvalues_figure import best_scale, eigenvalues
from landscapes.figures.gradient_noise_figure import gradient_noise
from landscapes.figures.history_figure import history
from landscapes.figures.jacobian_figure import jacobian
from landscapes.figures.line_figure import line
from landscapes.figures.multistart import waterfall
from landscapes.figures.notebook_output import show
from landscapes.figures.notebook_widget import widget
from landscapes.figures.offplane import off_plane
from landscapes.figures.overoptimization_figure import overoptimization
from landscapes.figures.palette import STYLES, Style, Theme, styles, template
from landscapes.figures.pareto_figure import pareto
from landscapes.figures.persistence_figure import merge_tree, persistence_diagram
from landscapes.figures.players_figure import players
from landscapes.figures.race_figure import race
from landscapes.figures.rate_sweep_figure import rate_sweep
from landscapes.figures.scale import Scale
from landscapes.figures.sharpness_figure import sharpness
from landscapes.figures.slice_figure import volume_slice
from landscapes.figures.stability_figure import stability
from landscapes.figures.surface_figure import surface
from landscapes.figures.volume_figure import volume

__all__ = [
    "STYLES",
    "Scale",
    "Style",
    "Theme",
    "bands",
    "basins",
    "best_scale",
    "conflict",
    "conflict_path",
    "connection",
    "connection_plane",
    "contour",
    "critical_values",
    "eigenvalues",
    "gradient_noise",
    "history",
    "jacobian",
    "line",
    "merge_tree",
    "off_plane",
    "overoptimization",
    "pareto",
    "persistence_diagram",
    "players",
    "race",
    "rate_sweep",
    "sharpness",
    "show",
    "stability",
    "styles",
    "surface",
    "template",
    "training_curve",
    "volume",
    "volume_slice",
    "waterfall",
    "widget",
]
