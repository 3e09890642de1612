"""The Dockerfile copies what the server needs, and runs it as a user without rights. Building it needs Docker."""

import fnmatch
import re
import subprocess
from pathlib import Path

import pytest

from landscapes.views.health_route import NAME

ROOT = Path(__file__).parents[1]
LINES = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text()).splitlines()


def lines(instruction: str) -> list[str]:
    return [line.removeprefix(instruction).strip() for line in LINES if line.startswith(f"{instruction} ")]


def copied() -> list[str]:
    words = [word for line in lines("COPY") for word in line.split()[:-1]]
    return [word for word in words if not word.startswith("--")]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_in_the_repository_and_not_ignored(source):
    listed = subprocess.run(["git", "ls-files", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout
    kept = [rule[1:] for rule in (ROOT / ".dockerignore").read_text().splitlines() if rule.startswith("!")]
    assert any(fnmatch.fnmatch(source, rule) for rule in kept)


def test_every_package_of_the_program_is_copied():
    imported = {"landscapes", "models", "objectives", "app.py", "requirements.txt", ".streamlit"}
    assert imported <= set(copied())


def test_the_server_runs_without_rights_and_is_asked_for_its_health():
    assert [line.split()[0] for line in LINES if line.startswith(("USER", "CMD"))] == ["USER", "CMD"]
    assert lines("USER") == ["landscapes"]
    (command,) = lines("CMD")
    assert '"0.0.0.0"' in command
    (check,) = lines("HEALTHCHECK")
    assert f":8501/{NAME}'" in check
    assert lines("EXPOSE") == ["8501"]
