"""Whether a scene from a file is the one that is computed now, up to rounding.

Another processor rounds otherwise, and training amplifies that. How much is measured: the scene is computed again
from a start that is moved by `MOVE` units in the last place. Every number in the file must be as near to the one
computed now as rounding, and `FACTOR` times the effect of the move, allow. Along a run the effect at a step is the
largest so far, so that early steps are compared closely even where the end depends on rounding.

Where the move changes a run by more than `CHAOTIC` of its range, rounding decides where the run ends, and also
choices that follow, such as the better one of two runs. What lies behind such runs must have the same parts, and
its differences are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene, compute_scene

MOVE = 16  # units in the last place, of every parameter at the start
FACTOR = 30  # on the effect of the move
ROUNDING = {"float32": 2e-5, "float64": 1e-9}  # relative difference where the move has no effect
CHAOTIC = 1e-3  # of the range of a curve
MAX_FLIPPED = 0.01  # share of integers, such as classes drawn as regions, that rounding may change
# Bars are made of rounding errors themselves, and counts end where a number falls below a tolerance. Bars below
# the rounding error of what they belong to may differ by more.
MAX_RATIO = {"errors": 10, "rounding": 10, "jump": 10, "evaluations": 1.5, "products": 1.5, "checks": 1.5}
OMITTED = {"recipe", "problem", "plane", "precomputed", "params", "projections", "eigenvectors", "matrix", "rule"}
BY_STEP = ("trajectories", "paths", "steps")
NUMBER = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?(e[-−+]?\d+)?")


class Comparison(NamedTuple):
    """What differs between a file and the scene that is computed now, in words.

    Attributes:
        faults: what rounding does not explain; empty if the scenes agree.
        behind_chaos: what differs behind a run whose end rounding decides.
        amplification: the largest effect of the moved start on a run, as a share of the range of its curve.
    """

    faults: list[str]
    behind_chaos: list[str]
    amplification: float


def compare_with_computed(file: Scene | None, recipe: Recipe) -> Comparison:
    """Compare the scene of a file with the computed one of its recipe, from its start and from a moved one."""
    if file is None:
        return Comparison(["there is no file; run `make openings`"], [], 0.0)
    live = compute_scene(recipe)
    with moved_start():
        shifted = compute_scene(_with_moved_pick(live.recipe))
    return compare(file, live, shifted)


def compare(file: Scene, live: Scene, moved: Scene) -> Comparison:
    """Compare a file with the scene that is computed now and the one from a moved start."""
    rounding = ROUNDING[live.recipe.precision]
    there, here, elsewhere = (dict(leaves(scene)) for scene in (file, live, moved))
    amplification = max(
        (_amplification(here[name], elsewhere.get(name)) for name in here if _is_curve(name)), default=0.0
    )
    faults = [
        f"{name}: {getattr(file, name)!r} in the file, {getattr(live, name)!r} computed"
        for name in ("recipe", "facts")
        if getattr(file, name) != getattr(live, name)
    ]
    faults += [f"{name} is only in one of them" for name in sorted(there.keys() ^ here.keys())]
    behind = []
    rounded = {} if file.precomputed is None else file.precomputed.rounding
    for name in there.keys() & here.keys():
        unit = rounding * _largest_beside(name, here)
        of_file = rounded.get(name.removeprefix("surface.terms."), 0.0)
        if result := _difference(name, there[name], here[name], elsewhere.get(name), rounding, unit, of_file):
            is_behind = amplification > CHAOTIC and not name.startswith("trajectories")
            (behind if is_behind else faults).append(f"{name}: {result}")
    return Comparison(faults, sorted(behind), amplification)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every number, array and text of a scene that a file keeps, by the names that lead to it."""
    if is_dataclass(value):
        children = [(spec.name, getattr(value, spec.name)) for spec in fields(value) if spec.name not in OMITTED]
    elif isinstance(value, Mapping):
        children = list(value.items())
    elif hasattr(value, "_asdict"):
        children = list(value._asdict().items())
    elif isinstance(value, tuple | list):
        children = list(enumerate(value))
    else:
        yield name, value
        return
    for key, each in children:
        yield from leaves(each, f"{name}.{key}" if name else str(key))


@contextmanager
def moved_start() -> Iterator[None]:
    """Every problem that is built from a recipe meanwhile starts elsewhere by a few units in the last place."""
    build = catalog.build

    def build_moved(recipe: Recipe) -> Problem:
        problem = build(recipe)
        random = np.random.default_rng(0)
        sizes = [float(np.max(np.abs(leaf), initial=0)) for leaf in jax.tree.leaves(problem.params)]

        def move(leaf: Any) -> Any:
            values = np.asarray(leaf)
            unit = MOVE * np.finfo(values.dtype).eps * np.maximum(np.abs(values), 0.1 * (max(sizes) or 1.0))
            return jnp.asarray((values + random.choice([-1, 1], values.shape) * unit).astype(values.dtype))

        with precision(problem.params):
            return replace(problem, params=jax.tree.map(move, problem.params))

    catalog.build = build_moved
    try:
        yield
    finally:
        catalog.build = build


