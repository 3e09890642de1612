"""The widgets that a recipe sets are approved, with their values, ranges and help, and give the recipe back."""

import pytest

from tests.approved import record, widget_text


@pytest.mark.parametrize("name", widget_text.names())
def test_widgets_are_those_that_were_approved(name):
    record.check("widgets", name, widget_text.text(name))


def test_no_record_is_of_an_address_that_is_gone():
    assert record.names("widgets") == set(widget_text.names()), f"run `{record.COMMAND}`"
