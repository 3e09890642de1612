"""The table and the summary of critical points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from landscapes.curvature.critical_point_search import CriticalPoints
from landscapes.recipes import catalog
from landscapes.views.sections import critical
from landscapes.views.sections.critical import _summary, _table
from landscapes.views.sections.section import Result
from tests.small_recipes import TINY
from tests.views.recorded import record

POINTS = CriticalPoints(
    points=np.array([[1.5, -2.25], [3.0, 0.5]]),
    values=np.array([-7.0, 1e-15]),
    eigenvalues=np.array([[2.0, 11.0], [-4.0, 6.0]]),
    errors=np.array([[0.01, 0.02], [0.3, 0.04]]),
    index=np.array([0, 1]),
    degenerate=np.array([False, False]),
    box=np.array([[0.0, 4.0], [-3.0, 1.0]]),
    starts=64,
    morse=None,
)


def test_each_row_has_place_value_eigenvalues_and_largest_error():
    first, second = _table(POINTS)
    assert first == {
        "kind": "minimum", "index": "0", "x": "1.5000", "y": "-2.2500", "value": "-7", "λmin": "2", "λmax": "11",
        "± error": "0.02",
    }  # fmt: skip
    assert (second["value"], second["λmin"], second["λmax"], second["± error"]) == ("0", "-4", "6", "0.3")


def test_points_of_full_space_have_their_distance_from_the_centre_of_the_box():
    wide = replace(
        POINTS,
        points=np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]]),
        box=np.array([[0.0, 2.0], [1.0, 3.0], [2.0, 4.0]]),
    )
    rows = _table(wide)
    assert [row["distance"] for row in rows] == ["0", "2.449"]  # (1, 2, 1) away from the centre (1, 2, 3)
    assert "x" not in rows[0]


def test_summary_counts_each_kind_where_it_was_searched():
    three = replace(
        POINTS, points=np.zeros((3, 2)), index=np.array([1, 0, 1]), degenerate=np.array([False, False, False])
    )
    assert _summary(three, "function", "f") == "Critical points in the box: **2** saddles, **1** minimum."
    assert "Critical points of test loss **over this plane**: " in _summary(three, "plane", "test loss")
    assert "in all 2 parameters: **2** saddles" in _summary(three, "full space", "f")
    assert _summary(
        replace(POINTS, index=np.array([], int), degenerate=np.array([], bool)), "function", "f"
    ).endswith("box: none found.")


def test_points_are_marked_by_kind_where_they_lie_in_the_picture(monkeypatch):
    calls: list[tuple[str, dict[str, Any]]] = []
    for name in ("surface", "contour"):
        monkeypatch.setattr(
            critical.figures, name, lambda shown, name=name, **options: calls.append((name, options))
        )
    recipe = catalog.complete(replace(TINY, split="test"))
    for where, marked in (("plane", {"minimum": [[1.5, -2.25]], "saddle": [[3.0, 0.5]]}), ("full space", {})):
        for view, name in (("contour", "contour"), ("3d", "surface")):
            calls.clear()
            shown = critical.CriticalPointsResult(POINTS, where, ("a", "b"), cast(Any, object()))
            drawn = record(monkeypatch, critical)
            critical.draw(Result(shown, recipe), cast(Any, view))
            ((drawn_name, options),) = calls
            assert drawn_name == name
            points = {kind: np.array(each).tolist() for kind, each in options["critical"].items()}
            assert points == marked
            assert (options["labels"], options["value"]) == (("a", "b"), catalog.height(recipe))
            assert drawn.of("markdown") == [_summary(POINTS, where, catalog.height(recipe))]
            assert drawn.tables == [_table(POINTS)]
            assert "from 64 starts" in drawn.of("caption")[0]
    drawn = record(monkeypatch, critical)
    critical.draw(Result(replace(shown, points=None), recipe))
    assert drawn.of("caption") == ["Searching …"]
