"""The view that an address shares reaches the stage and stays until a setting changes."""

import json

import pytest

from tests.views.pages import SMALL, open_page, settle, stages, warnings

VIEW = "=camera*c1.2_-0.9_1.1_0_0_-0.1*s3**picture*hsgd*p-0.25"


def shared(page) -> set[str]:
    """The view that every stage is sent."""
    return {json.loads(each.partition("\n")[0])["view"] for each in stages(page)}


def test_a_shared_view_stays_until_a_setting_changes():
    page = open_page(f"{SMALL}&stage={VIEW}")
    assert not warnings(page)
    assert shared(page) == {VIEW}
    assert page.query_params["stage"] == VIEW
    settle(page.run())
    assert page.query_params["stage"] == VIEW
    page.sidebar.number_input(key="seed").set_value(2)
    settle(page.run())
    assert "stage" not in page.query_params
    assert shared(page) == {""}


@pytest.mark.parametrize("text", ["camera", "picture*x1", "picture**s3", "p*s" + "1" * 2000])
def test_a_wrong_view_is_named_and_the_rest_is_kept(text):
    page = open_page(f"{SMALL}&stage={text}")
    assert len(warnings(page)) == 1
    assert "is not a view" in warnings(page)[0]
    assert shared(page) == {""}
    assert page.sidebar.number_input(key="steps").value == 5


def test_the_first_page_takes_a_view():
    page = open_page("stage=home*s7")
    assert page.title
    assert shared(page) == {"home*s7"}
