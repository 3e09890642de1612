"""A race in numbers: what several runs from one start reach, at what cost, and what theory says of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from landscapes.curvature.edge_of_stability import STABILITY_LIMITS, stability
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.games.convergence_rate import Rate, convergence_rate, game_rate
from landscapes.optimization.gradient_evaluations import GRADIENTS_PER_STEP, LINE_SEARCHES, steps_within
from landscapes.optimization.trajectory import Trajectory, descend
from landscapes.precision import precision
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.drawn_paths import drawn_paths, start_of_paths
from landscapes.scenes.placement import run_race, stays_in_plane
from landscapes.scenes.scene import Scene

Progress = Callable[[float, Any], None]


@dataclass(frozen=True)
class Curvature:
    """The extreme eigenvalues of the Hessian at one point.

    Attributes:
        place: the point in words.
        smallest, largest, error: the eigenvalues, and the larger of their error bars.
    """

    place: str
    smallest: float
    largest: float
    error: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The runs of a scene from one start, compared.

    Attributes:
        scene: the surface with the paths of these runs.
        target: the point from which distances are measured, in words.
        target_loss: the loss there, None where it is not known to be the lowest.
        distances: of the snapshots of each run, in parameter space, from the target.
        at_start, at_target: the curvature at the start and at the target or the best end; None until computed, and
            where second derivatives have no meaning.
        preconditioned: by optimizer, the curvature P^{-½}HP^{-½} at the end of its run, with its preconditioner
            P there; of optimizers that have one and where it is known.
        rates: by optimizer, its rate, or one clause why there is none.
        seconds: the mean time of one step of each run alone; empty if it was not measured.
    """

    scene: Scene
    target: str = ""
    target_loss: float | None = None
    distances: Mapping[str, Float[np.ndarray, "S"]] = field(default_factory=dict)
    at_start: Curvature | None = None
    at_target: Curvature | None = None
    preconditioned: Mapping[str, Curvature] = field(default_factory=dict)
    rates: Mapping[str, Rate | str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def runs(self) -> dict[str, Trajectory]:
        return self.scene.trajectories


def with_distances(scene: Scene) -> Comparison:
    """The distances of a scene's runs from the nearest known optimum; where none is known, from the end of the run
    with the lowest loss."""
    recipe = scene.recipe
    if not scene.trajectories:
        return Comparison(scene)
    start = catalog.build(replace(recipe, split="train"))
    targets = [np.asarray(point, float) for point in catalog.minima(recipe)]
    optimum = catalog.optimum(recipe, start)
    is_free = not stays_in_plane(recipe) and recipe.drawn == catalog.SAME
    if optimum is not None and is_free:
        targets = [_vector(optimum)]
    is_game = start.objective.players is not None
    if targets:
        name = "equilibrium" if is_game else "minimum" if catalog.is_function(recipe) else "optimum"
        target = f"the known {name}" if len(targets) == 1 else f"the nearest of {len(targets)} known minima"
        loss = None if is_game else float(start.loss(_unravel(start.params, targets[0])))
    elif is_game or (label := best_label(scene)) is None:
        return Comparison(scene)
    else:
        target, loss = f"the end of {label}, the run with the best loss", None
        targets = [_vector(jax.tree.map(lambda leaf: np.asarray(leaf[-1]), scene.trajectories[label].params))]
    distances = {name: _distances(run, targets) for name, run in scene.trajectories.items()}
    return Comparison(scene, target, loss, distances)


def best_label(scene: Scene) -> str | None:
    """The run that ends at the best loss of those that did not diverge; None if all did."""
    sign = -1 if scene.problem.sense == "maximize" else 1
    ends = {
        label: sign * run.final_loss for label, run in scene.trajectories.items() if run.outcome.kind != "diverged"
    }
    finite = {label: end for label, end in ends.items() if np.isfinite(end)}
    return min(finite, key=finite.__getitem__) if finite else None


def _vector(params: Any) -> Float[np.ndarray, "D"]:
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in jax.tree.leaves(params)])


