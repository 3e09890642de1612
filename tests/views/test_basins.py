"""The section on many starts: maps of basins, win rates, partial results and wrong settings."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from landscapes.recipes import catalog
from landscapes.scenes import many_starts
from landscapes.views.sections import basins
from landscapes.views.worker.computation import Cancelled
from tests import small_recipes
from tests.views.pages import open_page, settle, stages, warnings
from tests.views.test_sectioned import turn_to

HIMMELBLAU = "objective=himmelblau&optimizers=sgd&optimizers=adam&steps=60&section=basins"


def section(query: str):
    return settle(turn_to(open_page(query, complete=False), "race"))


def figure(page) -> dict[str, Any]:
    return json.loads(stages(page)[0].partition("\n")[2])


def no_progress(fraction: float, partial: Any = None, note: str = "") -> None: ...


def test_maps_of_all_optimizers_and_their_win_rates_are_shown():
    page = section(f"{HIMMELBLAU}&basins.grid=8")
    assert not warnings(page)
    drawn = figure(page)
    assert drawn["layout"]["meta"]["kind"] == "basins"
    assert [each["text"] for each in drawn["layout"]["annotations"]] == ["SGD, η = 0.01", "Adam, η = 0.05"]
    table = next(text.value for text in page.markdown if "wins" in text.value)
    assert "| **SGD** |" in table
    assert "| **Adam** |" in table
    caption = next(text.value for text in page.caption if "Wilson" in text.value)
    assert caption.startswith("64 of 64 starts, 60 steps each. 4 end points")
    assert page.query_params["basins.grid"] == "8"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("basins.grid=317", "give a whole number from 0 up to 128"),
        ("basins.tolerance=0", "above 0"),
        ("basins.radius=nan", "radius"),
    ],
)
def test_impossible_grid_gets_one_sentence(query, sentence):
    page = turn_to(open_page(f"{HIMMELBLAU}&{query}", complete=False), "race")
    assert any(sentence in text for text in warnings(page)), warnings(page)


def test_rate_of_a_billion_marks_the_cells():
    page = section(f"{HIMMELBLAU}&basins.grid=4&sgd.learning_rate=1e9")
    assert not warnings(page)
    assert "diverged" in [trace.get("name") for trace in figure(page)["data"]]
    head, _, *rows = next(text.value for text in page.markdown if "wins" in text.value).splitlines()
    first, *names = [cell.strip() for cell in head.split("|")[1:-1]]
    assert first == "optimizer"  # a header without words says nothing to those who hear the table
    cells = {row.split("|")[1].strip(): [cell.split()[0] for cell in row.split("|")[2:-1]] for row in rows}
    shares = {label: dict(zip(names, row, strict=True)) for label, row in cells.items()}
    assert names == ["wins", "ends at the best loss", "diverges", "steps until settled, median"]
    assert [shares["**SGD**"][name] for name in names] == ["0.0", "0.0", "100.0", "none"]
    assert (shares["**Adam**"]["wins"], shares["**Adam**"]["diverges"]) == ("100.0", "0.0")
    assert 0 < float(shares["**Adam**"][names[1]]) < 100


def test_partial_maps_hold_whole_blocks_and_end_as_the_whole(monkeypatch):
    monkeypatch.setattr(many_starts, "MAX_BLOCK", 8)
    results: list[basins.BasinsResult] = []

    def keep(fraction: float, partial: Any = None, note: str = "") -> None:
        results.extend([] if partial is None else [partial])

    full = basins.compute(small_recipes.BOWL, {}, keep, grid=4)
    counts = sorted({int(each.computed.sum()) for each in results})
    assert counts == [8, 16]
    first = results[0]
    for name in ("loss", "settled"):
        one, all_ends = (np.asarray(getattr(each.ends["sgd"], name)) for each in (first, full))
        np.testing.assert_allclose(one[first.computed], all_ends[first.computed], rtol=1e-12)
    assert first.rates.wins["sgd"].total == 8


def test_cancelled_map_stops_between_segments_and_keeps_the_blocks_before(monkeypatch):
    monkeypatch.setattr(many_starts, "MAX_BLOCK", 4)
    last: list[basins.BasinsResult] = []

    def cancel_after_a_block(fraction: float, partial: Any = None, note: str = "") -> None:
        if partial is not None:
            last.append(partial)
            raise Cancelled

    memory: dict[str, Any] = {}
    with pytest.raises(Cancelled):
        basins.compute(small_recipes.BOWL, memory, cancel_after_a_block, grid=4)
    assert last[0].computed.sum() == 4
    assert not [key for key in memory if key.startswith("ends")]  # an unfinished map is not taken for a whole one


def test_games_are_compared_by_the_distance_from_their_equilibrium():
    recipe = catalog.opening_of("minimax-gan")
    result = basins.compute(recipe, {}, no_progress, grid=4)
    assert result.value == "distance from the equilibrium"
    assert not result.starts.is_restricted
    wins = {label: share.count for label, share in result.rates.wins.items()}
    assert wins["simultaneous"] == wins["alternating"] == 0  # they do not approach it
    assert sum(wins.values()) + result.rates.ties == 16


def test_starts_from_seeds_are_shown_by_their_sorted_ends():
    page = section(f"{HIMMELBLAU}&basins.seeds=12")
    assert not warnings(page)
    drawn = figure(page)
    assert drawn["layout"]["meta"]["kind"] == "waterfall"
    assert {trace["name"] for trace in drawn["data"]} == {"sgd", "adam"}
    caption = next(text.value for text in page.caption if "Wilson" in text.value)
    assert caption.startswith("12 of 12 starts, 60 steps each. 4 end points")
    assert "the function's own start and 11 at random in its box" in caption
    assert "as if" not in caption
    assert page.query_params["basins.seeds"] == "12"
