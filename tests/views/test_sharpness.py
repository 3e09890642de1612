"""The sections on sharpness, edge of stability, paths between solutions and planes, on a tiny network."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from landscapes import Choice
from landscapes.curvature.sharpness_measures import Measure
from landscapes.recipes import catalog
from landscapes.views.sections import connection, sharpness
from landscapes.views.sections.sharpness import _format
from tests import small_recipes
from tests.views.pages import open_page, settle, stages, warnings
from tests.views.test_sectioned import turn_to

TINY = (
    "data=iris&iris.examples=20&model=mlp&mlp.width=3&mlp.depth=1&optimizers=sgd&optimizers=momentum&steps=6"
    "&momentum.learning_rate=0.1&tolerance=0.1"
)


def section(name: str, query: str = ""):
    page = turn_to(open_page(f"{TINY}&section={name}&{query}", complete=False), "curvature")
    for _ in range(3):  # on a busy machine a minute is not enough to compile all of it
        page = settle(page)
    return page


def kinds(page) -> list[str]:
    return [json.loads(drawn.partition("\n")[2])["layout"]["meta"]["kind"] for drawn in stages(page)]


def test_sharpness_has_a_slider_over_parameters_of_one_function():
    page = section("sharpness", "sharpness.samples=4")
    assert not warnings(page)
    assert kinds(page) == ["sharpness"]
    (slider,) = page.select_slider
    slider.set_value(4.0)
    settle(page.run())
    table = next(text.value for text in page.markdown if "Filter-normalized" in text.value)
    assert "at α = 4" in table
    loss = next(row for row in table.splitlines() if row.startswith("| Loss"))
    assert len(set(loss.split(" | ")[1:3])) == 1


def test_measures_without_rescaling_are_shown_with_reason():
    page = section("sharpness", "sharpness.samples=4&weight.l2=0.1")
    assert not page.select_slider
    assert any("a penalty on the weights changes with them" in info.value for info in page.info)
    assert any("Largest eigenvalue" in text.value for text in page.markdown)
    (button,) = (each for each in page.button if each.label == "Set the weights of the penalties to 0")
    button.click()
    assert settle(page.run()).select_slider


@pytest.mark.parametrize(
    ("query", "reason", "label", "change"),
    [
        ("objective=huber", "the model linear has no hidden units", "model MLP", "model=mlp"),
        ("objective=ridge", "the model linear has no", "model MLP and no penalties", "model=mlp&weight.l2=0"),
        ("mlp.activation=tanh", "only a ReLU layer", "ReLU, no normalization", "mlp.activation=relu"),
        ("model=mlp&weight.l2=0.1", "a penalty", "Set the weights of the penalties to 0", "weight.l2=0"),
        ("objective=elbo", "the model vae has no hidden units", "", ""),
        ("objective=himmelblau", "a test function has no hidden units", "Back to training objectives", "kind"),
    ],
)
def test_a_button_makes_the_layers_rescalable_where_one_can(query, reason, label, change):
    remedy = sharpness.rescaling_remedy(catalog.complete(catalog.read_address(query)[0]))
    assert remedy is not None
    assert remedy.reason.startswith(reason)
    assert remedy.remedy.endswith(label)
    assert bool(remedy.remedy) is bool(remedy.settings) is bool(label)
    if "=" in change:  # in an address the weight of a term does not name the objective
        assert change.split("=")[0].split(".")[-1] in {key.split(".")[-1] for key in remedy.settings}
        changed = catalog.complete(catalog.read_address(f"{query}&{change}")[0])
        assert sharpness.rescaling_remedy(changed) is None


def test_edge_of_stability_and_surface_share_the_step():
    page = section("edge", "edge.snapshots=5")
    assert not warnings(page)
    assert kinds(page) == ["history", "contour"]
    assert {json.loads(drawn.partition("\n")[0])["link"] for drawn in stages(page)} == {"edge"}
    assert any("η = 0.45 = 3 × its own 0.15" in text.value for text in page.caption)
    refused = section("edge", "batch_size=10")
    assert any("that of the full batch" in text.value for text in refused.markdown)


def test_three_paths_join_two_solutions():
    page = section("connection", "connection.bend_steps=3")
    assert not warnings(page)
    assert kinds(page) == ["connection", "contour"]
    assert any("brings the second from a distance" in text.value for text in page.caption)


def computed(section: Any, **settings: Any) -> tuple[Any, Any]:
    """What a section computes as it opens, and then with these settings, from one memory."""
    model = Choice.of("mlp", width=3, depth=2, activation="relu")
    recipe = catalog.complete(replace(small_recipes.TINY, model=model, center="initial"))
    memory: dict[str, Any] = {}
    baseline, other = (
        section.compute(recipe, memory, lambda *_: None, **arguments) for arguments in ({}, settings)
    )
    return baseline, other


@pytest.mark.parametrize(
    "settings", [{"solutions": "two optimizers"}, {"kind": "polygon"}, {"bend_steps": 7}, {"bend_rate": 0.5}]
)
def test_every_setting_of_the_paths_is_computed_anew(monkeypatch, settings):
    monkeypatch.setattr(connection, "_solutions", lambda *kwargs: (kwargs[3], kwargs[3]))
    monkeypatch.setattr(connection, "connect_solutions", lambda start, *ends, progress, **kwargs: (ends, kwargs))
    baseline, other = computed(connection, **settings)
    assert baseline != other


@pytest.mark.parametrize("settings", [{"radius": 0.1}, {"sigma": 0.1}, {"samples": 8}, {"layer": 2}])
def test_every_setting_of_the_measures_is_computed_anew(monkeypatch, settings):
    monkeypatch.setattr(sharpness, "rescaling", lambda problem, *args, progress, **knobs: (args[0], knobs))
    baseline, other = computed(sharpness, **settings)
    assert baseline.rescaling != other.rescaling


def test_planes_show_random_lines_and_off_plane_distances():
    page = section("planes", "planes.lines=3&planes.points=2")
    assert not warnings(page)
    assert kinds(page) == ["bands", "history"]
    assert any("the best plane for a random walk holds 76 %" in text.value for text in page.caption)


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (Measure(2.981, 0.23, "standard error"), "3.0 ± 0.2"),
        (Measure(1.93e-4, 2.1e-5, "standard error"), "(1.9 ± 0.2)·10⁻⁴"),
        (Measure(1.26e-5, 1e-9, "lower bound"), "≥ 1.26·10⁻⁵"),
        (Measure(0.6, 3e-5, "error bar"), "0.60000 ± 0.00003"),
        (Measure(0.58994512345, 2.4e-8, "error bar"), "0.589945 ± 2·10⁻⁸"),
        (Measure(1.23456789e-5, 2e-15, "error bar"), "1.23457·10⁻⁵ ± 2·10⁻¹⁵"),
        (Measure(0.0, 0.0, "error bar"), "0 ± 0"),
    ],
)
def test_a_value_has_no_digits_below_its_error(measure, text):
    assert _format(measure) == text
