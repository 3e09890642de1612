"""Defaults, ranges and words of every knob are approved: another default changes the pictures and no identity."""

import pytest

from tests.approved import knob_text, record


@pytest.mark.parametrize("name", knob_text.names())
def test_knobs_are_as_was_approved(name):
    record.check("knobs", name, knob_text.text(name))


def test_no_record_is_of_a_kind_that_is_gone():
    assert record.names("knobs") == set(knob_text.names()), f"run `{record.COMMAND}`"
