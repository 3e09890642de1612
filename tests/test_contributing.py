"""The files that CONTRIBUTING.md shows, written into a copy of the program, are found and stand on its pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import newcomer

ROOT = Path(__file__).parent.parent
# What each file adds, and where a session sees it: a widget's or an address's key and value, or a label.
ADDED = {
    "models/sines.py": {"model": "sines", "sines.width": 2},
    "objectives/log_cosh.py": {"objective": "log-cosh", "log-cosh.scale": 0.5},
    "objectives/parabola.py": {"data": "parabola", "parabola.examples": 12},
    "landscapes/optimization/sign_descent.py": {"optimizers": ["signsgd"], "signsgd.learning_rate": 0.02},
    "landscapes/directions/signs.py": {"directions": "signs"},
    "landscapes/exports/lowest.py": {"exports": "Lowest value (TXT)"},
    "landscapes/lessons/monkey.py": {"lessons": "A saddle for three legs"},
    "landscapes/views/sections/steepness.py": {"section": "steepness", "metrics": "Gradient norm at the centre"},
}


def examples() -> dict[str, str]:
    """The Python of CONTRIBUTING.md by the file that its first line names."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return dict(re.findall(r"^```python\n# (\S+\.py)\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict[str, Any]:
    copy = tmp_path_factory.mktemp("program")
    for package in ("landscapes", "models", "objectives"):
        shutil.copytree(
            ROOT / package, copy / package, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file, text in examples().items():
        assert not (copy / file).exists()
        (copy / file).write_text(text)
    run = subprocess.run(
        [sys.executable, newcomer.__file__], cwd=copy, capture_output=True, text=True, check=False, timeout=280
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_each_kind_of_entry_has_its_example():
    assert list(examples()) == list(ADDED)


@pytest.mark.parametrize("file", ADDED)
def test_a_new_file_is_all_that_a_new_entry_takes(seen, file):
    for key, value in ADDED[file].items():
        if key in ("exports", "lessons", "metrics"):
            assert value in seen[key]
        else:
            assert value == seen["widgets"].get(key, value)
            text = "+".join(value) if isinstance(value, list) else str(value)
            assert seen["address"][key] == text
