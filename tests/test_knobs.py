"""Knobs: read from a signature, checked with a sentence, and the same wherever a function is registered."""

import ast
import inspect
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from annotated_types import Ge, Gt, Interval, Le, Lt

from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, check_knobs, knobs
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes.catalog import function_of

Shape = Annotated[Literal["round", "square"], "form"]


def sample(
    data: Any,
    seed: int,
    *,
    rate: Annotated[float, Interval(gt=0, le=1), "η"] = 0.1,
    count: Annotated[int, Interval(ge=1, le=9), "how many"] = 3,
    share: Annotated[float, Ge(0), Lt(1)] = 0.5,
    bound: Annotated[float, Gt(-1), Le(1), "two bounds"] = 0.0,
    shape: Shape = "round",
    plain: Literal["a", "b"] = "a",
    switch: Annotated[bool, "on or off"] = True,
    free: float = 1.0,
    callback: Any = None,
    untyped=3,
) -> None:
    """Every kind of knob there is, and two keywords that are none."""


def test_every_kind_of_knob_is_read_from_the_signature():
    assert knobs(sample) == {
        "rate": Knob("rate", float, 0.1, 0, 1, open_low=True, doc="η"),
        "count": Knob("count", int, 3, 1, 9, doc="how many"),
        "share": Knob("share", float, 0.5, 0, 1, open_high=True),
        "bound": Knob("bound", float, 0.0, -1, 1, open_low=True, doc="two bounds"),
        "shape": Knob("shape", str, "round", choices=("round", "square"), doc="form"),
        "plain": Knob("plain", str, "a", choices=("a", "b")),
        "switch": Knob("switch", bool, True, doc="on or off"),
        "free": Knob("free", float, 1.0),
    }


def test_changing_returned_knobs_does_not_change_the_cache():
    knobs(sample).clear()
    assert len(knobs(sample)) == 8


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("rate", 1, 1.0),
        ("rate", "0.25", 0.25),
        ("rate", np.float32(0.5), 0.5),
        ("count", 4.0, 4),
        ("count", "9", 9),
        ("count", np.int64(2), 2),
        ("bound", 1.0, 1.0),
        ("shape", "square", "square"),
        ("switch", "false", False),
        ("switch", 0, False),
        ("switch", "TRUE", True),
        ("switch", 1.0, True),
        ("free", -1e30, -1e30),
    ],
)
def test_values_come_in_the_knobs_own_type(name, given, taken):
    checked = check_knobs("sample", sample, {name: given})
    assert checked == {**{key: knob.default for key, knob in knobs(sample).items()}, name: taken}
    assert type(checked[name]) is type(taken)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("rate", 0, "sample: rate = 0 is out of range; give a number above 0 up to 1"),
        ("rate", 1.5, "sample: rate = 1.5 is out of range; give a number above 0 up to 1"),
        ("rate", math.nan, "sample: rate = nan is not valid; give a number above 0 up to 1"),
        ("rate", "inf", "sample: rate = inf is not valid; give a number above 0 up to 1"),
        ("rate", "fast", "sample: rate = 'fast' is not a number; give a number above 0 up to 1"),
        ("rate", None, "sample: rate = 'None' is not a number; give a number above 0 up to 1"),
        ("rate", True, "sample: rate = 'True' is not a number; give a number above 0 up to 1"),
        ("rate", [1], "sample: rate = '[1]' is not a number; give a number above 0 up to 1"),
        ("rate", 10**400, f"sample: rate = '1{'0' * 39}' is not a number; give a number above 0 up to 1"),
        ("count", 2.5, "sample: count = 2.5 is not valid; give a whole number from 1 up to 9"),
        ("count", 0, "sample: count = 0 is out of range; give a whole number from 1 up to 9"),
        ("count", "10", "sample: count = 10 is out of range; give a whole number from 1 up to 9"),
        ("count", math.inf, "sample: count = inf is not valid; give a whole number from 1 up to 9"),
        ("share", 1, "sample: share = 1 is out of range; give a number from 0 below 1"),
        ("bound", -1, "sample: bound = -1 is out of range; give a number above -1 up to 1"),
        ("shape", "oval", "sample: shape = 'oval' is not one of round, square"),
        ("switch", "maybe", "sample: switch = 'maybe' is neither true nor false"),
        ("switch", 2, "sample: switch = 2 is neither true nor false"),
        ("free", "nan", "sample: free = nan is not valid; give a number"),
    ],
)
def test_every_wrong_value_gets_its_sentence(name, given, sentence):
    with pytest.raises(ValueError, match="sample: ") as error:
        check_knobs("sample", sample, {name: given})
    assert str(error.value) == sentence


