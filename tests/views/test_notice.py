"""The notice on settings that a change in the sidebar has changed, and its Undo."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.views.pages import open_page, warnings

pytestmark = pytest.mark.usefixtures("without_pictures")

MOONS = (
    "data=moons&moons.noise=0.3&model=softmax&optimizers=sgd&optimizers=adam&adam.learning_rate=0.03&steps=7"
    "&seed=3&view=contour&scale=log&eigenvalues=1&tolerance=0.1"
)


def notices(page: AppTest) -> list[str]:
    """The lines beside which an Undo stands."""
    undo = [button for button in page.button if button.label == "Undo"]
    return [text.value for text in page.markdown if " changed from " in text.value] if undo else []


def settings_of(page: AppTest) -> dict:
    sidebar = page.sidebar
    widgets = [*sidebar.selectbox, *sidebar.number_input, *sidebar.multiselect, *sidebar.slider]
    return {widget.key: widget.value for widget in widgets}


def choose(page: AppTest, key: str, title: str) -> None:
    page.sidebar.selectbox(key=key).set_value(title)
    page.run()


def test_settings_stay_under_an_objective_that_they_fit():
    page = open_page(MOONS, complete=False)
    before = settings_of(page)
    choose(page, "objective", "squared-error")
    after = settings_of(page)
    assert not warnings(page)
    assert not notices(page)
    assert after["objective"] == "squared-error"
    assert {key: value for key, value in before.items() if key in after and after[key] != value} == {
        "objective": "cross-entropy"
    }
    assert page.segmented_control(key="scale").value == "log"
    assert page.segmented_control(key="picture").value == "Contour"


def test_a_forced_change_is_named_and_undone():
    page = open_page(MOONS, complete=False)
    choose(page, "objective", "squared-error")
    before, address = settings_of(page), dict(page.query_params)
    choose(page, "data", "diabetes")
    assert notices(page) == [
        "Model changed from Softmax regression to Multilayer perceptron, "
        "because Softmax regression does not predict the values of Diabetes."
    ]
    assert (settings_of(page)["seed"], settings_of(page)["steps"]) == (3, 7)
    page.run()
    assert notices(page)  # until the viewer changes something
    next(button for button in page.button if button.label == "Undo").click()
    page.run()
    assert not notices(page)
    assert settings_of(page) == before
    assert dict(page.query_params) == address
    choose(page, "data", "diabetes")
    page.sidebar.number_input(key="steps").set_value(9)
    page.run()
    assert not notices(page)
    assert settings_of(page)["model"] == "mlp"


def test_undo_restores_all_after_another_family():
    page = open_page(MOONS, complete=False)
    before = settings_of(page)
    choose(page, "family", "Regularized")
    assert (settings_of(page)["objective"], settings_of(page)["data"], settings_of(page)["model"]) == (
        "sharpness-aware", "moons", "softmax")  # fmt: skip
    choose(page, "objective", "ridge")
    (text,) = notices(page)
    assert text.startswith(
        "Data changed from Two moons to Diabetes, because Ridge regression needs real targets; "
    )
    next(button for button in page.button if button.label == "Undo").click()
    page.run()
    after = settings_of(page)
    assert (after["family"], after["objective"], after["data"]) == ("Regularized", "sharpness-aware", "moons")
    assert {key for key in before if key in after and after[key] != before[key]} <= {
        "objective",
        "family",
        "beside",
    }


def test_learning_rates_return_with_their_kind_of_problem():
    page = open_page(MOONS, complete=False)
    page.sidebar.segmented_control(key="kind").set_value("Function f(x, y)")
    page.run()
    assert page.sidebar.number_input(key="adam.learning_rate").value != 0.03
    page.sidebar.segmented_control(key="kind").set_value("Objective")
    page.run()
    assert page.sidebar.number_input(key="adam.learning_rate").value == 0.03
    assert settings_of(page)["data"] == "moons"


def test_incompatible_optimizers_are_named_and_removed():
    page = open_page("objective=minimax-gan&optimizers=alternating&optimizers=adam&steps=5", complete=False)
    page.sidebar.segmented_control(key="kind").set_value("Function f(x, y)")
    page.run()
    assert page.sidebar.multiselect(key="optimizers").value == ["adam"]
    assert any("without Alternating" in text.value for text in page.markdown)
