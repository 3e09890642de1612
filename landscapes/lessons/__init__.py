"""The gallery: a lesson is a recipe, a title, three sentences and a question.

`LESSONS` holds those at the foot of this file and of the others beside it; a lesson's page and permalink follow.
"""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.registry import gather

__all__ = ["LESSONS", "Lesson"]

RAVINE = Lesson(
    title="A ravine, with and without momentum",
    sentences=(
        "The bowl ½(x² + 100y²) is a hundred times steeper across than along.",
        "Gradient descent at its best constant rate, 2/(L+μ), multiplies the error by 0.980 per step; "
        "heavy ball at its best multiplies it by 0.818 in the long run.",
        "Momentum swings wider at first, then damps the zigzag and gathers speed along the ravine.",
    ),
    question="How many steps does each need to come ten times closer to the minimum?",
    recipe=Recipe(
        objective=Choice.of("bowl", condition=100.0),
        optimizers=(
            # With κ = 100: η = 2/(L+μ), and for heavy ball √β = (√κ−1)/(√κ+1) = 9/11, η = ((1+√β)/√L)². In fewer
            # digits the double root of heavy ball splits, and 0.879 takes the place of 0.818.
            Choice.of("sgd", learning_rate=2 / 101),
            Choice.of("momentum", learning_rate=4 / 121, beta=81 / 121),
        ),
        steps=200,  # gradient descent needs ln 10 / −ln 0.980 = 115 of them, and of 200 every one is drawn
        start="picked",
        start_x=-3.5,
        start_y=0.4,
        view="contour",
        scale="log",
    ),
)

SKIPS = Lesson(
    title="A deep network, with and without skip connections",
    sentences=(
        "Both networks have twelve hidden layers and the same seed; on the left each layer adds to its input.",
        "Both pictures are filter-normalized planes of the same kind around what the optimizer reached.",
        "With skips 150 steps bring the loss near zero; without them the signal has to pass through every layer, "
        "and the same steps leave it more than ten times as high.",
    ),
    question="Which of the two would you rather start from at random, and why?",
    recipe=Recipe(
        model=Choice.of("mlp", depth=12, width=24, residual=True),
        optimizers=(Choice("momentum"),),
        steps=150,
        directions=Choice("filter-normalized"),
        extent=0.5,
        tolerance=0.01,  # a tenth of the usual would draw cliffs for a minute that no lecture waits for
        beside=(("mlp.residual", "false"),),
    ),
)

CONVEX = Lesson(
    title="Logistic regression is convex, an MLP is not",
    sentences=(
        "Both models read the same digits and minimize the same cross-entropy.",
        "Softmax regression has a positive semidefinite Hessian everywhere: every slice of it is a bowl.",
        "The MLP's slice may look like a bowl too; the eigenvalues of the whole space tell them apart.",
    ),
    question="Which picture shows that the MLP is not convex: the surface, or the bars?",
    recipe=Recipe(
        model=Choice("softmax"),
        optimizers=(Choice("adam"),),
        directions=Choice("filter-normalized"),
        beside=(("model", "mlp"),),
    ),
)

OVEROPTIMIZED = Lesson(
    title="The wrong objective: a learned reward, climbed too far",
    sentences=(
        "A reward fitted to 200 noisy preferences agrees with the true one where the reference policy goes.",
        "The policy climbs the learned reward on the left; on the right the same steps lie on the true one.",
        "Past the marked step the proxy still rises and the truth falls.",
    ),
    question="What does a larger weight on the KL term do to the step at which they part?",
    recipe=Recipe(
        objective=Choice("rlhf"),
        data=Choice("preferences"),
        model=Choice("score-table"),
        optimizers=(Choice.of("adam", learning_rate=0.1),),
        steps=150,
        seed=2,
        directions=Choice("principal"),
        view="contour",
        beside=(("term", "true-reward"),),
    ),
)

OVERFITTED = Lesson(
    title="The wrong objective: training loss beside test loss",
    sentences=(
        "A wide network memorizes sixty noisy points.",
        "Both pictures show the same plane and path: the training loss on the left, the test loss on the right.",
        "After the marked step the training loss still falls and the test loss rises.",
    ),
    question="Where on the right picture would you have stopped?",
    recipe=Recipe(
        data=Choice.of("moons", examples=60, noise=0.4),
        model=Choice.of("mlp", width=64, depth=2),
        optimizers=(Choice.of("adam", learning_rate=0.02),),
        steps=300,
        directions=Choice("principal"),
        beside=(("split", "test"),),
    ),
)

TERRACES = Lesson(
    title="The wrong objective: accuracy beside cross-entropy",
    sentences=(
        "We want few errors, but train on cross-entropy.",
        "On the same plane the error rate is piecewise constant.",
        "Its gradient is 0 wherever it exists, so only the cross-entropy shows a way down.",
    ),
    question="Is the lowest point of one surface the lowest of the other?",
    recipe=Recipe(
        data=Choice("iris"),
        optimizers=(Choice("adam"), Choice("sgd")),
        directions=Choice("filter-normalized"),
        beside=(("drawn", "error-rate"),),
    ),
)

