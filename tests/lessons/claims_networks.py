"""What the numbers and sides of lessons on networks, games, text, rewards and flatness have to equal; see
test_sentences."""

import math
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import numpy as np
from sklearn.linear_model import Lasso, LogisticRegression

from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.placement import run_race
from tests.lessons.lesson_values import (
    best,
    built,
    drawn,
    eigenvalues_at,
    gradient_at,
    loss_at,
    path_on_picture,
    record,
    records,
    run,
    runs,
    setting,
    shares,
    side,
    variation,
)


def finals(name, right=False):
    return [each.final_loss for each in records(name, right).values()]


def end_of(trajectory) -> Any:
    return jax.tree.map(lambda leaf: np.asarray(leaf[-1]), trajectory.params)


def flat(params):
    return np.concatenate([np.ravel(leaf).astype(float) for leaf in jax.tree.leaves(params)])


def final_of_variation(name, index):
    recipe = replace(variation(name, index)[0], split="train")
    return max(
        each.final_loss
        for each in run_race(recipe, catalog.training_problem(catalog.build(recipe)), None).values()
    )


def first_over_last_gradient(name):
    """The norm of the gradient of the first hidden layer over that of the output, at the start."""
    gradient = gradient_at(built(name), built(name).params)
    leaves = [(jax.tree_util.keystr(path), leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(gradient)]
    norms: dict[str, float] = {}
    for path, leaf in leaves:
        layer = path.rsplit("[", 1)[0]
        norms[layer] = math.hypot(norms.get(layer, 0.0), float(np.linalg.norm(leaf)))
    first = next(value for layer, value in norms.items() if "hidden" in layer)
    return first / next(value for layer, value in norms.items() if "output" in layer)


@cache
def lasso_solution():
    """The weights of the picture's lasso by coordinate descent; its objective is twice that of scikit-learn."""
    data = built("corner").data
    weight = dict(side("corner").weights)["l1"]
    result = Lasso(alpha=weight / 2, tol=1e-9).fit(
        np.asarray(data["x"], float), np.asarray(data["y"], float).ravel()
    )
    return result.coef_


def ridge_weights(weight):
    data = built("corner", True).data
    x, y = np.asarray(data["x"], float), np.asarray(data["y"], float).ravel()
    x, y = x - x.mean(0), y - y.mean()
    return np.linalg.solve(x.T @ x / len(x) + weight / 2 * np.eye(x.shape[1]), x.T @ y / len(x))


def penalty_weights(right):
    recipe = side("corner", right)
    weights = dict(OBJECTIVES[recipe.objective.name].weights) | dict(recipe.weights)
    return weights["l1"], weights["l2"]


def is_as_described():
    """Whether simultaneous steps go away from the equilibrium at the origin, and the others come closer to it."""
    names = ("simultaneous", "extragradient", "optimistic")
    paths = [runs("lookahead")[name].params for name in names]
    ends = [
        [np.linalg.norm(flat(jax.tree.map(lambda leaf, k=k: leaf[k], path))) for k in (0, -1)] for path in paths
    ]
    return np.allclose(flat(best("lookahead")), 0) and [end > start for start, end in ends] == [True, False, False]


def is_separable(name):
    data = built(name).data
    x, y = np.asarray(data["x"], float), np.asarray(data["y"])
    labels = y.argmax(1) if y.ndim > 1 else y
    return LogisticRegression(C=1e6).fit(x, labels).score(x, labels) == 1.0


def height_of_picture(name, right=False):
    return float(np.nanmax(drawn(name, right).surface.loss))


def barrier(one, other):
    """The largest loss on the straight line between two ends, over that of the higher end."""
    problem = built("barrier")
    first, second = (end_of(runs("barrier")[name]) for name in (one, other))
    line = [
        float(loss_at(problem, jax.tree.map(lambda a, b, s=s: (1 - s) * a + s * b, first, second)))
        for s in np.linspace(0, 1, 21)
    ]
    return max(line) / max(line[0], line[-1])


@cache
def sharpness(optimizer):
    """The largest Hessian eigenvalue of the cross-entropy where an optimizer of the lesson ends."""
    recipe = replace(side("sharpness"), objective=Choice("cross-entropy"), weights=(), beside=(), term="")
    problem = catalog.build(catalog.complete(recipe))
    return float(eigenvalues_at(problem, end_of(runs("sharpness")[optimizer]))[-1])


def cosine(name, index):
    """The cosine between the gradients of the drawn terms at a snapshot of the path."""
    params = jax.tree.map(lambda leaf: leaf[index], run(name).params)
    terms: Any = jax.jit(jax.jacrev(built(name).terms))(params)
    one, other = flat(terms["cross-entropy"]), flat(terms["reconstruction"])
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def is_unchanged_by_a_constant(name):
    problem = built(name)
    scores = end_of(run(name))
    return math.isclose(
        float(loss_at(problem, scores)),
        float(loss_at(problem, jax.tree.map(lambda leaf: leaf + 1.0, scores))),
        rel_tol=1e-4,
    )


CLAIMS: dict[str, dict[str, Any]] = {
    "normalized": {
        "eight": lambda: [setting("normalized", "model", "depth")],
        "16": lambda: [setting("normalized", "model", "width")],
        "100": lambda: [side("normalized").steps],
        "0.3": lambda: [min(finals("normalized")) > 0.3],
        "0.05": lambda: [max(finals("normalized", True)) < 0.05],
    },
    "width": {
        "100": lambda: [setting("width", "data", "examples")],
        "two": lambda: [setting("width", "model", "width"), setting("width", "model", "width")],
        "0.3": lambda: [min(finals("width")) > 0.3],
        "32": lambda: [setting("width", "model", "width", True)],
        "0.01": lambda: [max(finals("width", True)) < 0.01],
        "0.02": lambda: [
            variation("width", 0)[0].seed != side("width").seed and final_of_variation("width", 0) < 0.02
        ],
    },
    "vanishing": {
        "six": lambda: [setting("vanishing", "model", "depth")],
        "3 %": lambda: [first_over_last_gradient("vanishing") < 0.03],
        "0.1": lambda: [max(finals("vanishing", True)) < 0.1],
        "0.3": lambda: [min(finals("vanishing")) > 0.3],
    },
    "corner": {
        "two": lambda: [side("corner").dimension],
        "0": lambda: [lasso_solution()[0], 0 if np.all(np.abs(ridge_weights(0.5)) > 1e-3) else 1],
    },
    "smoothed": {
        "two": lambda: [setting("smoothed", "data", "clusters")],
        "0.1": lambda: [setting("smoothed", "objective", "label_smoothing", True)],
        "0.001": lambda: [
            record("smoothed", True).gradient_norm[-1] < 0.001 < record("smoothed").gradient_norm[-1]
        ],
    },
    "lookahead": {"three": lambda: [len(side("lookahead").optimizers) if is_as_described() else math.nan]},
    "entropy": {
        "6": lambda: [setting("entropy", "data", "vocabulary"), setting("entropy", "data", "vocabulary")],
        "36": lambda: [catalog.dimension(side("entropy"))],
        "1.79": lambda: [catalog.references(side("entropy"))["uniform, ln V"]],
        "1.612": lambda: [
            catalog.references(side("entropy"))["best bigram, H(next | this)"]
            if max(finals("entropy")) - min(finals("entropy")) < 1e-3
            else math.nan
        ],
    },
    "addition": {
        "7": lambda: [setting("addition", "data", "modulus")],
        "30": lambda: [len(built("addition").data["x"])],
        "49": lambda: [setting("addition", "data", "modulus") ** 2],
        "0.01": lambda: [record("addition").final_loss < 0.01],
        "3": lambda: [path_on_picture("addition", True).loss[-1] > 3],
    },
    "episodes": {
        "8": lambda: [setting("episodes", "objective", "episodes")],
        "256": lambda: [setting("episodes", "objective", "episodes", True)],
    },
    "conflict": {
        "two": lambda: [
            sum(dict(side("conflict").weights)[term] > 0 for term in ("cross-entropy", "reconstruction"))
        ],
        "−0.5": lambda: [cosine("conflict", -1) < -0.5 and abs(cosine("conflict", 0)) < 0.1],
    },
    "comparisons": {
        "two": lambda: [len({"chosen", "rejected"} & built("comparisons").data.keys())],
        "200": lambda: [setting("comparisons", "data", "examples")],
        "0.693": lambda: [record("comparisons").loss[0]],
    },
    "dpo": {
        "0.693": lambda: [record("dpo").loss[0]],
        "0": lambda: [record("dpo").terms["true-reward"][0]],
        "0.9": lambda: [record("dpo").terms["true-reward"][-1]],
    },
    "barrier": {
        "three": lambda: [len(side("barrier").optimizers), len(side("barrier").optimizers)],
        "two": lambda: [len(np.unique(built("barrier").data["y"]))],
    },
    "units": {},
    "sharpness": {
        "0.2": lambda: [setting("sharpness", "objective", "rho")],
        "150": lambda: [side("sharpness").steps],
        "0.65": lambda: [sharpness("sam") < 0.65],
        "0.7": lambda: [sharpness("sgd") > 0.7],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "normalized": {
        "left": lambda: setting("normalized", "model", "normalization") == "none",
        "right": lambda: setting("normalized", "model", "normalization", True) == "batch",
    },
    "width": {
        "left": lambda: setting("width", "model", "width") == 2,
        "right": lambda: setting("width", "model", "width", True) == 32,
        "falls": lambda: all(each.loss[0] > 0.01 > each.final_loss for each in records("width", True).values()),
    },
    "vanishing": {
        "left": lambda: (
            setting("vanishing", "model", "activation") == "sigmoid"
            and first_over_last_gradient("vanishing") < 0.03
        ),
        "right": lambda: setting("vanishing", "model", "activation", True) == "relu",
        "falls": lambda: record("vanishing", True).loss[0] > 0.1 > record("vanishing", True).final_loss,
    },
    "corner": {
        "left": lambda: penalty_weights(False)[0] > 0 == penalty_weights(False)[1],
        "right": lambda: penalty_weights(True)[0] == 0 < penalty_weights(True)[1] == 0.5,
    },
    "smoothed": {
        "left": lambda: is_separable("smoothed") and setting("smoothed", "objective", "label_smoothing") == 0,
        "right": lambda: setting("smoothed", "objective", "label_smoothing", True) > 0,
        "lower": lambda: record("smoothed").loss[-1] < record("smoothed").loss[-20],
    },
    "addition": {
        "left": lambda: side("addition").split == "train",
        "right": lambda: side("addition", True).split == "test",
        "falls": lambda: record("addition").loss[0] > 0.01,
    },
    "episodes": {
        "left": lambda: setting("episodes", "objective", "episodes") == 8,
        "right": lambda: setting("episodes", "objective", "episodes", True) == 256,
    },
    "conflict": {
        "left": lambda: side("conflict").term == "cross-entropy",
        "right": lambda: side("conflict", True).term == "reconstruction",
    },
    "dpo": {
        "left": lambda: side("dpo").term == "",
        "right": lambda: side("dpo", True).term == "true-reward",
        "falls": lambda: record("dpo").loss[-1] < record("dpo").loss[0],
        "rises": lambda: record("dpo").terms["true-reward"][-1] > record("dpo").terms["true-reward"][0],
    },
    "barrier": {"rises": lambda: barrier("sgd", "adam") > 2},
    "units": {
        "left": lambda: side("units").directions.name == "filter-normalized",
        "right": lambda: side("units", True).directions.name == "gaussian",
        "rises": lambda: height_of_picture("units") > 5 * height_of_picture("units", True),
    },
    "sharpness": {
        "left": lambda: side("sharpness").term == "" and side("sharpness").objective.name == "sharpness-aware",
        "right": lambda: side("sharpness", True).term == "cross-entropy",
        "higher": lambda: (
            records("sharpness")["sam"].terms["cross-entropy"][-1]
            > records("sharpness")["sgd"].terms["cross-entropy"][-1]
        ),
    },
}

POINTS: dict[str, dict[str, Any]] = {
    "lookahead": {"equilibrium": lambda: [shares("lookahead", best("lookahead"))]},
}
