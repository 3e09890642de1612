"""The numbers, colors and places that figures of every kind draw are approved."""

import pytest

from tests.approved import drawings, record


@pytest.mark.parametrize("name", drawings.names())
def test_figure_draws_what_was_approved(name):
    record.check("drawings", name, drawings.text(name))


def test_no_record_is_of_a_figure_that_is_gone():
    assert record.names("drawings") == set(drawings.names()), f"run `{record.COMMAND}`"
