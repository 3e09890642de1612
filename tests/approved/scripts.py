"""What the program's scripts draw, write and send on pages where a viewer clicks, types, turns and plays."""

from __future__ import annotations

from functools import cache

from tests.scripts import behavior_pages, node, other_pages, stage_pages


@cache
def texts() -> dict[str, str]:
    """What happens on every page, by name; all in one process of Node.js."""
    return node.run([*stage_pages.pages(), *behavior_pages.pages(), *other_pages.pages()])


def text(name: str) -> str:
    """What happens on a page."""
    return texts()[name]