def _with_moved_pick(recipe: Recipe) -> Recipe:
    if recipe.start != "picked":
        return recipe
    unit = MOVE * float(np.finfo(recipe.precision).eps)
    x, y = (value + unit * max(abs(value), 0.1) for value in (recipe.start_x, recipe.start_y))
    return replace(recipe, start_x=x, start_y=y)


def _is_curve(name: str) -> bool:
    return name.startswith("trajectories") and ".terms." in name and "final_terms" not in name


def _largest_beside(name: str, found: Mapping[str, Any]) -> float:
    """The largest height or eigenvalue that an error bar may belong to; 0 for what is no error bar."""
    if not {"errors", "rounding"} & set(name.split(".")):
        return 0.0
    parent = re.split(r"\.(?:errors|rounding)", name)[0]
    values = [
        np.abs(each[np.isfinite(each)])
        for key, each in found.items()
        if key.startswith(f"{parent}.") and (".terms." in key or key.endswith("eigenvalues"))
    ]
    return max((float(np.max(each, initial=0)) for each in values), default=0.0)


def _amplification(here: Any, moved: Any) -> float:
    """The largest difference of two curves as a share of their range."""
    if np.shape(here) != np.shape(moved):
        return np.inf
    span = float(np.ptp(here[np.isfinite(here)])) if np.isfinite(here).any() else 0.0
    return float(np.max(_distances(here, moved))) / span if span else 0.0


def _difference(name: str, there: Any, here: Any, moved: Any, rounding: float, unit: float, of_file: float) -> str:
    """In words by how much rounding does not explain, or "".

    Args:
        unit: the rounding error of what a bar belongs to.
        of_file: by how much the file's values are rounded.
    """
    if isinstance(here, str) and isinstance(there, str):
        words = [NUMBER.sub("#", text) for text in (there, here)]
        return "" if words[0] == words[1] else f"{there!r} in the file, {here!r} computed"
    if here is None or there is None or isinstance(here, str):
        return "" if here is there else f"{there!r} in the file, {here!r} computed"
    there, here = np.asarray(there), np.asarray(here)
    if there.shape != here.shape:
        return f"shape {there.shape} in the file, {here.shape} computed"
    moved = np.asarray(moved) if np.shape(moved) == here.shape and moved is not None else None
    if ratio := next((MAX_RATIO[part] for part in reversed(name.split(".")) if part in MAX_RATIO), 0):
        low, high = (np.abs(each).astype(float) for each in (there, here))
        is_alike = np.maximum(low, high) <= ratio * np.minimum(low, high)
        return "" if np.all(is_alike | (np.abs(low - high) <= unit)) else f"{there} in the file, {here} computed"
    if here.dtype.kind in "biu":
        share = float(np.mean(there != here)) if here.size else 0.0
        effect = 0.0 if moved is None else float(np.mean(moved != here)) if here.size else 0.0
        return "" if share <= MAX_FLIPPED + FACTOR * effect else f"{share:.0%} differ"
    allowed, differences = _allowed(name, here, moved, rounding) + of_file, _distances(there, here)
    if np.all(differences <= allowed):
        return ""
    with np.errstate(invalid="ignore"):
        worst = np.unravel_index(np.argmax(np.where(differences <= allowed, -1, differences)), here.shape)
    place = f" at {tuple(map(int, worst))}" if worst else ""
    return f"{there[worst]:.9g} in the file, {here[worst]:.9g} computed{place}, allowed {allowed[worst]:.2g}"


def _allowed(name: str, here: np.ndarray, moved: np.ndarray | None, rounding: float) -> np.ndarray:
    sizes = np.where(np.isfinite(here), np.abs(here), 0).astype(float)
    effect = np.zeros(here.shape) if moved is None else _distances(moved, here)
    if name.startswith(BY_STEP) and here.ndim:
        typical, effect = np.max(sizes, initial=0), np.maximum.accumulate(effect, axis=0)
    else:
        typical = np.median(sizes) if here.size else 0.0
        finite = effect[np.isfinite(effect)]
        effect = np.maximum(effect, np.sqrt(np.mean(finite**2)) if finite.size else 0.0)
    return rounding * (sizes + typical) + FACTOR * effect


def _distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """|a − b| for each entry: 0 where neither is finite, infinite where one is not."""
    finite = np.isfinite(first), np.isfinite(second)
    with np.errstate(invalid="ignore"):
        distances = np.abs(np.asarray(first, np.result_type(first, float)) - second)
    return np.where(finite[0] & finite[1], distances, np.where(finite[0] == finite[1], 0.0, np.inf))
