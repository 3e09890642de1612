"""The section on learning rates: its table, the button that adopts the best rates, and wrong settings."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from landscapes.recipes import catalog
from landscapes.views.sections.rates import _notes, _table
from tests.figures.test_rate_sweep_figure import CURVE, SWEEP
from tests.small_recipes import TINY
from tests.views.pages import open_page, settle, stages, warnings
from tests.views.test_sectioned import turn_to

BOWL = "objective=bowl&bowl.condition=4&optimizers=sgd&steps=20&section=rates&rates.starts=2&rates.count=5"


def test_best_rates_are_adopted_by_a_button():
    page = settle(turn_to(open_page(f"{BOWL}&rates.lowest=0.025&rates.highest=0.4", complete=False), "race"))
    assert not warnings(page)
    assert json.loads(stages(page)[0].partition("\n")[2])["layout"]["meta"]["kind"] == "rate sweep"
    table = next(text.value for text in page.markdown if "best rate" in text.value)
    assert "| **SGD** | **0.4** (end of the range)" in table
    button = next(each for each in page.main.button if each.label == "Use the best rates")
    assert not button.disabled
    button.click()
    settle(page.run())
    assert page.query_params["sgd.learning_rate"] == "0.4"
    assert next(each for each in page.main.button if each.label == "Use the best rates").disabled


def test_rates_in_the_wrong_order_get_one_sentence():
    page = settle(turn_to(open_page(f"{BOWL}&rates.lowest=10&rates.highest=1", complete=False), "race"))
    assert any("is not below the highest 1; exchange them" in text for text in warnings(page))
    page = turn_to(open_page(f"{BOWL}&rates.starts=100000", complete=False), "race")
    assert any("give a whole number from 1 up to 50" in text for text in warnings(page))


def test_table_and_notes_state_the_numbers_of_each_optimizer():
    """One run of three diverges at the best rate of Adam, and one of its twelve is not computed."""
    nan, computed = np.nan, np.ones((4, 3), bool)
    computed[3, 2] = False
    losses = np.array([[3.0, nan, 1.0], [9.0, 8.0, 7.0], [nan, nan, nan], [nan, nan, nan]])
    adam = replace(CURVE, steps=5, losses=losses, evaluations=np.full((4, 3), 7), computed=computed)
    sweep = replace(SWEEP, curves={"sgd": CURVE, "adam": adam}, lowest=0.25, floor=1e-9)
    head, _, *rows = _table(sweep, {"sgd": 0.012}).splitlines()
    assert head == "| optimizer | best rate | median at the end | range | present rate | gradients of the sweep |"
    assert rows == [
        "| **SGD** | **0.1** | 1 | 0.5 to 9 | 0.012 | 120 |",
        "| **Adam** | **0.01** (end of the range) | 3 | 1 to 3; 1 of 3 diverged |  | 77 |",
    ]
    reward = replace(sweep, curves={"sgd": replace(CURVE, losses=-CURVE.losses)}, sign=-1, floor=-np.inf)
    assert "| **0.01** (end of the range) | 3 | 2 to 4 |" in _table(reward, {})
    text = _notes(sweep, catalog.complete(replace(TINY, steps=13)))
    assert text.startswith(
        "23 runs, SGD 10 steps; Adam 5 steps: at most 13 gradients each. Starts: three starts. "
    )
    assert " The known lowest value 0.25 is subtracted. Values below 1e-09 are drawn there" in text
