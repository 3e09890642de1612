"""A table: named columns of one length, each with a type, and the hash of its content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

Kind = Literal["number", "date", "boolean", "category", "text", "empty"]

MAX_LABELS = 100  # a column with more different texts is "text"
MAX_NAME_LENGTH = 60  # characters of a name in menus
HASH_DIGITS = 24  # hexadecimal digits, 96 bits


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes:
        kind: "number", "date" (days since 1970), "boolean" (0 or 1), "category", "text" (more than `MAX_LABELS`
            different texts) or "empty" (all values are missing).
        values: float64 ["N"] with NaN where a value is missing; for categories and texts the index of the label.
        labels: the sorted labels of categories and texts, and the words for 0 and 1 of booleans.
    """

    name: str
    kind: Kind
    values: np.ndarray
    labels: tuple[str, ...] = ()

    @property
    def is_missing(self) -> np.ndarray:
        return np.isnan(self.values)

    @cached_property
    def distinct(self) -> int:
        """The number of different values, without missing ones."""
        return len(np.unique(self.values[~self.is_missing]))

    def first_texts(self, count: int) -> list[str]:
        """The first values as texts, cut where they are long; "" where a value is missing."""
        return [text_of(self, value)[:MAX_NAME_LENGTH] for value in self.values[:count]]


def text_of(column: Column, value: float) -> str:
    """One value of a column as text."""
    if np.isnan(value):
        return ""
    if column.labels:
        return column.labels[int(value)]
    if column.kind == "date":
        text = str(np.datetime64(round(value * 86_400), "s"))
        return text.removesuffix("T00:00:00")
    return f"{value:.12g}"


class Reference(NamedTuple):
    """What identifies a table in a recipe, as the text `hash.ROWSxCOLUMNS.name`."""

    digest: str
    rows: int
    columns: int
    name: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """The inverse of `str`.

        Raises:
            ValueError: if the text has another form.
        """
        match = re.fullmatch(rf"([0-9a-f]{{{HASH_DIGITS}}})\.(\d{{1,9}})x(\d{{1,9}})\.(.*)", text)
        if match is None:
            raise ValueError(f"table = {text[:60]!r} names no table; upload a table and choose it as the data")
        digest, rows, columns, name = match.groups()
        return cls(digest, int(rows), int(columns), file_name(name))

    def __str__(self) -> str:
        return f"{self.digest}.{self.rows}x{self.columns}.{self.name}"

    @property
    def description(self) -> str:
        """The table in words."""
        return f"{self.name} ({self.rows:,} rows, {self.columns} columns, hash {self.digest[:8]})"


@dataclass(frozen=True, eq=False)
class Table:
    """A table. Its values cannot be changed.

    Attributes:
        name: the name of its file.
        notes: what reading it has decided, one sentence each.
    """

    name: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for column in self.columns:
            column.values.flags.writeable = False

    @property
    def rows(self) -> int:
        return len(self.columns[0].values)

    @property
    def nbytes(self) -> int:
        """Bytes in memory, about."""
        return sum(
            column.values.nbytes + sum(len(label) + 60 for label in column.labels) for column in self.columns
        )

    @cached_property
    def digest(self) -> str:
        """The hash of the content. It depends on the names, types and values of the columns, and not on the name
        or the format of the file."""
        hasher = hashlib.sha256()
        for column in self.columns:
            # Zero has one sign and a missing value one bit pattern.
            values = np.where(column.is_missing, np.nan, column.values + 0.0).astype("<f8")
            head = json.dumps([column.name, column.kind, column.labels, len(values)])
            hasher.update(head.encode())
            hasher.update(values.tobytes())
        return hasher.hexdigest()[:HASH_DIGITS]

    @property
    def reference(self) -> Reference:
        return Reference(self.digest, self.rows, len(self.columns), self.name)


def file_name(name: str) -> str:
    """A file's name without its folder and without characters that mean something in Markdown or in an address."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[^\w .()-]", "_", last).strip()[-MAX_NAME_LENGTH:].strip() or "table"


def column_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Different names of at most `MAX_NAME_LENGTH` characters, and the names that occurred more than once. An
    empty name becomes "column 3"."""
    unique_names: list[str] = []
    repeated: list[str] = []
    used: set[str] = set()
    for number, name in enumerate(names, 1):
        printable = "".join(letter if letter.isprintable() else " " for letter in name)
        base = " ".join(printable.split())[:MAX_NAME_LENGTH] or f"column {number}"
        unique, count = base, 1
        while unique in used:
            count += 1
            unique = f"{base} ({count})"
        if count > 1 and base not in repeated:
            repeated.append(base)
        used.add(unique)
        unique_names.append(unique)
    return unique_names, repeated
