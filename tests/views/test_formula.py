"""The user's own function on the page: its field, its sliders, its range and its derivatives."""

from tests.views.pages import open_page, settle, stages, warnings
from tests.views.test_curvature import section, text_of

WELLS = "objective=formula&formula.text=(x^2-1)^2%2Ba*y^2&formula.a=0.5&optimizers=sgd&steps=5&tolerance=0.1"


def shown(page):
    """The texts beside the field: the formula's LaTeX and sentences in red."""
    return [str(text.value).replace("\\*", "*") for text in (*page.sidebar.latex, *page.sidebar.markdown)]


def of_address(page, key):
    value = page.query_params[key]
    return value[0] if isinstance(value, list) else value


def test_a_typed_formula_is_drawn_with_its_free_names_as_sliders():
    page = open_page("objective=bowl&optimizers=sgd&steps=5&tolerance=0.1")
    page.sidebar.selectbox(key="function").set_value("formula")
    settle(page.run())
    page.sidebar.text_input(key="formula.text").set_value("(x^2-1)^2 + k*y^2")
    settle(page.run())
    assert any(r"\left(x^{2} - 1\right)^{2} + k\,y^{2}" in text for text in shown(page))
    assert not [slider for slider in page.sidebar.slider if slider.key == "formula.a"]
    page.sidebar.slider(key="formula.k").set_value(10.0)
    settle(page.run())
    assert "with k = 10;" in stages(page)[0].replace("\\u003d", "=")
    assert of_address(page, "objective") == "formula"
    assert of_address(page, "formula.text") == "(x^2-1)^2 + k*y^2"
    assert float(of_address(page, "formula.k")) == 10
    # A slider at its end reaches ten times as far.
    assert page.sidebar.slider(key="formula.k").max == 100
    assert not warnings(page)


def test_a_wrong_formula_gets_a_sentence_and_the_picture_stays():
    page = open_page(WELLS)
    before, address = stages(page)[0], dict(page.query_params)
    assert not any(text.startswith(":red") for text in shown(page))
    page.sidebar.text_input(key="formula.text").set_value("(x^2-1)^2 + 2y")
    settle(page.run())
    assert any(text == ":red[Write * between 2 and y.]" for text in shown(page))
    assert stages(page)[0] == before
    assert dict(page.query_params) == address
    assert page.sidebar.text_input(key="formula.text").value == "(x^2-1)^2 + 2y"
    assert not warnings(page)
    page.sidebar.text_input(key="formula.text").set_value("(x^2-1)^2 + 2*y")
    settle(page.run())
    assert not any(text.startswith(":red") for text in shown(page))
    assert stages(page)[0] != before


def test_an_address_with_a_wrong_formula_says_so():
    page = open_page("objective=formula&formula.text=sin(x&optimizers=sgd&steps=5&tolerance=0.1")
    assert any("A parenthesis is not closed; add )" in warning.replace("\\", "") for warning in warnings(page))
    assert stages(page)


def test_the_range_is_set_beside_the_formula():
    page = open_page(WELLS)
    page.sidebar.number_input(key="formula.x_low").set_value(3.0)
    settle(page.run())
    assert any("is not below x" in text for text in shown(page))
    assert "formula.x_low" not in page.query_params
    page.sidebar.number_input(key="formula.x_high").set_value(6.5)
    settle(page.run())
    assert "x over 3 to 6.5" in stages(page)[0] or "x from 3 to 6.5" in stages(page)[0]
    assert float(of_address(page, "formula.x_high")) == 6.5


def test_derivatives_are_shown_as_formulas():
    page = open_page(WELLS)
    page.sidebar.button(key="derivatives").click()
    page.run()
    formulas = [str(text.value) for text in page.latex]
    assert any(r"4 x \left(x^{2} - 1\right) \\[4pt] 2 a y" in text for text in formulas)
    assert any(r"2 a \end{pmatrix}" in text for text in formulas)


def test_critical_points_of_a_formula_are_listed_with_their_audit():
    page = section("critical", tiny=WELLS)
    assert "Critical points in the box: **2** minima, **1** saddle." in text_of(page)
    assert "**Are these all?**" in text_of(page)


def test_own_loss_has_a_field_and_sliders_and_keeps_its_picture():
    page = open_page(
        "objective=own-loss&own-loss.text=max(0,c-y*f)&own-loss.c=0.5&data=iris&iris.examples=20&model=softmax"
        "&optimizers=sgd&steps=5&tolerance=0.1"
    )
    assert any(r"\max\left(0, c - y\,f\right)" in text for text in shown(page))
    assert page.sidebar.slider(key="own-loss.c").value == 0.5
    before = stages(page)[0]
    page.sidebar.text_input(key="own-loss.text").set_value("y^2")
    settle(page.run())
    assert ":red[The formula does not contain f; write one such as f^2.]" in [
        text.replace("\\", "") for text in shown(page)
    ]
    assert stages(page)[0] == before
    assert of_address(page, "own-loss.text") == "max(0,c-y*f)"
    assert not warnings(page)
