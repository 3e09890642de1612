"""The finished cells of a convexity map in a directory, with the eigenvectors that later cells start from."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.evaluation.result_directory import ResultDirectory

ARRAYS = ("extremes", "errors", "slice_curvature", "slopes", "states", "strict", "jumps")
NUMBERS = ("max_gradient_norm", "products", "has_float64_slopes")


def write_cells(builder: Any, results: ResultDirectory, done: int) -> None:
    """Writes the first `done` cells of a map that is being built. The file of the cells comes last but for what it
    no longer names, so that a kill at any time leaves the cells and their eigenvectors together."""
    names = {cell: "eigenvector-" + "-".join(map(str, cell)) for cell in builder.eigenvectors}
    earlier = [str(name) for name in results.read("cells").get("eigenvectors", ())]
    for cell, name in names.items():
        if name not in earlier:
            results.write(name, {"vector": np.asarray(builder.eigenvectors[cell])})
    arrays = {name: np.asarray(getattr(builder, name)) for name in (*ARRAYS, *NUMBERS)}
    cells = np.array(list(names), int).reshape(len(names), builder.states.ndim)
    listed = np.array(list(names.values()), dtype=np.str_)
    results.write("cells", {**arrays, "done": np.array(done), "order": cells, "eigenvectors": listed})
    for name in set(earlier) - set(names.values()):
        results.remove(name)


def restore_cells(builder: Any, results: ResultDirectory) -> int:
    """Puts the finished cells into a map that is being built; returns how many they are."""
    stored = results.read("cells")
    if not stored:
        return 0
    for name in ARRAYS:
        getattr(builder, name)[...] = stored[name]
    for name in NUMBERS:
        setattr(builder, name, stored[name].item())
    for cell, name in zip(stored["order"], stored["eigenvectors"], strict=True):
        builder.eigenvectors[tuple(map(int, cell))] = results.read(str(name))["vector"]
    return int(stored["done"])
