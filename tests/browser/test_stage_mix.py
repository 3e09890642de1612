"""A mix in the browser is named as the server would name it."""

import pytest
from playwright.sync_api import Page

from landscapes.figures.stage import SCRIPT
from landscapes.recipes.words import symbol, weighted_sum

pytestmark = pytest.mark.browser

WEIGHTS = [
    {"cross-entropy": 1, "l1": 0, "l2": 0.01},
    {"reward": 1, "kl": -0.1, "true-reward": 2.5},
    {"reward": -2, "kl": -1, "true-reward": 0},
    {"reward": 0, "kl": 0},
]


@pytest.fixture(scope="module")
def page(open_page) -> Page:
    return open_page("about:blank")


@pytest.mark.parametrize("weights", WEIGHTS, ids=weighted_sum)
def test_a_weighted_sum_has_the_servers_words(page, weights):
    meta = {"value": "loss", "sum": "training {sum}", "symbols": {term: symbol(term) for term in weights}}
    stage = {"weights": weights, "given": "", "figure": {"layout": {"meta": meta}}}
    script = SCRIPT.replace("export default ", "")
    name = "([script, stage]) => new Function(script + '; return heightName')()(stage)"
    text = page.evaluate(name, [script, stage])
    assert text == f"training {weighted_sum(weights)}"
