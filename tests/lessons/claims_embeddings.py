"""The claims of lessons on embeddings: see `test_sentences`."""

from typing import Any

import numpy as np

from landscapes.recipes import catalog
from tests.lessons.lesson_values import drawn, record, records, setting, side


def final(name, optimizer, right=False):
    return records(name, right)[optimizer].final_loss


def complete(name, right=False):
    return catalog.complete(side(name, right))


def equal_embeddings(name, right=False):
    return next(iter(catalog.references(complete(name, right)).values()))


def last_cosines(optimizer):
    shown: Any = drawn("correlation", True).behaviors
    return np.asarray(shown.displays[optimizer].cosine[-1], float)


def least_loss(right):
    """Of the drawn surface, and that of the path's end."""
    terms = drawn("stopped", right).surface.terms["online-loss"]
    return float(terms.min()), record("stopped", right).final_terms["online-loss"]


def slope_at_end():
    """How much higher the end of the path is than the least loss, and the slope there along the path."""
    least, end = least_loss(True)
    coordinates = drawn("stopped", True).paths["alternating"].coordinates
    assert np.all(np.abs(coordinates[-1]) < 1e-3)  # the picture is centred there
    axes, grid = drawn("stopped", True).surface.axes, drawn("stopped", True).surface.terms["online-loss"]
    middle = [int(np.argmin(np.abs(axis))) for axis in axes]
    return end - least, float(np.abs(np.gradient(grid, *axes)[0][tuple(middle)]))


CLAIMS: dict[str, dict[str, Any]] = {
    "correlation": {
        "two": lambda: [len(drawn("correlation").trajectories)],
        "100": lambda: [setting("correlation", "data", "examples")],
        "8": lambda: [equal_embeddings("correlation")],
        "1.98": lambda: [equal_embeddings("correlation", True)],
        "0.01": lambda: [final("correlation", "adam")],
        "0.56": lambda: [final("correlation", "adam", True)],
        "1": lambda: [side("correlation").optimizers[1].settings["learning_rate"]],
        "1.96": lambda: [final("correlation", "sgd", True)],
        "0.22": lambda: [final("correlation", "sgd")],
        "11.76": lambda: [records("correlation", True)["adam"].final_terms["covariance"]],
        "0.04": lambda: [dict(complete("correlation", True).weights)["covariance"]],
        "0.7": lambda: [last_cosines("sgd").min() > 0.7 and np.mean(np.abs(last_cosines("adam")) > 0.9) > 0.5],
    },
    "stopped": {
        "0.095": lambda: [max(least_loss(False)) if np.ptp(least_loss(False)) < 1e-6 else np.nan],
        "0.001": lambda: [least_loss(True)[0] < 0.001],
    },
    "angles": {
        "100": lambda: [setting("angles", "data", "examples")],
        "2.95": lambda: [final("angles", "adam")],
        "4.60": lambda: [equal_embeddings("angles")],
        "0.5": lambda: [complete("angles", True).objective.settings["margin"]],
        "0.018": lambda: [final("angles", "adam", True)],
        "0.008": lambda: [equal_embeddings("angles", True)],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "correlation": {
        "left": lambda: side("correlation").objective.name == "barlow-twins",
        "right": lambda: side("correlation", True).objective.name == "vicreg",
    },
    "stopped": {
        "left": lambda: side("stopped").directions.name == "coordinates",
        "right": lambda: side("stopped", True).directions.name == "principal" and min(slope_at_end()) > 0.05,
        "falls": lambda: least_loss(True)[0] < 0.001 < least_loss(True)[1],
    },
    "angles": {
        "left": lambda: side("angles").objective.name == "supervised-contrastive",
        "right": lambda: side("angles", True).objective.name == "arcface",
    },
}

POINTS: dict[str, dict[str, Any]] = {}
