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
        Knob("steps", int, Recipe().steps, 1, 20_000, doc="number of updates that each optimizer makes"),
        Knob("batch_size", int, 0, 0, 100_000, doc="number of examples in each step; 0 takes all of them"),
        Knob("dimension", int, 2, 1, 2, doc="number of axes of the picture: 1 draws a line, 2 a plane"),
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
            "tolerance",
            float,
            Recipe().tolerance,
            1e-5,
            0.1,
            doc="largest interpolation error as a share of the height: 0.001 is a thousandth of it",
        ),
        Knob(
            "start",
            str,
            "initial",
            choices=("initial", "trained", "picked"),
            doc="where the optimizers start: the initial parameters, the best solution found, or the picked point",
        ),
        Knob("start_x", float, 0.0, -1e6, 1e6, doc="coordinate of the picked start along the first axis"),
        Knob("start_y", float, 0.0, -1e6, 1e6, doc="coordinate of the picked start along the second axis"),
        Knob(
            "space",
            str,
            "plane",
            choices=("plane", "full"),
            doc="whether paths from the picked point move in this plane only or with all parameters",
        ),
        Knob(
            "eigenvalues",
            int,
            5,
            1,
            50,
            doc="number of Hessian eigenvalues that are computed at each end of the spectrum",
        ),
        Knob(
            "seed", int, 0, 0, 2**31 - 1, doc="random numbers of initialization, data, directions and minibatches"
        ),
        Knob("one_step", bool, False, doc="draw the vectors that each step is made of, with the optimizer's rule"),
        Knob("behavior", bool, False, doc="show the model's predictions, samples or actions beside the surface"),
        Knob(
            "draws", int, 1, 1, 64, doc="draws of the noise, or minibatches, behind a line: median and quartiles"
        ),
        Knob("view", str, "3d", choices=("3d", "contour"), doc="a surface in three dimensions, or a contour plot"),
        Knob(
            "scale",
            str,
            "linear",
            choices=("linear", "log"),
            doc="linear heights, or logarithmic ones, which show small differences near the minimum",
        ),
        Knob("term", str, "", doc="the one term that is drawn, unweighted; empty for their weighted sum"),
    )
}
WEIGHT = Knob(
    "weight",
    float,
    1.0,
    -1e6,
    1e6,
    doc="weight of the term in the sum that is trained; 0 shows it without training it",
)
