"""Calls that are killed, and calls that write one directory at the same time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from landscapes.evaluation import result_directory
from tests.evaluation.test_result_directory import (
    CALLS,
    Stop,
    assert_equal,
    contents,
    stop_at,
    use_small_batches,
)

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    use_small_batches(monkeypatch)


# What a partial result has reached, and where a process kills itself: in the midst of the work.
REACHED = {
    "evaluate": (lambda fraction, partial: partial.evaluations, 64),
    "refine": (lambda fraction, partial: partial.evaluations, 250),
    "convexity_map": (lambda fraction, partial: int(np.sum(partial.evaluated)), 5),
    "race_from": (lambda fraction, partial: round(41 * fraction), 21),
}


@pytest.mark.parametrize("call", CALLS)
def test_killed_process_loses_only_its_last_piece(call, tmp_path):
    code = """
import os, signal, sys
import pytest
from tests.evaluation.test_killed_calls import CALLS, REACHED, use_small_batches
use_small_batches(pytest.MonkeyPatch())
reached, last = REACHED[sys.argv[1]]

def progress(fraction, partial):
    print(reached(fraction, partial), flush=True)
    if reached(fraction, partial) >= last:
        os.kill(os.getpid(), signal.SIGKILL)

CALLS[sys.argv[1]](checkpoint=sys.argv[2], progress=progress)
"""
    command = [sys.executable, "-c", code, call, str(tmp_path)]
    result = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == -9, result.stderr
    before = sorted({int(line) for line in result.stdout.split()})
    assert len(before) > 2
    after = []

    def progress(fraction, partial):
        after.append(REACHED[call][0](fraction, partial))

    assert_equal(CALLS[call](checkpoint=tmp_path, progress=progress), CALLS[call]())
    if call == "refine":  # the first level is read from the directory
        after = [evaluations for evaluations in after if evaluations > 145]
    # The first report is of what the killed process had written.
    assert after[0] >= before[-2]


@pytest.mark.parametrize("call", CALLS)
def test_calls_that_write_one_directory_in_turns_do_not_damage_it(call, tmp_path):
    """One call gets a third of the way, another two thirds of it, the first one goes on to a half."""
    expected = CALLS[call]()
    turns = []

    def progress(fraction, partial):
        if fraction >= 0.3 and not turns:
            turns.append(fraction)
            with pytest.raises(Stop):
                CALLS[call](checkpoint=tmp_path, progress=stop_at(0.7))
        if fraction >= 0.5:
            raise Stop

    with pytest.raises(Stop):
        CALLS[call](checkpoint=tmp_path, progress=progress)
    assert turns
    assert_equal(CALLS[call](checkpoint=tmp_path), expected)
    assert not list(tmp_path.glob("unfinished-*"))
    before = contents(tmp_path)
    assert_equal(CALLS[call](checkpoint=tmp_path), expected)
    assert contents(tmp_path) == before


def test_eigenvectors_that_another_call_removed_are_not_needed(tmp_path):
    expected = CALLS["convexity_map"]()
    with pytest.raises(Stop):
        CALLS["convexity_map"](checkpoint=tmp_path, progress=stop_at(0.5))
    for file in tmp_path.glob("eigenvector-*"):
        file.unlink()
    result = CALLS["convexity_map"](checkpoint=tmp_path)
    np.testing.assert_array_equal(result.states, expected.states)
    for end in ("smallest", "largest"):
        errors = getattr(result, f"{end}_error") + getattr(expected, f"{end}_error")
        assert np.all(np.abs(getattr(result, end) - getattr(expected, end)) <= errors)


def test_first_of_two_different_calls_owns_the_directory(tmp_path):
    def opened(place):
        number, name = divmod(place, 2)
        try:
            return result_directory.ResultDirectory(tmp_path / str(number), {"function": "ab"[name]}).shares
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        result = list(pool.map(opened, range(40)))
    for first, second in zip(result[::2], result[1::2], strict=True):
        assert {type(first), type(second)} == {int, str}
        assert "another function" in f"{first}{second}"
    assert not list(tmp_path.glob("*/.*"))
