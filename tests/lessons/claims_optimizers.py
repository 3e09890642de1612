"""What the numbers and sides of lessons on surfaces and optimizers have to equal; see test_sentences."""

import math
from typing import Any

import jax
import numpy as np

from landscapes.recipes import catalog
from tests.lessons.lesson_values import (
    built,
    drawn,
    record,
    records,
    setting,
    shares,
    side,
)


def ends(name, right=False):
    """The last value of each path of a test function."""
    return {label: float(path.loss[-1]) for label, path in drawn(name, right).paths.items()}


def curvature(name, *at):
    with jax.enable_x64(True):
        return np.linalg.eigvalsh(jax.jit(jax.hessian(built(name).loss))(np.array(at, float)))


def rate(name, right=False, index=0):
    return float(side(name, right).optimizers[index].settings["learning_rate"])


def distinct(points, closeness=0.05):
    """How many of these points are farther apart than that."""
    result: list[Any] = []
    for point in points:
        if all(np.linalg.norm(point - other) > closeness for other in result):
            result.append(point)
    return len(result)


def ends_in_other_minima(name):
    """The number of minima in which the paths of a picture end, from one start."""
    paths = drawn(name).paths.values()
    assert distinct([path.coordinates[0] for path in paths], 1e-12) == 1
    minima = np.array(catalog.minima(side(name)))
    distances = [np.linalg.norm(minima - path.coordinates[-1], axis=1) for path in paths]
    assert max(each.min() for each in distances) < 0.05
    return len({int(each.argmin()) for each in distances})


def rastrigin_minima():
    """Along an axis a minimum is a zero at which the derivative rises; both axes are alike."""
    x = np.linspace(*catalog.box(side("rugged"))[0], 100_001)
    slope = 2 * x + 20 * math.pi * np.sin(2 * math.pi * x)
    at = np.stack([x, np.zeros_like(x)], 1)
    with jax.enable_x64(True):
        assert np.allclose(jax.jit(jax.vmap(jax.grad(built("rugged").loss)))(at)[:, 0], slope, atol=1e-6)
    return int(np.sum((slope[:-1] < 0) & (slope[1:] >= 0))) ** 2


def rastrigin_zeros():
    """1 if the value 0 is taken at the origin and at no other integer point of the box."""
    line = np.arange(-5.0, 6.0)
    points = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    with jax.enable_x64(True):
        values = np.asarray(jax.vmap(built("rugged").loss)(points))
    return (
        float(values.min()) if np.argmin(values) == len(points) // 2 and np.sum(values < 1e-9) == 1 else math.nan
    )


def stops_next_to_the_start(name):
    paths = drawn(name).paths.values()
    assert max(np.linalg.norm(path.coordinates[-1] - path.coordinates[0]) for path in paths) < 0.5
    assert np.ptp([path.loss[-1] for path in paths]) < 0.02
    return len(paths)


def steps_from_the_ridge(distance):
    """The first step of the path on the saddle that is as far as that from the ridge."""
    (path,) = drawn("saddle").paths.values()
    return int(np.argmax(np.abs(path.coordinates[:, 1]) >= distance))


def least_squares():
    data = built("line").data
    design = np.column_stack([np.asarray(data["x"], float), np.ones(len(data["x"]))])
    solution, *_ = np.linalg.lstsq(design, np.asarray(data["y"], float), rcond=None)
    result = float(np.mean((design @ solution - np.asarray(data["y"], float)) ** 2))
    assert all(math.isclose(each.final_loss, result, rel_tol=1e-3) for each in records("line").values())
    return result


def change_of_the_squared_error():
    (path,) = drawn("saturated").paths.values()
    return 0 < path.loss[0] - path.loss[-1] < 0.01 * path.loss[0]


