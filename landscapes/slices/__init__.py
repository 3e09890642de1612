"""The loss over a line, plane or volume through parameter space.

Grids, surfaces refined from coarse to fine with an estimate of their error, paths projected on a plane, and the
random directions that a slice may be taken along.
"""

from landscapes.slices.grid import nodes
from landscapes.slices.marching_cubes import level_surface
from landscapes.slices.persistent_minima import Persistence, persistence
from landscapes.slices.projection import Projection, project_path
from landscapes.slices.random_directions import filter_normalized, gaussian, layer_normalized
from landscapes.slices.refinement import draw, refine
from landscapes.slices.spline import error_estimate
from landscapes.slices.surface import Surface, evaluate

__all__ = [
    "Persistence",
    "Projection",
    "Surface",
    "draw",
    "error_estimate",
    "evaluate",
    "filter_normalized",
    "gaussian",
    "layer_normalized",
    "level_surface",
    "nodes",
    "persistence",
    "project_path",
    "refine",
]
