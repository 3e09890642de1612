"""Lessons on objectives that are learned from preferences."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Learned objectives"

COMPARISONS = Lesson(
    title="A reward is learned from comparisons",
    section=SECTION,
    sentences=(
        "People compare two completions, 200 times; the reward model gives each completion a score.",
        "The surface is the Bradley–Terry loss of the scores: it starts at 0.693 nats, where every comparison is "
        "a coin toss, and it is convex.",
        "Only differences count: the same number added to every score leaves the loss as it is.",
    ),
    question="What does it mean for the Hessian that only differences count?",
    answer=(
        "One of its eigenvalues is zero. Scores that grow together do not change the loss, so the start decides "
        "how high they all are at the end."
    ),
    recipe=Recipe(
        objective=Choice("bradley-terry"),
        data=Choice.of("preferences", examples=200),
        model=Choice("score-table"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("sgd", learning_rate=10.0)),
        steps=150,
        behavior=True,
        directions=Choice("principal"),
    ),
    next=(
        Variation("Few comparisons", "preferences.examples=20"),
        Variation("The smallest Hessian eigenvectors", "directions=hessian&hessian.end=smallest"),
    ),
    source=Source(
        "Bradley and Terry 1952, Rank analysis of incomplete block designs", "https://doi.org/10.2307/2334029"
    ),
)

DPO = Lesson(
    title="DPO learns a policy from preferences without a reward model",
    section=SECTION,
    sentences=(
        "On the left is the DPO loss of a policy: it starts at 0.693 nats, where the policy is the reference.",
        "On the right the same steps lie on the true reward, which the preferences only hint at, with noise.",
        "The loss falls, and the true reward rises from 0 to 0.9.",
    ),
    question="What takes the place of the reward model?",
    answer=(
        "The policy itself: β times the logarithm of its ratio to the reference is the reward that would make it "
        "optimal."
    ),
    recipe=Recipe(
        objective=Choice("dpo"),
        data=Choice("preferences"),
        model=Choice("score-table"),
        optimizers=(Choice.of("adam", learning_rate=0.1),),
        steps=150,
        seed=2,
        directions=Choice("principal"),
        view="contour",
        beside=(("term", "true-reward"),),
    ),
    next=(
        Variation("The KL distance from the reference beside", "beside=term:kl"),
        Variation("IPO instead", "objective=ipo"),
    ),
    source=Source("Rafailov et al. 2023, Direct preference optimization", "https://arxiv.org/abs/2305.18290"),
)

ENSEMBLE = Lesson(
    title="The smallest reward of an ensemble is harder to exploit",
    section=SECTION,
    sentences=(
        "Five reward models are fitted to resampled pairs, and the policy climbs the smallest of their rewards.",
        "On the left is that reward minus β times the KL divergence; on the right the same steps lie on the true "
        "one.",
        "Past the marked step the truth falls to 0.2; with the one reward of all pairs it falls to −1.3.",
    ),
    question="Why does the smallest reward lose less of the truth than a single one?",
    answer=(
        "The models agree where the reference policy draws completions and differ where it does not. The smallest "
        "reward is low wherever one of them is, so an error of a single model gains nothing."
    ),
    recipe=Recipe(
        objective=Choice("reward-ensemble"),
        data=Choice("preferences"),
        model=Choice("score-table"),
        optimizers=(Choice.of("adam", learning_rate=0.1),),
        weights=(("disagreement", 0.0), ("mean-reward", 0.0), ("smallest-reward", 1.0)),
        steps=150,
        seed=2,
        directions=Choice("principal"),
        view="contour",
        beside=(("term", "true-reward"),),
    ),
    next=(
        Variation(
            "Their mean minus their variance",
            "weight.mean-reward=1&weight.disagreement=-1&weight.smallest-reward=0",
        ),
        Variation("Ten times as many preferences", "preferences.examples=2000"),
    ),
    source=Source(
        "Coste et al. 2023, Reward model ensembles help mitigate overoptimization",
        "https://arxiv.org/abs/2310.02743",
    ),
)

LESSONS = {"comparisons": COMPARISONS, "dpo": DPO, "ensemble": ENSEMBLE}
