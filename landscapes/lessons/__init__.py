"""The gallery: a lesson is a recipe, a title, three sentences and a question.

`LESSONS`, at the foot, is the one place where a lesson is added; its page and its permalink follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from landscapes.recipe import Choice, Recipe


@dataclass(frozen=True)
class Lesson:
    """What a lecturer opens in one click."""

    title: str
    sentences: tuple[str, str, str]
    question: str
    recipe: Recipe


RAVINE = Lesson(
    title="A ravine, with and without momentum",
    sentences=(
        "The bowl ½(x² + 100y²) is a hundred times steeper across than along.",
        "Gradient descent at its best constant rate, 2/(L+μ), shrinks the error by 0.980 per step; "
        "heavy ball at its best shrinks it by 0.818.",
        "Momentum averages the zigzag across the ravine away and adds up the small steps along it.",
    ),
    question="How many steps does each need to come a thousand times closer to the minimum?",
    recipe=Recipe(
        objective=Choice.of("bowl", condition=100.0),
        optimizers=(
            Choice.of("sgd", learning_rate=0.0198),
            Choice.of("momentum", learning_rate=0.0331, beta=0.6694),
        ),
        steps=120,
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
        "Without skips the signal has to pass through every layer, and training stalls in rougher country.",
    ),
    question="Which of the two would you rather start from at random, and why?",
    recipe=Recipe(
        model=Choice.of("mlp", depth=12, width=24, residual=True),
        optimizers=(Choice("adam"),),
        steps=150,
        directions=Choice("filter-normalized"),
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

PLATEAU = Lesson(
    title="The plateau of a policy gradient",
    sentences=(
        "Three arms pay 1, ½ and 0; the policy starts almost certain of the worst, where the return is flat, and "
        "gradient ascent takes 179 steps to half the best return.",
        "On the right a bonus of τ = 0.2 per nat of entropy tilts the plateau: 84 steps.",
        "The optimum, at infinity before, is now the marked policy π ∝ exp(r/τ), giving up 4.4 % of the return.",
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

LESSONS: dict[str, Lesson] = {
    "ravine": RAVINE,
    "skips": SKIPS,
    "convex": CONVEX,
    "plateau": PLATEAU,
    "surrogate": SURROGATE,
}
