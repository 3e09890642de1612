"""Lessons on the noise of minibatches."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

BATCHES = Lesson(
    title="How large a minibatch has to be",
    section="How optimizers move",
    sentences=(
        "Both paths take 200 steps of gradient descent at the rate 1: on the left a step sees 2 examples, on the "
        "right 64.",
        "The left path never comes to rest: over its last 100 steps the loss of all examples is on average 0.011 "
        "above the minimum, on the right 0.0001.",
        "At the start the simple noise scale is 6.1 examples, with a standard error of 1.3: in a batch of that "
        "size the noise is as large as the gradient.",
    ),
    question="From which batch size on do more examples hardly help at the start, and why not near the minimum?",
    answer=(
        "A few times the noise scale: the step then is nearly that of all examples. Near the minimum the gradient "
        "vanishes and the noise does not, so that the noise scale grows without a bound."
    ),
    recipe=Recipe(
        model=Choice("logistic"),
        data=Choice("moons"),
        optimizers=(Choice.of("sgd", learning_rate=1.0),),
        steps=200,
        batch_size=2,
        center="initial",
        behavior=True,
        beside=(("batch_size", "64"),),
    ),
    next=(
        Variation("A tenth of the rate", "sgd.learning_rate=0.1"),
        Variation("A rate that falls", "schedule=cosine"),
    ),
    source=Source(
        "McCandlish et al. 2018, An empirical model of large-batch training", "https://arxiv.org/abs/1812.06162"
    ),
    more=SectionLink("curvature", "noisescale", "The noise beside the Hessian"),
)

BAND = Lesson(
    title="Every minibatch has a minimum of its own",
    section="How optimizers move",
    sentences=(
        "The line runs through trained softmax regression, in the direction in which the loss is most curved. The "
        "band lies between the quartiles of the losses on 64 minibatches.",
        "On the left a minibatch has 8 digits: half have their lowest loss on this line more than 0.2 away "
        "from the median one.",
        "On the right it has 64 digits: the band at the trained point is narrower, 0.09 in place of 0.14, and the "
        "minima lie closer together.",
    ),
    question="How does the spread depend on the size of the batch, and what does that mean for the rate?",
    answer=(
        "It shrinks like one over the root of the size. A step goes toward the minimum of its minibatch, so that "
        "a smaller batch needs a smaller rate to come as near to the minimum of all."
    ),
    recipe=Recipe(
        model=Choice("softmax"),
        optimizers=(Choice.of("sgd", learning_rate=0.3),),
        schedule=Choice("cosine"),
        batch_size=8,
        directions=Choice("hessian"),
        dimension=1,
        draws=64,
        beside=(("batch_size", "64"),),
    ),
    next=(
        Variation("At the start of training", "center=initial"),
        Variation("A multilayer perceptron", "model=mlp"),
    ),
    source=Source(
        "Bottou et al. 2018, Optimization methods for large-scale machine learning",
        "https://arxiv.org/abs/1606.04838",
    ),
    more=SectionLink("curvature", "noisescale", "The noise beside the Hessian"),
)

LESSONS = {"batches": BATCHES, "band": BAND}
