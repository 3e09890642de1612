"""Landscapes: the loss around any point of parameter space, its curvature, and what optimizers do on it."""

from landscapes.curvature.spectrum import Spectrum, spectrum
from landscapes.evaluation.compilation import disable_wrong_sums, fuse_small_loops
from landscapes.optimization.trajectory import Trajectory, descend, race
from landscapes.plane import Plane, span
from landscapes.problem import Problem
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.slices.projection import Projection, project_path
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface, evaluate

disable_wrong_sums()
fuse_small_loops()

__all__ = [
    "Choice",
    "Plane",
    "Problem",
    "Projection",
    "Recipe",
    "Spectrum",
    "Surface",
    "Trajectory",
    "descend",
    "evaluate",
    "project_path",
    "race",
    "refine",
    "span",
    "spectrum",
]
