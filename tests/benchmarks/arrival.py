"""Whether an objective's optimizers reach something sensible from where they begin: a rule that can fail."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np

from landscapes.optimization.trajectory import Trajectory
from landscapes.precision import precision
from landscapes.recipes import catalog
from landscapes.scenes.placement import Placement

# The least share of the gap to a known optimum that must be closed.
CLOSED = 0.9
# Where no optimum is known: the largest share of all that was gained that the last tenth of the steps may change.
STILL = 0.05
# What is left, at most, of the distance to a game's equilibrium, or of its field where none is known.
LEFT = 0.5


@dataclass(frozen=True)
class Arrival:
    """How far the best of some paths came.

    Attributes:
        kind: what `start`, `end` and `best` are: "value", or in a game "distance" to its known equilibrium or
            the norm of its "field".
        start, end: at the first step and at the last, of the path that ends best.
        best: what a known optimum has; 0 for a distance or a field; None where it is not known.
        late: the share of what was gained that the last tenth of the steps changed.
        slope: the gradient's norm at the end, in units of that at the start.
        references: values to compare with, by name.
    """

    kind: str
    start: float
    end: float
    best: float | None
    late: float
    slope: float
    references: dict[str, float]
    sign: int = 1

    @property
    def closed(self) -> float | None:
        """The share of the gap to what is known to be best that is closed."""
        if self.best is None:
            return None
        gap = self.start - self.best
        return (self.start - self.end) / gap if gap else float(self.end == self.best)

    @property
    def sensible(self) -> bool:
        """Whether nine tenths of a known gap are closed, half of it in a game; where no optimum is known, whether
        the value has improved and the last tenth of the steps changed it by no more than a twentieth of that."""
        if not np.isfinite(self.end):
            return False
        if self.closed is not None:
            return self.closed >= (CLOSED if self.kind == "value" else 1 - LEFT)
        return bool(self.sign * (self.start - self.end) > 0 and self.late <= STILL)

    def __str__(self) -> str:
        text = f"{self.kind} {self.start:.4g} → {self.end:.4g}"
        if self.kind != "value":
            return f"{text} ({self.end / self.start:.0%} left)"
        if self.closed is not None:
            text += f", optimum {self.best:.4g}: {self.closed:.1%} of the gap closed"
        else:
            text += f", no known optimum: {self.late:.0%} of it in the last tenth, gradient at {self.slope:.2g}"
        return text + "".join(f"; {name} {value:.4g}" for name, value in self.references.items())


def arrival(place: Placement) -> Arrival:
    """Of the best of a place's runs, over what they are trained on."""
    start = catalog.training_problem(catalog.build(place.recipe))
    if start.objective.players is not None:
        return min((_of_game(run, place) for run in place.runs.values()), key=lambda result: result.end)
    sign = 1 if start.sense == "minimize" else -1
    best = None
    if place.optimum is not None:
        with precision(start.params):
            best = float(jax.jit(lambda problem, params: problem.loss(params))(start, place.optimum))
    known = catalog.references(place.recipe)
    result = [of_values(run.loss, run.gradient_norm, best, known, sign) for run in _alive(place).values()]
    return min(result, key=lambda each: sign * each.end)


def of_values(
    values: np.ndarray, slopes: np.ndarray, best: float | None, references: dict[str, float], sign: int
) -> Arrival:
    """Of one path, from its value and its gradient's norm at each step."""
    start, end = float(values[0]), float(values[-1])
    earlier = float(values[-1 - len(values) // 10])
    late = abs(earlier - end) / abs(start - end) if start != end else 0.0
    slope = float(slopes[-1] / slopes[0]) if slopes[0] else 0.0
    return Arrival("value", start, end, best, late, slope, references, sign)


def _of_game(run: Trajectory, place: Placement) -> Arrival:
    slope = float(run.gradient_norm[-1] / run.gradient_norm[0])
    if place.optimum is None:
        start, end = (float(run.gradient_norm[i]) for i in (0, -1))
        return Arrival("field", start, end, 0.0, 0.0, slope, {})
    goals = map(np.asarray, jax.tree.leaves(place.optimum))  # in the run's precision, whatever JAX's is here
    pairs = list(zip(jax.tree.leaves(run.params), goals, strict=True))
    start, end = (float(np.sqrt(sum(np.sum((path[i] - goal) ** 2) for path, goal in pairs))) for i in (0, -1))
    return Arrival("distance", start, end, 0.0, 0.0, slope, {})


def _alive(place: Placement) -> dict[str, Trajectory]:
    return {n: run for n, run in place.runs.items() if run.outcome.kind != "diverged"} or place.runs
