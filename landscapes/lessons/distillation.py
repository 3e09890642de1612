"""Lessons on learning from another model."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

TEACHER = Lesson(
    title="Soft labels lead to the teacher, hard ones past it",
    section="Learned objectives",
    sentences=(
        "A teacher gives each iris a probability for each of three species; on the left a student of the same "
        "form learns these soft labels.",
        "There the mark is the teacher, whose loss is 0, and momentum comes down to 0.012.",
        "On the right the true species count as well: the student gives them more probability than its teacher "
        "does, and its loss on the soft labels ends at 0.29.",
    ),
    question="What does a high temperature show the student?",
    answer="How the teacher ranks the other species. Without it their probabilities are nearly zero, and the soft "
    "labels say little more than the hard ones.",
    recipe=Recipe(
        objective=Choice("distillation"),
        data=Choice("iris"),
        model=Choice("softmax"),
        optimizers=(Choice.of("adam", learning_rate=0.15), Choice.of("momentum", learning_rate=0.1)),
        steps=300,
        scale="log",
        beside=(("weight.hard", "4.0"),),
    ),
    next=(
        Variation("A temperature of 1", "distillation.temperature=1"),
        Variation("A larger weight for the true species beside", "beside=weight.hard:20.0"),
    ),
    source=Source(
        "Hinton et al. 2015, Distilling the knowledge in a neural network", "https://arxiv.org/abs/1503.02531"
    ),
)

LESSONS = {"teacher": TEACHER}
