"""The section on learning rates: its table, the button that adopts the best rates, and wrong settings."""

from __future__ import annotations

import json

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
