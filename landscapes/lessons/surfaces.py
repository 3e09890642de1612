"""Lessons on surfaces with several minima."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Convex, smooth, rugged"

BASINS = Lesson(
    title="One start, three optimizers, three minima",
    section=SECTION,
    sentences=(
        "Himmelblau's function has four minima, all of the height 0.",
        "Three optimizers leave the same start, and each ends in another minimum.",
        "None of these minima is better than another, so this picture says nothing of which optimizer is best.",
    ),
    question="What would you change so that all of them end in the same minimum?",
    answer="The start: close to a minimum they all go downhill to it. Which basin a path ends in depends on "
    "the start and on the size of the steps.",
    recipe=Recipe(
        objective=Choice("himmelblau"),
        optimizers=(
            Choice.of("sgd", learning_rate=0.01),
            Choice.of("momentum", learning_rate=0.01),
            Choice.of("adam", learning_rate=0.2),
        ),
        steps=150,
        start="picked",
        start_x=0.25,
        start_y=4.0,
        view="contour",
        scale="log",
    ),
    next=(
        Variation("Start near a minimum", "start_x=2.5&start_y=2.5"),
        Variation("Start near the maximum", "start_x=-0.3&start_y=-0.9"),
    ),
    source=Source(
        "Himmelblau 1972, Applied nonlinear programming", "https://en.wikipedia.org/wiki/Himmelblau's_function"
    ),
)

RUGGED = Lesson(
    title="A bowl with 121 minima",
    section=SECTION,
    sentences=(
        "Rastrigin's function is a bowl with ripples: it has 121 minima in this box, and only the one at the "
        "origin has the height 0.",
        "Three optimizers with short steps all stop in the minimum next to their start, at the height 12.9.",
        "A gradient holds no information on what lies behind the next ripple.",
    ),
    question="What lets an optimizer leave a ripple?",
    answer="Steps that are longer than the ripple is wide, as from a larger learning rate or from noise. It "
    "settles only if they become shorter later.",
    recipe=Recipe(
        objective=Choice("rastrigin"),
        optimizers=(
            Choice.of("sgd", learning_rate=0.002),
            Choice.of("momentum", learning_rate=0.002),
            Choice.of("adam", learning_rate=0.05),
        ),
        steps=200,
        start="picked",
        start_x=-3.2,
        start_y=2.3,
    ),
    next=(
        Variation("Long steps that become shorter", "adam.learning_rate=1&optimizers=adam&schedule=cosine"),
        Variation("Ackley's function", "objective=ackley"),
    ),
    source=Source(
        "Jamil and Yang 2013, A literature survey of benchmark functions", "https://arxiv.org/abs/1308.4008"
    ),
)

WELLS = Lesson(
    title="Which minima are wells, and which are ripples",
    section=SECTION,
    sentences=(
        "Waves of fixed noise lie on a double well, and the picture has 5 minima.",
        "The persistence of a minimum is how far one has to climb from it on the way to a deeper one: 1.13, 0.27, "
        "0.065 and 0.035, and no number for the deepest.",
        "The paths end in the minimum of persistence 1.13, which is a well, but not the deepest.",
    ),
    question="Below which persistence is a minimum not to be believed?",
    answer="Below twice the error of the picture, which the caption states: a surface within that error may be "
    "without it.",
    recipe=Recipe(
        objective=Choice.of("noisy-double-well", noise=0.2),
        optimizers=(Choice.of("sgd", learning_rate=0.02), Choice.of("adam", learning_rate=0.02)),
        steps=200,
        start="picked",
        start_x=1.7,
        start_y=1.2,
    ),
    next=(
        Variation("Twice as much noise", "noisy-double-well.noise=0.4"),
        Variation("No noise", "noisy-double-well.noise=0"),
    ),
    source=Source(
        "Cohen-Steiner et al. 2007, Stability of persistence diagrams",
        "https://doi.org/10.1007/s00454-006-1276-5",
    ),
    more=SectionLink("curvature", "topology", "The tree in which they merge", (("topology.plot", "tree"),)),
)

LESSONS = {"basins": BASINS, "rugged": RUGGED, "wells": WELLS}
