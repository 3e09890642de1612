"""CSV tables restore the numbers they were written from."""

import csv
import io
from dataclasses import replace

import numpy as np

from landscapes.exports import EXPORTS, Bundle
from landscapes.games.game_flow import Flow
from landscapes.games.game_jacobian import Jacobian
from landscapes.optimization.trajectory import Outcome
from landscapes.recipes.sampling import SAMPLED
from tests.exports.export_data import CAPTION, RECIPE, same_bits


def _read(data: bytes) -> dict[str, list[str]]:
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    return {name: list(column) for name, *column in zip(*rows, strict=True)}


def _floats(column: list[str]) -> np.ndarray:
    return np.array([float(text) for text in column])


def test_surface_survives_csv(bundle):
    table = _read(EXPORTS["csv"].encode(bundle))
    assert list(table) == ["x", "y", "loss", "error", "term.loss"]
    grid = bundle.surface
    same_bits(_floats(table["x"]).reshape(3, 5)[:, 2], grid.axes[0])
    same_bits(_floats(table["y"]).reshape(3, 5)[1], grid.axes[1])
    same_bits(_floats(table["loss"]).reshape(3, 5), grid.loss)
    # The coordinates are distances from the origin (1, 0).
    x, y, loss = map(_floats, (table["x"], table["y"], table["loss"]))
    np.testing.assert_allclose(loss, (1 + x) ** 2 + 10 * y, rtol=1e-5, atol=1e-5)
    assert set(_floats(table["error"])) == {grid.error}


def test_csv_distinguishes_infinite_from_not_evaluated(bundle, holes):
    data = EXPORTS["csv"].encode(replace(bundle, surface=holes))
    table = _read(data)
    assert table["term.loss"] == ["0.1", "nan", "inf", "-inf", "5e-324", ""]
    assert table["loss"][5] == table["term.l2"][5] == ""
    for name in ("loss", "l2"):
        same_bits(_floats(table[f"term.{name}"][:5]), holes.terms[name].ravel()[:5])
    same_bits(_floats(table["y"]), np.tile(holes.axes[1], 2))
    assert data.count(b"\r\n") == 7
    assert data.endswith(b"\r\n")


def test_csv_columns_of_line_game_and_samples(bundle, holes):
    line = replace(
        holes,
        axes=holes.axes[1:],
        terms={name: grid[0] for name, grid in holes.terms.items()},
        evaluated=holes.evaluated[0],
    )
    table = _read(EXPORTS["csv"].encode(replace(bundle, surface=line)))
    assert list(table) == ["x", "loss", "error", "term.loss", "term.l2"]
    same_bits(_floats(table["x"]), line.axes[0])
    game = replace(line, game=True)
    assert list(_read(EXPORTS["csv"].encode(replace(bundle, surface=game)))) == ["x", "term.loss", "term.l2"]
    sampled = replace(line, terms={"loss": line.terms["loss"], SAMPLED: line.terms["l2"]}, weights={"loss": 1.0})
    read = list(_read(EXPORTS["csv"].encode(replace(bundle, surface=sampled))))
    assert read == ["x", "loss", "term.loss", f"term.{SAMPLED}"]


def test_paths_survive_csv_with_every_step(bundle):
    table = _read(EXPORTS["paths"].encode(bundle))
    run, path = bundle.trajectories["sgd, slow"], bundle.paths["sgd, slow"]
    assert set(table["path"]) == {"sgd, slow"}
    assert [int(step) for step in table["step"]] == list(range(231))
    same_bits(_floats(table["training_loss"]), run.loss)
    same_bits(_floats(table["gradient_norm"]), run.gradient_norm)
    drawn = [i for i, text in enumerate(table["x"]) if text]
    np.testing.assert_array_equal(drawn, path.steps)
    assert len(drawn) < 231, "steps between snapshots have curves but no coordinates"
    for column, values in (
        ("x", path.coordinates[:, 0]),
        ("y", path.coordinates[:, 1]),
        ("distance", path.distance),
        ("loss", path.loss),
        ("plane_loss", path.plane_loss),
    ):
        same_bits(_floats([table[column][i] for i in drawn]), values)


