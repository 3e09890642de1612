"""Lessons on ranking."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

RANKS = Lesson(
    title="The wrong objective: ranks beside a loss of scores",
    section="The wrong objective",
    sentences=(
        "A network scores the documents of 30 queries; NDCG, at most 1, says how well the relevant ones come "
        "first.",
        "On the left is ListNet's loss, which compares softmaxes of scores and of relevance; on the right the "
        "same steps lie on NDCG.",
        "NDCG changes only where documents swap ranks, so it has no slope; Adam lowers the loss to 1.71, and NDCG "
        "goes from 0.81 to 0.99.",
    ),
    question="Where on the right picture is the gradient of NDCG?",
    answer="Nowhere: it is zero on every flat piece and does not exist at the edges between them.",
    recipe=Recipe(
        objective=Choice("listnet"),
        data=Choice("documents"),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.02), Choice.of("sgd", learning_rate=0.3)),
        steps=200,
        beside=(("term", "ndcg"),),
    ),
    next=(
        Variation("LambdaRank, which weighs pairs by their share of NDCG", "objective=lambdarank"),
        Variation("Noise in the relevance", "documents.noise=2"),
    ),
    source=Source(
        "Cao et al. 2007, Learning to rank: from pairwise approach to listwise approach",
        "https://doi.org/10.1145/1273496.1273513",
    ),
)

LESSONS = {"ranks": RANKS}
