"""The table and the notes beside the paths between two solutions, and where the solutions come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import jax
import numpy as np

from landscapes.connectivity.barrier import Profile
from landscapes.connectivity.connection import Connection
from landscapes.connectivity.permutation_matching import Matching
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.placement import TRAINING, Memory
from landscapes.views.sections import connection as section
from landscapes.views.sections.connection import _notes, _solutions, _table
from landscapes.views.sections.section import Result
from tests.figures.test_connection_figure import between
from tests.small_recipes import BOWL, TINY
from tests.views.recorded import record

FINISHED = replace(between(), curve=cast(Any, object()))
MATCHED = Profile(np.linspace(0, 1, 3), np.array([1.0, 2.5, 3.0]), 0.2)


def test_table_has_each_barrier_by_both_definitions():
    """The straight line ends at 1 and 3 and reaches 5 at t = ¼, where the line between its ends is at 1.5."""
    rows = _table(FINISHED).splitlines()
    assert rows[0] == "| barrier | over the mean | over the line | highest |"
    assert rows[2] == "| straight | 3 | 3.5 | 5 ± 0.01 |"
    assert rows[3] == "| matched | – | – | – |"
    assert rows[4] == "| curve | 1 | 0 | 3 ± 0.01 |"
    matched = replace(FINISHED, matched_profile=MATCHED, matching=Matching({}, (), 4.5, 1.25))
    assert _table(matched).splitlines()[3] == "| matched | 1 | 0.5 | 3 ± 0.2 |"
    assert _table(Connection()).splitlines()[2] == "| straight | … | … | … |"


def test_notes_state_both_distances_in_order():
    text = _notes(replace(FINISHED, matching=Matching({}, (), 4.5, 1.25)))
    assert "brings the second from a distance of 4.5 to 1.25;" in text
    assert "apart" not in text


def test_solutions_come_from_the_next_seed_or_the_next_optimizer():
    recipe = catalog.complete(TINY)
    start = catalog.training_problem(catalog.build(recipe))
    remember = Memory(recipe, {})
    ends = {
        solutions: _solutions(recipe, start, remember, solutions, None)
        for solutions in ("two seeds", "two optimizers")
    }
    names = [choice.name for choice in recipe.optimizers]
    runs = remember.get("runs", TRAINING)
    for result, name in zip(ends["two optimizers"], names, strict=True):
        jax.tree.map(lambda end, rows: np.testing.assert_array_equal(end, rows[-1]), result, runs[name].params)
    first, second = ends["two seeds"]
    jax.tree.map(lambda end, rows: np.testing.assert_array_equal(end, rows[-1]), first, runs[names[0]].params)
    assert not np.allclose(jax.tree.leaves(second)[0], jax.tree.leaves(first)[0])


def test_drawn_paths_and_plane_are_those_that_are_chosen(monkeypatch):
    calls: dict[str, dict[str, Any]] = {}
    for name in ("connection", "connection_plane"):
        monkeypatch.setattr(
            section.figures, name, lambda shown, name=name, **options: calls.update({name: options})
        )
    recipe = catalog.complete(replace(TINY, weights=(("l2", 0.5),), drawn=Choice("focal")))
    drawn = record(monkeypatch, section, {"present": True})
    section.draw(Result(replace(FINISHED, surface=None), recipe), view="3d", scale="linear")
    assert drawn.of("caption")[-1] == "The plane is computed once the curve is trained."
    assert list(drawn.stages) == ["stage ways"]
    section.draw(Result(replace(FINISHED, surface=cast(Any, object())), recipe), view="3d", scale="linear")
    look = {"value": "training cross-entropy + 0.5·L2", "theme": "light", "presenter": True}
    assert calls == {"connection": look, "connection_plane": look | {"solid": True, "scale": "linear"}}
    section.draw(Result(replace(FINISHED, surface=cast(Any, object())), recipe))
    assert (calls["connection_plane"]["solid"], calls["connection_plane"]["scale"]) == (False, "log")


def test_reasons_and_remedies_fit_what_is_missing():
    two = catalog.complete(replace(TINY, directions=Choice("gaussian"), center="initial"))
    one, none = (catalog.complete(replace(two, optimizers=two.optimizers[:n])) for n in (1, 0))
    seeds, optimizers = {"solutions": "two seeds"}, {"solutions": "two optimizers"}
    assert (
        section.obstacle(two, seeds) is section.obstacle(two, optimizers) is section.obstacle(one, seeds) is None
    )
    missing = section.obstacle(one, optimizers)
    assert missing is not None
    assert missing.reason == "two solutions from one start need two optimizers"
    assert len(missing.settings["optimizers"]) == 2
    missing = section.obstacle(none, seeds)
    assert missing is not None
    assert (missing.reason, len(missing.settings["optimizers"])) == ("two solutions need an optimizer", 1)
    function = catalog.complete(replace(BOWL, optimizers=two.optimizers))
    remedy = section.obstacle(function, seeds)
    assert remedy is not None
    assert (remedy.remedy, remedy.settings) == (
        "Compare two optimizers",
        {"connection.solutions": "two optimizers"},
    )
    assert remedy.reason.startswith("a test function starts at one point")
    remedy = section.obstacle(catalog.complete(BOWL), seeds)
    assert remedy is not None
    assert remedy.remedy.endswith(", and compare two optimizers")
    assert set(remedy.settings) == {"connection.solutions", "optimizers"}
