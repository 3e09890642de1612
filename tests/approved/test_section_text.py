"""What sections say and draw of results with known numbers is approved, and the figure of every result."""

import pytest

from tests.approved import record, section_text


@pytest.mark.parametrize("name", section_text.names())
def test_results_are_shown_as_was_approved(name):
    record.check("results", name, section_text.text(name))


def test_no_record_is_of_a_result_that_is_gone():
    assert record.names("results") == set(section_text.names()), f"run `{record.COMMAND}`"
