"""What is found where a spline misses most: jumps, poles, vertical slopes, edges, or too coarse a grid."""

import numpy as np
import pytest

from landscapes.slices.grid import nodes
from landscapes.slices.roughness import ZOOM_STEPS, examine_roughness, pole_beside
from landscapes.slices.spline import r2_points, spline_deviations


def looked_at(f, count=65):
    axes = nodes(-1, 1.5, count), nodes(-2, 1, count + 16)
    grid, points = f(axes[0][:, None], axes[1][None]), r2_points(64, 2) * (2.5, 3) - (1, 2)
    requests = []

    def values(points):
        requests.append(len(points))
        return f(points[:, 0], points[:, 1])

    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = spline_deviations(axes, {"f": grid}, points, {"f": f(points[:, 0], points[:, 1])})["f"]
        result = examine_roughness(values, axes, deviations.nodes)
    assert requests == [25] * ZOOM_STEPS
    return result


def distance(x, y):
    return np.hypot(x - 0.4, y + 0.7)


@pytest.mark.parametrize(
    ("f", "kind", "height"),
    [
        (lambda x, y: np.where(x - 0.3 * y > 0.61, 0.8, 0.2) + 0.1 * x * y, "jump", 0.6),
        (lambda x, y: np.round(2 * np.sin(3 * x) * y), "jump", 1.0),
        (lambda x, y: np.where(x - 0.3 * y > 0.61, 0.05, 0.0) + 2 * x + y, "jump", 0.05),
        (lambda x, y: 1 / distance(x, y), "pole", None),
        (lambda x, y: np.log(distance(x, y)), "pole", None),
        (lambda x, y: 1 / (x + 0.2 * y - 0.123), "pole", None),
        (lambda x, y: 1 / np.hypot(x - 0.25 - 1e-6, y + 0.5), "pole", None),
        (lambda x, y: np.float32(1) / np.float32((x - 0.25 - 1e-6) ** 2 + (y + 0.5) ** 2), "pole", None),
        (lambda x, y: np.log(np.hypot(x - 0.25 - 1e-6, y + 0.5)), "pole", None),
        (lambda x, y: 1 / (x - 0.25 - 1e-6) + y, "pole", None),
        (lambda x, y: np.where(x > 0.25 - 1e-6, 0.8, 0.2) + 0.1 * x * y, "jump", 0.6),
        (lambda x, y: np.sqrt(distance(x, y)), "vertical", None),
        (lambda x, y: 1 / (1e-5 + distance(x, y) ** 2), "steep", None),
        (lambda x, y: np.where(x > 0.2, np.sqrt(np.abs(x - 0.2)), np.nan) + y, "edge", None),
        (lambda x, y: np.abs(x + 0.3 * y - 0.1), "steep", None),
        (lambda x, y: np.tanh(60 * (x + 0.3 * y - 0.1)), "steep", None),
        (lambda x, y: np.sin(80 * x) * np.cos(70 * y), "steep", None),
    ],
    ids=[
        "step",
        "terraces",
        "step on a slope",
        "pole",
        "log",
        "line of poles",
        "pole beside a node",
        "square beside a node",
        "log beside a node",
        "line beside nodes",
        "step beside nodes",
        "root",
        "peak",
        "edge",
        "kink",
        "cliff",
        "waves",
    ],
)
def test_what_a_closer_look_finds(f, kind, height):
    result = looked_at(f)
    assert result.kind == kind
    if height is not None:
        assert result.height == pytest.approx(height, abs=0.01)


def test_a_closer_look_says_where():
    x, y = looked_at(lambda x, y: 1 / distance(x, y)).place
    assert (x, y) == pytest.approx((0.4, -0.7), abs=0.01)
    x, y = looked_at(lambda x, y: np.where(x - 0.3 * y > 0.61, 0.8, 0.2)).place
    assert x - 0.3 * y == pytest.approx(0.61, abs=0.01)


STEPS = {
    "slanted": lambda x, y: np.where(x - 0.3 * y > 0.11, 1.0, 0.0) + 0.1 * x * y,
    "round": lambda x, y: np.where(x * x + y * y < 0.4, 1.0, 0.0),
    "fading": lambda x, y: np.where(x > 0.2, np.sin(9 * y), 0.0),
    "terraces": lambda x, y: np.round(2 * np.sin(3 * x) * y),
}


def beside(f):
    axes = nodes(-1, 1, 129), nodes(-1, 1, 129)
    grid, check = f(axes[0][:, None], axes[1][None]), np.zeros((1, 2))
    deviations = spline_deviations(axes, {"f": grid}, check, {"f": f(*check.T)})["f"].nodes
    pole, _ = pole_beside(lambda points: f(*points.T), axes, deviations, 1e-3)
    return pole


@pytest.mark.parametrize("name", STEPS)
def test_a_small_pole_beside_a_larger_step_is_found_and_none_where_there_is_none(name):
    step = STEPS[name]
    assert beside(step) is None
    if name == "terraces":
        return  # of many steps two are examined
    for place in ((-0.777, 0.213), (0.813, -0.713)):
        pole = beside(lambda x, y, place=place: step(x, y) + 2e-3 / np.hypot(x - place[0], y - place[1]))
        assert pole is not None
        assert pole.place == pytest.approx(place, abs=1e-3)
