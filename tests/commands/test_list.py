"""`landscapes list`."""

import json

import pytest

from landscapes.commands import main
from landscapes.commands.list import KINDS
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


def test_unknown_kind_ends_with_two(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["list", "colors"])
    assert ended.value.code == 2
    assert "colors" in capsys.readouterr().err
