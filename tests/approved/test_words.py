"""Every word and number beside the shipped scenes is approved, and their addresses."""

import pytest

from tests.approved import page_text, record, shipped


@pytest.mark.parametrize("name", shipped.pages())
def test_page_says_what_was_approved(name):
    record.check("words", name, page_text.words(name))


def test_no_record_is_of_a_page_that_is_gone():
    assert record.names("words") == set(shipped.pages()), f"run `{record.COMMAND}`"