def _unravel(like: Any, vector: np.ndarray) -> Any:
    leaves, structure = jax.tree.flatten(like)
    parts = np.split(vector, np.cumsum([np.size(leaf) for leaf in leaves])[:-1])
    shaped = [part.reshape(np.shape(leaf)).astype(leaf.dtype) for part, leaf in zip(parts, leaves, strict=True)]
    return jax.tree.unflatten(structure, shaped)


def _distances(run: Trajectory, targets: list[np.ndarray]) -> Float[np.ndarray, "S"]:
    """The distance of each snapshot from the nearest target."""
    leaves = [np.asarray(leaf, float) for leaf in jax.tree.leaves(run.params)]
    points = np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1)
    with np.errstate(over="ignore"):
        return np.min([np.linalg.norm(points - target, axis=1) for target in targets], axis=0)


def at_equal_cost(scene: Scene, progress: Progress) -> Scene:
    """The scene with runs that take at most as many gradients as the recipe has steps. Runs that take one gradient
    a step are those of the scene; the others are computed anew, with fewer steps."""
    recipe, budget = scene.recipe, scene.recipe.steps
    costly_choices = [
        c for c in recipe.optimizers if c.name in LINE_SEARCHES or GRADIENTS_PER_STEP.get(c.name, 1) > 1
    ]
    start = catalog.build(replace(recipe, split="train"))
    trajectories, paths = dict(scene.trajectories), dict(scene.paths)
    for position, choice in enumerate(costly_choices):

        def report(fraction: float, partial: Any, position: int = position) -> None:
            progress((position + fraction) / len(costly_choices), None)

        steps = steps_within(budget, choice.name)
        if choice.name in LINE_SEARCHES and (gradient_counts := trajectories[choice.name].evaluations) is not None:
            steps = max(1, int(np.searchsorted(gradient_counts, budget, side="right")) - 1)
        shortened = replace(recipe, optimizers=(choice,), steps=steps)
        runs = run_race(shortened, catalog.training_problem(start), report) if recipe.start == "initial" else {}
        new, projected = drawn_paths(shortened, start, scene.problem, scene.plane, runs, report)
        trajectories |= new
        paths |= projected
    return replace(scene, trajectories=trajectories, paths=paths)


def with_theory(comparison: Comparison, progress: Progress) -> Comparison:
    """The comparison with the curvature at the start and at the target, and the rates that follow from it."""
    scene = comparison.scene
    if scene.equilibrium is not None:
        tests = scene.equilibrium.tests
        rates = {name: _rate(lambda name=name: game_rate(tests[name])) for name in tests}
        return replace(comparison, rates=rates)
    if scene.flat or not scene.trajectories:
        return comparison
    first = next(iter(scene.trajectories.values()))
    start = catalog.training_problem(catalog.build(replace(scene.recipe, split="train")))
    at_start = _curvature(start, jax.tree.map(lambda leaf: leaf[0], first.params), "the start", progress, 0.0)
    target = catalog.minima(scene.recipe)
    place, params = f"the {scene.center} point", scene.problem.params
    if target:
        end = _vector(params)
        nearest = min(target, key=lambda point: float(np.linalg.norm(np.asarray(point) - end)))
        place, params = f"the minimum ({nearest[0]:.3g}, {nearest[1]:.3g})", np.asarray(nearest)
    elif scene.center == "trained":
        place = f"the end of {best_label(scene) or 'the best run'}"
    at_target = _curvature(start, params, place, progress, 0.5)
    preconditioned = _preconditioned(scene, lambda fraction, partial: progress(0.75 + fraction / 4, None))

    def rate(choice: Choice) -> Rate | str:
        if scene.problem.sense == "maximize" or at_target is None:
            return "no rate is known for a reward, or where the curvature is not known"
        if scene.recipe.batch_size:
            return "the rates hold for all examples in every step, and minibatches are chosen"
        if scene.recipe.schedule.name != "constant":
            return "the rates hold for a constant learning rate, and a schedule is chosen"
        ends = at_target.smallest, at_target.largest, at_target.error
        return _rate(lambda: convergence_rate(choice.name, choice.settings, *ends))

    rates = {choice.name: rate(choice) for choice in scene.recipe.optimizers}
    return replace(comparison, at_start=at_start, at_target=at_target, preconditioned=preconditioned, rates=rates)


