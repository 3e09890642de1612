"""The comparison with approved records."""

import pytest

from tests.approved import record


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "FOLDER", tmp_path / "tests" / "approved" / "records")


def test_a_missing_record_names_the_command():
    with pytest.raises(AssertionError, match=r"has no approved record .*`make words ARGS=home`"):
        record.check("words", "home", "caption: a bowl\n")


def test_a_changed_line_is_shown_with_the_command():
    assert record.write("words", "home", "title: bowl\ncaption: a bowl\n")
    record.check("words", "home", "title: bowl\ncaption: a bowl\n")
    with pytest.raises(AssertionError) as failure:
        record.check("words", "home", "title: bowl\ncaption: a saddle\n")
    assert "-caption: a bowl\n+caption: a saddle\n" in str(failure.value)
    assert "run `make words ARGS=home` and review the difference" in str(failure.value)


def test_writing_an_equal_record_changes_nothing():
    assert record.write("words", "home", "a\n")
    assert not record.write("words", "home", "a\n")
    assert record.names("words") == {"home"}
