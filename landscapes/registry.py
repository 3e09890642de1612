"""A registry is gathered from the files of a package, so that a new entry touches one file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def gather(package: str, path: Sequence[str], registry: str, first: Sequence[str] = ()) -> dict[str, Any]:
    """The entries of all files of a package that have a dict of this name: those of the files named `first`, in
    that order, then those of the other files by their names. A file that imports another's dict adds nothing.

    Raises:
        ValueError: if two files use one name.
    """
    all_entries: dict[str, Any] = {}
    registries: list[dict[str, Any]] = []
    for module in files(package, path, first):
        entries = getattr(module, registry, {})
        if any(entries is other for other in registries):
            continue
        if twice := all_entries.keys() & entries.keys():
            raise ValueError(f"{module.__name__} registers {min(twice)!r} again; choose another name")
        registries.append(entries)
        all_entries |= entries
    return all_entries


def files(package: str, path: Sequence[str], first: Sequence[str] = ()) -> list[ModuleType]:
    """The modules of a package, imported: those named `first`, in that order, then the others by their names."""
    names = sorted(module.name for module in iter_modules(path))
    ordered = sorted(names, key=lambda name: first.index(name) if name in first else len(first))
    return [import_module(f"{package}.{name}") for name in ordered]