CLAIMS: dict[str, dict[str, Any]] = {
    "line": {
        "two": lambda: [catalog.dimension(side("line"))],
        "30": lambda: [setting("line", "data", "examples")],
        "0.53": lambda: [least_squares()],
    },
    "folds": {"ten": lambda: [setting("folds", "data", "examples")]},
    "saturated": {
        "60": lambda: [side("saturated").steps],
        "1 %": lambda: [change_of_the_squared_error()],
        "0.018": lambda: [ends("saturated", True)["sgd"]],
    },
    "basins": {
        "four": lambda: [len(catalog.minima(side("basins")))],
        "0": lambda: [max(float(built("basins").loss(np.array(at))) for at in catalog.minima(side("basins")))],
        "three": lambda: [ends_in_other_minima("basins")],
    },
    "rugged": {
        "121": lambda: [rastrigin_minima()],
        "0": lambda: [rastrigin_zeros()],
        "three": lambda: [stops_next_to_the_start("rugged")],
        "12.9": lambda: [ends("rugged")["sgd"]],
    },
    "valley": {
        "2508": lambda: [round(np.divide(*curvature("valley", 1, 1)[::-1]))],
        "400": lambda: [side("valley").steps],
        "2.7": lambda: [ends("valley")["sgd"]],
        "0.0045": lambda: [ends("valley")["momentum"]],
    },
    "stability": {
        "10": lambda: [curvature("stability", 0, 0)[-1]],
        "2": lambda: [(1 - -1)],  # 1 − ηλ = −1 at the edge
        "0.2": lambda: [(1 - -1) / curvature("stability", 0, 0)[-1]],
        "0.19": lambda: [rate("stability")],
        "−0.9": lambda: [ratio_of_y("stability")],
        "0.205": lambda: [rate("stability", True)],
        "−1.05": lambda: [ratio_of_y("stability", True)],
    },
    "saddle": {
        "−1": lambda: [curvature("saddle", 0, 0)[0]],
        "0.01": lambda: [side("saddle").start_y],
        "1.1": lambda: [ratio_of_y("saddle")],
        "49": lambda: [steps_from_the_ridge(1.0)],
        "1": lambda: [steps_from_the_ridge(1.0 - 1e-9) == steps_from_the_ridge(1.0) > steps_from_the_ridge(0.9)],
        "24": lambda: [round(math.log(10) / math.log(ratio_of_y("saddle")))],
    },
    "axes": {
        "300": lambda: [setting("axes", "objective", "condition")],
        "45": lambda: [setting("axes", "objective", "angle", True)],
        "100": lambda: [side("axes").steps],
        "0.017": lambda: [ends("axes")["adam"]],
        "0.27": lambda: [ends("axes", True)["adam"]],
    },
    "schedule": {
        "8": lambda: [side("schedule").batch_size],
        "2": lambda: [rate("schedule")],
        "0": lambda: [catalog.knobs_of(side("schedule", True).schedule.name)["final"].default],
        "0.134": lambda: [record("schedule", True).final_loss],
    },
}


def ratio_of_y(name, right=False):
    """By how much one step multiplies y, the same at every step."""
    (path,) = drawn(name, right).paths.values()
    ratios = path.coordinates[1:10, 1] / path.coordinates[:9, 1]
    assert np.ptp(ratios) < 1e-6
    return float(ratios[0])


def leaves_the_picture(name, right):
    (path,) = drawn(name, right).paths.values()
    return float(np.abs(path.coordinates[-1, 1])) > catalog.box(side(name))[1][1]


WORDS: dict[str, dict[str, Any]] = {
    "folds": {
        "left": lambda: side("folds").objective.name == "absolute-error",
        "right": lambda: side("folds", True).drawn.name == "squared-error",
    },
    "saturated": {
        "left": lambda: "^2" in setting("saturated", "objective", "text"),
        "right": lambda: "log(" in setting("saturated", "objective", "text", True),
        "lower": change_of_the_squared_error,
    },
    "basins": {},
    "valley": {"falls": lambda: all(path.loss[40] < path.loss[0] / 5 for path in drawn("valley").paths.values())},
    "stability": {
        "left": lambda: not leaves_the_picture("stability", False),
        "right": lambda: leaves_the_picture("stability", True),
        "falls": lambda: rate("stability") < 0.2,
    },
    "axes": {
        "left": lambda: setting("axes", "objective", "angle") == 0,
        "right": lambda: setting("axes", "objective", "angle", True) == 45,
    },
    "schedule": {
        "left": lambda: side("schedule").schedule.name == "constant",
        "right": lambda: side("schedule", True).schedule.name == "cosine",
        "falls": lambda: record("schedule", True).final_loss < record("schedule").final_loss,
    },
}

POINTS: dict[str, dict[str, Any]] = {
    "valley": {"valley": lambda: [shares("valley", np.array(at)) for at in ((-1.2, 1.0), (1.0, 1.0))]},
}
