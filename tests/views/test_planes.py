"""The words beside random lines and the paths' distances from their plane."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from landscapes import Choice
from landscapes.views.sections.planes import _describe, _describe_plane
from tests.figures.test_hover import BAND
from tests.small_recipes import TINY


def test_description_states_lines_reach_sum_of_evaluations_and_largest_error():
    one = replace(BAND, error=0.25)
    other = replace(BAND, kind="layer-normalized", error=0.5, evaluations=30)
    text = _describe({"gaussian": one, "layer-normalized": other})
    assert text.startswith("4 random lines of each kind through the point, each to ±2, ")
    assert "; 42 evaluations, interpolation error of each line about 0.5. " in text
    sampled = _describe({"gaussian": one}, sampled=True)
    assert "12 evaluations, each a mean of samples" in sampled
    assert _describe({}) == ""


def test_description_of_the_plane_compares_its_share_with_that_of_a_random_walk():
    scene: Any = SimpleNamespace(
        recipe=replace(TINY, directions=Choice("principal")), explained=0.314, plane=SimpleNamespace(dim=2)
    )
    assert _describe_plane(cast(Any, scene)) == (
        "The plane: principal. Share of the paths' variance in it: 31% (for comparison: the best plane for a "
        "random walk holds 76%)."
    )
    scene.explained = None
    assert _describe_plane(scene) == "The plane: principal. "
