"""A complete scene as bytes, without its parameters, and back."""

from __future__ import annotations

import io
import json
import lzma
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from landscapes.openings.grids import pack, rounding_step, unpack
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
from landscapes.storage.npz_arrays import read_arrays, write_arrays
from landscapes.storage.tree_encoding import MISFIT, decode, encode

HEADER = "header"
MAX_BYTES = 64 * 2**20  # of the arrays of one scene
PARTS = ("labels", "center", "paths", "explained", "flat", "flow", "draws")  # kept as they are


def encode_scene(scene: Scene, version: str) -> bytes:
    """The scene as a compressed NPZ file of arrays and JSON.

    Parameters, eigenvectors and matrices of all parameters are left out. Heights are rounded (`rounding_step`),
    and their errors include that. Every other number keeps every bit.

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
        "terms": {
            name: {"type": grid.dtype.name, "step": steps[name], "packed": pack(grid, steps[name])}
            for name, grid in surface.terms.items()
        },
        "trajectories": {label: _without_params(run) for label, run in scene.trajectories.items()},
        "spectrum": None if scene.spectrum is None else replace(scene.spectrum, eigenvectors=None),
        "optimum": None if scene.optimum is None else tuple(scene.optimum),
        "equilibrium": None if scene.equilibrium is None else _equilibrium(scene.equilibrium),
        "steps": {label: _step_vectors(vectors) for label, vectors in scene.steps.items()},
        "behaviors": None if scene.behaviors is None else _behaviors(scene.behaviors),
        "facts": asdict(scene.facts),
    }
    arrays: dict[str, np.ndarray] = {}
    contents = encode(tree, "", arrays)
    header = {"version": version, "recipe": json.loads(scene.recipe.to_json()), "contents": contents}
    arrays[HEADER] = np.asarray(json.dumps(header, allow_nan=False))
    return lzma.compress(write_arrays(arrays, compressed=False), preset=9 | lzma.PRESET_EXTREME)


def decode_scene(data: bytes, title: str = "the file") -> Scene:
    """The scene that `encode_scene` wrote, without a problem and a plane.

    Raises:
        ValueError: one sentence, if the file is damaged.
    """
    try:
        arrays = read_arrays(io.BytesIO(lzma.decompress(data)), title, MAX_BYTES)
        header = json.loads(str(arrays[HEADER]))
        tree = decode(header["contents"], arrays)
        grids = tree["terms"]
        terms = {name: unpack(grid["packed"], grid["type"], grid["step"]) for name, grid in grids.items()}
        rounding = {name: grid["step"] / 2 for name, grid in grids.items()}
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
            precomputed=Precomputed(header["version"], ProblemFacts(**tree["facts"]), rounding),
            **{name: tree[name] for name in PARTS},
        )
    except (lzma.LZMAError, *MISFIT):
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
    kept["displays"] = {label: display._asdict() for label, display in behaviors.displays.items()}
    return kept | {"point": None if behaviors.point is None else behaviors.point._asdict()}


def _with_displays(kept: Mapping[str, Any]) -> Behaviors:
    def display(values: Mapping[str, Any]) -> Any:
        return namedtuple(kept["kind"].capitalize(), values)(**values)

    shown: dict[str, Any] = {label: display(values) for label, values in kept["displays"].items()}
    point = None if kept["point"] is None else display(kept["point"])
    return Behaviors(**{**kept, "displays": shown, "point": point})
