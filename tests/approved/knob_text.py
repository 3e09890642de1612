"""What a picture can be made of: every entry of a registry, with the default, range and words of its knobs."""

from __future__ import annotations

from landscapes.commands.list import as_text, entries
from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog


def text(kind: str) -> str:
    """The entries of a kind as `landscapes list` prints them; for objectives also the weights of their terms."""
    lines = [as_text({kind: entries(kind)})]
    if kind == "objectives":
        for name, entry in OBJECTIVES.items():
            lines.append(f"weights of {name}, {entry.sense}: {dict(entry.weights)}")
    return "\n".join(lines) + "\n"


def names() -> tuple[str, ...]:
    return tuple(catalog.KINDS)
