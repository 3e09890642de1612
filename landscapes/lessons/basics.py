"""Lessons on what an objective is."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "What an objective is"
# A neuron of weight x and bias y, with an example of each label at the inputs 1 and −1.
SQUARED = "(1-1/(1+exp(-x-y)))^2+(1/(1+exp(x-y)))^2"
LOGARITHMIC = "log(1+exp(-x-y))+log(1+exp(y-x))"

LINE = Lesson(
    title="Every point of the floor is a model",
    section=SECTION,
    sentences=(
        "A straight line has two numbers, a slope and an intercept, so each point of the floor is a line and the "
        "height above it is that line's squared error on 30 examples.",
        "The surface is a bowl, because the squared error is quadratic in both numbers.",
        "SGD and momentum end at the same line, the least-squares fit, at 0.53.",
    ),
    question="Why does the lowest line fit the examples no better than this?",
    answer=(
        "The examples lie on a sine, and no point of the floor is a sine. The rest of the error belongs to the "
        "model and not to the optimizer."
    ),
    recipe=Recipe(
        objective=Choice("squared-error"),
        data=Choice.of("sine", examples=30),
        model=Choice("linear"),
        optimizers=(Choice.of("sgd", learning_rate=0.1), Choice.of("momentum", learning_rate=0.05)),
        steps=80,
        behavior=True,
        directions=Choice.of("coordinates", first=0, second=1),
        extent=6.0,
    ),
    next=(
        Variation("Half a period of the sine", "sine.periods=0.5"),
        Variation("The 0.9 quantile instead", "objective=quantile&quantile.level=0.9"),
    ),
    source=Source(
        "Goodfellow et al. 2016, Deep learning, chapter 5", "https://www.deeplearningbook.org/contents/ml.html"
    ),
)

FOLDS = Lesson(
    title="Absolute error has folds, squared error has none",
    section=SECTION,
    sentences=(
        "Both pictures show a line fitted to the same ten points.",
        "On the left the absolute error is piecewise linear: the surface is folded wherever the line goes "
        "through a point.",
        "On the right is the squared error of the same lines: it is smooth, and its gradient shrinks toward the "
        "minimum.",
    ),
    question="Why do steps of a constant learning rate not settle on the left?",
    answer=(
        "On every face the gradient keeps its size, so each step overshoots the fold. A learning rate that "
        "shrinks to zero lets them settle."
    ),
    recipe=Recipe(
        objective=Choice("absolute-error"),
        data=Choice.of("sine", examples=10),
        model=Choice("linear"),
        optimizers=(Choice.of("adam", learning_rate=0.05), Choice.of("sgd", learning_rate=0.05)),
        steps=100,
        directions=Choice.of("coordinates", first=0, second=1),
        beside=(("drawn", "squared-error"),),
    ),
    next=(
        Variation("Huber error beside", "beside=drawn:huber"),
        Variation("A learning rate that falls", "schedule=cosine"),
    ),
    source=Source(
        "Huber 1964, Robust estimation of a location parameter", "https://doi.org/10.1214/aoms/1177703732"
    ),
)

SATURATED = Lesson(
    title="Squared error behind a sigmoid has a plateau",
    section=SECTION,
    sentences=(
        "A neuron learns a positive and a negative example; x is its weight, y its bias, and it starts confident "
        "and wrong.",
        "On the left the squared error is almost flat there: 60 steps lower it by less than 1 %.",
        "On the right cross-entropy keeps a slope, and the same steps end at 0.018 nats.",
    ),
    question="Why does cross-entropy keep a slope where the squared error has almost none?",
    answer="The derivative of the sigmoid vanishes where it saturates. The logarithm cancels that factor, so "
    "the gradient of cross-entropy is the error itself.",
    recipe=Recipe(
        objective=Choice.of("formula", text=SQUARED, x_low=-10.0, x_high=10.0, y_low=-6.0, y_high=6.0),
        optimizers=(Choice.of("sgd", learning_rate=1.0),),
        steps=60,
        start="picked",
        start_x=-7.0,
        start_y=1.0,
        beside=(("formula.text", LOGARITHMIC),),
    ),
    next=(
        Variation("Start less confident", "start_x=-2"),
        Variation("A learning rate of 50", "sgd.learning_rate=50&beside="),
    ),
    source=Source(
        "Golik et al. 2013, Cross-entropy vs. squared error training",
        "https://www.isca-archive.org/interspeech_2013/golik13_interspeech.html",
    ),
)

LESSONS = {"line": LINE, "folds": FOLDS, "saturated": SATURATED}
