"""The settings of a recipe that name no registry entry, each with its range and default."""

from __future__ import annotations

from landscapes.knobs import Knob
from landscapes.recipes.recipe import Recipe

SETTINGS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob(
            "precision",
            str,
            "float32",
            choices=("float32", "float64"),
            doc="float64 has twice the digits and takes about twice as long",
        ),
        Knob("steps", int, Recipe().steps, 1, 20_000, doc="how often each optimizer updates the parameters"),
        Knob("batch_size", int, 0, 0, 100_000, doc="examples per step; 0 is the full batch"),
        Knob("dimension", int, 2, 1, 2, doc="1 draws a line, 2 a plane"),
        Knob("center", str, "trained", choices=("trained", "initial"), doc="the point the picture is centred on"),
        Knob("extent", float, 1.0, 1e-3, 1e3, doc="1 just fits all paths; 2 shows twice as far"),
        Knob(
            "split",
            str,
            "train",
            choices=("train", "test"),
            doc="the surface shows the loss on these examples; training uses the training examples",
        ),
        Knob(
            "tolerance", float, Recipe().tolerance, 1e-5, 0.1, doc="0.001: the error is a thousandth of the height"
        ),
        Knob(
            "start",
            str,
            "initial",
            choices=("initial", "trained", "picked"),
            doc="the initial parameters, the best solution found, or the picked point",
        ),
        Knob("start_x", float, 0.0, -1e6, 1e6, doc="picked start along the first axis"),
        Knob("start_y", float, 0.0, -1e6, 1e6, doc="picked start along the second axis"),
        Knob("space", str, "plane", choices=("plane", "full"), doc="only in this plane, or with all parameters"),
        Knob("one_step", bool, False, doc="draw the vectors that each step is made of, with the optimizer's rule"),
        Knob("eigenvalues", int, 5, 1, 50, doc="how many at each end of the spectrum"),
        Knob("seed", int, 0, 0, 2**31 - 1, doc="of initialization, data, directions and minibatches"),
        Knob("draws", int, 1, 1, 64, doc="draws of the objective's noise behind a line: median and quartiles"),
        Knob("view", str, "3d", choices=("3d", "contour"), doc="the picture"),
        Knob("scale", str, "linear", choices=("linear", "log"), doc="the vertical scale"),
        Knob("term", str, "", doc="the one term that is drawn, unweighted; empty for their weighted sum"),
    )
}
WEIGHT = Knob("weight", float, 1.0, -1e6, 1e6, doc="weight of the term")
