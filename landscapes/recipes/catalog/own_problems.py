"""A user's own problems in the registries, so that every page, export and address works on them.

`register` is called by the command line before the server starts. No address, upload or setting can load code.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any

import jax
import numpy as np

from landscapes.knobs import knobs
from landscapes.models import MODELS, Model
from landscapes.objectives import DATASETS, OBJECTIVES, Data, Dataset, Entry, Fits, Opening, Page, shows_nothing
from landscapes.optimization.optimizers import OPTIMIZERS, OWN_OPTIMIZERS
from landscapes.optimization.trajectory import Trajectory
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes.catalog.offers import entry_of
from landscapes.recipes.recipe import Recipe

FAMILY = "Your own"
# Keywords that a problem's function may have and that are settings of the recipe, not knobs.
RECIPE_SETTINGS = ("seed", "split")
MAX_RUN_BYTES = 2**30
"""Bytes of checkpoints that a page keeps of one run."""


@dataclass(frozen=True)
class OwnProblem:
    """A function that makes a problem, which of `RECIPE_SETTINGS` it takes, and directories of checkpoints of its
    parameters by the names of the runs."""

    make: Callable[..., Problem]
    takes: tuple[str, ...]
    checkpoints: Mapping[str, Path] = field(default_factory=dict)

    def build(self, knobs: Mapping[str, Any], **settings: Any) -> Problem:
        """The problem at these knobs and settings of the recipe.

        Raises:
            ValueError: if the function does not return a problem.
        """
        problem = self.make(**knobs, **{name: settings[name] for name in self.takes})
        if not isinstance(problem, Problem):
            raise ValueError(
                f"{self.make.__name__} returns a {type(problem).__name__}; let it return a Problem, such as "
                "Problem.from_loss(loss, params, data)"
            )
        return problem


PROBLEMS: dict[str, OwnProblem] = {}


def is_own(objective: str) -> bool:
    """Whether an objective is a problem that the user brought."""
    return objective in PROBLEMS


def register(name: str, make: Problem | Callable[..., Problem], opening: Mapping[str, str] | None = None) -> str:
    """Puts a problem into the first place of the registries and returns its name there, with - for _.

    Args:
        make: a problem, or a function that returns one. Its annotated keywords are knobs, as those of registered
            objectives are; `seed` and `split` ("train" or "test") are the recipe's own.
        opening: the settings with which it opens, as an address writes them, such as {"steps": "300"}.

    Raises:
        ValueError: if the name is taken, an argument has no default, or the function returns no problem.
    """
    name = name.replace("_", "-")
    if entry_of(name) is not None:
        raise ValueError(f"the name {name} is taken; give the problem's function another one")
    function = _constant(name, make) if isinstance(make, Problem) else make
    parameters = inspect.signature(function).parameters
    if without := [
        p.name
        for p in parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]:
        raise ValueError(f"{function.__name__} has no default for {without[0]}; give each argument one")
    own_problem = OwnProblem(function, tuple(setting for setting in RECIPE_SETTINGS if setting in parameters))
    problem = own_problem.build({}, seed=0, split="train")
    title = name.replace("-", " ").capitalize()
    kind = f"own {name}"
    PROBLEMS[name] = own_problem
    _put_first(
        OBJECTIVES,
        name,
        Entry(
            title=title,
            terms=_with_knobs(function),
            weights={term: float(weight) for term, weight in problem.weights.items()},
            page=Page(
                formula=r"L(\theta)" if problem.objective.players is None else r"L_i(\theta)",
                source=f"{function.__module__}.{function.__name__}",
                look=(inspect.getdoc(function) or "").partition("\n")[0],
                family=FAMILY,
            ),
            fits=Fits(targets={kind}, inputs={kind}, needs={kind}, outputs=lambda data: 1),
            opening=Opening(settings={"data": f"{name}-data", "model": f"{name}-model", **(opening or {})}),
            sense=problem.sense,
            stochastic=problem.key is not None,
            players=problem.objective.players,
            behavior=shows_nothing,
        ),
    )
    DATASETS[f"{name}-data"] = Dataset(
        lambda seed: _examples(own_problem, seed),
        kind,
        kind,
        "Own data",
        "your own",
        whole=problem.data is None,
        has_test="split" in own_problem.takes,
    )
    MODELS[f"{name}-model"] = Model(
        build=_no_module,
        inputs=frozenset({kind}),
        targets=frozenset({kind}),
        title="Own model",
        capabilities=frozenset({kind}),
        has_fixed_start=lambda: "seed" not in own_problem.takes,
    )
    return name


def register_run(label: str, folder: Path, names: Iterable[str]) -> None:
    """Draws the path through a directory of checkpoints beside the optimizers of those problems whose parameters
    it has.

    Raises:
        ValueError: if the label is taken, or the checkpoints fit none of the problems.
    """
    if entry_of(label) is not None:
        raise ValueError(f"the name {label} is taken; give the run another one")
    path = Trajectory.of(folder)
    faults = []
    for name in names:
        own_problem = PROBLEMS[name]
        try:
            path.snapshots(own_problem.build({}, seed=0, split="train").params)[0]
        except ValueError as error:
            faults.append(str(error))
        else:
            PROBLEMS[name] = replace(own_problem, checkpoints={**own_problem.checkpoints, label: folder})
    if len(faults) == len(list(names)):
        raise ValueError(faults[0] if faults else "there is no problem that the run could belong to")


def recorded_runs(recipe: Recipe, problem: Problem) -> dict[str, Trajectory]:
    """The paths through the checkpoints of an own problem, in memory, with the loss at every checkpoint; none for
    other recipes.

    Raises:
        ValueError: if a run needs more than `MAX_RUN_BYTES`.
    """
    own_problem = PROBLEMS.get(recipe.objective.name)
    runs = {} if own_problem is None else own_problem.checkpoints
    return {label: _in_memory(folder, problem) for label, folder in runs.items()}


def _in_memory(folder: Path, problem: Problem) -> Trajectory:
    path = Trajectory.of(folder)
    if (size := len(path.steps) * sum(leaf.nbytes for leaf in jax.tree.leaves(problem.params))) > MAX_RUN_BYTES:
        raise ValueError(
            f"the checkpoints in {folder} take {size / 2**30:.1f} GB, too much for a page; keep fewer of them, or "
            "use Trajectory.of in the library, which reads one at a time"
        )
    with precision(problem.params):
        terms_at, loss_at = jax.jit(problem.terms), jax.jit(problem.loss)
        snapshots = list(path.snapshots(problem.params))
        rows = [{name: float(value) for name, value in terms_at(params).items()} for params in snapshots]
        loss = path.loss.copy()
        if problem.objective.players is None:
            known = [float(loss_at(params)) for params in snapshots]
            loss[path.steps] = np.where(np.isnan(loss[path.steps]), known, loss[path.steps])
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *snapshots)
    return replace(path, params=stacked, loss=loss, final_terms=rows[-1], final_loss=float(loss[-1]))


def register_optimizer(name: str, function: Callable[..., Any]) -> None:
    """Puts `function(learning_rate, **knobs)`, which returns an Optax transformation, among the optimizers.

    Raises:
        ValueError: if the name is taken or the function has no learning rate.
    """
    if entry_of(name) is not None:
        raise ValueError(f"the name {name} is taken; give the optimizer another one")
    if "learning_rate" not in knobs(function):
        raise ValueError(f"the optimizer {name} has no learning rate; give it learning_rate: float = 0.1")
    OPTIMIZERS[name] = function
    OWN_OPTIMIZERS.add(name)


def _examples(own_problem: OwnProblem, seed: int) -> Data:
    parts = [own_problem.build({}, seed=seed, split=split).data for split in ("train", "test")]
    first, second = ({str(i): np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(part))} for part in parts)
    return Data(first, second, None)


def _constant(name: str, problem: Problem) -> Callable[..., Problem]:
    def make() -> Problem:
        return problem

    make.__name__ = make.__qualname__ = name
    return make


def _with_knobs(function: Callable[..., Problem]) -> Callable[..., Any]:
    """A function with the knobs of `function` in its signature; the problem brings its terms itself."""

    @wraps(function)
    def terms(**knobs: Any) -> Any:
        raise AssertionError("an own problem has its own objective")

    signature = inspect.signature(function)
    kept = [p for name, p in signature.parameters.items() if name not in RECIPE_SETTINGS]
    terms.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return terms


def _no_module(input_shape: tuple[int, ...], outputs: int, rngs: Any) -> Any:
    raise AssertionError("an own problem has its own parameters")


def _put_first(registry: dict[str, Any], name: str, entry: Any) -> None:
    """Own entries come first, in the order in which they are registered."""
    other_entries = {key: registry.pop(key) for key in list(registry) if key not in PROBLEMS}
    registry[name] = entry
    registry.update(other_entries)
