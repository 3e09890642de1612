"""What stage_demo.py shows: two terms over a plane or a line, and four paths, one of which diverges."""

import numpy as np

from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_rules import rule_of
from landscapes.optimization.step_vectors import StepVectors
from landscapes.optimization.trajectory import Outcome
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

LABELS = (
    "distance along filter-normalized random direction 1",
    "distance along filter-normalized random direction 2",
)


def himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def landscape(shift: float, dimension: int) -> Surface:
    """Himmelblau's function and a bowl around `shift` as two terms."""
    axis = np.linspace(-5.0, 5.0, 65)
    axes = (axis,) * dimension
    x, y = np.meshgrid(axis, axis, indexing="ij") if dimension == 2 else (axis, np.full_like(axis, 2.0))
    terms = {"himmelblau": himmelblau(x, y), "bowl": (x - shift) ** 2 + y**2}
    ones = np.ones(x.shape, bool)
    return Surface(axes, terms, ones, {"himmelblau": 1.0, "bowl": 0.5}, dict.fromkeys(terms, 0.3), ones.size)


def walk(rate: float, momentum: float, shift: float, dimension: int, drift: float = 0.0) -> Projection:
    """Heavy ball on that sum; `drift` is how fast the path leaves the plane."""
    p, v, points = np.array([-0.5, -1.0]), np.zeros(2), []
    while len(points) < 121 and np.all(np.abs(p) < 20):
        points.append(p)
        x, y = p
        down, up = x**2 + y - 11, x + y**2 - 7
        gradient = np.array([4 * x * down + 2 * up + x - shift, 2 * down + 4 * y * up + y])
        v = momentum * v + gradient
        p = p - rate * v
    c = np.array(points)
    loss = himmelblau(c[:, 0], c[:, 1] if dimension == 2 else 2.0)
    loss = loss + 0.5 * ((c[:, 0] - shift) ** 2 + (c[:, 1] if dimension == 2 else 2.0) ** 2)
    steps = np.arange(len(c))
    kind = "finished" if len(c) == 121 else "diverged"
    distance = drift * steps
    outcome = Outcome(kind, len(c), "")
    return Projection(steps, c[:, :dimension], distance, loss + distance, loss, 1.0, 1.0, outcome)


def steps_of_walks() -> dict[str, StepVectors]:
    """The vectors of the steps of "momentum" and "sgd", which stay in the plane."""
    return {
        name: steps_of_walk(name, *settings)
        for name, settings in {"momentum": (0.003, 0.9), "sgd": (0.006, 0.0)}.items()
    }


def steps_of_walk(name: str, rate: float, momentum: float) -> StepVectors:
    path = walk(rate, momentum, 0.0, 2)
    theta, moves = path.coordinates[:-1], np.diff(path.coordinates, axis=0)
    v = -moves / rate
    before = np.concatenate([np.zeros((1, 2)), v[:-1]])
    g = v - momentum * before
    vectors = {"g_t": g, r"\theta_t": theta, "v_{t-1}": before, "v_t": v, "s_t": moves}
    rule = rule_of(OPTIMIZERS[name])
    vectors = {symbol: vectors[symbol] for symbol in rule.symbols}
    norms = {symbol: np.linalg.norm(rows, axis=1) for symbol, rows in vectors.items()}
    slope = np.sum(v * moves, axis=1)
    numbers = {r"\eta": np.full(len(g), rate), "t": np.arange(len(g)) + 1, "slope": slope, "curvature": -slope}
    loss = path.loss[:-1]
    settings = {"beta": momentum, "learning_rate": rate}
    return StepVectors(rule, settings, theta, loss, np.stack([loss] * 4, axis=1), vectors, norms, numbers, True)


def walks(shift: float, dimension: int) -> dict[str, Projection]:
    return {
        "momentum": walk(0.003, 0.9, shift, dimension),
        "sgd": walk(0.006, 0.0, shift, dimension),
        "adam": walk(0.0012, 0.95, shift, dimension, drift=0.02),
        "lion": walk(0.03, 0.9, shift, dimension),
    }
