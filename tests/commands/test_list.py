"""`landscapes list`."""

import json

import pytest

from landscapes.commands import main
from landscapes.commands.list import KINDS, as_text
from landscapes.exports import EXPORTS
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_every_entry_is_listed_with_every_knob(capsys):
    assert main(["list", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert tuple(result) == KINDS
    listed = {kind: set(result[kind]) for kind in catalog.KINDS}
    assert listed == {kind: set(registry) for kind, registry in catalog.KINDS.items()}
    assert set(result["exports"]) == set(EXPORTS)
    assert set(result["lessons"]) == set(LESSONS)
    for kind in catalog.KINDS:
        for name, entry in result[kind].items():
            knobs = catalog.knobs_of(name)
            assert set(entry["knobs"]) == set(knobs)
            for knob, facts in entry["knobs"].items():
                assert (facts["low"], facts["high"]) == (knobs[knob].low, knobs[knob].high)
                assert facts["default"] == knobs[knob].default


def test_text_has_ranges_defaults_and_descriptions(capsys):
    assert main(["list", "functions", "optimizers", "exports"]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["functions", "optimizers", "exports"]
    assert any(line.split()[:1] == ["rosenbrock"] for line in lines)
    (rate, *_) = [line for line in lines if line.split()[:1] == ["learning_rate"]]
    assert " from " in rate or " above " in rate
    assert ", default " in rate
    assert any(line.split()[-1] == ".stl" for line in lines)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"low": 0.5, "high": 2, "open_low": True}, "float above 0.5 to 2, default 1: how far"),
        ({"low": 0.5, "high": 2, "open_high": True}, "float from 0.5 below 2, default 1: how far"),
        ({"low": 0.5}, "float from 0.5, default 1: how far"),
        ({"high": 2}, "float to 2, default 1: how far"),
        ({"choices": ["1", "b"], "doc": ""}, "1 | b, default 1"),
    ],
)
def test_range_of_a_knob_says_which_end_is_open(facts, expected):
    usual = {"kind": "float", "default": 1, "low": None, "high": None, "open_low": False, "open_high": False}
    knob = usual | {"choices": [], "doc": "how far"} | facts
    text = as_text({"models": {"net": {"title": "Net", "knobs": {"size": knob}}}})
    kind, entry, line = text.splitlines()
    assert (kind, entry.split()) == ("models", ["net", "Net"])
    assert line.split(maxsplit=1) == ["size", expected]


def test_unknown_kind_ends_with_two(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["list", "colors"])
    assert ended.value.code == 2
    assert "colors" in capsys.readouterr().err
