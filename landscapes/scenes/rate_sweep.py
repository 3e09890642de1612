"""The loss at the end of runs over a range of learning rates, from several starts, for each optimizer. A game has
the distance from its known equilibrium, or the norm of its field, in place of the loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Bool, Float, Int, PyTree

from landscapes.optimization.basins import vectors
from landscapes.optimization.gradient_evaluations import steps_within
from landscapes.optimization.multistart import Ends, race_from
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.many_starts import block_size, field_norms_at, losses_at, seeded_points

RELATIVE_FLOOR = 1e-12
"""Of the median gap at the starts. Smaller gaps differ by rounding and count as equal."""

DISTANCE = "distance from the equilibrium"

Report = Callable[[float, "RateSweep"], None]


@dataclass(frozen=True, eq=False)
class Curve:
    """One optimizer at R learning rates from each of N starts.

    Attributes:
        steps: of every run, so that all optimizers have the same number of gradients.
        losses: L at the end on all examples, less the lowest known loss, and times −1 for a reward; in a game the
            quantity that `RateSweep.value` names; NaN where the run diverged.
        settled: see `Ends.settled`.
        evaluations: gradients that each run took.
        computed: whether each run is computed.
    """

    steps: int
    losses: Float[np.ndarray, "R N"]
    settled: Int[np.ndarray, "R N"]
    evaluations: Int[np.ndarray, "R N"]
    computed: Bool[np.ndarray, "R N"]


@dataclass(frozen=True, eq=False)
class RateSweep:
    """The curves of all optimizers so far.

    Attributes:
        rates: the learning rates, increasing.
        curves: by optimizer.
        lowest: the lowest known loss, which is subtracted from every loss; 0 where none is known.
        floor: the gap below which losses count as equal.
        starts: in words.
        sign: −1 for a reward, which is maximized, and 1 for a loss.
        value: what is compared at the ends of a game's runs; "" where it is the loss.
    """

    rates: Float[np.ndarray, "R"]
    curves: Mapping[str, Curve]
    lowest: float
    floor: float
    starts: str
    sign: int = 1
    value: str = ""

    def medians(self, label: str) -> Float[np.ndarray, "R"]:
        """The median loss over the starts, infinite where most runs diverged and NaN where none is computed."""
        curve = self.curves[label]
        values = np.where(np.isfinite(curve.losses), np.maximum(curve.losses, self.floor), np.inf)
        values = np.where(curve.computed, values, np.nan)
        return np.array(
            [np.median(row[~np.isnan(row)]) if not np.all(np.isnan(row)) else np.nan for row in values]
        )

    def best(self, label: str) -> int | None:
        """The index of the rate with the lowest median loss; among equal ones that of the runs that settled first.
        None if no rate has a finite median."""
        medians = self.medians(label)
        finite = np.isfinite(medians)
        if not finite.any():
            return None
        equal = finite & (medians <= medians[finite].min())
        settled = np.where(
            self.curves[label].settled >= 0, self.curves[label].settled, self.curves[label].steps + 1
        )
        return int(np.argmin(np.where(equal, np.median(settled, axis=1), np.inf)))


def sweep_rates(recipe: Recipe, rates: Float[np.ndarray, "R"], starts: int, progress: Report) -> RateSweep:
    """The sweep of a complete recipe. All rates and starts of an optimizer are one vectorized run, or several
    blocks of one for a network. An optimizer that takes two gradients a step gets half the steps.

    Args:
        starts: the number of seeds of a network's initial parameters, on the same examples; of a test function,
            its own start and others at random in its box.
    """
    start = catalog.build(replace(recipe, split="train"))
    problem = catalog.training_problem(start)
    points, starts_text = seeded_points(recipe, start, starts)
    count = len(jax.tree.leaves(points)[0])
    is_game = problem.objective.players is not None
    minimizers = () if is_game else catalog.minima(recipe)
    with precision(problem.params):
        lowest = float(problem.loss(np.asarray(minimizers[0]))) if minimizers else 0.0
    sign = -1 if problem.sense == "maximize" and not is_game else 1
    value, measure = _of_game(problem, catalog.optimum(recipe, start)) if is_game else ("", losses_at)
    has_lowest = bool(minimizers) or value == DISTANCE
    gap = float(np.nanmedian(measure(problem, points))) - lowest if has_lowest else 0.0
    sweep = RateSweep(rates, {}, lowest, RELATIVE_FLOOR * gap if gap > 0 else -np.inf, starts_text, sign, value)
    rows = np.random.default_rng(0).permutation(len(rates) * count)
    block = min(block_size(problem), len(rows))
    for position, choice in enumerate(recipe.optimizers):
        steps = steps_within(recipe.steps, choice.name)
        shape = (len(rates), count)
        curve = Curve(
            steps,
            *(np.full(shape, np.nan), np.full(shape, -1), np.zeros(shape, int), np.zeros(shape, bool)),
        )
        for first in range(0, len(rows), block):
            block_rows = rows[first : first + block]

            def report(
                fraction: float, partial: Any, position: int = position, first: int = first, sweep: Any = sweep
            ) -> None:
                done = min(1.0, (first + fraction * block) / len(rows))
                progress((position + done) / len(recipe.optimizers), sweep)

            ends = _run(recipe, problem, choice, steps, points, block_rows, rates, count, report)
            # The loss of the last minibatch is not that of all examples.
            is_measured = recipe.batch_size or is_game
            losses = measure(problem, ends.params) if is_measured else np.asarray(ends.loss, float)
            losses = np.where(ends.diverged, np.nan, sign * (losses - lowest))
            curve = _filled(curve, block_rows, losses, ends)
            sweep = replace(sweep, curves={**sweep.curves, choice.name: curve})
        progress((position + 1) / len(recipe.optimizers), sweep)
    return sweep


def _of_game(problem: Problem, equilibrium: PyTree | None) -> tuple[str, Callable[[Problem, PyTree], np.ndarray]]:
    """The quantity that is compared at the ends of a game's runs: its name, and a function that computes it."""
    if equilibrium is None:
        return "norm of the field", field_norms_at
    target = vectors(jax.tree.map(lambda leaf: np.asarray(leaf)[None], equilibrium))
    return DISTANCE, lambda problem, points: np.linalg.norm(vectors(points) - target, axis=1)


def _run(
    recipe: Recipe,
    problem: Problem,
    choice: Choice,
    steps: int,
    points: PyTree,
    rows: np.ndarray,
    rates: np.ndarray,
    count: int,
    report: Callable[[float, Any], None],
) -> Ends:
    settings = {**choice.settings, "learning_rate": 1.0}
    return race_from(
        problem,
        {choice.name: (choice.name, settings)},
        jax.tree.map(lambda leaf: np.asarray(leaf)[rows % count], points),
        steps,
        batch_size=recipe.batch_size or None,
        key=jax.random.fold_in(problem.key, 1) if recipe.batch_size else None,
        schedule=(recipe.schedule.name, recipe.schedule.settings),
        rate_factors=rates[rows // count],
        progress=report,
    )[choice.name]


def _filled(curve: Curve, rows: np.ndarray, losses: np.ndarray, ends: Ends) -> Curve:
    """The curve with the runs of a block in its rows."""
    arrays = {}
    for name, values in (
        ("losses", losses),
        ("settled", ends.settled),
        ("evaluations", ends.evaluations),
        ("computed", np.ones(len(rows), bool)),
    ):
        array = getattr(curve, name).copy()
        array.flat[rows] = values
        arrays[name] = array
    return replace(curve, **arrays)
