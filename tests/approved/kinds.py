"""The kinds of records: which there are, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.approved import drawings, exported, knob_text, page_text, scripts, section_text, shipped, widget_text


class Kind(NamedTuple):
    """The names of the records of a kind, and the text of one of them."""

    names: Callable[[], Iterable[str]]
    text: Callable[[str], str]


KINDS = {
    "words": Kind(shipped.pages, page_text.words),
    "drawings": Kind(drawings.names, drawings.text),
    "exports": Kind(lambda: exported.BUNDLES, exported.text),
    "knobs": Kind(knob_text.names, knob_text.text),
    "results": Kind(section_text.names, section_text.text),
    "scripts": Kind(scripts.texts, scripts.text),
    "widgets": Kind(widget_text.names, widget_text.text),
}
