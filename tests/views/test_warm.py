"""The computation of the first pictures at start."""

import gc
import threading
from types import SimpleNamespace

from landscapes.recipes.recipe import Recipe
from landscapes.views.pages.pictures import request
from landscapes.views.worker import warm

SOON = 10.0


def test_first_pictures_are_computed_at_start_in_order(computed, monkeypatch):
    monkeypatch.setattr(warm, "keep_compiled", lambda: None)
    frozen, ahead = threading.Event(), threading.Event()
    monkeypatch.setattr(warm, "IDLE_WORK", SimpleNamespace(start=ahead.set))
    monkeypatch.setattr(gc, "freeze", frozen.set)
    recipes = Recipe(seed=1), Recipe(seed=2)
    thread = warm.start(*recipes)
    thread.join(SOON)
    assert frozen.is_set()
    assert ahead.is_set()
    assert not thread.is_alive()
    for recipe in recipes:
        assert request("ada", recipe).result is not None
    assert [recipe.seed for recipe in computed] == [1, 2]


def test_nothing_is_computed_ahead_where_that_is_off(computed, monkeypatch):
    monkeypatch.setattr(warm, "keep_compiled", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(warm, "IDLE_WORK", None)  # has no start
    monkeypatch.setenv(warm.VARIABLE, "off")
    thread = warm.start(Recipe(seed=3))
    thread.join(SOON)
    assert not thread.is_alive()
    assert [recipe.seed for recipe in computed] == [3]
