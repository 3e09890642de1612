"""The sidebar and the address: options that fit, and settings that stay."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest

from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.views.controls import sidebar
from tests.views.pages import SMALL, open_page, settle, warnings


def test_the_page_adopts_back_and_forward():
    page = open_page("objective=matyas&optimizers=adam&steps=5")
    page.main.segmented_control(key="scale").set_value("log")
    settle(page.run())
    assert page.query_params["scale"] in ("log", ["log"])  # AppTest returns either
    del page.query_params["scale"]  # the browser's back button
    settle(page.run())
    assert page.segmented_control(key="scale").value == "linear"
    assert "scale" not in page.query_params
    page.query_params["scale"] = ["log"]  # and forward
    settle(page.run())
    assert page.segmented_control(key="scale").value == "log"


def test_a_late_address_does_not_undo_a_widget():
    page = open_page("objective=matyas&optimizers=adam&steps=5")
    page.segmented_control(key="scale").set_value("log")
    settle(page.run())
    del page.query_params["scale"]
    page.segmented_control(key="picture").set_value("Contour")
    settle(page.run())
    assert page.segmented_control(key="scale").value == "log"
    assert page.query_params["view"] in ("contour", ["contour"])


@pytest.mark.usefixtures("without_pictures")
def test_a_setting_survives_the_absence_of_its_widget():
    page = open_page(SMALL, complete=False)
    page.sidebar.number_input(key="adam.learning_rate").set_value(0.02)
    page.run()
    page.sidebar.multiselect(key="optimizers").set_value(["sgd"])
    page.run()
    page.sidebar.multiselect(key="optimizers").set_value(["sgd", "adam"])
    page.run()
    assert page.sidebar.number_input(key="adam.learning_rate").value == 0.02


@pytest.mark.usefixtures("without_pictures")
def test_learning_rates_follow_the_function():
    page = open_page("objective=rosenbrock&optimizers=sgd&steps=5&tolerance=0.1", complete=False)
    slow = page.sidebar.number_input(key="sgd.learning_rate").value
    page.sidebar.selectbox(key="function").set_value("matyas")
    page.run()
    fast = page.sidebar.number_input(key="sgd.learning_rate").value
    assert fast == catalog.default_rate(Choice("matyas"), "sgd")
    assert slow == catalog.default_rate(Choice("rosenbrock"), "sgd")
    assert [text.value for text in page.markdown if "rates" in text.value] == [
        f"Learning rates changed to those of Matyas: SGD {fast:.4g}."
    ]


@pytest.mark.usefixtures("without_pictures")
def test_the_sidebar_offers_only_compatible_entries():
    page = open_page(SMALL, complete=False)
    page.sidebar.selectbox(key="objective").set_value("squared-error")
    page.run()
    page.sidebar.selectbox(key="data").set_value("diabetes")
    page.run()
    entries = [OBJECTIVES[name] for name in catalog.trainable_objectives(OBJECTIVES)]
    titles = {entry.title for entry in entries if entry.page.family == "Supervised"}
    assert set(page.sidebar.selectbox(key="objective").options) == titles
    fits = {MODELS[name].title for name in catalog.models_for("diabetes", "squared-error")}
    assert set(page.sidebar.selectbox(key="model").options) == fits
    fits = {DATASETS[name].title for name in catalog.datasets_for("squared-error")}
    assert set(page.sidebar.selectbox(key="data").options) == fits


@pytest.mark.usefixtures("without_pictures")
def test_an_incompatible_objective_brings_its_own_data():
    page = open_page(
        "objective=squared-error&data=diabetes&model=linear&seed=3&directions=gaussian&optimizers=sgd"
        "&steps=5&eigenvalues=1&tolerance=0.1",
        complete=False,
    )
    page.sidebar.selectbox(key="objective").set_value("hinge")
    page.run()
    assert not page.exception
    assert not warnings(page)
    assert page.sidebar.selectbox(key="data").value == catalog.opening_of("hinge").data.name
    assert page.sidebar.number_input(key="seed").value == 3


@pytest.mark.usefixtures("without_pictures")
def test_other_data_reset_only_unchanged_view_settings():
    page = open_page("objective=huber&steps=5&eigenvalues=1&tolerance=0.1&optimizers=sgd", complete=False)

    def view_settings():
        numbers = [page.sidebar.number_input(key=key).value for key in ("extent", "start_x")]
        return numbers, page.sidebar.selectbox(key="start").value

    assert view_settings() == ([15, -2.4], "picked")
    page.sidebar.selectbox(key="data").set_value("diabetes")
    page.run()
    assert view_settings() == ([1, 0], "initial")
    page.sidebar.selectbox(key="data").set_value("sine")
    page.run()
    assert view_settings() == ([15, -2.4], "picked")
    page.sidebar.number_input(key="extent").set_value(7)
    page.run()
    page.sidebar.selectbox(key="model").set_value("mlp")
    page.run()
    assert view_settings() == ([7, 0], "initial")
    assert (page.query_params["extent"], page.query_params["model"]) == ("7.0", "mlp")


@pytest.mark.usefixtures("without_pictures")
def test_every_knob_of_the_chosen_entries_has_its_widget():
    page = open_page(SMALL, complete=False)
    keys = {widget.key for kind in ("number_input", "slider", "toggle", "selectbox") for widget in page.get(kind)}
    for owner in ("iris", "cross-entropy", "sgd", "adam"):
        assert {f"{owner}.{knob}" for knob in catalog.knobs_of(owner)} <= keys


def test_a_written_address_opens_the_same_recipe():
    recipe = catalog.complete(Recipe.from_query(SMALL))
    assert catalog.complete(catalog.from_query(catalog.to_query(recipe))) == recipe
    assert catalog.to_query(recipe)["optimizers"] == ["sgd", "adam"]


@pytest.mark.parametrize("change", [sidebar._open_family, partial(sidebar._change, "data")])
def test_a_list_whose_setting_another_callback_has_changed_changes_nothing(monkeypatch, change):
    """A click that opens a recipe removes the keys of the lists, whose callbacks Streamlit then calls as well."""
    monkeypatch.setattr(sidebar, "st", SimpleNamespace(session_state={}))
    monkeypatch.setattr(sidebar, "set_widgets", None)  # calling it would fail
    change()
