"""The computation of the first page at start."""

import gc
import threading

from landscapes.recipes.recipe import Recipe
from landscapes.views.pages.pictures import request
from landscapes.views.worker import warm

SOON = 10.0


def test_the_first_page_is_computed_at_start(computed, monkeypatch):
    monkeypatch.setattr(warm, "keep_compiled", lambda: None)
    frozen = threading.Event()
    monkeypatch.setattr(gc, "freeze", frozen.set)
    thread = warm.start(Recipe())
    thread.join(SOON)
    assert frozen.is_set()
    assert not thread.is_alive()
    assert request("ada", Recipe()).result is not None
    assert len(computed) == 1
