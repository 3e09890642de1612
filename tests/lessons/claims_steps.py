"""What the numbers and sides of lessons on matrices, minibatches and volumes have to equal; see test_sentences."""

from functools import cache
from typing import Any

import jax
import numpy as np
from sklearn.linear_model import LogisticRegression

from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.recipes import catalog
from tests.lessons.lesson_values import built, drawn, gradient_at, path_on_picture, records, setting, side


@cache
def tenth_singular_value(optimizer: str) -> float:
    """That of the first step on the second hidden layer over the largest one. "sgd" follows the gradient."""
    problem = built("muon")
    gradient = gradient_at(problem, problem.params)
    transformation = OPTIMIZERS[optimizer]()
    step, _ = jax.jit(transformation.update)(gradient, transformation.init(problem.params), problem.params)
    values = np.linalg.svd(np.asarray(step["hidden"][1]["kernel"], float), compute_uv=False)
    return float(values[9] / values[0])


def loss_at_step(optimizer: str, step: int) -> float:
    return float(records("muon")[optimizer].loss[step])


@cache
def logistic() -> tuple[np.ndarray, np.ndarray]:
    """The inputs of the two moons with a column of ones, and their classes."""
    data = built("batches").data
    x = np.asarray(data["x"], float)
    return np.column_stack([x, np.ones(len(x))]), np.asarray(data["y"])


def mean_excess(right: bool) -> float:
    """The mean of the loss of all examples over the last 100 steps, above its minimum."""
    design, classes = logistic()
    fit = LogisticRegression(C=1e9, tol=1e-10).fit(design[:, :2], classes)
    probability = fit.predict_proba(design[:, :2])[np.arange(len(classes)), classes]
    path = path_on_picture("batches", right)
    assert len(path.loss) == side("batches").steps + 1
    return float(np.mean(path.loss[-100:]) + np.mean(np.log(probability)))


@cache
def noise_scale() -> tuple[float, float]:
    """tr Σ/‖G‖² at the start and its standard error by the jackknife, from the gradients (p − y)·x of examples."""
    design, classes = logistic()
    params = built("batches").params
    kernel, bias = (np.ravel(np.asarray(leaf, float)) for leaf in _layer(params))
    logits = design @ np.append(kernel, bias)
    gradients = (1 / (1 + np.exp(-logits)) - classes)[:, None] * design
    left_out = [_scale(np.delete(gradients, k, axis=0)) for k in range(len(gradients))]
    spread = np.sqrt(len(gradients) - 1) * np.std(left_out)
    return _scale(gradients), float(spread)


def _layer(params: Any) -> tuple[Any, Any]:
    leaves = {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params)}
    (kernel,), (bias,) = ([leaves[key] for key in leaves if name in key] for name in ("kernel", "bias"))
    return kernel, bias


def _scale(gradients: np.ndarray) -> float:
    trace, mean = np.sum(np.var(gradients, axis=0, ddof=1)), np.mean(gradients, axis=0)
    return float(trace / (mean @ mean - trace / len(gradients)))


def farthest_from_plane() -> float:
    return max(float(np.max(path.distance)) for path in drawn("whole").paths.values())


CLAIMS: dict[str, dict[str, Any]] = {
    "muon": {
        "six": lambda: [setting("muon", "model", "depth")],
        "4 %": lambda: [round(100 * tenth_singular_value("sgd"))],
        "81 %": lambda: [round(100 * tenth_singular_value("muon"))],
        "22 %": lambda: [round(100 * tenth_singular_value("adam"))],
        "30": lambda: [side("muon").steps > 30],
        "0.0067": lambda: [loss_at_step("muon", 30)],
        "0.052": lambda: [loss_at_step("adam", 30)],
        "0.075": lambda: [loss_at_step("momentum", 30)],
    },
    "batches": {
        "200": lambda: [side("batches").steps],
        "1": lambda: [side("batches").optimizers[0].settings["learning_rate"]],
        "2": lambda: [side("batches").batch_size],
        "64": lambda: [side("batches", True).batch_size],
        "100": lambda: [side("batches").steps > 100],
        "0.011": lambda: [mean_excess(right=False)],
        "0.0001": lambda: [mean_excess(right=True)],
        "6.1": lambda: [noise_scale()[0]],
        "1.3": lambda: [noise_scale()[1]],
    },
    "whole": {
        "3": lambda: [catalog.dimension(side("whole"))],
        "two": lambda: [built("whole").data["x"].shape[1]],
        "three": lambda: [len(records("whole"))],
        "0.001": lambda: [all(abs(each.final_loss - 0.243) < 0.001 for each in records("whole").values())],
        "0.243": lambda: [each.final_loss for each in list(records("whole").values())[:1]],
        "0.1": lambda: [0.05 < farthest_from_plane() < 0.1],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "batches": {
        "left": lambda: side("batches").batch_size < side("batches", True).batch_size,
        "right": lambda: mean_excess(right=True) < mean_excess(right=False),
    },
}

POINTS: dict[str, dict[str, Any]] = {}
