"""Every word and number beside the shipped scenes is approved, and their addresses."""

import re

import pytest

from tests.approved import page_text, record, shipped


@pytest.mark.parametrize("name", shipped.pages())
def test_page_says_what_was_approved(name):
    record.check("words", name, page_text.words(name))


def test_no_record_is_of_a_page_that_is_gone():
    assert record.names("words") == set(shipped.pages()), f"run `{record.COMMAND}`"


def test_numbers_have_minus_signs_and_a_space_before_percent():
    text_kinds = ("text:", "caption:", "table:", "lesson header:", "lesson text:")
    for name in record.names("words"):
        for line in record.path("words", name).read_text(encoding="utf-8").splitlines():
            if line.startswith(text_kinds) and "](" not in line:
                assert not re.search(r"\d%|(?<![\w.)\]-])-\.?\d", line), f"{name}: {line}"
