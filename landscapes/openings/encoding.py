"""A complete scene as bytes, without its parameters, and back."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from landscapes.openings.archive import DAMAGED, pack, unpack
from landscapes.openings.rounding import display_step, restore, round_to, rounding_step
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_rules import rule_of
from landscapes.optimization.step_vectors import StepVectors
from landscapes.optimization.trajectory import Trajectory
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.behaviors import Behaviors
from landscapes.scenes.equilibrium import EquilibriumAnalysis
from landscapes.scenes.optimum import Optimum
from landscapes.scenes.precomputed import Precomputed, ProblemFacts
from landscapes.scenes.scene import Scene
from landscapes.storage.tree_encoding import MISFIT, decode, encode

MAX_BYTES = 64 * 2**20  # of the arrays of one scene
PARTS = ("labels", "center", "paths", "explained", "flat", "flow", "draws")  # kept as they are


def encode_scene(scene: Scene, version: str) -> bytes:
    """The scene as compressed arrays and JSON.

    Parameters, eigenvectors and matrices of all parameters are left out. Heights are rounded (`rounding_step`),
    and their errors include that. Large rows of the displays of what the model does are rounded to what the page
    can draw (`display_step`). Every other number keeps every bit.

    Args:
        version: of this package.

    Raises:
        ValueError: if the scene is not complete.
    """
    if scene.missing:
        raise ValueError(f"the scene still lacks {scene.missing}; compute it to the end")
    tree: dict[str, Any] = {name: getattr(scene, name) for name in PARTS}
    surface = scene.surface
    steps = {name: rounding_step(grid, surface.errors[name]) for name, grid in surface.terms.items()}
    errors = {name: error + steps[name] / 2 for name, error in surface.errors.items()}
    tree |= {
        "surface": replace(surface, terms={}, errors=errors),
        "terms": {name: round_to(grid, steps[name]) for name, grid in surface.terms.items()},
        "trajectories": {label: _without_params(run) for label, run in scene.trajectories.items()},
        "spectrum": None if scene.spectrum is None else replace(scene.spectrum, eigenvectors=None),
        "optimum": None if scene.optimum is None else tuple(scene.optimum),
        "equilibrium": None if scene.equilibrium is None else _equilibrium(scene.equilibrium),
        "steps": {label: _step_vectors(vectors) for label, vectors in scene.steps.items()},
        "behaviors": None if scene.behaviors is None else _behaviors(scene.behaviors),
        "facts": asdict(scene.facts),
    }
    tree["rounding"] = {name: step / 2 for name, step in steps.items()} | _display_rounding(scene.behaviors)
    arrays: dict[str, np.ndarray] = {}
    contents = encode(tree, "", arrays)
    recipe = json.loads(scene.recipe.to_json())
    return pack({"version": version, "recipe": recipe, "contents": contents}, arrays)


def decode_scene(data: bytes, title: str = "the file") -> Scene:
    """The scene that `encode_scene` wrote, without a problem and a plane.

    Raises:
        ValueError: one sentence, if the file is damaged.
    """
    try:
        header, arrays = unpack(data, MAX_BYTES)
        tree = decode(header["contents"], arrays)
        terms = {name: restore(grid) for name, grid in tree["terms"].items()}
        return Scene(
            recipe=catalog.complete(Recipe.from_json(json.dumps(header["recipe"]))),
            problem=None,  # type: ignore[arg-type]
            plane=None,  # type: ignore[arg-type]
            surface=replace(tree["surface"], terms=terms),
            trajectories=tree["trajectories"],
            spectrum=tree["spectrum"],
            optimum=None if tree["optimum"] is None else Optimum(*tree["optimum"]),
            equilibrium=None if tree["equilibrium"] is None else EquilibriumAnalysis(**tree["equilibrium"]),
            steps={label: _with_rule(label, entries) for label, entries in tree["steps"].items()},
            behaviors=None if tree["behaviors"] is None else _with_displays(tree["behaviors"]),
            precomputed=Precomputed(header["version"], ProblemFacts(**tree["facts"]), tree["rounding"]),
            **{name: tree[name] for name in PARTS},
        )
    except (*DAMAGED, *MISFIT):
        raise ValueError(f"{title} is damaged; run `make openings`") from None


def _without_params(run: Trajectory) -> Trajectory:
    return replace(run, params={}, projections=())


def _equilibrium(analysis: EquilibriumAnalysis) -> dict[str, Any]:
    jacobian = replace(analysis.jacobian, matrix=None)
    return {"place": analysis.place, "jacobian": jacobian, "tests": analysis.tests}


def _step_vectors(vectors: StepVectors) -> dict[str, Any]:
    return {spec.name: getattr(vectors, spec.name) for spec in fields(vectors) if spec.name != "rule"}


def _with_rule(label: str, entries: Mapping[str, Any]) -> StepVectors:
    return StepVectors(rule=rule_of(OPTIMIZERS[label]), **entries)


def _behaviors(behaviors: Behaviors) -> dict[str, Any]:
    """The fields, with each display as a dict."""
    kept = {spec.name: getattr(behaviors, spec.name) for spec in fields(behaviors)}
    kept["displays"] = {label: _rounded_display(display) for label, display in behaviors.displays.items()}
    return kept | {"point": None if behaviors.point is None else _rounded_display(behaviors.point)}


def _rounded_display(display: Any) -> dict[str, Any]:
    return {name: round_to(rows, *display_step(rows)) for name, rows in display._asdict().items()}


def _display_rounding(behaviors: Behaviors | None) -> dict[str, float]:
    """By how much the numbers of each rounded array move at most, by its name in the scene."""
    if behaviors is None:
        return {}
    displays = {f"displays.{label}": display for label, display in behaviors.displays.items()}
    if behaviors.point is not None:
        displays["point"] = behaviors.point
    result = {}
    for place, display in displays.items():
        for name, rows in display._asdict().items():
            step, first = display_step(rows)
            if step:
                moved = restore(round_to(rows, step, first)) - rows.astype(float)
                result[f"behaviors.{place}.{name}"] = float(np.max(np.abs(moved)))
    return result


def _with_displays(kept: Mapping[str, Any]) -> Behaviors:
    def display(values: Mapping[str, Any]) -> Any:
        return namedtuple(kept["kind"].capitalize(), values)(*map(restore, values.values()))

    shown: dict[str, Any] = {label: display(values) for label, values in kept["displays"].items()}
    point = None if kept["point"] is None else display(kept["point"])
    return Behaviors(**{**kept, "displays": shown, "point": point})
