"""The README's Python runs as it stands there."""

import re
from pathlib import Path

import jax

from landscapes.recipes import catalog
from objectives import OBJECTIVES

README = Path(__file__).parent.parent / "README.md"


def test_the_readmes_first_python_block_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    block = re.search(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert block is not None
    scope: dict[str, object] = {"__name__": "readme"}
    # The promotion of ranks is an error in the tests' own settings, not in a reader's.
    with jax.numpy_rank_promotion("allow"):
        exec(compile(block[1], str(README), "exec"), scope)
    assert (tmp_path / "landscape.html").stat().st_size > 10_000
    assert "convex" in capsys.readouterr().out.lower()


def rows() -> list[str]:
    """The README's table of objectives, as the registries have it."""
    found = []
    for name, entry in OBJECTIVES.items():
        data = catalog.datasets_for(name)
        models = sorted({model for each in data for model in catalog.models_for(each, name)})
        page = entry.page
        formula = page.formula.replace("|", r"\vert ")  # a bar would end the cell
        shown = ", ".join(data[:4]) + (", …" if len(data) > 4 else "")
        cells = (f"{entry.title} (`{name}`)", f"${formula}$", ", ".join(models), shown, page.look, page.source)
        found.append(f"| {' | '.join(cells)} |")
    return found


def test_every_objective_has_its_row():
    table = README.read_text()
    for row in rows():
        assert row in table
