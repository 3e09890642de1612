"""Checks every number, side, mark and trend in the sentences and the answer of a lesson against its recipes.

Numbers are digits or the words in NUMBER. An entry of CLAIMS returns one value per occurrence, or whether a stated
bound holds. Values are compared to the printed digits.
"""

import math
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.views.pages import pair
from tests.lessons.lesson_values import (
    RATE,
    ROOT,
    best,
    bowl,
    built,
    change,
    collapsed_eigenvalue,
    collapsed_loss,
    collapsed_point_is_a_saddle,
    first_half,
    gradient_of_the_error_rate,
    kernel,
    kernel_of,
    loss_at,
    loss_without_dropout,
    mark,
    marked_snapshots,
    mirrored,
    policy,
    record,
    setting,
    shares,
    side,
    start,
    variation,
    weight,
)

SPELLED = {
    "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "ten": 10, "twelve": 12, "sixty": 60, "hundred": 100,
    "half": 0.5,
}  # fmt: skip
NUMBER = re.compile(rf"(?<![\w.])[−√]?\d+(?:\.\d+)?(?: %)?|½|\b(?:{'|'.join(SPELLED)})\b", re.IGNORECASE)
WORD = re.compile(r"\b(?:left|right|marked|falls|rises|lower|higher)\b", re.IGNORECASE)
# Words for a point of the picture.
POINT = re.compile(r"\b(?:marked|middle|valleys?|equilibrium|begin|along|across)\b", re.IGNORECASE)


