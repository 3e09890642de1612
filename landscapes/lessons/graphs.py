"""A lesson on a network that reads the edges of a graph."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

FRIENDS = Lesson(
    title="Friends tell what a label does not",
    section="Depth, width, skips, normalization",
    sentences=(
        "A club of 34 members split in two; both models are trained on the side of 4 members, and the height is "
        "the loss of 14 others.",
        "On the left a graph network also averages what it knows of friends: the path falls from 0.73 to 0.23.",
        "On the right softmax regression sees only which member it is: the loss goes from 0.68 to 0.70, and a "
        "guess has 0.69.",
    ),
    question="Both models learn the known sides by heart. Which of them can say something of the other members?",
    answer=(
        "The graph network: it shares its weights among all members, and friends mostly took the same side. In "
        "softmax regression each member has a weight of its own, and no step moves that of an unknown one."
    ),
    recipe=Recipe(
        model=Choice("graph-network"),
        data=Choice("karate-club"),
        optimizers=(Choice.of("adam", learning_rate=0.02),),
        steps=30,
        split="test",
        behavior=True,
        beside=(("model", "softmax"),),
    ),
    next=(
        Variation("Twice as many steps", "steps=60"),
        Variation("Ten known members", "karate-club.examples=10"),
    ),
    source=Source(
        "Kipf and Welling 2017, Semi-supervised classification with graph convolutional networks",
        "https://arxiv.org/abs/1609.02907",
    ),
)

LESSONS = {"friends": FRIENDS}
