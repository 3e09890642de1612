"""Checks every number, side, mark and trend in the sentences of a lesson against its recipes.

Numbers are digits or the words in NUMBER. An entry of CLAIMS returns one value per occurrence, or whether a stated
bound holds. Values are compared to the printed digits.
"""

import math
import re
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import numpy as np
import pytest

from landscapes.figures.marks import SYMBOLS
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.scenes.placement import run_race
from landscapes.tradeoffs.overoptimization import overoptimization_point

SPELLED = {"two": 2, "three": 3, "ten": 10, "twelve": 12, "sixty": 60, "hundred": 100, "half": 0.5}
NUMBER = re.compile(rf"(?<![\w.])[−√]?\d+(?:\.\d+)?(?: %)?|½|\b(?:{'|'.join(SPELLED)})\b", re.IGNORECASE)
WORD = re.compile(r"\b(?:left|right|marked|falls|rises|lower|higher)\b", re.IGNORECASE)


@cache
def side(name, right=False):
    left = catalog.complete(LESSONS[name].recipe)
    return (catalog.neighbour(left) or left) if right else left


@cache
def built(name, right=False) -> Any:
    return catalog.build(side(name, right))


@cache
def run(name, right=False):
    """The first optimizer's run on the training examples."""
    recipe = replace(side(name, right), split="train")
    recipe = replace(recipe, optimizers=recipe.optimizers[:1])
    return run_race(recipe, catalog.training_problem(catalog.build(recipe)), None)[recipe.optimizers[0].name]


@cache
def drawn_values(name, right=False):
    """The drawn quantity at each snapshot of the left picture's run."""
    recipe = side(name, right)
    drawn = catalog.drawn_problem(recipe, built(name, right))
    if recipe.term:
        return run(name).terms[recipe.term][run(name).steps]
    return np.asarray(jax.jit(jax.vmap(drawn.loss))(run(name).params))


def end(name):
    return jax.tree.map(lambda leaf: leaf[-1], run(name).params)


@cache
def mark(name):
    """The index of the snapshot that is marked on the paths of both pictures."""
    assert catalog.same_numbers(*(catalog.as_trained(side(name, right)) for right in (False, True)))
    senses = built(name).sense, built(name, True).sense
    point = overoptimization_point(run(name).steps, drawn_values(name), drawn_values(name, True), senses=senses)
    assert point is not None
    return point.index


def change(name, right=False):
    values = drawn_values(name, right)
    return float(values[-1] - values[mark(name)])


def weight(name, term, right=False):
    return dict(side(name, right).weights)[term]


def best(name, right=False) -> Any:
    return catalog.optimum(side(name, right), built(name, right))


def kernel(name, right=False):
    return abs(float(best(name, right)["decoder"]["kernel"][0, 0]))


def policy(name):
    """The marked optimum's probabilities."""
    assert "known optimum" in SYMBOLS
    (logits,) = jax.tree.leaves(best(name, True))
    return np.asarray(jax.nn.softmax(logits)).ravel()


def first_half(right):
    return int(np.argmax(run("plateau", right).terms["return"] > 0.5))


def bowl(*at):
    return float(built("ravine").loss(np.array(at, np.float64)))


def collapsed_eigenvalue():
    """At w = v = 0 and a posterior of variance 1 the Hessian in (w, v) is [[1, −m], [−m, m]], m the mean of x²."""
    m = float(np.mean(np.square(built("collapsed").data["x"])))
    return float(np.linalg.eigvalsh(np.array([[1, -m], [-m, m]]))[0])


def collapsed_loss():
    problem = built("collapsed")
    return float(problem.loss(jax.tree.map(np.zeros_like, problem.params)))


def gradient_of_the_error_rate():
    drawn = catalog.drawn_problem(side("terraces", True), built("terraces", True))
    return max(float(abs(leaf).max()) for leaf in jax.tree.leaves(jax.grad(drawn.loss)(drawn.params)))


