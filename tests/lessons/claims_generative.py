"""What the numbers and sides of lessons on generative models have to equal; see test_sentences."""

from typing import Any

import numpy as np

from landscapes.objectives.diffusion import noise_path
from landscapes.recipes import catalog
from tests.lessons.lesson_values import (
    drawn,
    record,
    setting,
    side,
)


def noise_levels(right=False):
    """The three levels of noise of score matching."""
    knobs = side("levels", right).objective.settings
    return [float(knobs["noise"]) * float(knobs["ratio"]) ** k for k in range(3)]


def distance_of_samples(right=False) -> float:
    """The mean distance of a sample at the end from the nearest example."""
    behaviors = drawn("levels", right).behaviors
    assert behaviors is not None
    samples = np.asarray(behaviors.displays["adam"].sampled[-1], float)
    points = np.asarray(catalog.build(side("levels", right)).data["x"])
    return float(np.linalg.norm(samples[:, None] - points[None], axis=-1).min(axis=1).mean())


def noisiest():
    """α and σ of the noisiest level."""
    path = noise_path(setting("noisiest", "objective", "levels"))
    return float(path.alpha[-1]), float(path.sigma[-1])


def last(name, term, right=False) -> float:
    return float(record(name, right).terms[term][-1])


CLAIMS: dict[str, dict[str, Any]] = {
    "straight": {
        "2.72": lambda: [record("straight").final_loss],
        "2.66": lambda: [next(iter(catalog.references(side("straight")).values()))],
        "4": lambda: [setting("straight", "objective", "steps")],
        "1.06": lambda: [last("straight", "bend")],
        "0.05": lambda: [record("straight", True).final_loss],
        "0.01": lambda: [last("straight", "bend", True)],
    },
    "noisiest": {
        "16": lambda: [setting("noisiest", "objective", "levels")],
        "1.15": lambda: [record("noisiest").terms["high-noise"][0]],
        "0.08": lambda: [last("noisiest", "high-noise")],
        "0.86": lambda: [record("noisiest", True).terms["high-noise"][0]],
        "0.69": lambda: [last("noisiest", "high-noise", True)],
        "0.0024": lambda: [(noisiest()[0] / noisiest()[1]) ** 2],
        "1": lambda: [1],
        "1.0024": lambda: [1 / noisiest()[1] ** 2],
    },
    "levels": {
        "4": lambda: [setting("levels", "objective", "ratio")],
        "0.1": lambda: [noise_levels()[0]],
        "0.4": lambda: [noise_levels()[1]],
        "1.6": lambda: [noise_levels()[2]],
        "0.01": lambda: [noise_levels(True)[0]] * 2,
        "0.04": lambda: [noise_levels(True)[1]],
        "0.16": lambda: [noise_levels(True)[2]] * 2,
        "0.10": lambda: [distance_of_samples(True)],
        "0.11": lambda: [distance_of_samples()],
        "1.61": lambda: [last("levels", "high-noise", True)],
        "3.74": lambda: [record("levels").final_loss],
        "5.64": lambda: [record("levels", True).final_loss],
        # A score of 0 leaves the mean square of ε at each of the levels, in two coordinates.
        "6": lambda: [3 * catalog.build(side("levels")).data["x"].shape[1]],
        "0": lambda: [0, 0],
        "2.01": lambda: [last("levels", "low-noise", True)],
        "2": lambda: [catalog.build(side("levels")).data["x"].shape[1]],
    },
    "noise": {
        "200": lambda: [setting("noise", "data", "examples")],
        "16": lambda: [setting("noise", "objective", "levels")],
        "0.81": lambda: [record("noise").final_loss],
        "0.75": lambda: [next(iter(catalog.references(side("noise")).values()))],
        "0.45": lambda: [max(record("noise").final_terms.values())],
    },
    "chains": {
        "30": lambda: [setting("chains", "objective", "steps")] * 2,
        "1.38": lambda: [min(record("chains").loss)],
        "0": lambda: [catalog.knobs_of(side("chains", True).schedule.name)["final"].default],
        "1.40": lambda: [record("chains", True).final_loss],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "straight": {
        "left": lambda: not setting("straight", "objective", "reflow"),
        "right": lambda: setting("straight", "objective", "reflow", True),
    },
    "noisiest": {
        "left": lambda: (
            (side("noisiest").objective.name, side("noisiest").term) == ("noise-prediction", "high-noise")
        ),
        "right": lambda: (
            (side("noisiest", True).objective.name, side("noisiest", True).term) == ("v-prediction", "high-noise")
            and np.allclose(noisiest(), (0, 1), atol=0.05)
        ),
    },
    "levels": {
        "left": lambda: record("levels").final_loss < record("levels", True).final_loss,
        "right": lambda: setting("levels", "objective", "noise", True) == 0.01,
    },
    "chains": {
        "left": lambda: (
            side("chains").schedule.name == "constant"
            and record("chains").final_loss > min(record("chains").loss) + 1
        ),
        "right": lambda: side("chains", True).schedule.name == "cosine",
        "falls": lambda: catalog.knobs_of(side("chains", True).schedule.name)["final"].default == 0,
    },
}

POINTS: dict[str, dict[str, Any]] = {}
