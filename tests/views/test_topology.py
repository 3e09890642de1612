"""The section on topology: what it claims, and its table."""

from dataclasses import replace

import numpy as np

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.slices.surface import Surface
from landscapes.views.sections import topology
from landscapes.views.sections.section import Result
from landscapes.views.sections.topology import SECTION, marks, rows, summary
from tests.figures.test_persistence_figure import FOUND
from tests.views.recorded import record


def test_only_claimed_minima_and_their_saddles_are_marked():
    shown = marks(FOUND)
    assert shown["minimum"].tolist() == [[4, 0.5], [1, 1.5], [7, 2.5]]
    assert shown["saddle"].tolist() == [[2, 1], [6, 2]]
    assert "maximum" in marks(replace(FOUND, sense="maximize"))


def test_summary_says_what_is_not_claimed_and_why():
    edge = replace(FOUND, on_boundary=np.array([False, True, False, False]))
    assert summary(edge, "test loss") == (
        "**3** minima of test loss over this plane, 1 of them on the edge of the picture. Of 4 on the grid, those "
        "with a persistence of at most 0.5 are not claimed: twice the error of the surface, 0.2, and of its grid, "
        "0.05."
    )


def test_rows_name_the_minimum_that_each_merges_with():
    first, second, third = rows(FOUND)
    assert (first["saddle"], first["persistence"], first["merges with"]) == ("none", "never merges", "")
    assert (second["value"], second["saddle"], second["persistence"], second["merges with"]) == (
        "1",
        "4",
        "3",
        "1",
    )
    assert third["merges with"] == "2"
    assert rows(replace(FOUND, births=FOUND.births - 2e-5, error=0.03))[0]["value"] == "0"


def test_minima_of_a_function_are_computed_on_the_surface_of_the_page():
    recipe = catalog.complete(Recipe(objective=Choice("himmelblau"), optimizers=(), tolerance=0.01))
    shown = SECTION.compute(recipe, {}, lambda *_: None)
    assert shown.found.significant == 4
    np.testing.assert_allclose(shown.found.births[:4], 0, atol=2 * shown.surface.error)


def test_view_and_plot_are_those_that_are_chosen(monkeypatch):
    recipe = catalog.complete(Recipe(objective=Choice("himmelblau"), optimizers=()))
    surface = Surface.from_grid(np.linspace(0, 8, 5), np.linspace(0, 3, 4), np.arange(20.0).reshape(5, 4))
    shown = topology.TopologyResult(surface, ("a", "b"), FOUND)
    kinds = {}
    for view in ("contour", "3d"):
        for plot in ("diagram", "tree"):
            drawn = record(monkeypatch, topology)
            topology.draw(Result(shown, recipe), view, plot)
            left, right = drawn.stages["stage topology"][0], drawn.stages[f"stage topology {plot}"][0]
            kinds[view, plot] = left.layout.meta["kind"], right.layout.meta["kind"]
            assert drawn.tables == [rows(FOUND)]
            assert drawn.stages["stage topology"][1]["mix"] is False
    assert {kind for (view, _), (kind, _) in kinds.items() if view == "contour"} == {"contour"}
    assert {kind for (view, _), (kind, _) in kinds.items() if view == "3d"} == {"surface"}
    diagrams = {other for (_, plot), (_, other) in kinds.items() if plot == "diagram"}
    trees = {other for (_, plot), (_, other) in kinds.items() if plot == "tree"}
    assert len(diagrams) == len(trees) == 1
    assert diagrams != trees
    drawn = record(monkeypatch, topology)
    topology.draw(Result(replace(shown, found=None), recipe))
    assert drawn.of("caption") == ["Sorting the minima …"]
