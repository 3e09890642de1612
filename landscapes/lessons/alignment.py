"""Lessons on policies that are fitted to preferences, or that climb a learned reward."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Learned objectives"


def _recipe(objective: Choice, steps: int, beside: tuple[str, str], learning_rate: float = 0.1) -> Recipe:
    return Recipe(
        objective=objective,
        data=Choice("preferences"),
        model=Choice("score-table"),
        optimizers=(Choice.of("adam", learning_rate=learning_rate),),
        steps=steps,
        directions=Choice("principal"),
        behavior=True,
        beside=(beside,),
    )


BOUNDED = Lesson(
    title="KTO stops where DPO goes on",
    section=SECTION,
    sentences=(
        "Both losses use the same 200 pairs: on the left KTO takes each completion by itself, as good or bad; on "
        "the right DPO compares the chosen one with the rejected one.",
        "KTO's loss lies between 0 and 1, so its surface bends to a plateau; DPO's has no upper bound.",
        "With KTO the KL divergence from the reference is 0.95 after 150 steps and 0.95 after 600; with DPO it "
        "is 2.37 and 4.11, and one completion has the probability 0.50.",
    ),
    question="Why does KTO keep the policy near the reference?",
    answer=(
        "Each log π/π_ref is compared with its mean under the policy, which is the KL divergence. A policy that "
        "draws few completions raises that mean, and all other chosen completions fall below it. Here the "
        "gradient counts this; the paper estimates the mean and holds it constant."
    ),
    recipe=_recipe(Choice("kto"), 600, ("objective", "dpo")),
    next=(
        Variation("A larger weight on bad completions", "kto.loss_aversion=3"),
        Variation("Three times as many reversed labels", "preferences.noise=0.3"),
    ),
    source=Source(
        "Ethayarajh et al. 2024, KTO: model alignment as prospect theoretic optimization",
        "https://arxiv.org/abs/2402.01306",
    ),
)

LIKELIHOOD = Lesson(
    title="ORPO and SimPO do without a reference policy",
    section=SECTION,
    sentences=(
        "Neither loss compares the policy with the reference policy, at which both paths only start.",
        "On the left ORPO adds the likelihood of the chosen completions, and its surface is a bowl: the KL "
        "divergence from the start is 0.31 after 150 steps and 0.31 after 300.",
        "On the right SimPO asks only that chosen completions lead by a margin: the KL divergence is 2.45, then "
        "3.14, and still grows.",
    ),
    question="Which of the policies has the larger true reward, and at which price?",
    answer=(
        "SimPO's, with 0.76; ORPO's has 0.19. In return SimPO's policy draws one of the 81 completions with the "
        "probability 0.38, and ORPO's draws none with more than 0.05."
    ),
    recipe=_recipe(Choice("orpo"), 300, ("objective", "simpo")),
    next=(
        Variation("A larger weight on the odds ratio", "weight.odds-ratio=1"),
        Variation("A larger margin beside", "beside=objective:simpo&beside=simpo.margin:2"),
    ),
    source=Source(
        "Hong et al. 2024, ORPO: monolithic preference optimization without reference model",
        "https://arxiv.org/abs/2403.07691",
    ),
)

CLIP = Lesson(
    title="The clip of GRPO ends a round",
    section=SECTION,
    sentences=(
        "This is one round of GRPO: 64 groups of 8 completions are drawn once, from the reference policy, and "
        "their advantages within the group are weighted by the ratio of the policy to it.",
        "On the left no gain counts beyond the ratio 1.2: the surface is flat at the top, and the path comes to "
        "a KL divergence of 0.10 and turns back to 0.04, because only the KL term has a slope there.",
        "On the right gains count up to the ratio 11, and the path goes on to 2.14.",
    ),
    question="The path on the right reaches a true reward of 0.67, the one on the left 0.09: why is there a clip?",
    answer=(
        "The completions were drawn from the old policy and say little about one that is far from it. GRPO takes "
        "a short round, draws new completions from the new policy, and goes on; further rounds are not in this "
        "picture."
    ),
    recipe=_recipe(Choice("grpo"), 150, ("grpo.clip", "10"), learning_rate=0.05),
    next=(
        Variation("A clip between them", "grpo.clip=1"),
        Variation("The learned reward without groups beside", "beside=objective:rlhf"),
    ),
    source=Source("Shao et al. 2024, DeepSeekMath", "https://arxiv.org/abs/2402.03300"),
)

BEST_OF_N = Lesson(
    title="The best of n draws stays near the reference",
    section=SECTION,
    sentences=(
        "The policy on the left learns to draw the completion with the largest learned reward of 4 draws from "
        "the reference policy; the diamond is the exact answer.",
        "Its KL divergence from the reference ends at 0.63: whatever the reward is, it cannot exceed log 4 − ¾ = "
        "0.636.",
        "On the right the same learned reward is climbed, minus a tenth of the KL divergence: the path goes to a "
        "divergence of 4.72 and a true reward of −0.15; the one on the left ends at a true reward of 0.44.",
    ),
    question="Is the best of n a better use of the learned reward, or only a shorter way?",
    answer=(
        "A shorter way: where the divergence on the right passes 0.63, at step 16, the true reward is 0.48. It "
        "falls later, where the learned reward is wrong."
    ),
    recipe=_recipe(Choice("best-of-n"), 150, ("objective", "rlhf")),
    next=(
        Variation("The best of 16", "best-of-n.n=16"),
        Variation("A larger weight on the KL term beside", "beside=objective:rlhf&beside=weight.kl:-0.5"),
    ),
    source=Source(
        "Beirami et al. 2024, Theoretical guarantees on the best-of-n alignment policy",
        "https://arxiv.org/abs/2401.01879",
    ),
)

LESSONS = {"bounded": BOUNDED, "likelihood": LIKELIHOOD, "clip": CLIP, "best-of-n": BEST_OF_N}