def _preconditioned(scene: Scene, progress: Progress) -> dict[str, Curvature]:
    """The largest eigenvalue of the preconditioned Hessian at the end of the run of each adaptive optimizer that
    did not diverge. {} in minibatches and in a plane of a larger space, where the preconditioner is not that of
    the curvature."""
    recipe, runs = scene.recipe, scene.trajectories
    if recipe.batch_size or stays_in_plane(recipe):
        return {}
    adaptive = [
        choice
        for choice in recipe.optimizers
        if choice.name in STABILITY_LIMITS
        and STABILITY_LIMITS[choice.name].preconditioner
        and choice.name in runs
        and runs[choice.name].outcome.kind != "diverged"
    ]
    if not adaptive:
        return {}
    start = catalog.build(replace(recipe, split="train"))
    problem = start_of_paths(recipe, start, scene.problem, scene.plane)
    found = {}
    for position, choice in enumerate(adaptive):

        def report(fraction: float, partial: Any, position: int = position) -> None:
            progress((position + fraction) / len(adaptive), None)

        try:
            result = stability(
                problem,
                runs[choice.name],
                (choice.name, choice.settings),
                steps=recipe.steps,
                schedule=(recipe.schedule.name, recipe.schedule.settings),
                snapshots=2,
                progress=report,
            )
        except ValueError:  # not finite there, no limit, or rounding has separated this run from a second one
            continue
        value, error = float(result.eigenvalues[-1]), float(result.errors[-1])
        found[choice.name] = Curvature("the end of its run", float("nan"), value, error)
    return found


def _rate(compute: Callable[[], Rate]) -> Rate | str:
    try:
        return compute()
    except ValueError as reason:
        return str(reason)


def _curvature(problem: Any, params: Any, place: str, progress: Progress, low: float) -> Curvature | None:
    """The extreme eigenvalues at a point; None where the loss or its gradient is not finite."""
    try:
        with precision(problem.params):
            result = spectrum(
                problem,
                problem.key if problem.key is not None else 0,
                params=_in_shape_of(problem.params, params),
                top=1,
                bottom=1,
                progress=lambda fraction, partial: progress(low + fraction / 4, None),
            )
    except ValueError:
        return None
    values = result.eigenvalues
    return Curvature(place, float(values[0]), float(values[-1]), float(np.max(result.errors)))


def _in_shape_of(params: Any, values: Any) -> Any:
    return jax.tree.map(lambda leaf, value: np.asarray(value, np.asarray(leaf).dtype), params, values)


def seconds_per_step(scene: Scene, choices: tuple[Choice, ...], progress: Progress) -> dict[str, float]:
    """The mean time of one step of each optimizer alone, from the start of the training run, after compilation."""
    recipe = scene.recipe
    start = catalog.training_problem(catalog.build(replace(recipe, split="train")))
    seconds = {}
    for position, choice in enumerate(choices):

        def report(fraction: float, partial: Any, position: int = position) -> None:
            progress((position + fraction / 2) / len(choices), None)

        settings: dict[str, Any] = {
            "batch_size": recipe.batch_size or None,
            "key": 0,
            "schedule": (recipe.schedule.name, recipe.schedule.settings),
        }
        optimizer = (choice.name, choice.settings)
        descend(start, optimizer, min(recipe.steps, 2), progress=report, **settings)
        start_time = time.perf_counter()
        run = descend(start, optimizer, recipe.steps, progress=report, **settings)
        seconds[choice.name] = (time.perf_counter() - start_time) / max(len(run.loss) - 1, 1)
    return seconds
