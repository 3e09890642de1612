"""Undo and redo of settings restore widgets, address and recipe."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import widgets
from landscapes.views.controls.settings_history import MAX_ENTRIES, Entry, History
from tests.views.pages import SMALL, open_page, settle, stages


def seen(page: AppTest) -> tuple:
    """Widgets, address and the recipe of the picture."""
    figure = json.loads(stages(page)[0].partition("\n")[2])
    paths = sorted({trace["name"] for trace in figure["data"] if (trace.get("meta") or {}).get("role") == "path"})
    values = page.sidebar.number_input(key="steps").value, page.sidebar.multiselect(key="optimizers").value
    scale = page.segmented_control(key="scale").value
    recipe = page.session_state[widgets.LAST_RECIPE]
    drawn = page.session_state["last picture"][1].recipe
    assert drawn == recipe
    return values, scale, dict(page.query_params), recipe, figure["layout"]["meta"]["scale"], paths


def press(page: AppTest, name: str) -> None:
    page.button(key=f"settings {name}").click()
    settle(page.run())


def can(page: AppTest) -> tuple[bool, bool]:
    """Whether there is something to undo and to redo."""
    undo, redo = (not page.button(key=f"settings {name}").disabled for name in ("undo", "redo"))
    return undo, redo


def test_undo_and_redo_restore_widgets_address_and_picture():
    page = open_page(SMALL)
    assert can(page) == (False, False)
    first = seen(page)
    page.sidebar.number_input(key="steps").set_value(7)
    settle(page.run())
    second = seen(page)
    page.segmented_control(key="scale").set_value("log")
    settle(page.run())
    third = seen(page)
    settle(page.run())  # a rerun is no change
    press(page, "undo")
    assert seen(page) == second
    assert can(page) == (True, True)
    press(page, "undo")
    assert seen(page) == first
    assert can(page) == (False, True)
    press(page, "redo")
    press(page, "redo")
    assert seen(page) == third
    assert can(page) == (True, False)
    press(page, "undo")
    page.sidebar.multiselect(key="optimizers").set_value(["adam"])  # takes the place of what was undone
    settle(page.run())
    assert can(page) == (True, False)
    press(page, "undo")
    assert seen(page) == second


def entry(seed: int, page: str = "", *section: tuple[str, int]) -> Entry:
    return Entry(Recipe(seed=seed), page, section, {"seed": seed})


def history(*entries: Entry) -> History:
    result = History()
    for each in entries:
        result = result.with_entry(each)
    return result


def test_history_is_bounded():
    result = history(*(entry(seed) for seed in range(MAX_ENTRIES + 3)))
    assert len(result.entries) == MAX_ENTRIES
    assert result.entries[result.at] == entry(MAX_ENTRIES + 2)
    assert result.entries[0] == entry(3)


def test_another_page_with_the_same_recipe_is_no_change():
    race = entry(1, "race", ("rates", 3))
    result = history(entry(0), entry(1), race, entry(1, "race", ("rates", 5)))
    assert result.nearest(-1) == 1
    explored = result.with_entry(entry(1))
    # The knob of the section is on another page, so undo goes on to the change of the seed.
    assert explored.nearest(-1) == 0
