"""The objectives and test functions as Markdown, which `make docs` writes to docs/objectives.md."""

from __future__ import annotations

import sys

from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.recipes.catalog.offers import datasets_for, models_for

HEAD = """# Objectives

`make docs` writes this file from the registries, and a test says when it is out of date. Objectives are in the
order of the menus, each with the models and data that fit it.
"""


def table() -> str:
    """One table per family of objectives, then one of the test functions."""
    families = dict.fromkeys(entry.page.family for entry in OBJECTIVES.values())
    parts = [HEAD]
    for family in families:
        parts.append(
            f"\n## {family}\n\n" + _table("objective | formula | models | data | look for | source", family)
        )
    rows = [
        _row(f"{function.title} (`{name}`)", _formula(function.formula), function.source)
        for name, function in FUNCTIONS.items()
    ]
    parts.append("\n## Test functions of two variables\n\n" + _lines("function | formula | source", rows))
    return "".join(parts)


def _table(head: str, family: str) -> str:
    rows = []
    for name, entry in OBJECTIVES.items():
        if entry.page.family == family:
            data = datasets_for(name)
            models = sorted({model for each in data for model in models_for(each, name)})
            shown = ", ".join(data[:4]) + (", …" if len(data) > 4 else "")
            page = entry.page
            title, formula = f"{entry.title} (`{name}`)", _formula(page.formula)
            rows.append(_row(title, formula, ", ".join(models), shown, page.look, page.source))
    return _lines(head, rows)


def _formula(latex: str) -> str:
    # A bar would end the cell.
    return "$" + latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ") + "$"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _lines(head: str, rows: list[str]) -> str:
    rule = "|---" * (head.count("|") + 1) + "|"
    return "\n".join([f"| {head} |", rule, *rows]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