def loss_without_dropout():
    right = side("byheart", True)
    return float(catalog.drawn_problem(right, built("byheart", True)).loss(end("byheart")))


def setting(name, owner, knob, right=False) -> Any:
    return getattr(side(name, right), owner).settings[knob]


ROOT = (math.sqrt(100) - 1) / (math.sqrt(100) + 1)
RATE: dict[str, Any] = {choice.name: choice.settings for choice in LESSONS["ravine"].recipe.optimizers}

CLAIMS: dict[str, dict[str, Any]] = {
    "ravine": {
        "½": lambda: [bowl(1, 0)],
        "100": lambda: [bowl(0, 1) / bowl(1, 0)],
        "hundred": lambda: [bowl(0, 1) / bowl(1, 0)],
        "2": lambda: [RATE["sgd"]["learning_rate"] * (100 + 1)],
        "0.980": lambda: [1 - RATE["sgd"]["learning_rate"]],
        "0.818": lambda: [math.sqrt(RATE["momentum"]["beta"])] if math.isclose(ROOT, 9 / 11) else [],
    },
    "skips": {
        "twelve": lambda: [setting("skips", "model", "depth")],
        "150": lambda: [side("skips").steps],
        "ten": lambda: [
            run("skips").final_loss < 0.05 and run("skips", True).final_loss > 10 * run("skips").final_loss
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
            float(built("duel").terms(built("duel").params)["R1"]) / setting("duel", "model", "slope") ** 2
        ],
    },
    "collapsed": {
        "4": lambda: [setting("collapsed", "data", "variance")],
        "1": lambda: [setting("collapsed", "objective", "variance")],
        "2.919": lambda: [collapsed_loss()],
        "−1.77": lambda: [collapsed_eigenvalue()],
        "√3": lambda: [kernel("collapsed")],
        "2.112": lambda: [float(built("collapsed").loss(best("collapsed")))],
    },
    "beta": {
        "two": lambda: [side("beta").dimension, len({kernel("beta"), -kernel("beta")})],
        "6": lambda: [
            weight("beta", "kl", True),
            weight("beta", "kl", True) * setting("beta", "objective", "variance"),
        ],
        "4": lambda: [setting("beta", "data", "variance")],
        "0": lambda: [kernel("beta", True)],
    },
    "context": {"1.31": lambda: [catalog.references(side("context"))["best bigram, H(next | this)"]]},
    "apart": {
        "two": lambda: [(math.exp(next(iter(catalog.references(side("apart")).values()))) + 1) / 100],
        "100": lambda: [setting("apart", "data", "examples")],
        "−1": lambda: [run("apart", True).final_terms["alignment"] * setting("apart", "objective", "temperature")],
        "−2": lambda: [run("apart", True).final_terms["alignment"]],
        "3.57": lambda: [run("apart").final_loss],
        "199": lambda: [math.exp(next(iter(catalog.references(side("apart")).values())))],
        "5.29": lambda: [next(iter(catalog.references(side("apart")).values()))],
    },
    "byheart": {
        "half": lambda: [setting("byheart", "objective", "rate")],
        "0.001": lambda: [run("byheart").final_loss < 0.001],
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
        "marked": lambda: 0 < mark("overoptimized") < len(run("overoptimized").steps) - 1,
        "rises": lambda: change("overoptimized") > 0,
        "falls": lambda: change("overoptimized", True) < 0,
    },
    "overfitted": {
        "left": lambda: side("overfitted").split == "train",
        "right": lambda: side("overfitted", True).split == "test",
        "marked": lambda: 0 < mark("overfitted") < len(run("overfitted").steps) - 1,
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
        "falls": lambda: run("byheart").loss[0] > 0.001 > run("byheart").final_loss,
    },
}


def matches(pattern, name):
    return [text.lower() for text in pattern.findall(" ".join(LESSONS[name].sentences))]


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
