"""Lessons on normalization, width and activations."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Depth, width, skips, normalization"

NORMALIZATION = Lesson(
    title="Batch normalization in a deep network",
    section=SECTION,
    sentences=(
        "Both networks have eight hidden layers of 16 units and train on wine for 100 steps of one learning rate.",
        "On the left nothing is normalized, and the loss stays above 0.3 nats.",
        "On the right the inputs of every layer are normalized over the batch, and the loss ends below 0.05 nats.",
    ),
    question="What does normalization change: the surface, or the steps on it?",
    answer=(
        "Both. Behind a normalization the scale of the weights no longer matters, and the gradient keeps its "
        "size on its way through the layers."
    ),
    recipe=Recipe(
        data=Choice("wine"),
        model=Choice.of("mlp", width=16, depth=8),
        optimizers=(Choice.of("sgd", learning_rate=0.3),),
        steps=100,
        directions=Choice("principal"),
        tolerance=0.01,
        beside=(("mlp.normalization", "batch"),),
    ),
    next=(
        Variation("Layer normalization beside", "beside=mlp.normalization:layer"),
        Variation("A shallow network", "mlp.depth=2"),
    ),
    source=Source(
        "Santurkar et al. 2018, How does batch normalization help optimization?",
        "https://arxiv.org/abs/1805.11604",
    ),
)

WIDTH = Lesson(
    title="A narrow network gets stuck, a wide one does not",
    section=SECTION,
    sentences=(
        "Both networks have one hidden layer and learn XOR from 100 noisy points.",
        "On the left it has two units, and both optimizers stop above 0.3 nats.",
        "On the right it has 32, and the loss falls below 0.01 nats.",
    ),
    question="Is the narrow network too small, or only badly started?",
    answer=(
        "Badly started: from another seed the same two units come below 0.02 nats. Among many units some start "
        "in a useful place."
    ),
    recipe=Recipe(
        data=Choice.of("xor", examples=100, noise=0.2),
        model=Choice.of("mlp", width=2, depth=1),
        optimizers=(Choice.of("adam", learning_rate=0.05), Choice.of("sgd", learning_rate=0.5)),
        steps=200,
        behavior=True,
        directions=Choice("solutions"),
        beside=(("mlp.width", "32"),),
    ),
    next=(
        Variation("Another seed", "seed=1"),
        Variation("Units that are never off", "mlp.activation=tanh"),
    ),
    source=Source(
        "Livni et al. 2014, On the computational efficiency of training neural networks",
        "https://arxiv.org/abs/1410.1141",
    ),
)

SIGMOIDS = Lesson(
    title="A deep network of sigmoids learns late",
    section=SECTION,
    sentences=(
        "Both networks have six hidden layers and train on iris with the same steps.",
        "On the left the units are sigmoids: at the start the gradient of the first layer is less than 3 % of "
        "that of the last.",
        "On the right they are rectifiers, and the loss falls below 0.1 nats, where the sigmoids stay above 0.3.",
    ),
    question="Which layers of the network of sigmoids learn first?",
    answer=(
        "The last ones. The gradient is multiplied by the sigmoid's slope in every layer on its way back, and "
        "that is at most a quarter."
    ),
    recipe=Recipe(
        data=Choice("iris"),
        model=Choice.of("mlp", width=16, depth=6, activation="sigmoid"),
        optimizers=(Choice.of("sgd", learning_rate=0.3),),
        steps=150,
        directions=Choice("principal"),
        tolerance=0.01,
        beside=(("mlp.activation", "relu"),),
    ),
    next=(
        Variation("Hyperbolic tangents beside", "beside=mlp.activation:tanh"),
        Variation("Fewer layers", "mlp.depth=2"),
    ),
    source=Source(
        "Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
        "https://proceedings.mlr.press/v9/glorot10a.html",
    ),
)

LESSONS = {"normalized": NORMALIZATION, "width": WIDTH, "vanishing": SIGMOIDS}
