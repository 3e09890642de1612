"""The plain settings of a recipe, those that name nothing registered, each with its range and its default."""

from __future__ import annotations

from landscapes.knobs import Knob
from landscapes.recipes.recipe import Recipe

SETTINGS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob("precision", str, "float32", choices=("float32", "float64"), doc="arithmetic of everything shown"),
        Knob("steps", int, Recipe().steps, 1, 20_000, doc="optimizer steps"),
        Knob("batch_size", int, 0, 0, 100_000, doc="examples per step; 0 is the full batch"),
        Knob("dimension", int, 2, 1, 2, doc="1 draws a line, 2 a plane"),
        Knob("center", str, "trained", choices=("trained", "initial"), doc="the point the picture is centred on"),
        Knob("extent", float, 1.0, 1e-3, 1e3, doc="half-width relative to the natural one"),
        Knob("split", str, "train", choices=("train", "test"), doc="examples behind the surface"),
        Knob("tolerance", float, Recipe().tolerance, 1e-5, 0.1, doc="error allowed, as a share of the range"),
        Knob("start", str, "initial", choices=("initial", "trained", "picked"), doc="where the paths begin"),
        Knob("start_x", float, 0.0, -1e6, 1e6, doc="picked start along the first axis"),
        Knob("start_y", float, 0.0, -1e6, 1e6, doc="picked start along the second axis"),
        Knob("space", str, "plane", choices=("plane", "full"), doc="how picked paths move"),
        Knob("eigenvalues", int, 5, 1, 50, doc="how many at each end of the spectrum"),
        Knob("seed", int, 0, 0, 2**31 - 1, doc="of initialization, data, directions and minibatches"),
        Knob("draws", int, 1, 1, 64, doc="draws of the objective's noise behind a line: median and quartiles"),
        Knob("view", str, "3d", choices=("3d", "contour"), doc="the picture"),
        Knob("scale", str, "linear", choices=("linear", "log"), doc="the vertical scale"),
        Knob("term", str, "", doc="the one term that is drawn, unweighted; empty for their weighted sum"),
    )
}
WEIGHT = Knob("weight", float, 1.0, -1e6, 1e6, doc="weight of the term")
