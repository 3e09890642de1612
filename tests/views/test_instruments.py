"""The texts beside a picture: verdict, references and titles."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from landscapes import Choice, Recipe
from landscapes.curvature import Verdict
from landscapes.recipes import catalog
from landscapes.views.controls import instruments
from landscapes.views.pages import pair
from tests.figures.scenes import path
from tests.views.recorded import record

RECIPE = catalog.complete(Recipe(optimizers=(), directions=Choice("gaussian")))


def test_the_verdict_names_point_and_sum():
    sentence = "Not concave here: one eigenvalue is positive here."
    spectrum = SimpleNamespace(verdict=Verdict("non-convex", True, 0.5, 0.01, sentence))
    scene = SimpleNamespace(flat="", center="initial", recipe=RECIPE, spectrum=spectrum)
    expected = "**Not concave at the initial point:** one eigenvalue is positive here."
    assert instruments.verdict(cast(Any, scene)) == expected
    for change, whose in (({"term": "l2"}, "weighted sum"), ({"mix": (("l2", 3.0),)}, "sum as trained")):
        scene.recipe = replace(RECIPE, **cast(Any, change))
        of_what = f"Of the {whose}, which is not drawn here: "
        assert instruments.verdict(cast(Any, scene)) == f"{of_what}{expected}"
    scene.spectrum = None
    expected = instruments.verdict(cast(Any, scene))
    assert expected == "The eigenvalues at the initial point have not been computed yet."


def test_titles_name_the_weight_that_differs():
    recipe = replace(RECIPE, beside=(("weight.l2", "0.25"),))
    neighbour = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert pair.titles([recipe, neighbour]) == ["L2 weight 0", "L2 weight 0.25"]


def test_an_optimum_equal_to_a_reference_is_omitted(monkeypatch):
    monkeypatch.setattr(catalog, "references", lambda recipe: {"optimal policy": 0.5})
    for optimum, names in (
        (None, {"optimal policy"}),
        (SimpleNamespace(value=0.50000001), {"optimal policy"}),
        (SimpleNamespace(value=0.4), {"optimal policy", "known optimum"}),
    ):
        assert set(instruments.reference_values(cast(Any, SimpleNamespace(optimum=optimum)), RECIPE)) == names


def test_the_caption_shows_a_formula_letter_by_letter(monkeypatch):
    recorded = record(monkeypatch, instruments)
    monkeypatch.setattr(instruments, "caption_of", lambda scene: "f(x, y) = 2*x + 3*y")
    monkeypatch.setattr(instruments, "details", lambda scene: {"Objective": "2*x + 3*y"})
    instruments.caption(cast(Any, None))
    shown = [r"f(x, y) = 2\*x + 3\*y"], [r"**Objective.** 2\*x + 3\*y"]
    assert (recorded.of("caption"), recorded.of("markdown")) == shown
    instruments.caption(cast(Any, None), folded=True)
    assert recorded.of("markdown")[1] == shown[0][0]


def test_projection_table_has_each_number_in_its_column(monkeypatch):
    """No two of the numbers are alike."""
    shown: list[Any] = []
    projection = replace(path(drift=0.5), displacement=0.25, share=0.75)
    scene: Any = SimpleNamespace(
        paths={"sgd": projection},
        facts=SimpleNamespace(dim=9),
        dim=1,
        recipe=RECIPE,
        explained=0.125,
        flow=SimpleNamespace(share=np.array([0.1, 0.2, 0.9, np.nan])),
    )
    monkeypatch.setattr(instruments, "drawn_paths", lambda scene: scene.paths)
    monkeypatch.setattr(instruments.st, "table", shown.append)
    monkeypatch.setattr(instruments.st, "caption", shown.append)
    instruments.projection_table(scene)
    rows, note = shown
    assert rows == {
        "sgd": {
            "start to end": "25.0 %",
            "step by step": "75.0 %",
            "distance from the line": "2",
            "true end": "−7.75",
            "projection": "−9.75",
        }
    }
    assert "variance in this line: 12 % (for comparison: the best line for a random walk holds 61 %)." in note
    assert note.endswith("The arrows show 20 % of the players' motion (median).")
