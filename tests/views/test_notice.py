"""What a change in the sidebar changes besides: kept where it fits, said in a line, and undone by a click."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.views.pages import open_page, warnings

MOONS = (
    "data=moons&moons.noise=0.3&model=softmax&optimizers=sgd&optimizers=adam&adam.learning_rate=0.03&steps=7"
    "&seed=3&view=contour&scale=log&eigenvalues=1&tolerance=0.1"
)


def said(page: AppTest) -> list[str]:
    """The lines beside which an Undo stands."""
    undo = [button for button in page.button if button.label == "Undo"]
    return [text.value for text in page.markdown if " changed from " in text.value] if undo else []


def chosen(page: AppTest) -> dict:
    sidebar = page.sidebar
    widgets = [*sidebar.selectbox, *sidebar.number_input, *sidebar.multiselect, *sidebar.slider]
    return {widget.key: widget.value for widget in widgets}


def choose(page: AppTest, key: str, title: str) -> None:
    page.sidebar.selectbox(key=key).set_value(title)
    page.run()


def test_settings_stay_under_an_objective_that_they_fit():
    page = open_page(MOONS, complete=False)
    before = chosen(page)
    choose(page, "objective", "squared-error")
    after = chosen(page)
    assert not warnings(page)
    assert not said(page)
    assert after["objective"] == "squared-error"
    assert {key: value for key, value in before.items() if key in after and after[key] != value} == {
        "objective": "cross-entropy"
    }
    assert page.segmented_control(key="scale").value == "log"
    assert page.segmented_control(key="picture").value == "Contour"


def test_what_had_to_change_is_said_and_undone():
    page = open_page(MOONS, complete=False)
    choose(page, "objective", "squared-error")
    before, address = chosen(page), dict(page.query_params)
    choose(page, "data", "diabetes")
    assert said(page) == [
        "Model changed from Softmax regression to Multilayer perceptron, "
        "because Softmax regression does not predict the values of Diabetes."
    ]
    assert (chosen(page)["seed"], chosen(page)["steps"]) == (3, 7)
    page.run()
    assert said(page)  # until the viewer changes something
    next(button for button in page.button if button.label == "Undo").click()
    page.run()
    assert not said(page)
    assert chosen(page) == before
    assert dict(page.query_params) == address
    choose(page, "data", "diabetes")
    page.sidebar.number_input(key="steps").set_value(9)
    page.run()
    assert not said(page)
    assert chosen(page)["model"] == "mlp"


def test_another_family_keeps_the_data_and_undo_restores_all_of_it():
    page = open_page(MOONS, complete=False)
    before = chosen(page)
    choose(page, "family", "Regularized")
    assert (chosen(page)["objective"], chosen(page)["data"], chosen(page)["model"]) == (
        "sharpness-aware", "moons", "softmax")  # fmt: skip
    choose(page, "objective", "ridge")
    (text,) = said(page)
    assert text.startswith(
        "Data changed from Two moons to Diabetes, because Ridge regression needs real targets; "
    )
    next(button for button in page.button if button.label == "Undo").click()
    page.run()
    after = chosen(page)
    assert (after["family"], after["objective"], after["data"]) == ("Regularized", "sharpness-aware", "moons")
    assert {key for key in before if key in after and after[key] != before[key]} <= {
        "objective",
        "family",
        "beside",
    }


def test_learning_rates_come_back_with_the_kind_of_problem_that_they_were_set_for():
    page = open_page(MOONS, complete=False)
    page.sidebar.segmented_control(key="kind").set_value("Test function")
    page.run()
    assert page.sidebar.number_input(key="adam.learning_rate").value != 0.03
    page.sidebar.segmented_control(key="kind").set_value("Objective")
    page.run()
    assert page.sidebar.number_input(key="adam.learning_rate").value == 0.03
    assert chosen(page)["data"] == "moons"


def test_optimizers_that_do_not_fit_are_named_and_the_others_stay():
    page = open_page("objective=minimax-gan&optimizers=alternating&optimizers=adam&steps=5", complete=False)
    page.sidebar.segmented_control(key="kind").set_value("Test function")
    page.run()
    assert page.sidebar.multiselect(key="optimizers").value == ["adam"]
    assert any("without Alternating" in text.value for text in page.markdown)
