"""Approved records: what the program says, draws and exports of a scene, as text that a person has read.

Most faults of a page change a word or a number that no single test looks at: swapped labels, the neighbouring
column in a hover, a stale value, the wrong reference. A record holds all of them at once. A test makes its text
anew and compares. It cannot know whether a difference is a fault or a wanted change; a person does, who reads it
and then runs `make words`, which writes the new text. The difference is part of the commit and reviewed with it.

Every record is a file of its own, so that branches that add scenes do not conflict. Nothing in it depends on the
processor: the numbers come from stored scenes, and have no more digits than are stable.
"""

from __future__ import annotations

import difflib
from pathlib import Path

FOLDER = Path(__file__).with_name("records")
COMMAND = "make words"
MAX_LINES = 60  # of a difference that is printed
REMEDY = (
    "If the new text is right, run `{command} ARGS={name}` and review the difference of the record: a changed "
    "word or number is a fault unless it is wanted."
)
MISSING = "{name} has no approved record {file}; run `{command} ARGS={name}`, and read what it says."


def path(kind: str, name: str) -> Path:
    """The file of a record."""
    return FOLDER / kind / f"{name}.txt"


def check(kind: str, name: str, text: str) -> None:
    """Compare a text with its approved record.

    Raises:
        AssertionError: with the difference and the remedy, if they differ or there is no record.
    """
    file = path(kind, name)
    where = file.relative_to(FOLDER.parent.parent.parent)
    if not file.exists():
        raise AssertionError(MISSING.format(file=where, name=name, command=COMMAND))
    approved = file.read_text("utf-8")
    if approved == text:
        return
    lines = list(
        difflib.unified_diff(approved.splitlines(), text.splitlines(), "approved", "now", lineterm="", n=1)
    )
    more = [f"… and {len(lines) - MAX_LINES} more lines"] if len(lines) > MAX_LINES else []
    remedy = REMEDY.format(name=name, command=COMMAND)
    raise AssertionError("\n".join([f"{where} differs:", *lines[:MAX_LINES], *more, remedy]))


def write(kind: str, name: str, text: str) -> bool:
    """Write a record, and return whether it was another one before."""
    file = path(kind, name)
    if file.exists() and file.read_text("utf-8") == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return True


def names(kind: str) -> set[str]:
    """The names of the records of a kind."""
    return {file.stem for file in (FOLDER / kind).glob("*.txt")}
