"""NPZ files restore the arrays they were written from."""

import io
from dataclasses import replace

import numpy as np

from landscapes.exports import EXPORTS
from landscapes.recipes.recipe import Recipe
from landscapes.storage import load
from tests.exports.export_data import CAPTION, RECIPE, same_bits


def test_arrays_survive_npz(bundle):
    with np.load(io.BytesIO(EXPORTS["npz"].encode(bundle)), allow_pickle=False) as arrays:
        loaded = dict(arrays)
    grid, path = bundle.surface, bundle.paths["sgd, slow"]
    run = bundle.trajectories["sgd, slow"]
    for name, expected in {
        "axis/0": grid.axes[0],
        "axis/1": grid.axes[1],
        "error": np.asarray(grid.error),
        "term/loss": grid.terms["loss"],
        "loss": grid.loss,
        "evaluated": grid.evaluated,
        "path/sgd, slow/steps": path.steps,
        "path/sgd, slow/coordinates": path.coordinates,
        "path/sgd, slow/distance": path.distance,
        "path/sgd, slow/loss": path.loss,
        "path/sgd, slow/plane_loss": path.plane_loss,
        "run/sgd, slow/loss": run.loss,
        "run/sgd, slow/gradient_norm": run.gradient_norm,
        "eigenvalues": bundle.spectrum.eigenvalues,
        "eigenvalue_errors": bundle.spectrum.errors,
        "eigenvalues_converged": bundle.spectrum.converged,
        "density/nodes": bundle.spectrum.nodes,
        "density/weights": bundle.spectrum.weights,
    }.items():
        assert loaded[name].dtype == expected.dtype, name
        assert loaded[name].tobytes() == expected.tobytes(), name
    assert loaded["term/loss"].shape == (3, 5)
    assert loaded["weight/loss"] == 1
    assert loaded["error/loss"] == grid.errors["loss"]
    assert loaded["evaluations"] == grid.evaluations
    assert loaded["error_share"] == grid.checked_share
    assert (str(loaded["note"]), str(loaded["run/sgd, slow/outcome"])) == (grid.note, run.outcome.note)
    assert str(loaded["caption"]) == f"{CAPTION}\nTerms: 1 · loss\nData: a < b"
    assert Recipe.from_json(str(loaded["recipe"])) == RECIPE


def test_library_loads_the_export_of_the_page(bundle):
    loaded = load(io.BytesIO(EXPORTS["npz"].encode(bundle)))
    assert loaded.surface is not None
    assert loaded.surface.terms["loss"].tobytes() == bundle.surface.terms["loss"].tobytes()
    assert loaded.paths["sgd, slow"].coordinates.tobytes() == bundle.paths["sgd, slow"].coordinates.tobytes()
    assert loaded.trajectories["sgd, slow"].params == {}
    assert loaded.spectrum is not None
    assert loaded.spectrum.products == bundle.spectrum.products
    assert (loaded.caption, loaded.details) == (CAPTION, bundle.details)
    assert Recipe.from_json(str(loaded.recipe)) == RECIPE


def test_npz_keeps_nan_and_infinity(bundle, holes):
    with np.load(io.BytesIO(EXPORTS["npz"].encode(replace(bundle, surface=holes)))) as loaded:
        for name in ("loss", "l2"):
            same_bits(loaded[f"term/{name}"], holes.terms[name])
        np.testing.assert_array_equal(loaded["evaluated"], holes.evaluated)
