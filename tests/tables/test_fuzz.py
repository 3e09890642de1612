"""Damaged and strange files are answered by a table or by one sentence."""

from __future__ import annotations

import itertools
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.tables import STORE, guess_target, pack, read_table, unpack
from tests.tables.files import HOMES, csv_of, homes_npz, homes_parquet, mutated

FILES = (
    (HOMES + HOMES.partition("\n")[2] * 2).encode(),
    csv_of(["x", "y", "label"], [(k, k * k / 7, "ab"[k % 2]) for k in range(12)]),
    homes_parquet(),
    homes_npz(),
)
COUNT = 2_000


# What Python reports of a running program (PEP 578) that reading a table must not do.
FORBIDDEN = ("os.", "subprocess.", "shutil.", "tempfile.", "pickle.", "socket.", "ctypes.")
_faults: list[str] = []
_watched = 0  # the thread, whose events are looked at; another one may keep a compiled program meanwhile


def _watch(event: str, arguments: tuple) -> None:
    if threading.get_ident() != _watched:
        return
    if event == "open":
        _, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR):
            _faults.append(f"{event} {arguments}")
    elif event.startswith(FORBIDDEN):
        _faults.append(f"{event} {arguments}")


@contextmanager
def nothing_run_or_written() -> Iterator[None]:
    """Fails where a file is opened to write, a program is started or an object is unpickled."""
    global _watched
    sys.addaudithook(_watch)  # a hook stays for good, so that it looks away after the test
    _watched = threading.get_ident()
    try:
        yield
    finally:
        _watched = 0
    assert not _faults


def test_fuzzed_files_give_tables_or_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # of codecs, which are imported when they are used
    with nothing_run_or_written():
        result, sentences = _answers(range(COUNT))
    assert result > COUNT / 10
    assert len(sentences) > 20


def test_the_watch_sees_files_and_pickles(tmp_path):
    for action in (lambda: (tmp_path / "a").write_text("a"), lambda: pickle.loads(pickle.dumps(print))):
        with pytest.raises(AssertionError), nothing_run_or_written():
            action()
        _faults.clear()


def _answers(seeds: range) -> tuple[int, set[str]]:
    """How many of the damaged files are tables, and the sentences on the others."""
    result, sentences = 0, set()
    for seed in seeds:
        content = mutated(seed, FILES)
        try:
            table = read_table(content, "data.csv")
            assert unpack(pack(table), table.reference).digest == table.digest
            number, targets = guess_target(table)
            STORE.add("fuzz", table)
            data = Choice.of(f"table-{targets}", table=str(table.reference), target=number)
            for settings in ({}, {"missing": "drop", "standardize": "nothing"}, {"missing": "indicator"}):
                examples = catalog.load(Choice.of(data.name, **(data.settings | settings)), 0)
                for part, name in itertools.product((examples.train, examples.test), "xy"):
                    assert np.isfinite(part[name]).all(), seed
            result += 1
        except ValueError as error:
            sentence = str(error)
            assert "\n" not in sentence, seed
            assert ";" in sentence or "," in sentence, sentence  # the remedy
            assert len(sentence) < 400, sentence
            sentences.add(sentence)
        finally:
            STORE.release("fuzz")
    return result, sentences