def test_unknown_knob_error_lists_the_known_ones():
    with pytest.raises(ValueError, match="sample has no knob 'ratio'; it has: rate, count, share, bound"):
        check_knobs("sample", sample, {"ratio": 1})
    with pytest.raises(ValueError, match="nothing has no knob 'x'; it has: none"):
        check_knobs("nothing", lambda: None, {"x": 1})
    # Keywords that are no knobs cannot be set from outside either.
    with pytest.raises(ValueError, match="no knob 'callback'"):
        check_knobs("sample", sample, {"callback": 1})


# The registries

REGISTRIES = {
    "model": MODELS,
    "dataset": DATASETS,
    "objective": OBJECTIVES,
    "function": FUNCTIONS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "direction": DIRECTIONS,
}
ENTRIES = [(kind, name) for kind, registry in REGISTRIES.items() for name in registry]


def test_names_are_unique_and_fit_an_address():
    """A knob's key in the address is its owner's name, a dot and its own."""
    names = [name for _, name in ENTRIES]
    assert len(set(names)) == len(names)
    for name in names:
        assert name.replace("-", "").isalnum()
        assert name == name.lower()
    assert not {"weight", "none"} & set(names)


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_every_registered_knob_has_range_and_doc(kind, name):
    function = function_of(REGISTRIES[kind][name])
    knobs_by_name = knobs(function)
    defaults = {
        key
        for key, p in inspect.signature(function).parameters.items()
        if p.default is not inspect.Parameter.empty
    }
    assert set(knobs_by_name) == defaults
    for knob in knobs_by_name.values():
        assert knob.check(knob.default) == knob.default
        assert type(knob.default) is knob.kind
        assert knob.doc
        assert "\n" not in knob.doc
        assert knob.choices or knob.kind in (bool, str) or knob.low is not None


# Functions that have an argument because others of their kind do, or whose signature alone is read.
SIGNATURES = {
    "game_steps.update": {"params"},
    "plateau.reduce_on_plateau": {"factor", "patience", "tolerance", "cooldown", "average", "final"},
    "computation.__call__": {"partial", "note"},
    "idle_work.report_unless_needed": {"partial", "note"},
    "flows._rectified_references": {"steps"},
    "functions._rosenbrock_minimizers": {"b"},
    "reward._sampled_references": {"episodes", "baseline"},
    "reward._surrogate_references": {"clip"},
    "score_matching._references": {"draws"},
}


def test_every_optional_argument_is_read():
    """An argument that a function takes and does not pass on leaves what it calls at a default."""
    root = Path(__file__).parent.parent
    packages = (root / name for name in ("landscapes", "models", "objectives"))
    unread = {}
    for path in (path for package in packages for path in package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            positional = [*node.args.posonlyargs, *node.args.args]
            optional = [*positional[len(positional) - len(node.args.defaults) :], *node.args.kwonlyargs]
            read = {each.id for line in node.body for each in ast.walk(line) if isinstance(each, ast.Name)}
            # A model without dropout or statistics is the same in training.
            names = {argument.arg for argument in optional} - read - {"train"}
            if names and (path.parent.name, path.stem) != ("catalog", "datasets"):
                unread[f"{path.stem}.{node.name}"] = names
    assert unread == SIGNATURES
