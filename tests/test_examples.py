"""The notebooks in examples/ run from top to bottom and show figures; nothing that they computed is stored."""

import ast
import json
from pathlib import Path
from typing import Any

import jax
import pytest

from landscapes.display import Display

EXAMPLES = Path(__file__).parent.parent / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
MAX_BYTES = 20_000


def code_cells(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def run(path: Path) -> list[Any]:
    """What a notebook shows: the value of the last line of each cell."""
    names: dict[str, Any] = {"__name__": path.stem}
    shown = []
    for cell in code_cells(path):
        statements = ast.parse(cell).body
        last = statements[-1]
        if not isinstance(last, ast.Expr):
            exec(compile(cell, path.name, "exec"), names)
            continue
        exec(compile(ast.Module(statements[:-1], []), path.name, "exec"), names)
        value = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
        shown += [value]
    return [value for value in shown if value is not None]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("own_model", ["history", "surface", "contour", "history", "eigenvalues"]),
        ("own_checkpoints", ["contour", "history", "connection"]),
        ("game", ["contour", "history", "contour", "jacobian"]),
    ],
)
def test_notebook_shows_its_figures(name, kinds, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # The promotion of ranks is an error in the tests' own settings, not in a reader's.
    with jax.numpy_rank_promotion("allow"):
        outputs = run(EXAMPLES / f"{name}.ipynb")
    figures = [output.figure() if isinstance(output, Display) else output.figure for output in outputs]
    assert [figure.to_dict()["layout"]["meta"]["kind"] for figure in figures] == kinds
    # A Plotly figure alone would leave a gap in a PDF of the notebook.
    assert all(output._repr_mimebundle_(include=["image/png"]) for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_stores_no_outputs(path):
    book = read(path)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert path.stat().st_size < MAX_BYTES
    identifiers = [cell["id"] for cell in book["cells"]]
    assert len(set(identifiers)) == len(identifiers)
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_every_notebook_is_run():
    assert {path.stem for path in NOTEBOOKS} == {"own_model", "own_checkpoints", "game"}
