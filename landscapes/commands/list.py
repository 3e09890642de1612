"""`landscapes list [KIND …] [--json]`: what a picture can be made of, with every knob, its range and default."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from landscapes.exports import EXPORTS
from landscapes.knobs import Knob
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog

KINDS = (*catalog.KINDS, "exports", "lessons")


def run(options: argparse.Namespace) -> int:
    """Prints the entries of the kinds, of all if none is given."""
    entries_by_kind = {kind: entries(kind) for kind in options.kinds or KINDS}
    print(json.dumps(entries_by_kind, indent=1, ensure_ascii=False) if options.json else as_text(entries_by_kind))
    return 0


def parser() -> argparse.ArgumentParser:
    """The arguments of `landscapes list`."""
    argument_parser = argparse.ArgumentParser(
        "landscapes list", description="List what a picture can be made of, with every knob, range and default."
    )
    argument_parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="KIND", help=", ".join(KINDS))
    argument_parser.add_argument("--json", action="store_true", help="as JSON")
    return argument_parser


def entries(kind: str) -> dict[str, dict[str, Any]]:
    """The entries of a kind by name, each with its title, and its knobs or further facts."""
    if kind == "exports":
        return {
            name: {"title": export.title, "extension": export.extension, "missing": export.missing()}
            for name, export in EXPORTS.items()
        }
    if kind == "lessons":
        return {name: {"title": lesson.title, "section": lesson.section} for name, lesson in LESSONS.items()}
    return {
        name: {
            "title": getattr(entry, "title", name),
            "knobs": {knob.name: _facts(knob) for knob in catalog.knobs_of(name).values()},
        }
        for name, entry in catalog.KINDS[kind].items()
    }


def as_text(entries_by_kind: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """The entries as indented lines: a kind, a name with its title, a knob with its range and default."""
    lines = []
    for kind, entries_by_name in entries_by_kind.items():
        lines.append(kind)
        for name, entry in entries_by_name.items():
            title = "" if entry["title"] == name else entry["title"]
            lines.append(f"  {name:24} {title} {entry.get('extension', '')}".rstrip())
            lines += [f"    {knob:22} {_words(facts)}" for knob, facts in entry.get("knobs", {}).items()]
            if entry.get("missing"):
                lines.append(f"    {entry['missing']}")
    return "\n".join(lines)


def _facts(knob: Knob) -> dict[str, Any]:
    facts = asdict(knob) | {"kind": knob.kind.__name__, "choices": [*knob.choices]}
    return {name: value for name, value in facts.items() if name != "name"}


def _words(facts: Mapping[str, Any]) -> str:
    if facts["choices"]:
        values = " | ".join(facts["choices"])
    else:
        low = "" if facts["low"] is None else f" {'above' if facts['open_low'] else 'from'} {facts['low']:g}"
        high = "" if facts["high"] is None else f" {'below' if facts['open_high'] else 'to'} {facts['high']:g}"
        values = f"{facts['kind']}{low}{high}"
    doc = f": {facts['doc']}" if facts["doc"] else ""
    return f"{values}, default {facts['default']!r}{doc}"
