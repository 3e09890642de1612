"""The caption of a map of gradient conflict."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes.recipes import catalog
from landscapes.views.sections import conflict as section
from landscapes.views.sections.conflict import _describe
from landscapes.views.sections.section import Result
from tests.figures.test_conflict_figure import cosines
from tests.small_recipes import TINY
from tests.views.recorded import record

# Of seven points one is not evaluated, two conflict, and at three the sign is unknown.
COSINES = cosines([-0.5, -0.25, 0.75, np.nan, 1e-9, -1e-9, np.nan])
COSINES = replace(COSINES, evaluated=np.array([True, True, True, True, True, True, False]))


def test_caption_counts_conflicts_among_evaluated_points():
    recipe = catalog.complete(replace(TINY, seed=7))
    text = _describe(COSINES, recipe)
    assert text.startswith("At 33 % of 6 points a small step down one gradient climbs the other term")
    assert "; undetermined at 50 %, where a gradient vanishes" in text
    assert text.endswith(f"{catalog.title(recipe)[1:]}, seed 7.")
    assert "undetermined" not in _describe(cosines([-0.5, 0.5]), recipe)


def test_map_and_paths_are_drawn_with_their_own_words(monkeypatch):
    calls: list[tuple[str, Any, dict[str, Any]]] = []
    for name in ("conflict", "conflict_path"):
        monkeypatch.setattr(
            section.figures,
            name,
            lambda shown, *rest, name=name, **options: calls.append((name, (shown, *rest), options)),
        )
    recipe = catalog.complete(replace(TINY, seed=7))
    paths: Any = {"sgd": object()}
    places = {"sgd": np.zeros((2, 2))}
    field: Any = SimpleNamespace(cosines=COSINES)
    drawn = record(monkeypatch, section)
    section.draw(Result(section.ConflictResult(("a", "b"), paths, places, field), recipe))
    assert calls == [
        ("conflict", (field, places), {"labels": ("a", "b"), "theme": "light", "presenter": False}),
        ("conflict_path", (paths,), {"theme": "light", "presenter": False}),
    ]
    assert list(drawn.stages) == ["stage conflict", "stage conflict path"]
    assert drawn.of("caption")[0] == _describe(COSINES, recipe)
    drawn = record(monkeypatch, section)
    section.draw(Result(section.ConflictResult(("a", "b"), {}, {}), recipe))
    assert (drawn.of("caption"), drawn.stages) == (["Computing the map …"], {})
