"""The finished cells of a convexity map in a directory, with the eigenvectors that later cells start from."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.evaluation.result_directory import ResultDirectory

ARRAYS = ("extremes", "errors", "slice_curvature", "slopes", "states", "strict", "jumps")
NUMBERS = ("max_gradient_norm", "products", "has_float64_slopes")


def piece_names(results: ResultDirectory | None) -> list[str]:
    """The names of the files of all pieces of a map."""
    shares = 1 if results is None else results.shares
    return ["cells" if shares == 1 else f"cells-{piece}" for piece in range(shares)]


def write_cells(builder: Any, results: ResultDirectory, name: str, done: int, *, is_finished: bool) -> None:
    """Writes the first `done` cells of a piece of a map. The file of the cells comes last but for what it no
    longer names, so that a kill at any time leaves the cells and their eigenvectors together. A finished piece
    needs no eigenvectors."""
    eigenvectors = {} if is_finished else builder.eigenvectors
    names = {cell: "eigenvector-" + "-".join(map(str, cell)) for cell in eigenvectors}
    for cell, each in names.items():
        if each not in builder.stored_eigenvectors:
            results.write(each, {"vector": np.asarray(builder.eigenvectors[cell])})
    arrays = {each: np.asarray(getattr(builder, each)) for each in (*ARRAYS, *NUMBERS)}
    cells = np.array(list(names), int).reshape(len(names), builder.states.ndim)
    vector_names = np.array(list(names.values()), dtype=np.str_)
    arrays |= {"done": np.array(done), "order": cells, "eigenvectors": vector_names}
    results.write(name, arrays, is_finished=is_finished)
    for each in builder.stored_eigenvectors - set(names.values()):
        results.remove(each)
    builder.stored_eigenvectors = set(names.values())


def restore_cells(builder: Any, results: ResultDirectory, name: str) -> int:
    """Puts the finished cells of a piece into a map that is being built; returns how many they are."""
    saved_arrays = results.read(name)
    if not saved_arrays:
        return 0
    for each in ARRAYS:
        getattr(builder, each)[...] = saved_arrays[each]
    for each in NUMBERS:
        setattr(builder, each, saved_arrays[each].item())
    for cell, each in zip(saved_arrays["order"], saved_arrays["eigenvectors"], strict=True):
        # Another process that writes to the same directory may have removed it. The next cells then start from
        # another eigenvector.
        if vector := results.read(str(each)):
            builder.eigenvectors[tuple(map(int, cell))] = vector["vector"]
            builder.stored_eigenvectors.add(str(each))
    return int(saved_arrays["done"])


def add_cells(builder: Any, piece: Any) -> Any:
    """The map that is being built, with the cells of another piece."""
    is_computed = piece.states >= 0
    for name in ARRAYS:
        all_values, piece_values = getattr(builder, name), getattr(piece, name)
        if name in ("extremes", "errors"):  # a leading axis of both ends
            all_values[:, is_computed] = piece_values[:, is_computed]
        else:
            all_values[is_computed] = piece_values[is_computed]
    builder.max_gradient_norm = max(builder.max_gradient_norm, piece.max_gradient_norm)
    builder.products += piece.products
    builder.has_float64_slopes &= piece.has_float64_slopes
    return builder
