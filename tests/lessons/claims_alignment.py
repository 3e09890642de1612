"""The claims of lessons on learned rewards: see `test_sentences`."""

from typing import Any

import numpy as np

from landscapes.recipes import catalog
from tests.lessons.lesson_values import (
    best,
    built,
    change,
    drawn,
    mark,
    marked_snapshots,
    record,
    setting,
    side,
    weight,
)


def lowest_reward_is_climbed():
    """All other rewards have weight 0, and the members are five."""
    from_members = [weight("ensemble", term) for term in ("mean-reward", "disagreement", "smallest-reward")]
    return from_members == [0, 0, 1] and side("ensemble").term == ""


def divergence(name, right=False, step=-1) -> float:
    """KL(π‖π_ref) at a step of the path."""
    return float(record(name, right).terms["kl"][step])


def true_reward(name, right=False, step=-1) -> float:
    return float(record(name, right).terms["true-reward"][step])


def likeliest(name, right=False) -> float:
    """The largest probability of a completion at the end."""
    behaviors = drawn(name, right).behaviors
    assert behaviors is not None
    return float(np.max(behaviors.displays["adam"].probability[-1]))


def objectives(name):
    return [side(name, right).objective.name for right in (False, True)]


def passing(threshold):
    """The first step at which the divergence of the policy that climbs a learned reward exceeds a number."""
    return int(np.argmax(record("best-of-n", True).terms["kl"] > threshold))


def bound_of_best_of_n():
    n = setting("best-of-n", "objective", "n")
    return float(np.log(n) - (n - 1) / n)


CLAIMS: dict[str, dict[str, Any]] = {
    "bounded": {
        "200": lambda: [setting("bounded", "data", "examples")],
        "0": lambda: [bool(np.nanmin(drawn("bounded").surface.loss) > 0)],
        "1": lambda: [
            bool(np.nanmax(drawn("bounded").surface.loss) < 1 < np.nanmax(drawn("bounded", True).surface.loss))
        ],
        "0.95": lambda: [divergence("bounded", step=step) for step in (150, 600)],
        "150": lambda: [len(record("bounded").loss) > 150],
        "600": lambda: [side("bounded").steps],
        "2.37": lambda: [divergence("bounded", True, 150)],
        "4.11": lambda: [divergence("bounded", True, 600)],
        "0.50": lambda: [likeliest("bounded", True)],
    },
    "likelihood": {
        "0.31": lambda: [divergence("likelihood", step=step) for step in (150, 300)],
        "150": lambda: [len(record("likelihood").loss) > 150],
        "300": lambda: [side("likelihood").steps],
        "2.45": lambda: [divergence("likelihood", True, 150)],
        "3.14": lambda: [divergence("likelihood", True, 300)],
        "0.76": lambda: [true_reward("likelihood", True)],
        "0.19": lambda: [true_reward("likelihood")],
        "81": lambda: [catalog.dimension(side("likelihood"))],
        "0.38": lambda: [likeliest("likelihood", True)],
        "0.05": lambda: [likeliest("likelihood") < 0.05],
    },
    "clip": {
        "64": lambda: [setting("clip", "objective", "groups")],
        "8": lambda: [setting("clip", "objective", "size")],
        "1.2": lambda: [1 + setting("clip", "objective", "clip")],
        "0.10": lambda: [max(record("clip").terms["kl"])],
        "0.04": lambda: [divergence("clip")],
        "11": lambda: [1 + setting("clip", "objective", "clip", True)],
        "2.14": lambda: [divergence("clip", True)],
    },
    "best-of-n": {
        "4": lambda: [setting("best-of-n", "objective", "n")] * 2,
        "0.63": lambda: [divergence("best-of-n"), passing(0.63) == 16],
        "0.636": lambda: [bound_of_best_of_n()],
        "4.72": lambda: [divergence("best-of-n", True)],
        "−0.15": lambda: [true_reward("best-of-n", True)],
        "0.44": lambda: [true_reward("best-of-n")],
        "16": lambda: [passing(0.63)],
        "0.48": lambda: [true_reward("best-of-n", True, passing(0.63))],
    },
    "ensemble": {
        "0.2": lambda: [record("ensemble").terms["true-reward"][-1]],
        "−1.3": lambda: [record("overoptimized").terms["true-reward"][-1]],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "bounded": dict.fromkeys(("left", "right"), lambda: objectives("bounded") == ["kto", "dpo"]),
    "likelihood": {
        "left": lambda: objectives("likelihood") == ["orpo", "simpo"],
        "right": lambda: divergence("likelihood", True) > divergence("likelihood", True, 290) + 0.005,
    },
    "clip": {
        "left": lambda: true_reward("clip") < 0.1 and weight("clip", "kl") < 0,
        "right": lambda: true_reward("clip", True) > 0.6 and weight("clip", "kl", True) == weight("clip", "kl"),
    },
    "best-of-n": {
        "left": lambda: abs(float(built("best-of-n").loss(best("best-of-n")))) < 1e-6,
        "right": lambda: (
            objectives("best-of-n") == ["best-of-n", "rlhf"]
            and dict(catalog.complete(side("best-of-n", True)).weights)["kl"] == -0.1
        ),
        "falls": lambda: (
            true_reward("best-of-n", True) < 0 < true_reward("best-of-n", True, passing(0.63))
            and divergence("best-of-n") < bound_of_best_of_n()
        ),
    },
    "ensemble": {
        "left": lowest_reward_is_climbed,
        "right": lambda: side("ensemble", True).term == "true-reward",
        "marked": lambda: 0 < mark("ensemble") < len(record("ensemble").steps) - 1,
        "falls": lambda: (
            change("ensemble", True) < 0 and np.max(record("overoptimized").terms["true-reward"]) > 0.5
        ),
    },
}

POINTS: dict[str, dict[str, Any]] = {"ensemble": {"marked": lambda: marked_snapshots("ensemble")}}
