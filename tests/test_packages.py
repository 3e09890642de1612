"""Installed packages are looked up once."""

import importlib.util

from landscapes.packages import find_spec


def test_a_package_is_looked_up_once(monkeypatch):
    find_spec.cache_clear()
    assert find_spec("numpy") is not None
    assert find_spec("no_such_package") is None
    monkeypatch.setattr(importlib.util, "find_spec", None)
    assert find_spec("numpy") is not None
    assert find_spec("no_such_package") is None
