"""The pages with a problem of the user's own in the first place."""

from landscapes.commands import app
from tests import own_problems
from tests.commands.test_app import own_entries
from tests.views.pages import open_page, settle


def test_own_problem_has_its_knobs_and_no_choice_of_model():
    with own_entries():
        app.load(own_problems.__file__)
        page = open_page("objective=sine-network&tolerance=0.1&steps=3")
        assert page.sidebar.selectbox(key="family").value == "Your own"
        assert page.sidebar.selectbox(key="family").options[0] == "Your own"
        assert not {"data", "model"} & {widget.key for widget in page.sidebar.selectbox}
        assert page.sidebar.multiselect(key="optimizers").value == ["slow-sgd"]
        page.sidebar.slider(key="sine-network.width").set_value(2)
        settle(page.run())
        assert page.query_params["sine-network.width"] in ("2", ["2"])
        page.sidebar.selectbox(key="objective").set_value("tug-of-war")
        settle(page.run())
        assert page.query_params["objective"] in ("tug-of-war", ["tug-of-war"])
        assert not page.exception
