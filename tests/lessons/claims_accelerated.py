"""What the numbers and sides of lessons on accelerated, divided, first and layerwise steps have to equal."""

import math
from typing import Any

import numpy as np

from landscapes.recipes import catalog
from tests.lessons.claims_optimizers import curvature, ends, rate
from tests.lessons.lesson_values import drawn, record, records, side

BETA = 0.9


def swing(optimizer: str, step: float) -> float:
    """The factor of a swing in the steepest direction in one step: the modulus of the larger root z.

    Heavy ball: z² − (1 + β − ηλ)z + β = 0; Nesterov: z² − (1 + β)(1 − ηλ)z + β(1 − ηλ) = 0.
    """
    assert all(catalog.knobs_of(name)["beta"].default == BETA for name in ("momentum", "nesterov"))
    left = step * curvature("nesterov", 0, 0)[-1]
    if optimizer == "momentum":
        roots = np.roots([1, -(1 + BETA - left), BETA])
    else:
        roots = np.roots([1, -(1 + BETA) * (1 - left), BETA * (1 - left)])
    return float(np.max(np.abs(roots)))


def edge(optimizer: str) -> float:
    """The rate at which the modulus is 1, where z = −1: 2(1+β)/λ and 2(1+β)/((1+2β)λ)."""
    steepest = curvature("nesterov", 0, 0)[-1]
    value = 2 * (1 + BETA) / steepest / (1 if optimizer == "momentum" else 1 + 2 * BETA)
    assert math.isclose(swing(optimizer, value), 1, rel_tol=1e-6)
    return value


def loss_at_step(name: str, optimizer: str, step: int, right: bool = False) -> float:
    return float(records(name, right)[optimizer].loss[step])


def last_of(name: str, optimizer: str, right: bool = False) -> float:
    return float(records(name, right)[optimizer].final_loss)


def last_20(name: str) -> np.ndarray:
    return record(name).loss[-20:]


CLAIMS: dict[str, dict[str, Any]] = {
    "nesterov": {
        "1": lambda: [curvature("nesterov", 0, 0)[0]],
        "10": lambda: [curvature("nesterov", 0, 0)[-1], side("nesterov").steps > 10],
        "0.9": lambda: [BETA],
        "0.03": lambda: [rate("nesterov")],
        "0.949": lambda: [swing("momentum", rate("nesterov"))],
        "0.794": lambda: [swing("nesterov", rate("nesterov"))],
        "0.75": lambda: [loss_at_step("nesterov", "momentum", 10)],
        "0.032": lambda: [loss_at_step("nesterov", "nesterov", 10)],
        "0.14": lambda: [rate("nesterov", right=True)],
        "0.136": lambda: [edge("nesterov")],
        "0.38": lambda: [edge("momentum")],
    },
    "divided": {
        "0.05": lambda: [len({rate("divided", index=k) for k in range(4)}) == 1 and rate("divided") == 0.05],
        "300": lambda: [side("divided").steps],
        "0.014": lambda: [ends("divided")["adam"]],
        "0.017": lambda: [ends("divided")["yogi"]],
        "0.0047": lambda: [ends("divided")["adabelief"]],
        "0.00034": lambda: [ends("divided")["sophia"]],
        "four": lambda: [len(ends("divided"))],
    },
    "first-steps": {
        "0.05": lambda: [rate("first-steps")],
        "2.30": lambda: [loss_at_step("first-steps", "adam", 0), math.log(10)],
        "2.80": lambda: [loss_at_step("first-steps", "adam", 1)],
        "0.003": lambda: [last_of("first-steps", "radam")],
        "0": lambda: [0],
        "10": lambda: [round(float(catalog.knobs_of("warm-up")["warmup"].default) * side("first-steps").steps)],
        "0.004": lambda: [last_of("first-steps", "adam", right=True)],
        "0.031": lambda: [last_of("first-steps", "adam")],
        "0.029": lambda: [last_of("first-steps", "nadam", right=True)],
    },
    "layers": {
        "30": lambda: [side("layers").steps > 30],
        "0.20": lambda: [loss_at_step("layers", "lars", 30)],
        "1.12": lambda: [loss_at_step("layers", "sgd", 30)],
        "20": lambda: [len(last_20("layers"))],
        "0.002": lambda: [last_20("layers").min()],
        "0.209": lambda: [last_20("layers").max()],
        "5": lambda: [side("layers", True).schedule.settings["patience"]],
        "0.00008": lambda: [last_of("layers", "lars", right=True)],
    },
}


def nadam_stays_at_a_guess() -> bool:
    losses = records("first-steps")["nadam"].loss
    return bool(losses.min() > 0.99 * math.log(10)) and loss_at_step("first-steps", "adam", 1) > losses[0]


def path_of_nesterov_leaves() -> bool:
    """And that of momentum ends inside, lower than it began."""
    paths = drawn("nesterov", True).paths
    low, high = drawn("nesterov", True).surface.axes[1][[0, -1]]
    assert low < paths["momentum"].coordinates[-1, 1] < high
    assert paths["momentum"].loss[-1] < paths["momentum"].loss[0] / 10
    return abs(paths["nesterov"].coordinates[-1, 1]) > high


WORDS: dict[str, dict[str, Any]] = {
    "nesterov": {
        "left": lambda: swing("nesterov", rate("nesterov")) < swing("momentum", rate("nesterov")) < 1,
        "right": path_of_nesterov_leaves,
    },
    "first-steps": {
        "left": lambda: side("first-steps").schedule.name == "constant" and nadam_stays_at_a_guess(),
        "right": lambda: side("first-steps", True).schedule.name == "warm-up",
        "rises": lambda: loss_at_step("first-steps", "adam", 1) > loss_at_step("first-steps", "adam", 0),
    },
    "layers": {
        "left": lambda: side("layers").schedule.name == "constant",
        "right": lambda: side("layers", True).schedule.name == "reduce-on-plateau",
    },
}

POINTS: dict[str, dict[str, Any]] = {}
