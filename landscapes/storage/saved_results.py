"""Results and what they depend on in one NPZ file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.display import Display, described
from landscapes.games.game_flow import Flow
from landscapes.games.game_jacobian import Jacobian
from landscapes.optimization.trajectory import Trajectory
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface
from landscapes.storage.npz_arrays import read_arrays, write_arrays
from landscapes.storage.shape_checks import check_result
from landscapes.storage.tree_encoding import MISFIT, decode, encode

FORMAT, VERSION = "landscapes results", 1
HEADER, RECIPE = "header", "recipe"  # names of the two texts in a file
LIBRARIES = ("landscapes", "jax", "numpy")
MAX_BYTES = 4 * 2**30  # of the arrays of one file, unless the reader says otherwise
PREFIXES = {
    "surface": "",
    "paths": "path",
    "trajectories": "run",
    "spectrum": "",
    "jacobian": "jacobian",
    "flow": "flow",
}
KINDS = {"surface": Surface, "paths": Projection, "trajectories": Trajectory, "spectrum": Spectrum,
         "jacobian": Jacobian, "flow": Flow}  # fmt: skip
FACTS = ("value", "labels", "caption", "details", "directions", "seed", "precision", "versions")


@dataclass(frozen=True, eq=False, repr=False)
class SavedResults(Display):
    """The results in a file, and what is known of them. Parts that were not saved are None or empty.

    Attributes:
        surface, paths, trajectories, spectrum, jacobian, flow: the results; paths and trajectories by label.
        value: what the user calls the loss, "" if this was not said.
        labels: what each axis of the surface measures.
        caption: what the surface shows.
        details: more facts by name.
        directions: what spans the plane, in words.
        seed: the seed of the random numbers, or None.
        precision: of the results, such as "float32".
        versions: the releases of the libraries that wrote the file.
        recipe: the recipe of the picture as JSON, for `Recipe.from_json`; None for a problem of the user's own.
    """

    surface: Surface | None = None
    paths: Mapping[str, Projection] = field(default_factory=dict)
    trajectories: Mapping[str, Trajectory] = field(default_factory=dict)
    spectrum: Spectrum | None = None
    jacobian: Jacobian | None = None
    flow: Flow | None = None
    value: str = ""
    labels: tuple[str, ...] = ()
    caption: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    directions: str = ""
    seed: int | None = None
    precision: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    recipe: str | None = None

    @property
    def summary(self) -> str:
        """The parts and the surface in one line."""
        parts = {"path": len(self.paths), "trajectory": len(self.trajectories)}
        words = [f"{count} {name if count == 1 else PLURALS[name]}" for name, count in parts.items() if count]
        words += [name for name in ("spectrum", "jacobian", "flow") if getattr(self, name) is not None]
        surface = [] if self.surface is None else [described(self.surface)]
        return "; ".join([*surface, ", ".join(words)]).strip("; ")


PLURALS = {"path": "paths", "trajectory": "trajectories"}


@check_arguments
def save(
    path: Any,
    *,
    surface: Surface | None = None,
    paths: Mapping[str, Projection] | None = None,
    trajectories: Mapping[str, Trajectory] | None = None,
    spectrum: Spectrum | None = None,
    jacobian: Jacobian | None = None,
    flow: Flow | None = None,
    value: str = "",
    labels: Sequence[str] = (),
    caption: str = "",
    directions: str = "",
    seed: int | None = None,
    recipe: Any = None,
) -> None:
    """Write results to one NPZ file at exactly this path, which `load` and the page Open read.

    An existing file is replaced at once when the new one is complete. Arrays keep every bit. Parameters whose
    nodes are not dicts, tuples or lists become dicts by name; checkpoints become a dict of stacked leaves.

    Args:
        value: what the loss is called, such as "perplexity".
        labels: what each axis of the surface measures.
        caption: what the surface shows.
        directions: what spans the plane, in words.
        seed: of the random numbers.
        recipe: a `Recipe`, where the results are of one.

    Raises:
        ValueError: without a result, and for a result that holds something else than arrays and numbers.
    """
    text = recipe if recipe is None or isinstance(recipe, str) else recipe.to_json()
    facts: dict[str, Any] = {
        "value": value,
        "labels": tuple(labels),
        "caption": caption,
        "directions": directions,
        "recipe": text,
    }
    parts = (surface, paths or {}, trajectories or {}, spectrum, jacobian, flow)
    results = SavedResults(*parts, **facts, seed=None if seed is None else int(seed))
    data = encode_results(results)
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(data)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def encode_results(results: SavedResults, extra: Mapping[str, Any] | None = None) -> bytes:
    """The bytes of the file, with further arrays that `load` does not read.

    Raises:
        ValueError: without a result, and for a result that holds something else than arrays and numbers.
    """
    arrays: dict[str, np.ndarray] = {}
    contents = {}
    for name, prefix in PREFIXES.items():
        part = getattr(results, name)
        if name == "trajectories":
            part = {label: _without_checkpoints(run) for label, run in part.items()}
        if part is not None and part != {}:
            contents[name] = encode(part, prefix, arrays)
    if not contents:
        raise ValueError("there is nothing to save; give a surface, paths, trajectories or a spectrum")
    facts = {name: getattr(results, name) for name in FACTS}
    facts |= {"labels": list(results.labels), "details": dict(results.details)}
    facts |= {"precision": results.precision or _precision(results), "versions": _versions()}
    axes = () if results.surface is None else results.surface.axes
    extent = [[float(axis[0]), float(axis[-1])] for axis in axes]
    header = {"format": FORMAT, "version": VERSION, **facts, "extent": extent, "contents": contents}
    texts = {HEADER: json.dumps(header, allow_nan=False)}
    texts |= {} if results.recipe is None else {RECIPE: results.recipe}
    members = {name: np.asarray(each) for name, each in {**(extra or {}), **texts}.items()}
    return write_arrays({**{name: each for name, each in members.items() if name not in arrays}, **arrays})


@check_arguments
def load(file: Any, *, max_bytes: int = MAX_BYTES) -> SavedResults:
    """The results in an NPZ file that `save` or the page's export wrote.

    Args:
        file: a path or a binary file. Nothing in it is executed: it holds arrays and JSON, and no pickle.
        max_bytes: of the arrays; a larger file is refused before its arrays are read.

    Raises:
        ValueError: one sentence, for a file of another kind or of a newer format, one that is damaged or too
            large, and one whose arrays do not fit its header.
        OSError: if the file cannot be read.
    """
    if hasattr(file, "read"):
        return _load(file, str(getattr(file, "name", "the file")), max_bytes)
    data = Path(file)
    with data.open("rb") as opened:
        return _load(opened, data.name, max_bytes)


def _load(file: BinaryIO, title: str, max_bytes: int) -> SavedResults:
    arrays = read_arrays(file, title, max_bytes)
    header = _header(arrays, title)
    parts: dict[str, Any] = {}
    name = HEADER
    try:
        for name, node in header["contents"].items():
            parts[name] = decode(node, arrays)
            is_labelled = name in ("paths", "trajectories")
            for result in parts[name].values() if is_labelled else [parts[name]]:
                if not isinstance(result, KINDS[name]):
                    raise TypeError
                check_result(result)
        name = HEADER
        facts: dict[str, Any] = {key: header[key] for key in FACTS}
        facts["labels"] = tuple(map(str, header["labels"]))
        recipe = str(arrays[RECIPE]) if RECIPE in arrays else None
        results = SavedResults(**parts, **facts, recipe=recipe)
        _check_facts(results)
    except MISFIT:
        raise ValueError(f"in {title} the arrays of {name} do not fit its header; save it again") from None
    return results


def _header(arrays: Mapping[str, np.ndarray], title: str) -> dict[str, Any]:
    try:
        header = json.loads(str(arrays[HEADER]))
        is_ours = header["format"] == FORMAT and isinstance(header["version"], int)
    except (KeyError, TypeError, ValueError, RecursionError):
        is_ours, header = False, {}
    if not is_ours:
        raise ValueError(
            f"{title} is an NPZ file of another program; read its arrays with np.load and draw them with "
            "Surface.from_grid(x, y, z)"
        )
    if header["version"] > VERSION:
        raise ValueError(
            f"{title} has the format {header['version']}, and this release reads formats up to {VERSION}; "
            "upgrade landscapes"
        )
    return header


def _check_facts(results: SavedResults) -> None:
    """
    Raises:
        ValueError: if a fact is not of its type, or labels and paths do not fit the surface.
    """
    texts = (results.value, results.caption, results.directions, results.precision)
    pairs = (*results.details.items(), *results.versions.items())
    if not all(isinstance(text, str) for text in (*texts, *(text for pair in pairs for text in pair))):
        raise ValueError("facts")
    if not (results.seed is None or isinstance(results.seed, int)):
        raise ValueError("seed")
    if (surface := results.surface) is None:
        return
    dim = len(surface.axes)
    if results.labels and len(results.labels) != dim:
        raise ValueError("labels")
    if any(path.coordinates.shape[1] != dim for path in results.paths.values()):
        raise ValueError("paths")


def _without_checkpoints(run: Trajectory) -> Trajectory:
    """The run with checkpoints that are read one at a time as stacked leaves by name."""
    read = getattr(run.params, "read", None)
    if read is None:
        return run
    snapshots = [read(i) for i in range(len(run.steps))]
    return replace(run, params={name: np.stack([each[name] for each in snapshots]) for name in snapshots[0]})


def _precision(results: SavedResults) -> str:
    """The type of the computed numbers: of the surface, or of another part."""
    if results.surface is not None and results.surface.terms:
        return next(iter(results.surface.terms.values())).dtype.name
    for part in (*results.paths.values(), *results.trajectories.values()):
        return np.asarray(part.loss).dtype.name
    return ""


def _versions() -> dict[str, str]:
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # a checkout that is not installed
            versions[name] = sys.modules["landscapes"].__version__
    return versions