PLATEAU = Lesson(
    title="The plateau of a policy gradient",
    sentences=(
        "Three arms pay 1, ½ and 0; the policy starts almost certain of the worst arm, where the return is flat.",
        "On the right an entropy bonus of τ = 0.2 tilts the plateau: gradient ascent reaches half the best return "
        "in less than half as many steps.",
        "Without the bonus the optimum lies at infinity; with it, at the marked policy π ∝ exp(r/τ).",
    ),
    question="What would a larger bonus gain, and what would it cost?",
    recipe=Recipe(
        objective=Choice("expected-return"),
        data=Choice("bandit"),
        model=Choice.of("policy-table", spread=0.0, lean=6.0),
        optimizers=(Choice.of("sgd", learning_rate=1.0),),
        steps=500,
        directions=Choice("principal"),
        extent=1.5,
        view="contour",
        beside=(("weight.entropy", "0.2"),),
    ),
)

SURROGATE = Lesson(
    title="PPO's surrogate and the return it stands for",
    sentences=(
        "PPO climbs a surrogate that touches the true return at the old policy: the uniform one, where the paths "
        "begin.",
        "Once every gain has been clipped the surrogate is flat, and its gradient exactly zero.",
        "The true return, on the right, goes on rising: the clip marks how far the old policy's episodes are "
        "trusted, not an optimum.",
    ),
    question="How far would you go before you collect new episodes?",
    recipe=Recipe(
        objective=Choice("ppo"),
        data=Choice("gridworld"),
        model=Choice.of("policy-table", spread=0.0),
        optimizers=(Choice.of("adam", learning_rate=0.02), Choice.of("sgd", learning_rate=0.3)),
        steps=150,
        beside=(("term", "return"),),
    ),
)

DUEL = Lesson(
    title="A game that spirals outward, circles, or settles",
    sentences=(
        "The Dirac-GAN has two numbers: the generator's one point, and the discriminator's slope there.",
        "Simultaneous steps spiral away from the equilibrium, near it by 1.1 % a step; alternating ones circle.",
        "On the right an R1 penalty is added, half the squared slope, and both settle.",
    ),
    question="What would be gained on the left by a smaller learning rate, and what would not?",
    recipe=Recipe(
        objective=Choice("minimax-gan"),
        data=Choice("point"),
        model=Choice("dirac-gan"),
        precision="float64",
        optimizers=(
            Choice.of("simultaneous", learning_rate=0.3),
            Choice.of("alternating", learning_rate=0.3),
        ),
        steps=100,
        directions=Choice("players"),
        view="contour",
        beside=(("weight.R1", "1.0"),),
    ),
)

COLLAPSED = Lesson(
    title="Posterior collapse is a saddle",
    sentences=(
        "A linear VAE, data of variance 4, noise of variance 1: in the middle, z says nothing of x.",
        "The gradient vanishes there, at 2.919 nats, but one Hessian eigenvalue is −1.77, and every path leaves.",
        "Either valley leads to probabilistic PCA, w = ±√3: at 2.112 nats the bound is the likelihood itself.",
    ),
    question="How large must the noise variance be for the collapsed point to become the minimum?",
    recipe=Recipe(
        objective=Choice.of("linear-elbo", variance=1.0),
        data=Choice.of("gaussian-cloud", variance=4.0),
        model=Choice.of("linear-vae", spread=0.02),
        optimizers=(Choice.of("adam", learning_rate=0.03), Choice.of("sgd", learning_rate=0.05)),
        steps=200,
        directions=Choice.of("hessian", end="both"),
        center="initial",
        extent=300.0,
        scale="log",
    ),
)

BETA = Lesson(
    title="β moves the optimum",
    sentences=(
        "Both pictures show a linear VAE over two weights, w = decoder.kernel and v = encoder.kernel.",
        "A weight β on the KL term acts as a noise variance β times as large; on the right β = 6.",
        "There the data's variance, 4, is below the noise's, 6, and the two valleys have merged at w = 0.",
    ),
    question="What would β = 2 do to w = √3?",
    recipe=Recipe(
        objective=Choice.of("linear-elbo", variance=1.0),
        data=Choice.of("gaussian-cloud", variance=4.0),
        model=Choice.of("linear-vae", spread=0.1),
        optimizers=(Choice.of("adam", learning_rate=0.03),),
        steps=200,
        directions=Choice.of("coordinates", first=1, second=2),
        center="initial",
        extent=60.0,
        view="contour",
        scale="log",
        beside=(("weight.kl", "6.0"),),
    ),
)

CONTEXT = Lesson(
    title="A table of bigrams and a Transformer read the same text",
    sentences=(
        "Both predict the next character of the same sentences; the loss is in nats per token.",
        "The table sees one character back: its loss is convex, and the best it can reach is 1.31 nats.",
        "The Transformer on the right sees all characters before and falls far below that.",
    ),
    question="After which characters does the table guess worst, and what would have helped it?",
    recipe=Recipe(
        objective=Choice("next-token"),
        model=Choice("bigram"),
        data=Choice("text"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("momentum", learning_rate=1.0)),
        steps=200,
        beside=(("model", "transformer"), ("adam.learning_rate", "0.01"), ("momentum.learning_rate", "0.03")),
    ),
)

LESSONS: dict[str, Lesson] = {
    "ravine": RAVINE,
    "skips": SKIPS,
    "convex": CONVEX,
    "overoptimized": OVEROPTIMIZED,
    "overfitted": OVERFITTED,
    "terraces": TERRACES,
    "plateau": PLATEAU,
    "surrogate": SURROGATE,
    "duel": DUEL,
    "collapsed": COLLAPSED,
    "beta": BETA,
    "context": CONTEXT,
    **gather(__name__, __path__, "LESSONS", first=("selfsupervised", "regularized")),
}
