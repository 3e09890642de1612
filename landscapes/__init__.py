"""Landscapes: the loss around any point of parameter space, its curvature, and what optimizers do on it."""

from landscapes.compilation import fuse_small_loops, sidestep_wrong_sums
from landscapes.plane import Plane, span
from landscapes.problem import Problem
from landscapes.projection import Projection, project_path
from landscapes.recipe import Choice, Recipe
from landscapes.spectrum import Spectrum, spectrum
from landscapes.surface import Surface, evaluate, refine
from landscapes.trajectory import Trajectory, descend, race

sidestep_wrong_sums()
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
