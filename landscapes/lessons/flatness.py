"""Lessons on flatness and on what lies between solutions."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Flatness and generalization"

BARRIER = Lesson(
    title="Three optimizers, three places, and what lies between them",
    section=SECTION,
    sentences=(
        "From one start three optimizers fit the same network to two moons.",
        "The plane goes through all three of their ends, so it shows what lies between them.",
        "On the straight line from SGD to Adam the loss rises to more than twice the height of either end.",
    ),
    question="Does a barrier on a straight line separate two solutions?",
    answer="No. A curve between them often stays low, because the space around the line has many more dimensions.",
    recipe=Recipe(
        data=Choice.of("moons", examples=100, noise=0.2),
        model=Choice.of("mlp", width=8, depth=2),
        optimizers=(
            Choice.of("sgd", learning_rate=0.5),
            Choice.of("adam", learning_rate=0.02),
            Choice.of("momentum", learning_rate=0.1),
        ),
        steps=200,
        behavior=True,
        directions=Choice("solutions"),
    ),
    next=(
        Variation("A wider network", "mlp.width=64"),
        Variation("The test loss on the same plane", "split=test"),
    ),
    source=Source(
        "Garipov et al. 2018, Loss surfaces, mode connectivity, and fast ensembling of DNNs",
        "https://arxiv.org/abs/1802.10026",
    ),
    more=SectionLink("curvature", "connection", "The losses between the solutions"),
)

UNITS = Lesson(
    title="How sharp a minimum looks depends on the ruler",
    section=SECTION,
    sentences=(
        "Both pictures are centred at one solution and use random directions of one seed.",
        "On the left the directions have the norm of each filter, on the right they are plain Gaussian ones.",
        "The left picture rises more than five times as high, although the network is the same.",
    ),
    question="Which of the pictures may be compared with that of another network?",
    answer=(
        "The filter-normalized one, with care: it takes out the scale of each filter. A plain direction makes "
        "small weights look sharp and large ones flat."
    ),
    recipe=Recipe(
        data=Choice("iris"),
        model=Choice.of("mlp", width=16, depth=2),
        optimizers=(Choice.of("adam", learning_rate=0.02),),
        steps=100,
        directions=Choice("filter-normalized"),
        beside=(("directions", "gaussian"),),
    ),
    next=(
        Variation("Along the steepest Hessian eigenvectors", "directions=hessian&beside="),
        Variation("Another seed of the directions", "seed=3"),
    ),
    source=Source(
        "Li et al. 2018, Visualizing the loss landscape of neural nets", "https://arxiv.org/abs/1712.09913"
    ),
)

SHARPNESS = Lesson(
    title="Sharpness-aware minimization ends in a flatter place",
    section=SECTION,
    sentences=(
        "The objective on the left is the cross-entropy at the worst point within ρ = 0.2; on the right is the "
        "cross-entropy itself.",
        "SAM and gradient descent take 150 steps of one learning rate from the same start.",
        "Where SAM ends, the largest Hessian eigenvalue of the cross-entropy is below 0.65; where gradient "
        "descent ends, it is above 0.7.",
    ),
    question="Does the flatter place have the lower training loss?",
    answer="No, here it is slightly higher. SAM gives up some training loss for a neighbourhood in which it "
    "stays low.",
    recipe=Recipe(
        objective=Choice.of("sharpness-aware", rho=0.2),
        data=Choice("iris"),
        model=Choice.of("mlp", width=8, depth=1),
        optimizers=(Choice.of("sam", learning_rate=0.3, rho=0.2), Choice.of("sgd", learning_rate=0.3)),
        steps=150,
        directions=Choice("principal"),
        beside=(("term", "cross-entropy"),),
    ),
    next=(
        Variation("A larger neighbourhood", "sam.rho=0.5&sharpness-aware.rho=0.5"),
        Variation("A slice through random directions", "directions=filter-normalized"),
    ),
    source=Source(
        "Foret et al. 2021, Sharpness-aware minimization for efficiently improving generalization",
        "https://arxiv.org/abs/2010.01412",
    ),
)

LESSONS = {"barrier": BARRIER, "units": UNITS, "sharpness": SHARPNESS}
