"""The page Explore: marks on the paths of a pair, and the start that a click sets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from landscapes.tradeoffs.overoptimization import OveroptimizationPoint
from landscapes.views.pages import explore
from tests.figures.scenes import path


@pytest.mark.parametrize(
    ("dim", "expected"),
    [
        (2, {"start_x": 0.25, "start_y": -2.0, "start": "picked"}),
        (1, {"start_x": 0.25, "start": "picked"}),
    ],
)
def test_a_click_on_the_picture_sets_the_start(monkeypatch, dim, expected):
    settings: dict[str, Any] = {}
    monkeypatch.setattr(explore.widgets, "set_setting", settings.__setitem__)
    monkeypatch.setattr(explore.st, "rerun", lambda: None)
    explore._start_at(dim, (0.25, -2.0))
    assert settings == expected


@pytest.mark.parametrize(
    ("sense", "improves", "word"),
    [
        ("minimize", True, "falls"),
        ("minimize", False, "rises"),
        ("maximize", True, "rises"),
        ("maximize", False, "falls"),
    ],
)
def test_direction_of_a_value_follows_its_sense(sense, improves, word):
    scene: Any = SimpleNamespace(facts=SimpleNamespace(sense=sense), recipe=SimpleNamespace(term=""))
    assert explore._direction(scene, improves) == word


def test_marks_of_a_pair_lie_at_the_snapshot_of_the_point(monkeypatch):
    """The point has index 3 and step 9, which no snapshot has as its index."""
    looks: list[dict[str, Any]] = []
    point = OveroptimizationPoint(3, 9, 1.0, 2.0)
    paths, facts = {"sgd": path(), "adam": path(drift=0.5)}, SimpleNamespace(sense="minimize")
    scene: Any = SimpleNamespace(paths=paths, facts=facts, recipe=SimpleNamespace(behavior=False, term=""))
    for module, name, value in (
        (explore.pair, "overoptimization_points", lambda scenes: {"adam": point}),
        (explore.pair, "titles", lambda recipes: ["one", "other"]),
        (explore.pair, "have_same_behavior", lambda scenes: False),
        (explore, "behavior_panel", lambda *args, **kwargs: None),
        (explore.instruments, "verdict", lambda scene: ""),
        (explore.catalog, "height", lambda recipe: "loss"),
        (explore, "shared_span", lambda scenes: ((), "")),
        (explore, "_viewpoint", lambda scenes: None),
        (explore, "_stage", lambda *args, look, **kwargs: looks.append(look)),
    ):
        monkeypatch.setattr(module, name, value)
    explore._pair(explore.NewestScenes([scene, scene]), [False, False], [], presenter=True)
    expected = {"loss starts to rise": [scene.paths["adam"].coordinates[3].tolist()]}
    assert [look["marks"] for look in looks] == [expected, expected]
    assert not np.allclose(scene.paths["adam"].coordinates[3], scene.paths["adam"].coordinates[2])
