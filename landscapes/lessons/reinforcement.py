"""Lessons on policy gradients."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

PLATEAU = Lesson(
    title="The plateau of a policy gradient",
    section="Reward",
    sentences=(
        "Three arms pay 1, ½ and 0; the policy starts almost certain of the worst arm, where the return is flat.",
        "On the right an entropy bonus of τ = 0.2 tilts the plateau: gradient ascent reaches half the best "
        "return in less than half as many steps.",
        "Without the bonus the optimum lies at infinity; with it, at the marked policy π ∝ exp(r/τ).",
    ),
    question="What would a larger bonus gain, and what would it cost?",
    answer=(
        "The plateau would tilt more, so the policy would leave it sooner. The optimum π ∝ exp(r/τ) would lie "
        "further from the best arm."
    ),
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
    next=(
        Variation("A larger bonus beside", "beside=weight.entropy:1.0"),
        Variation("Start nearer to uniform", "policy-table.lean=2"),
    ),
    source=Source(
        "Mei et al. 2020, On the global convergence rates of softmax policy gradient",
        "https://arxiv.org/abs/2005.06392",
    ),
)

SURROGATE = Lesson(
    title="PPO's surrogate and the return it stands for",
    section="Reward",
    sentences=(
        "PPO climbs a surrogate that touches the true return at the old policy: the uniform one, where the paths "
        "begin.",
        "Once every gain has been clipped the surrogate is flat, and its gradient exactly zero.",
        "The true return, on the right, goes on rising: the clip marks how far the old policy's episodes are "
        "trusted, not an optimum.",
    ),
    question="How far would you go before you collect new episodes?",
    answer=(
        "Until most gains are clipped. From there on the old episodes give no gradient, and new ones have to be "
        "collected."
    ),
    recipe=Recipe(
        objective=Choice("ppo"),
        data=Choice("gridworld"),
        model=Choice.of("policy-table", spread=0.0),
        optimizers=(Choice.of("adam", learning_rate=0.02), Choice.of("sgd", learning_rate=0.3)),
        steps=150,
        behavior=True,
        beside=(("term", "return"),),
    ),
    next=(
        Variation("A wider clip", "ppo.clip=0.5"),
        Variation("A narrower clip", "ppo.clip=0.05"),
    ),
    source=Source(
        "Schulman et al. 2017, Proximal policy optimization algorithms",
        "https://arxiv.org/abs/1707.06347",
    ),
)

EPISODES = Lesson(
    title="A sampled return is rough",
    section="Reward",
    sentences=(
        "Both pictures show the return of a policy in a gridworld, estimated from episodes of one random key.",
        "On the left it is the mean of 8 episodes: where an action flips, the estimate jumps.",
        "On the right it is the mean of 256, and the jumps are smaller.",
    ),
    question="Why can the policy gradient climb a surface that jumps?",
    answer=(
        "It is not the slope of this surface. It weights the gradient of the log-probabilities by the returns, "
        "and on average that is the slope of the expected return, which is smooth."
    ),
    recipe=Recipe(
        objective=Choice.of("reinforce", episodes=8),
        data=Choice("gridworld"),
        model=Choice("policy-table"),
        optimizers=(Choice.of("adam", learning_rate=0.1),),
        steps=60,
        directions=Choice("principal"),
        tolerance=0.02,
        view="contour",
        beside=(("reinforce.episodes", "256"),),
    ),
    next=(
        Variation("The expected return itself", "objective=expected-return&beside="),
        Variation("Without a baseline", "reinforce.baseline=false"),
    ),
    source=Source(
        "Williams 1992, Simple statistical gradient-following algorithms",
        "https://doi.org/10.1007/BF00992696",
    ),
)

LESSONS = {"plateau": PLATEAU, "surrogate": SURROGATE, "episodes": EPISODES}
