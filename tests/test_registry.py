"""A registry gathers what the files of a package hold."""

import sys

import pytest

from landscapes.registry import files, gather

FILES = {
    "apple": "from gathered.late import NAMES as NAMES",
    "late": "NAMES = {'b': 2, 'a': 1}",
    "empty": "",
    "middle": "NAMES = {'c': 3}",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    root = tmp_path / "gathered"
    root.mkdir()
    for name, text in {"__init__": "", **FILES}.items():
        (root / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield root
    for name in [name for name in sys.modules if name.partition(".")[0] == "gathered"]:
        del sys.modules[name]


def test_the_first_files_come_first_and_an_imported_dict_adds_nothing(package):
    assert list(gather("gathered", [str(package)], "NAMES", first=("middle",))) == ["c", "b", "a"]
    result = files("gathered", [str(package)], first=("middle", "late"))
    assert [module.__name__ for module in result] == [
        f"gathered.{name}" for name in ("middle", "late", "apple", "empty")
    ]


def test_a_name_belongs_to_one_file(package):
    (package / "other.py").write_text("NAMES = {'c': 4}")
    with pytest.raises(ValueError, match=r"gathered\.other registers 'c' again; choose another name"):
        gather("gathered", [str(package)], "NAMES")


def test_equal_dicts_of_two_files_are_a_name_registered_twice(package):
    (package / "other.py").write_text(FILES["middle"])
    with pytest.raises(ValueError, match=r"gathered\.other registers 'c' again"):
        gather("gathered", [str(package)], "NAMES")
