"""The cells of a convexity map in a directory."""

from types import SimpleNamespace

import numpy as np
import pytest

from landscapes.curvature.cell_files import ARRAYS, add_cells, piece_names, restore_cells, write_cells
from landscapes.evaluation.result_directory import open_results
from tests.problems import skewed


@pytest.fixture
def results(tmp_path):
    result = open_results(tmp_path / "map", "convexity_map", skewed(), {"cells": 3})
    assert result is not None
    return result


def builder(known, seed=0):
    """A map of 2 by 3 cells of which these are known, with two eigenvectors."""
    rng = np.random.default_rng(seed)
    states = np.full((2, 3), -1)
    for cell in known:
        states[cell] = rng.integers(3)
    arrays = {name: rng.random((2, 2, 3) if name in ("extremes", "errors") else (2, 3)) for name in ARRAYS}
    vectors = {cell: rng.random(5) for cell in list(known)[-2:]}
    return SimpleNamespace(
        **{**arrays, "states": states}, eigenvectors=vectors, max_gradient_norm=seed + 0.5, products=10 + seed,
        has_float64_slopes=True, stored_eigenvectors=set(),
    )  # fmt: skip


def test_cells_and_their_eigenvectors_return(results):
    assert restore_cells(builder([]), results, "cells") == 0
    written = builder([(0, 0), (0, 1), (0, 2)])
    write_cells(written, results, "cells", 3, is_finished=False)
    result = builder([], seed=7)
    assert restore_cells(result, results, "cells") == 3
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(result, name), getattr(written, name), err_msg=name)
    assert (result.max_gradient_norm, result.products, result.has_float64_slopes) == (0.5, 10, True)
    assert sorted(result.eigenvectors) == [(0, 1), (0, 2)]
    np.testing.assert_array_equal(result.eigenvectors[0, 2], written.eigenvectors[0, 2])


def test_eigenvectors_that_no_cell_needs_are_removed(results):
    cells = builder([(0, 0), (0, 1)])
    write_cells(cells, results, "cells", 2, is_finished=False)
    cells.eigenvectors = {(0, 1): cells.eigenvectors[0, 1], (1, 2): np.ones(5)}
    write_cells(cells, results, "cells", 3, is_finished=False)
    assert {name for name in results.finished() if name.startswith("eigenvector")} == {
        "eigenvector-0-1",
        "eigenvector-1-2",
    }
    write_cells(cells, results, "cells", 6, is_finished=True)
    assert results.finished() == {"cells"}


def test_pieces_are_joined_cell_by_cell():
    one, other = builder([(0, 0), (1, 1)]), builder([(0, 2)], seed=3)
    before = {name: getattr(one, name).copy() for name in ARRAYS}
    other.has_float64_slopes = False
    joined = add_cells(one, other)
    assert joined.states[0, 2] == other.states[0, 2] >= 0
    np.testing.assert_array_equal(joined.extremes[:, 0, 2], other.extremes[:, 0, 2])
    np.testing.assert_array_equal(joined.extremes[:, 1, 1], before["extremes"][:, 1, 1])
    np.testing.assert_array_equal(joined.slopes[0, 2], other.slopes[0, 2])
    np.testing.assert_array_equal(joined.slopes[0, :2], before["slopes"][0, :2])
    assert (joined.max_gradient_norm, joined.products, joined.has_float64_slopes) == (3.5, 23, False)


def test_each_process_has_a_piece_of_its_own(results, monkeypatch):
    assert piece_names(None) == piece_names(results) == ["cells"]
    monkeypatch.setattr(results, "shares", 3)
    assert piece_names(results) == ["cells-0", "cells-1", "cells-2"]
