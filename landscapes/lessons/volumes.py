"""A lesson on a loss in three directions."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

WHOLE = Lesson(
    title="A plane is a slice, a volume can be the whole loss",
    section="Convex, smooth, rugged",
    sentences=(
        "Logistic regression of points in the plane has 3 parameters, two weights and a bias; the picture is a "
        "plane through its parameter space.",
        "Three optimizers start at one point and end within 0.001 of the loss 0.243.",
        "The plane was laid through their ends; no point of the paths is farther than 0.1 from it.",
    ),
    question="Is this a bowl in every direction, or only in this plane?",
    answer=(
        "In every one: the loss is convex. The volume adds the last direction. Its surfaces of equal loss bend "
        "around the minimum, one inside the other. With more parameters a volume is a slice, too."
    ),
    recipe=Recipe(
        model=Choice("logistic"),
        data=Choice("moons"),
        optimizers=(
            Choice.of("sgd", learning_rate=1.0),
            Choice.of("momentum", learning_rate=0.1),
            Choice.of("adam", learning_rate=0.1),
        ),
        steps=200,
        behavior=True,
    ),
    next=(
        Variation(
            "Poisson regression of counts, with 4 parameters",
            "objective=poisson&data=counts&model=linear&sgd.learning_rate=0.1",
        ),
        Variation("A network, of which the volume is a slice", "model=mlp&mlp.width=4"),
    ),
    source=Source(
        "Boyd and Vandenberghe 2004, Convex optimization, section 7.1", "https://web.stanford.edu/~boyd/cvxbook/"
    ),
    more=SectionLink("curvature", "volume", "The loss in three directions"),
)

LESSONS = {"whole": WHOLE}
