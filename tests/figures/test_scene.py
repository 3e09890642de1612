"""The scale that two pictures of one quantity share, or the reason why they do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from landscapes.figures import scene


@pytest.mark.parametrize(
    ("spans", "shared", "sentence"),
    [
        ([(0.0, 1.0), (-0.5, 3.0)], (-0.5, 3.0), ""),
        ([(0.0, 1.0), (0.0, 30.0)], (), "one spans 30 times as much as the other"),
        ([(0.0, 1.0), (100.0, 102.0)], (), "they are far apart"),
        ([(0.0, 0.0), (0.0, 2.0)], (), "one spans inf times as much as the other"),
    ],
)
def test_pictures_share_a_scale_that_flattens_neither(monkeypatch, spans, shared, sentence):
    def with_span(low, high, quantity="loss") -> Any:
        recipe, surface = SimpleNamespace(scale="linear", quantity=quantity), SimpleNamespace(sense="minimize")
        return SimpleNamespace(recipe=recipe, surface=surface, scale=SimpleNamespace(low=low, high=high))

    monkeypatch.setattr(scene, "_picture", lambda each: each)
    monkeypatch.setattr(scene.catalog, "quantity", lambda recipe: recipe.quantity)
    scenes = [with_span(*span) for span in spans]
    note = f"Each picture has heights and colors of its own: {sentence}." if sentence else ""
    assert scene.shared_span(scenes) == (shared, note)
    assert scene.shared_span([scenes[0], with_span(0.0, 1.0, "error rate")]) == ((), "")
    assert scene.shared_span(scenes[:1]) == ((), "")
