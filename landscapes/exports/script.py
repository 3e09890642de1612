"""A Python script that computes the arrays of a picture again and compares them bit for bit."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from landscapes.exports.archive import archive
from landscapes.exports.bundle import Bundle, Export
from landscapes.recipes import catalog

PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "optax", "flax", "scikit-learn")
SAMPLES = 16  # values of each array that the script holds, to say by how much other versions are off
SCRIPT = '''"""{title}: computes the arrays of this picture again.

{caption}

On the versions below, every array has the same bits. On others the script says by how much they are off.{table}
Usage: python {stem}.py [arrays.npz]{argument}
"""

import hashlib
import io
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

from landscapes.commands.render import load_table
from landscapes.exports import EXPORTS, Bundle
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes import compute_scene

RECIPE = json.loads({recipe!r})
VERSIONS = json.loads({versions!r})
# SHA-256 of each array, and values at equal distances along it.
ARRAYS = json.loads({arrays!r})

arguments = [Path(text) for text in sys.argv[1:]]
files = [path for path in arguments if path.suffix != ".npz"]
recipe = catalog.complete(Recipe.from_json(json.dumps(RECIPE)))
load_table(recipe, files[0] if files else None)
data = EXPORTS["npz"].encode(Bundle.from_scene(compute_scene(recipe)))
for path in arguments:
    if path.suffix == ".npz":
        path.write_bytes(data)

different = 0
with np.load(io.BytesIO(data)) as found:
    for name, (sha256, expected) in ARRAYS.items():
        array = np.ascontiguousarray(found[name]) if name in found else np.zeros(0)
        if hashlib.sha256(array.tobytes()).hexdigest() == sha256:
            continue
        different += 1
        at = np.linspace(0, array.size - 1, len(expected)).astype(int) if array.size else []
        values = np.asarray(array.ravel()[at], complex) if array.size else np.array([])
        known = np.array([complex(*pair) for pair in expected])
        off = np.nanmax(np.abs(values - known), initial=0.0) if values.shape == known.shape else np.inf
        scale = np.nanmax(np.abs(known), initial=0.0)
        print(f"{{name}}: off by {{off:.3g}} at {{len(known)}} of its values, of at most {{scale:.3g}}")
print(f"{{len(ARRAYS) - different}} of {{len(ARRAYS)}} arrays have the same bits.")
for package, there in VERSIONS.items():
    if version(package) != there:
        print(f"{{package}} is {{version(package)}} here and was {{there}}.")
sys.exit(1 if different else 0)
'''


def script(bundle: Bundle) -> bytes:
    """The script, with the recipe, the versions, and of each array its hash and a few values.

    Raises:
        ValueError: without a recipe, or for a problem of the user's own, which no recipe holds.
    """
    recipe = bundle.recipe
    if recipe is None or catalog.is_own(recipe.objective.name):
        raise ValueError("only your own code makes this problem; keep that code, and export the data as NPZ")
    table = catalog.is_table(recipe.data.name)
    return SCRIPT.format(
        title=bundle.title.replace('"', "'"),
        caption=bundle.caption.replace("\\", "/").replace('"', "'"),
        stem=bundle.stem,
        table="\nIt needs the file of the table that the picture is about." if table else "",
        argument=" table.csv" if table else "",
        recipe=recipe.to_json(),
        versions=json.dumps(versions()),
        arrays=json.dumps({name: [sha256, values] for name, (sha256, values) in array_facts(bundle).items()}),
    ).encode()


def array_facts(bundle: Bundle) -> Mapping[str, tuple[str, list[tuple[float, float]]]]:
    """The SHA-256 and `SAMPLES` values (real, imaginary) of each array of numbers in the NPZ of a bundle."""
    facts: dict[str, Any] = {}
    with np.load(io.BytesIO(archive(bundle))) as arrays:
        for name in arrays.files:
            array = np.ascontiguousarray(arrays[name])
            if array.dtype.kind not in "fciub" or not array.size:
                continue
            indices = np.linspace(0, array.size - 1, min(SAMPLES, array.size)).astype(int)
            values = np.asarray(array.ravel()[indices], complex)
            pairs = [(float(value.real), float(value.imag)) for value in values]
            facts[name] = hashlib.sha256(array.tobytes()).hexdigest(), pairs
    return facts


@cache
def versions() -> dict[str, str]:
    """The versions of the packages that the numbers depend on."""
    version_of = {}
    for package in PACKAGES:
        try:
            version_of[package] = version(package)
        except PackageNotFoundError:
            continue
    return version_of


EXPORTS = {
    "script": Export("Script that computes it again (PY)", ".py", "text/x-python", script, source="registry")
}
