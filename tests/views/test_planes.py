"""The words beside random lines and the paths' distances from their plane."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.views.sections import planes
from landscapes.views.sections.planes import _describe, _describe_plane
from landscapes.views.sections.section import Result
from tests.figures.test_hover import BAND
from tests.small_recipes import TINY
from tests.views.recorded import record


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
    scene: Any = SimpleNamespace(recipe=replace(TINY, directions=Choice("principal")), explained=0.314, dim=2)
    assert _describe_plane(cast(Any, scene)) == (
        "The plane: principal. Share of the paths' variance in it: 31 % (for comparison: the best plane for a "
        "random walk holds 76 %)."
    )
    scene.explained = None
    assert _describe_plane(scene) == "The plane: principal. "


def report(fraction: float, partial: Any = None, note: str = "") -> None:
    pass


def test_other_lines_and_another_zoom_are_computed_anew(monkeypatch):
    def bands(problem, half_length, key, **settings):
        return {"lines": (half_length, settings["lines"], settings["points"])}

    monkeypatch.setattr(planes, "bands", bands)
    monkeypatch.setattr(planes, "compute_scene", lambda recipe, **kwargs: None)
    still = catalog.complete(replace(TINY, optimizers=(), center="initial", directions=Choice("gaussian")))
    memory: dict[str, Any] = {}

    def computed(recipe=still, **settings):
        result: Any = planes.compute(recipe, memory, report, **settings).bands
        return result["lines"]

    reach, lines, points = computed(lines=3, points=5)
    assert (lines, points) == (3, 11)
    assert computed(lines=4, points=5) == (reach, 4, 11)
    assert computed(lines=3, points=6) == (reach, 3, 13)
    wide = computed(replace(still, extent=3 * still.extent), lines=3, points=5)
    assert wide == (pytest.approx(3 * reach), 3, 11)


def test_lines_and_distances_are_drawn_with_the_value_of_the_picture(monkeypatch):
    calls: list[tuple[Any, dict[str, Any]]] = []
    for name in ("bands", "off_plane"):
        monkeypatch.setattr(planes.figures, name, lambda shown, **options: calls.append((shown, options)))
    monkeypatch.setattr(planes.instruments, "projection_table", lambda scene: calls.append((scene, {})))
    recipe = catalog.complete(replace(TINY, split="test", weights=(("l2", 0.5),)))
    scene: Any = SimpleNamespace(recipe=recipe, explained=0.25, dim=2, paths={"sgd": "path"})
    all_bands = {"gaussian": BAND}
    drawn = record(monkeypatch, planes, {"present": True})
    planes.draw(Result(planes.PlanesResult(all_bands, scene), recipe))
    look = {"value": "test cross-entropy + 0.5·L2", "theme": "light", "presenter": True}
    assert calls == [(all_bands, look), (scene.paths, look), (scene, {})]
    assert list(drawn.stages) == ["stage bands", "stage off plane"]
    assert drawn.of("caption") == [_describe(all_bands), _describe_plane(scene)]
    for missing, text in ((None, "Computing the paths …"), (scene, "No paths to compare with the plane.")):
        scene.paths = {}
        drawn = record(monkeypatch, planes)
        planes.draw(Result(planes.PlanesResult(all_bands, missing), recipe))
        assert drawn.of("caption")[-1] == text
        assert list(drawn.stages) == ["stage bands"]
