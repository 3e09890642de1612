"""Functions of the scripts have known answers, and agree with their counterparts in Python. The records of
tests/approved hold what they do on a page."""

from __future__ import annotations

import json
import math
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from landscapes.recipes.words import symbol, weighted_sum
from tests.scripts.node import evaluate

HERE = Path(__file__).parent
LINK_MARKS = "".join(map(chr, range(32, 127))) + "äß∇θ₁²−±…🙂\u00a0\u2028"


WEIGHTS = [
    {"cross-entropy": 1, "l1": 0, "l2": 0.01},
    {"reward": 1, "kl": -0.1, "true-reward": 2.5},
    {"reward": -2, "kl": -1, "true-reward": 0},
    {"reward": 0, "kl": 0},
]
SUMS = [{"weights": weights, "symbols": {term: symbol(term) for term in weights}} for weights in WEIGHTS]


@pytest.fixture(scope="module")
def answers():
    """What the expressions of both files come to, by name."""
    stage = evaluate("stage", (HERE / "stage_functions.js").read_text("utf-8"), marks=LINK_MARKS, sums=SUMS)
    return stage | evaluate("behavior", (HERE / "behavior_functions.js").read_text("utf-8"))


def test_models_of_steps_and_heights_follow_the_sense(answers):
    """−6 + 8 = 2 more of a loss of 7, and less of a reward."""
    assert (answers["model of a loss"], answers["model of a reward"]) == (9, 5)
    assert answers["height of a loss"] == pytest.approx(math.log10(4.5))
    assert answers["height of a reward"] == pytest.approx(-math.log10(4.5))
    assert answers["height on a linear scale"] == 1
    assert answers["points up to a step"] == [0, 1, 1, 2, 3]
    assert answers["magnification"] == [5, 1]
    assert answers["rounded up"] == pytest.approx([0.5, 1, 2, 5, 10, 50])


def test_numbers_in_words(answers):
    assert answers["off the plane"] == pytest.approx(0.8)
    assert answers["share in words"] == ["0 %", "0 %", "13 %", "99.6 %", "100 %", "100 %"]
    assert answers["numbers of a rule"] == ["0", "1.20e−4", "0.5", "−3.14", "1.23e5", "not finite", "not finite"]
    assert answers["short numbers"] == ["0", "−1230", "0.12", "3.14", "0"]
    assert "<mn>0.5</mn>" in answers["gain of a loss"]
    assert answers["gain of a loss"].endswith("predicts 0.4")
    assert answers["error of a solution"] == "The relative error of u is 220 %."


def test_grids_and_axes(answers):
    assert answers["between nodes"] == pytest.approx(45)
    assert answers["outside of the nodes"] == "NaN"
    assert answers["nearest node"] == [0, 0, 1, 2]
    assert answers["ticks of an axis"] == [[k / 5, str(2 * k)] for k in range(6)]
    assert answers["spaced ticks"] == [0, 2, 4]  # labels of 11 pixels, 10 apart
    assert answers["a figure's arrays"] == [[1, 2], [-1, 4]]
    assert answers["row at a step"] == [0, 0, 0, 1, 2]
    assert json.loads(answers["rows of arrays"]) == {"a": [0, 1], "b": 6}
    assert answers["colors between"] == [25, 75, 200]


def test_texts_and_places(answers):
    assert answers["shown names"] == ["a", "e"]
    assert answers["plain text"] == "a b c"
    assert answers["polygons"] == [True, False]
    assert answers["escaped text"] == "&lt;a href=&quot;x&quot;&gt;&amp;"
    low = '<mpadded voffset="-0.13em"><mn>1</mn></mpadded>'
    fraction = f"<mfrac><mi>a</mi><mrow><msubsup><mi>b</mi>{low}<mn>2</mn></msubsup></mrow></mfrac>"
    fraction = fraction.replace("<mi>a</mi><mrow>", "<mrow><mi>a</mi></mrow><mrow>")
    hat = '<mover accent="true"><mrow><mi>m</mi></mrow><mo>^</mo></mover>'
    assert answers["formula"] == f'<mrow>{fraction}<mo stretchy="false">−</mo>{hat}</mrow>'


def test_cameras_look_along_their_lines(answers):
    assert answers["projected center"] == [200, 100]
    assert answers["projected y"] == [200 + round(50 / math.tan(math.pi / 8)), 100]
    assert answers["projected z"] == [200, 100 - round(25 / math.tan(math.pi / 8))]
    assert answers["turned by a quarter"] == pytest.approx([0, math.cos(0.5), 1 + math.sin(0.5)], abs=1e-9)
    assert answers["turned below"] == pytest.approx(1 + 2 * math.sin(0.06))
    assert answers["as near as may be"] == 0.5
    assert answers["shifted"] == pytest.approx([0, -0.25 * 4 * math.tan(math.pi / 8), 1])


def test_links_bring_back_every_character(answers):
    """In JavaScript, and as Python reads the address."""
    name, address, view = answers["every mark"]
    assert view["hidden"] == [name]
    assert (view["explained"], view["step"], view["slice"]) == (name, 4, -0.25)
    assert view["zoom"] == {"x": [-1.25, 2e-7], "y": [3, 40], "isShared": False}
    text = parse_qs(urlsplit(address).query)["stage"][0]
    fields = text.split("**")[0].split("*")
    assert text.count("**") == 0
    assert fields[1] == "h" + name.replace("%", "%25").replace("*", "%2A")
    others = answers["others' entries"]
    assert others == {"hidden": [], "step": 5, "slice": 2, "zoom": {"x": [1, 2], "y": [3, 4], "isShared": True}}


def test_a_weighted_sum_has_the_servers_words(answers):
    assert answers["sums"] == [f"training {weighted_sum(weights)}" for weights in WEIGHTS]


def test_a_step_back_or_forth_leaves_the_snapshot_that_is_shown(answers):
    assert answers["stops"] == [[0, 3], [0, 3], [0, 7], [3, 7], [3, 12], [7, 12], [7, 12]]


def test_the_middle_of_the_scene_follows_the_pointer(answers):
    assert answers["dragged"] == [pytest.approx(each, abs=1e-9) for each in ([0.1, 0.0], [0.0, 0.2], [-0.3, 0.05])]
