"""What numbers and sides of lessons on images, schedules and minibatches have to equal; see test_sentences."""

from typing import Any

import numpy as np

from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes import catalog
from tests.lessons.claims_optimizers import rate
from tests.lessons.lesson_values import built, drawn, path_on_picture, record, setting, side


def losses(name: str, right: bool = False) -> np.ndarray:
    """Of all examples of the picture, along the path."""
    return np.asarray(path_on_picture(name, right).loss, float)


def wrong(right: bool) -> int:
    """How many examples the model at the end of the path classifies wrong."""
    behaviors: Any = drawn("sets", right).behaviors
    return int(behaviors.displays["adam"].wrong[-1])


def cycle_ends() -> list[float]:
    """The losses after the last steps of the three cycles, of lengths in the ratio 1 : 2 : 4."""
    knobs = catalog.knobs_of("warm-restarts")
    cycles, growth = knobs["cycles"].default, knobs["growth"].default
    ends = np.cumsum(growth ** np.arange(cycles))
    path = losses("restarts")
    assert len(path) == side("restarts").steps + 1
    return [float(path[int(end * side("restarts").steps / ends[-1])]) for end in ends]


def rises_after_restarts() -> bool:
    path, steps = losses("restarts"), side("restarts").steps
    return all(path[k : k + 20].max() > path[k] + 0.02 for k in (steps // 7, 3 * steps // 7))


def minima(right: bool) -> np.ndarray:
    """Where on the line the loss of each minibatch is lowest."""
    draws: Any = drawn("band", right).draws
    return draws.t[np.argmin(draws.losses, axis=1)]


def spread_of_minima(right: bool) -> float:
    """The median distance of a minibatch's minimum from the median one."""
    return float(np.median(np.abs(minima(right) - np.median(minima(right)))))


def width_of_band(right: bool) -> float:
    draws: Any = drawn("band", right).draws
    middle = len(draws.t) // 2
    return float(draws.quantile(0.75)[middle] - draws.quantile(0.25)[middle])


CLAIMS: dict[str, dict[str, Any]] = {
    "patches": {
        "100": lambda: [setting("patches", "data", "examples")],
        "0.02": lambda: [max(record("patches", right).final_loss for right in (False, True)) < 0.02],
        "360": lambda: [len(built("patches").data["x"])],
        "2": lambda: [setting("patches", "model", "patch")] * 2,
        "1.02": lambda: [losses("patches").min()],
        "1.66": lambda: [losses("patches")[-1]],
        "0.51": lambda: [losses("patches", True).min()],
        "0.55": lambda: [losses("patches", True)[-1]],
    },
    "sets": {
        "200": lambda: [setting("sets", "data", "examples")],
        "300": lambda: [side("sets").steps],
        "0.35": lambda: [record("sets").final_loss],
        "22": lambda: [wrong(right=False)],
        "64": lambda: [built("sets").data["x"][0].size],
        "0.0003": lambda: [record("sets", True).final_loss if wrong(right=True) == 0 else 1],
    },
    "restarts": {
        "8": lambda: [side("restarts").batch_size],
        "2": lambda: [rate("restarts")],
        "0": lambda: [catalog.knobs_of("warm-restarts")["final"].default],
        "three": lambda: [catalog.knobs_of("warm-restarts")["cycles"].default == 3],
        "0.155": lambda: cycle_ends()[:1],
        "0.136": lambda: cycle_ends()[1:2],
        "0.134": lambda: cycle_ends()[2:],
        "ten": lambda: [len(losses("restarts", True)[150:160])],
        "0.166": lambda: [np.mean(losses("restarts", True)[150:160])],
        "40": lambda: [catalog.knobs_of("warmup-stable-decay")["decay"].default * side("restarts", True).steps],
        "0.137": lambda: [losses("restarts", True)[-1]],
    },
    "band": {
        "64": lambda: [len(minima(right=False)), side("band", True).batch_size],
        "8": lambda: [side("band").batch_size],
        "half": lambda: [spread_of_minima(right=False) > 2 * spread_of_minima(right=True)],
        "0.2": lambda: [spread_of_minima(right=False) > 0.2],
        "0.09": lambda: [width_of_band(right=True)],
        "0.14": lambda: [width_of_band(right=False)],
    },
}


WORDS: dict[str, dict[str, Any]] = {
    "sets": {
        "left": lambda: side("sets").model.name == "deep-sets",
        "right": lambda: side("sets", True).model.name == "mlp",
    },
    "patches": {
        "left": lambda: side("patches").model.name == "vit",
        "right": lambda: side("patches", True).model.name == "convnet",
        "falls": lambda: losses("patches").min() < losses("patches")[0] / 2,
    },
    "restarts": {
        "left": rises_after_restarts,
        "right": lambda: side("restarts", True).schedule.name == "warmup-stable-decay",
        "falls": lambda: losses("restarts", True)[-1] < np.mean(losses("restarts", True)[150:160]),
        "rises": lambda: np.all(np.diff(SCHEDULES["warmup-stable-decay"](2.0, 200)[:20]) > 0),
    },
    "band": {
        "left": lambda: side("band").batch_size == 8,
        "right": lambda: width_of_band(right=True) < width_of_band(right=False),
    },
}

POINTS: dict[str, dict[str, Any]] = {}
