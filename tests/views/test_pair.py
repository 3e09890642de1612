"""Two pictures side by side: one play bar, curves under both, and one scale where they are compared."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.views.pages import pair
from tests.small_recipes import TINY
from tests.views.pages import SMALL, open_page, stages


def draw(query: str, base: str = f"{SMALL}&directions=gaussian&seed=11") -> dict[str, tuple[dict, dict]]:
    """Options and figure of each stage at this address, by its name."""
    page = open_page(f"{base}&{query}")
    parts = [stage.partition("\n")[::2] for stage in stages(page)]
    stages_by_name = [(json.loads(options), json.loads(figure)) for options, figure in parts]
    # The first picture of an address is in the left column.
    names = [json.loads(stages(column)[0].partition("\n")[0])["name"] for column in page.main.columns[:2]]
    assert names == ["stage picture", "stage beside"]
    return {options["name"]: (options, figure) for options, figure in stages_by_name}


def heights(figure: dict) -> list:
    surface = figure["data"][0]
    return [surface["cmin"], surface["cmax"], figure["layout"]["scene"]["zaxis"]["range"]]


def test_training_and_test_loss_share_scale_bar_and_curves():
    stages_by_name = draw("beside=split:test")
    (left, first), (right, second) = stages_by_name["stage picture"], stages_by_name["stage beside"]
    assert first["data"][0]["z"] != second["data"][0]["z"]
    assert heights(first) == heights(second)
    assert (left["transport"], right["transport"]) == (True, False)
    assert left["link"] == right["link"] == stages_by_name["stage history"][0]["link"]
    assert set(stages_by_name) == {"stage picture", "stage beside", "stage history"}  # the runs are the same
    curves = json.dumps(stages_by_name["stage history"][1])
    assert "training cross-entropy" in curves


def test_two_models_have_separate_curves_on_shared_axes():
    stages_by_name = draw("beside=model:mlp&mlp.width=3&mlp.depth=1")
    (_, one), (_, other) = stages_by_name["stage history picture"], stages_by_name["stage history beside"]
    for axis in ("xaxis", "yaxis", "yaxis2"):
        assert one["layout"][axis]["range"] == other["layout"][axis]["range"]
    assert [trace["y"] for trace in one["data"]] != [trace["y"] for trace in other["data"]]


def test_two_games_have_separate_curves_on_shared_axes():
    game = "objective=minimax-gan&model=dirac-gan&tolerance=0.1&steps=8"
    stages_by_name = draw("beside=steps:12", game)
    (_, one), (_, other) = stages_by_name["stage history picture"], stages_by_name["stage history beside"]
    for axis in ("xaxis", "yaxis", "yaxis2", "yaxis3"):
        assert one["layout"][axis]["range"] == other["layout"][axis]["range"]
    assert one["layout"]["xaxis"]["range"] == [0, 12]


def test_the_bar_reaches_the_end_of_the_longer_paths():
    stages_by_name = draw("beside=steps:9")
    assert [stages_by_name[name][0]["steps"] for name in ("stage picture", "stage beside")] == [9, 9]


def test_another_quantity_keeps_its_own_scale():
    stages_by_name = draw("beside=term:l2")
    assert heights(stages_by_name["stage picture"][1]) != heights(stages_by_name["stage beside"][1])


def test_other_optimizers_are_named():
    first = catalog.complete(
        Recipe.from_query("objective=bowl&optimizers=sgd&optimizers=sam&beside=optimizers:adamw")
    )
    assert pair.titles([first, *pair.neighbour(first)]) == ["SGD, SAM", "AdamW"]


def test_another_mix_is_named_by_its_sum():
    first = catalog.complete(Recipe.from_query("weight.l2=0.25&beside=mix.l2:0"))
    assert pair.titles([first, *pair.neighbour(first)]) == ["Cross-entropy + 0.25·L2", "Cross-entropy"]


def test_panels_stand_beside_their_pictures():
    assert pair.columns([False, False], False) == ([1.0, 1.0], [0, 1], [0, 1])
    shared, own = pair.columns([True, True], True), pair.columns([True, True], False)
    assert (len(shared[0]), shared[1:]) == (3, ([0, 1], [2, 2]))
    assert (len(own[0]), own[1:]) == (4, ([0, 2], [1, 3]))
    assert pair.columns([True, False], False)[1:] == ([0, 2], [1, 2])


def test_a_reward_that_rises_under_a_falling_loss_is_no_overoptimization():
    page = open_page(
        "objective=dpo&beside=term:true-reward&optimizers=adam&steps=6&tolerance=0.1&preferences.examples=20"
    )
    assert len(stages(page)) == 3
    assert not any("From step" in text.value for text in page.markdown)


def test_models_do_the_same_only_on_the_same_examples_and_paths():
    shown = catalog.complete(replace(TINY, directions=Choice("gaussian")))

    def same(*changes):
        scenes: Any = [SimpleNamespace(recipe=catalog.complete(replace(shown, **change))) for change in changes]
        return pair.have_same_behavior(scenes)

    assert same({}, {"term": "l2"})
    assert same({"split": "test"}, {"split": "test", "drawn": Choice("focal")})
    assert not same({}, {"split": "test"})
    assert not same({}, {"steps": 9})
    assert not same({})


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("beside=weight.l2:0.5", ["L2 weight 0", "L2 weight 0.5"]),
        ("weight.l2=0.25&beside=mix.l2:2", ["Cross-entropy + 0.25·L2", "Cross-entropy + 2·L2"]),
        (
            "beside=mlp.residual:true",
            ["Multilayer perceptron, residual off", "Multilayer perceptron, residual on"],
        ),
        ("beside=split:test", ["Training examples", "Test examples"]),
        ("term=l1&beside=term:l2", ["L1", "L2"]),
        ("beside=steps:9", ["Steps 100", "Steps 9"]),
        (
            "objective=formula&formula.text=a*x*y&formula.a=3&beside=formula.text:a*x-y",
            ["f(x, y) = a*x*y with a = 3", "f(x, y) = a*x-y with a = 3"],
        ),
    ],
)
def test_each_picture_is_titled_by_its_own_value(query, titles):
    first = catalog.complete(catalog.from_query(f"model=mlp&data=iris&steps=100&optimizers=sgd&{query}"))
    assert pair.titles([first, *pair.neighbour(first)]) == titles
