"""Lessons on how the architecture shapes the loss surface."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SKIP_CONNECTIONS = Lesson(
    title="A deep network, with and without skip connections",
    section="Depth, width, skips, normalization",
    sentences=(
        "Both networks have twelve hidden layers and the same seed; on the left each layer adds to its input.",
        "Both pictures are filter-normalized planes of the same kind around what the optimizer reached.",
        "With skips 150 steps bring the loss near zero; without them the signal has to pass through every layer, "
        "and the same steps leave it more than ten times as high.",
    ),
    question="Which of the two would you rather start from at random, and why?",
    answer=(
        "The one with skips: the identity carries the gradient to every layer, so it trains from a random start."
    ),
    recipe=Recipe(
        model=Choice.of("mlp", depth=12, width=24, residual=True),
        optimizers=(Choice("momentum"),),
        steps=150,
        directions=Choice("filter-normalized"),
        extent=0.5,
        tolerance=0.01,  # a tenth of the usual would draw cliffs for a minute that no lecture waits for
        beside=(("mlp.residual", "false"),),
    ),
    next=(
        Variation("Normalize the layers as well", "mlp.normalization=layer"),
        Variation("A shallow network", "mlp.depth=3"),
    ),
    source=Source(
        "Li et al. 2018, Visualizing the loss landscape of neural nets",
        "https://arxiv.org/abs/1712.09913",
    ),
)

CONVEXITY = Lesson(
    title="Logistic regression is convex, an MLP is not",
    section="Convex, smooth, rugged",
    sentences=(
        "Both models read the same digits and minimize the same cross-entropy.",
        "Softmax regression has a positive semidefinite Hessian everywhere: every slice of it is a bowl.",
        "The MLP's slice may look like a bowl too; the eigenvalues of the whole space tell them apart.",
    ),
    question="Which picture shows that the MLP is not convex: the surface, or the bars?",
    answer=(
        "The bars. A slice is a small part of the space, and a bowl in a slice proves nothing; a negative "
        "eigenvalue proves that the loss is not convex."
    ),
    recipe=Recipe(
        model=Choice("softmax"),
        optimizers=(Choice("adam"),),
        directions=Choice("filter-normalized"),
        beside=(("model", "mlp"),),
    ),
    next=(
        Variation("Slice along Hessian eigenvectors", "directions=hessian&hessian.end=both"),
        Variation("Squared error instead", "objective=squared-error&model=mlp&beside="),
    ),
    source=Source(
        "Li et al. 2018, Visualizing the loss landscape of neural nets",
        "https://arxiv.org/abs/1712.09913",
    ),
    more=SectionLink("curvature", "convexity", "What is known of convexity"),
)

LESSONS = {"skips": SKIP_CONNECTIONS, "convex": CONVEXITY}
