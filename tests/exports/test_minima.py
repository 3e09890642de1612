"""The minima of a surface as CSV."""

import csv
import io
from dataclasses import replace

import numpy as np

from landscapes.exports import EXPORTS
from landscapes.slices.persistent_minima import persistence
from landscapes.slices.surface import Surface


def rows(bundle):
    return list(csv.DictReader(io.StringIO(EXPORTS["minima"].encode(bundle).decode())))


def test_rows_are_the_minima_by_persistence(bundle):
    x = np.linspace(-2, 2, 65)
    wells = Surface.from_grid(x, x, (x[:, None] ** 2 - 1) ** 2 + 0.1 * x[:, None] + x[None] ** 2)
    surface = replace(wells, errors={"loss": 0.01})
    found, table = persistence(surface), rows(replace(bundle, surface=surface))
    assert len(table) == len(found.births)
    assert [row["claimed"] for row in table[:2]] == ["true", "true"]
    assert [float(row["x"]) for row in table] == list(found.minima[:, 0])
    assert (table[0]["saddle_loss"], table[0]["persistence"]) == ("inf", "inf")
    assert float(table[1]["saddle_loss"]) == found.deaths[1]
    assert float(table[0]["threshold"]) == found.threshold


def test_a_game_has_no_minima(bundle):
    assert rows(replace(bundle, surface=replace(bundle.surface, game=True))) == []