CLAIMS: dict[str, dict[str, Any]] = {
    "ravine": {
        "½": lambda: [bowl(1, 0)],
        "100": lambda: [bowl(0, 1) / bowl(1, 0)],
        "hundred": lambda: [bowl(0, 1) / bowl(1, 0)],
        "2": lambda: [RATE["sgd"]["learning_rate"] * (100 + 1)],
        "0.980": lambda: [1 - RATE["sgd"]["learning_rate"]],
        "116": lambda: [math.ceil(math.log(10) / -math.log(1 - RATE["sgd"]["learning_rate"]))],
        "12": lambda: [math.ceil(math.log(10) / -math.log(ROOT))],
        "0.818": lambda: [math.sqrt(RATE["momentum"]["beta"])] if math.isclose(ROOT, 9 / 11) else [],
    },
    "skips": {
        "twelve": lambda: [setting("skips", "model", "depth")],
        "150": lambda: [side("skips").steps],
        "ten": lambda: [
            record("skips").final_loss < 0.05
            and record("skips", True).final_loss > 10 * record("skips").final_loss
        ],
    },
    "convex": {},
    "overoptimized": {"200": lambda: [setting("overoptimized", "data", "examples")]},
    "overfitted": {"sixty": lambda: [setting("overfitted", "data", "examples")]},
    "terraces": {"0": lambda: [gradient_of_the_error_rate()]},
    "plateau": {
        "three": lambda: [setting("plateau", "data", "arms")],
        "1": lambda: [setting("plateau", "data", "best")],
        "½": lambda: [(setting("plateau", "data", "best") + setting("plateau", "data", "worst")) / 2],
        "0": lambda: [setting("plateau", "data", "worst")],
        "0.2": lambda: [weight("plateau", "entropy", True)],
        "half": lambda: [first_half(True) > 0, first_half(True) < first_half(False) / 2],
    },
    "surrogate": {},
    "duel": {
        "two": lambda: [catalog.dimension(side("duel"))],
        # At the equilibrium the interaction of the players is the slope of the logistic loss, ½.
        "1.1 %": lambda: [math.hypot(1, float(side("duel").optimizers[0].settings["learning_rate"]) / 2) - 1],
        "half": lambda: [
            float(jax.jit(built("duel").terms)(built("duel").params)["R1"])
            / setting("duel", "model", "slope") ** 2
        ],
    },
    "collapsed": {
        "4": lambda: [setting("collapsed", "data", "variance"), saddle_below_4_only()],
        "1": lambda: [setting("collapsed", "objective", "variance")],
        "2.919": lambda: [collapsed_loss()],
        "−1.77": lambda: [collapsed_eigenvalue()],
        "√3": lambda: [kernel("collapsed")],
        "2.112": lambda: [float(loss_at(built("collapsed"), best("collapsed")))],
    },
    "beta": {
        "two": lambda: [side("beta").dimension, len({kernel("beta"), -kernel("beta")})],
        "6": lambda: [
            weight("beta", "kl", True),
            weight("beta", "kl", True) * setting("beta", "objective", "variance"),
        ],
        "4": lambda: [setting("beta", "data", "variance")],
        "0": lambda: [kernel("beta", True)],
        "2": lambda: [dict(variation("beta", 0)[1].weights)["kl"]],
        "√2": lambda: [kernel_of(variation("beta", 0)[1])],
    },
    "context": {"1.31": lambda: [catalog.references(side("context"))["best bigram, H(next | this)"]]},
    "apart": {
        "two": lambda: [(math.exp(next(iter(catalog.references(side("apart")).values()))) + 1) / 100],
        "100": lambda: [setting("apart", "data", "examples")],
        "−1": lambda: [
            record("apart", True).final_terms["alignment"] * setting("apart", "objective", "temperature")
        ],
        "−2": lambda: [record("apart", True).final_terms["alignment"]],
        "3.57": lambda: [record("apart").final_loss],
        "199": lambda: [math.exp(next(iter(catalog.references(side("apart")).values())))],
        "5.29": lambda: [next(iter(catalog.references(side("apart")).values()))],
    },
    "byheart": {
        "half": lambda: [setting("byheart", "objective", "rate")],
        "0.001": lambda: [record("byheart").final_loss < 0.001],
        "0.71": lambda: [loss_without_dropout()],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "skips": {
        "left": lambda: [setting("skips", "model", "residual", right) for right in (False, True)] == [True, False]
    },
    "overoptimized": {
        "left": lambda: side("overoptimized").term == "" and weight("overoptimized", "reward") == 1,
        "right": lambda: side("overoptimized", True).term == "true-reward",
        "marked": lambda: 0 < mark("overoptimized") < len(record("overoptimized").steps) - 1,
        "rises": lambda: change("overoptimized") > 0,
        "falls": lambda: change("overoptimized", True) < 0,
    },
    "overfitted": {
        "left": lambda: side("overfitted").split == "train",
        "right": lambda: side("overfitted", True).split == "test",
        "marked": lambda: 0 < mark("overfitted") < len(record("overfitted").steps) - 1,
        "falls": lambda: change("overfitted") < 0,
        "rises": lambda: change("overfitted", True) > 0,
    },
    "plateau": {
        "right": lambda: [weight("plateau", "entropy", right) for right in (False, True)] == [0, 0.2],
        "marked": lambda: (
            best("plateau") is None
            and np.allclose(policy("plateau"), jax.nn.softmax(np.array([1, 0.5, 0]) / 0.2), atol=1e-6)
        ),
    },
    "surrogate": {"right": lambda: (side("surrogate").term, side("surrogate", True).term) == ("", "return")},
    "duel": {"right": lambda: [weight("duel", "R1", right) for right in (False, True)] == [0, 1]},
    "beta": {"right": lambda: [weight("beta", "kl", right) for right in (False, True)] == [1, 6]},
    "context": {
        "right": lambda: (
            [side("context", right).model.name for right in (False, True)] == ["bigram", "transformer"]
        ),
        # The bound is the same on both sides; test_lessons trains the Transformer below it.
        "falls": lambda: catalog.references(side("context")) == catalog.references(side("context", True)) != {},
    },
    "apart": {
        "left": lambda: weight("apart", "uniformity") == 1,
        "right": lambda: weight("apart", "uniformity", True) == 0,
    },
    "byheart": {
        "left": lambda: side("byheart").drawn == catalog.SAME and setting("byheart", "objective", "masks") == 1,
        "right": lambda: side("byheart", True).drawn.name == "cross-entropy",
        "falls": lambda: record("byheart").loss[0] > 0.001 > record("byheart").final_loss,
    },
}

# Where the points of POINT lie, as shares of the sides of the picture; see `shares`.
POINTS: dict[str, dict[str, Any]] = {
    "ravine": {
        # The ravine runs from the start to the minimum, along x.
        "along": lambda: [shares("ravine", at) for at in (start("ravine"), np.zeros(2), np.array([2.0, 0]))],
        "across": lambda: [shares("ravine", np.array([0, y])) for y in (start("ravine")[1], -start("ravine")[1])],
    },
    "overoptimized": {"marked": lambda: marked_snapshots("overoptimized")},
    "overfitted": {"marked": lambda: marked_snapshots("overfitted")},
    "plateau": {"marked": lambda: [shares("plateau", best("plateau", True), right=True)]},
    "surrogate": {"begin": lambda: [shares("surrogate", start("surrogate"), right) for right in (False, True)]},
    "duel": {"equilibrium": lambda: [shares("duel", best("duel", right), right) for right in (False, True)]},
    "collapsed": {
        "middle": lambda: [shares("collapsed", jax.tree.map(np.zeros_like, start("collapsed")))],
        "valley": lambda: [shares("collapsed", at) for at in valleys("collapsed")],
    },
    "beta": {"valleys": lambda: [shares("beta", at) for at in valleys("beta")]},
}


for name in sorted(path.stem for path in Path(__file__).parent.glob("claims_*.py")):
    more = import_module(f"tests.lessons.{name}")
    CLAIMS |= more.CLAIMS
    WORDS |= more.WORDS
    POINTS |= more.POINTS


def saddle_below_4_only():
    return [collapsed_point_is_a_saddle(variance) for variance in (3.9, 4.1)] == [True, False]


def valleys(name):
    return [best(name), mirrored(best(name))]


def matches(pattern, name):
    return [text.lower() for text in pattern.findall(" ".join((*LESSONS[name].sentences, LESSONS[name].answer)))]


def agrees(text, value):
    """Whether a value equals the printed one to its digits, or within 0.001 for an integer."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if text in SPELLED or text == "½":
        return value == pytest.approx(SPELLED.get(text, 0.5), rel=1e-5)
    if text.startswith("√"):
        return value == pytest.approx(math.sqrt(float(text[1:])), rel=1e-5)
    digits, percent = text.replace("−", "-").removesuffix(" %"), text.endswith("%")
    if "." not in digits:
        return value == pytest.approx(float(digits), abs=1e-3)
    return f"{100 * value if percent else value:.{len(digits.partition('.')[2])}f}" == digits


@pytest.mark.parametrize("name", LESSONS)
def test_numbers_in_sentences_match_computed_values(name):
    printed, claims = matches(NUMBER, name), CLAIMS[name]
    assert set(printed) == set(claims)
    for text, claim in claims.items():
        values = claim()
        assert len(values) == printed.count(text), text
        assert all(agrees(text, value) for value in values), (text, values)


@pytest.mark.parametrize("name", LESSONS)
def test_sides_marks_and_trends_match_pictures(name):
    checks = WORDS.get(name, {})
    assert set(matches(WORD, name)) == set(checks)
    for word, check in checks.items():
        assert check(), word


@pytest.mark.parametrize("name", LESSONS)
def test_points_of_sentences_lie_inside_the_picture(name):
    points = POINTS.get(name, {})
    assert set(matches(POINT, name)) == set(points)
    for word, where in points.items():
        for at in where():
            assert np.all((at > 0.02) & (at < 0.98)), (word, at)


def test_middle_and_valleys_of_a_picture_are_on_their_sides():
    (middle,) = POINTS["collapsed"]["middle"]()
    np.testing.assert_allclose(middle, 0.5, atol=0.02)
    for name in ("collapsed", "beta"):
        one, other = (shares(name, at) for at in valleys(name))
        np.testing.assert_allclose((one + other) / 2, 0.5, atol=0.05)
        assert np.max(np.abs(one - other)) > 0.2  # apart, on either side of the middle


@pytest.mark.parametrize("name", [name for name in LESSONS if {*matches(WORD, name)} & {"left", "right"}])
def test_left_picture_is_the_recipe_and_right_picture_its_neighbour(name):
    """The page draws its recipes from left to right."""
    left, right = [side(name), *pair.neighbour(side(name))]
    assert right == catalog.complete(side(name, True)) != left
