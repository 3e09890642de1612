"""Damaged and strange files are answered by a table or by one sentence."""

from __future__ import annotations

import builtins
import itertools

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


@pytest.fixture
def _no_file_is_written(monkeypatch):
    def refuse(file, mode="r", *args, **kwargs):
        assert mode in ("r", "rb"), f"{file} was opened to write"
        return opened(file, mode, *args, **kwargs)

    opened = builtins.open
    monkeypatch.setattr(builtins, "open", refuse)


@pytest.mark.usefixtures("_no_file_is_written")
def test_fuzzed_files_give_tables_or_one_sentence():
    found, sentences = 0, set()
    for seed in range(COUNT):
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
            found += 1
        except ValueError as error:
            sentence = str(error)
            assert "\n" not in sentence, seed
            assert ";" in sentence or "," in sentence, sentence  # the remedy
            assert len(sentence) < 400, sentence
            sentences.add(sentence)
        finally:
            STORE.release("fuzz")
    assert found > COUNT / 10
    assert len(sentences) > 20
