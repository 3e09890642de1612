"""Two pictures side by side: one play bar, curves under both, and one scale where they are compared."""

from __future__ import annotations

import json

import pytest

from tests.views.pages import SMALL, open_page, stages


@pytest.fixture(autouse=True)
def _uncurved(monkeypatch):
    monkeypatch.setattr("landscapes.scenes.scene.spectrum", lambda *args, **kwargs: None)


def drawn(query: str, base: str = f"{SMALL}&directions=gaussian&seed=11") -> dict[str, tuple[dict, dict]]:
    """Options and figure of each stage at this address, by its name."""
    parts = [stage.partition("\n")[::2] for stage in stages(open_page(f"{base}&{query}"))]
    found = [(json.loads(options), json.loads(figure)) for options, figure in parts]
    return {options["name"]: (options, figure) for options, figure in found}


def heights(figure: dict) -> list:
    surface = figure["data"][0]
    return [surface["cmin"], surface["cmax"], figure["layout"]["scene"]["zaxis"]["range"]]


def test_training_and_test_loss_share_scale_bar_and_curves():
    found = drawn("beside=split:test")
    (left, first), (right, second) = found["stage picture"], found["stage beside"]
    assert first["data"][0]["z"] != second["data"][0]["z"]
    assert heights(first) == heights(second)
    assert (left["transport"], right["transport"]) == (True, False)
    assert left["link"] == right["link"] == found["stage history"][0]["link"]
    assert set(found) == {"stage picture", "stage beside", "stage history"}  # the runs are the same
    curves = json.dumps(found["stage history"][1])
    assert "training cross-entropy" in curves


def test_two_models_have_curves_of_their_own_on_the_same_axes():
    found = drawn("beside=model:mlp&mlp.width=3&mlp.depth=1")
    (_, one), (_, other) = found["stage history picture"], found["stage history beside"]
    for axis in ("xaxis", "yaxis", "yaxis2"):
        assert one["layout"][axis]["range"] == other["layout"][axis]["range"]
    assert [trace["y"] for trace in one["data"]] != [trace["y"] for trace in other["data"]]


def test_two_games_have_curves_of_their_own_on_the_same_axes():
    game = "objective=minimax-gan&model=dirac-gan&tolerance=0.1&steps=8"
    found = drawn("beside=steps:12", game)
    (_, one), (_, other) = found["stage history picture"], found["stage history beside"]
    for axis in ("xaxis", "yaxis", "yaxis2", "yaxis3"):
        assert one["layout"][axis]["range"] == other["layout"][axis]["range"]
    assert one["layout"]["xaxis"]["range"] == [0, 12]


def test_the_bar_reaches_the_end_of_the_longer_paths():
    found = drawn("beside=steps:9")
    assert [found[name][0]["steps"] for name in ("stage picture", "stage beside")] == [9, 9]


def test_another_quantity_keeps_its_own_scale():
    found = drawn("beside=term:l2")
    assert heights(found["stage picture"][1]) != heights(found["stage beside"][1])
