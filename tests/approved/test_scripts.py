"""What scripts do on a page is approved: every call of plotly.js and of a canvas, every text, size and message."""

from tests.approved import record, scripts


def test_scripts_do_what_was_approved():
    for name, text in scripts.texts().items():
        record.check("scripts", name, text)


def test_no_record_is_of_a_page_that_is_gone():
    assert record.names("scripts") == set(scripts.texts()), f"run `{record.COMMAND}`"
