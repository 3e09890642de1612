"""docs/objectives.md is what the registries say."""

from pathlib import Path

from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.recipes.catalog.table import table

DOCS = Path(__file__).parents[2] / "docs" / "objectives.md"


def test_the_table_of_objectives_is_up_to_date():
    assert DOCS.read_text() == table(), "docs/objectives.md is out of date; run make docs"


def test_every_objective_and_function_has_one_row():
    rows = [line for line in table().splitlines() if line.startswith("| ") and "(`" in line]
    assert len(rows) == len(OBJECTIVES) + len(FUNCTIONS)
    assert {line.count(" | ") for line in rows} == {5, 2}
