"""The claims of lessons on losses of classes, ranks and sequences: see `test_sentences`."""

from typing import Any

import numpy as np

from tests.lessons.lesson_values import built, drawn, record, records, setting, side


def final(name, optimizer, right=False, term=""):
    result = records(name, right)[optimizer]
    return result.final_terms[term] if term else result.final_loss


def wrong(name, right=False):
    """How many examples Adam's end classifies wrong."""
    shown: Any = drawn(name, right).behaviors
    return int(shown.displays["adam"].wrong[-1])


def all_below(name, step, bound):
    return all(each.loss[step] < bound for each in records(name, True).values())


def entropy_of_relevance():
    """The least value of ListNet."""
    relevance = np.asarray(built("swaps", True).data["relevance"], float)
    p = np.exp(relevance) / np.exp(relevance).sum(axis=1, keepdims=True)
    return -float(np.mean(np.sum(p * np.log(p), axis=1)))


CLAIMS: dict[str, dict[str, Any]] = {
    "overlap": {
        "5 %": lambda: [round(100 * np.pi * setting("overlap", "data", "radius") ** 2 / 4) == 5],
        "289": lambda: [setting("overlap", "data", "examples")],
        "0.06": lambda: [record("overlap").gradient_norm[0]],
        "300": lambda: [side("overlap").steps],
        "0.64": lambda: [final("overlap", "momentum")],
        "0.24": lambda: [final("overlap", "adam")],
        "7.26": lambda: [record("overlap", True).gradient_norm[0]],
        "50": lambda: [all_below("overlap", 50, 0.05)],
        "0.05": lambda: [all_below("overlap", 50, 0.05)],
        "8": lambda: [wrong("overlap") == wrong("overlap", True) == 8],
    },
    "sure": {
        "200": lambda: [len(built("sure").data["x"])],
        "two": lambda: [side("sure").dimension],
        "2": lambda: [drawn("sure").surface.loss.max() <= 2],
        "0.03": lambda: [record("sure").gradient_norm[0]],
        "50": lambda: [round(record("sure").loss[50], 2) == 1.51],
        "1.58": lambda: [record("sure").loss[0]],
        "1.51": lambda: [record("sure").loss[50]],
        "0.91": lambda: [record("sure", True).gradient_norm[0]],
        "7.29": lambda: [record("sure", True).loss[0]],
        "0.35": lambda: [record("sure", True).loss[50]],
        "0": lambda: [0],
    },
    "swaps": {
        "30": lambda: [setting("swaps", "data", "examples")],
        "two": lambda: [2],
        "0.05": lambda: [final("swaps", "adam")],
        "0": lambda: [min(record("swaps").loss) > 0],
        "1.64": lambda: [entropy_of_relevance()],
        "1.71": lambda: [final("swaps", "adam", True)],
        "0.989": lambda: [final("swaps", "adam", False, "ndcg")],
        "0.991": lambda: [final("swaps", "adam", True, "ndcg")],
        "1": lambda: [max(each.terms["ndcg"].max() for each in records("swaps").values()) <= 1],
    },
    "frames": {
        "12": lambda: [len(built("frames").data["x"]) / setting("frames", "data", "examples")],
        "3": lambda: [built("frames").data["labels"].shape[1]],
        "7.25": lambda: [record("frames").loss[0]],
        "0.22": lambda: [final("frames", "adam")],
        "25": lambda: [wrong("frames")],
        "288": lambda: [len(built("frames").data["x"])],
        "1": lambda: [setting("frames", "data", "noise", True)],
        "0.25": lambda: [setting("frames", "data", "noise")],
        "1.96": lambda: [final("frames", "adam", True)],
        "127": lambda: [wrong("frames", True)],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "overlap": {
        "left": lambda: side("overlap").objective.name == "dice",
        "right": lambda: side("overlap", True).objective.name == "focal",
    },
    "sure": {
        "left": lambda: side("sure").objective.name == "brier",
        "right": lambda: side("sure", True).objective.name == "cross-entropy",
        "lower": lambda: record("sure").loss[50] < record("sure").loss[0],
    },
    "swaps": {
        "left": lambda: side("swaps").objective.name == "lambdarank",
        "right": lambda: side("swaps", True).objective.name == "listnet",
    },
    "frames": {
        "left": lambda: setting("frames", "data", "noise") < setting("frames", "data", "noise", True),
        "right": lambda: setting("frames", "data", "noise", True) == 1,
    },
}

POINTS: dict[str, dict[str, Any]] = {}
