"""The names above the pictures of single terms."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from landscapes.recipes import catalog
from landscapes.views.sections.terms import _name
from tests.small_recipes import TINY


def test_name_states_the_weight_of_the_term():
    scene: Any = SimpleNamespace(recipe=catalog.complete(TINY), surface=SimpleNamespace(game=False))
    weights = {"cross-entropy": 2.0, "l1": 0.0, "l2": -0.0125}
    assert _name("l2", weights, scene) == "**L2** · weight -0.0125"
    assert _name("l1", weights, scene) == "**L1** · not optimized"
    assert _name("", weights, scene) == "**Total loss** = 2·cross-entropy − 0.0125·L2"
    scene.surface.game = True
    assert _name("l2", weights, scene) == "**L2**"