def test_csv_columns_of_paths_are_distinct(bundle):
    """All columns differ, with a loss and in a game."""
    (label, path), (run,) = next(iter(bundle.paths.items())), bundle.trajectories.values()
    columns = np.arange(5.0 * len(path.steps)).reshape(5, -1)
    terms, plane_terms = ({name: columns[k] + add for name, add in (("a", 0.25), ("b", 0.5))} for k in (3, 4))
    off = replace(
        path,
        coordinates=columns[:2].T,
        distance=columns[2],
        loss=columns[3],
        plane_loss=columns[4],
        terms=terms,
        plane_terms=plane_terms,
    )
    table = _read(EXPORTS["paths"].encode(replace(bundle, paths={label: off})))
    for name, values in zip(("x", "y", "distance", "loss", "plane_loss"), columns, strict=True):
        np.testing.assert_array_equal(_floats([table[name][step] for step in path.steps]), values)
    grid = bundle.surface.terms["loss"]
    game = replace(bundle.surface, terms={"a": grid, "b": grid}, game=True)
    game_run = replace(run, terms={"a": run.loss + 7, "b": run.loss + 8})
    table = _read(
        EXPORTS["paths"].encode(replace(bundle, surface=game, paths={label: off}, trajectories={label: game_run}))
    )
    for name in ("a", "b"):
        np.testing.assert_array_equal(_floats(table[f"training_term.{name}"]), game_run.terms[name])
        for column, values in ((f"term.{name}", terms[name]), (f"plane_term.{name}", plane_terms[name])):
            np.testing.assert_array_equal(_floats([table[column][step] for step in path.steps]), values)
    np.testing.assert_array_equal(_floats(table["gradient_norm"]), run.gradient_norm)


def test_eigenvalues_survive_csv(bundle):
    table = _read(EXPORTS["eigenvalues"].encode(bundle))
    same_bits(_floats(table["eigenvalue"]), bundle.spectrum.eigenvalues)
    same_bits(_floats(table["error"]), bundle.spectrum.errors)
    np.testing.assert_allclose(_floats(table["eigenvalue"]), [0, 2], atol=1e-5)


def test_game_survives_csv_and_npz(bundle):
    values, errors = np.array([3 - 4j, 0.5 + 0.25j]), np.array([0.1, 0.2])
    jacobian = Jacobian(values, errors, 1e-15, 2, 0.0, "dense", None, np.zeros(2, int))
    axes = (np.array([-1.0, 2.0]), np.array([0.0, 1.0, 5.0]))
    motion = np.arange(12.0).reshape(2, 3, 2)
    flow = Flow(axes, motion, motion[..., 0] / 20)
    game = replace(bundle.surface, game=True)
    (label, run), (path,) = next(iter(bundle.trajectories.items())), bundle.paths.values()
    (name,) = run.terms
    diverged_run = replace(run, outcome=Outcome("diverged", 7, "diverged at step 7"))
    off = replace(path, plane_terms={name: path.terms[name] + 1})
    arguments = replace(
        bundle, surface=game, jacobian=jacobian, flow=flow, trajectories={label: diverged_run}, paths={label: off}
    )
    table = _read(EXPORTS["eigenvalues"].encode(arguments))
    assert list(table) == ["real", "imaginary", "error"]
    for column, expected in (("real", np.real(values)), ("imaginary", np.imag(values)), ("error", errors)):
        same_bits(_floats(table[column]), expected)
    with np.load(io.BytesIO(EXPORTS["npz"].encode(arguments))) as arrays:
        result = dict(arrays)
    for key, expected in {
        "jacobian/eigenvalues": values,
        "jacobian/errors": errors,
        "flow/0": axes[0],
        "flow/1": axes[1],
        "flow/motion": motion,
        "flow/share": flow.share,
        f"path/{label}/term/{name}": off.terms[name],
        f"path/{label}/plane_term/{name}": off.plane_terms[name],
        f"run/{label}/term/{name}": diverged_run.terms[name],
    }.items():
        np.testing.assert_array_equal(result[key], expected, key)
    assert str(result[f"run/{label}/outcome"]) == "diverged at step 7"
    assert not {"loss", "error"} & set(result)


def test_empty_tables_have_header(bundle):
    bare = Bundle(bundle.figure, CAPTION, RECIPE, bundle.surface)
    assert EXPORTS["eigenvalues"].encode(bare) == b"eigenvalue,error,converged\r\n"
    assert EXPORTS["paths"].encode(bare).count(b"\r\n") == 1
