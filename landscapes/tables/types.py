"""The types of columns, guessed from their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from landscapes.tables.table import MAX_LABELS, Column

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", "."})
MAX_NUMBER = 1e30  # float32 holds no squares of larger numbers
MAX_DAYS = 3_000_000.0  # the year 9999
EPOCH = date(1970, 1, 1).toordinal()
BOOLEANS = ({"false": 0.0, "true": 1.0}, {"no": 0.0, "yes": 1.0}, {"f": 0.0, "t": 1.0}, {"n": 0.0, "y": 1.0})

_EXPONENT = r"(?:[eE][+-]?\d{1,4})?"
_GROUP = r"[1-9]\d{0,2}"
# A number with a decimal point and thousands separated by commas, spaces or apostrophes, and one with a decimal
# comma and thousands separated by points, spaces or apostrophes.
POINT_NUMBER = re.compile(
    rf"[+-]?(?:{_GROUP}(?:,\d{{3}})+|{_GROUP}(?:[ \u00a0\u202f'’]\d{{3}})+|\d+)?(?:\.\d*)?{_EXPONENT}"
)
COMMA_NUMBER = re.compile(
    rf"[+-]?(?:{_GROUP}(?:\.\d{{3}})+|{_GROUP}(?:[ \u00a0\u202f'’]\d{{3}})+|\d+)?(?:,\d*)?{_EXPONENT}"
)
INFINITE = re.compile(r"[+-]?inf(?:inity)?|-?1\.#inf", re.IGNORECASE)
GROUPING = str.maketrans(dict.fromkeys(" \u00a0\u202f'’"))
DAY_LAST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})")
TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.{0,20}")


def is_number(text: str) -> bool:
    """Whether a text is a number with a decimal point and without separators of thousands."""
    return re.fullmatch(rf"[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}", text.strip()) is not None


def columns_of_texts(
    names: Sequence[str], cells: Sequence[Sequence[str]], *, prefers_comma: bool = False
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns whose values are given as texts, and one sentence on each decision about them.

    Args:
        prefers_comma: whether "1,234" is 1.234 and not 1234 where both are possible.
    """
    unique = [_unique(column) for column in cells]
    numbers: list[dict[str, float] | None] = [_plain_numbers(present) for present, _ in unique]
    text_columns = [k for k, values in enumerate(numbers) if values is None]
    point = {k: _numbers(unique[k][0], POINT_NUMBER, _with_point) for k in text_columns}
    comma = {k: _numbers(unique[k][0], COMMA_NUMBER, _with_comma) for k in text_columns}
    has_comma = any(comma[k] is not None and (prefers_comma or point[k] is None) for k in text_columns)
    comma_columns, grouped_columns = [], []
    for k in text_columns:
        first, second = (comma[k], point[k]) if has_comma else (point[k], comma[k])
        numbers[k] = second if first is None else first
        if numbers[k] is not None:
            (comma_columns if numbers[k] is comma[k] else grouped_columns).append(names[k])
    if has_comma:
        # In such a file 1.234 is 1234, also in a column without commas.
        for k, values in enumerate(numbers):
            texts = unique[k][0]
            if values is not None and k not in text_columns and any("." in text for text in texts):
                grouped = _numbers(texts, COMMA_NUMBER, _with_comma)
                numbers[k] = values if grouped is None else grouped
                comma_columns += [] if grouped is None else [names[k]]
    columns, notes = [], []
    if comma_columns:
        notes.append(f"Numbers have a decimal comma in {listed(comma_columns)}.")
    if grouped_columns:
        notes.append(f"Thousands are separated in {listed(grouped_columns)}.")
    for name, (present, codes), values in zip(names, unique, numbers, strict=True):
        column, more = _column(name, present, codes, values)
        columns.append(column)
        notes += more
    return tuple(columns), tuple(notes)


def column_of_numbers(name: str, values: np.ndarray) -> tuple[Column, list[str]]:
    """A column of numbers; infinite and too large ones are missing."""
    values = np.array(values, np.float64)
    with np.errstate(invalid="ignore"):
        too_large = np.abs(values) > MAX_NUMBER
    notes = []
    if count := int(too_large.sum()):
        notes.append(
            f"{count:,} infinite {'value' if count == 1 else 'values'} of {name}, or beyond {MAX_NUMBER:g}, "
            f"{'counts' if count == 1 else 'count'} as missing."
        )
        values[too_large] = np.nan
    return Column(name, "number" if np.isfinite(values).any() else "empty", values), notes


def column_of_days(name: str, days: np.ndarray) -> Column:
    """A column of dates; those after the year 9999 are missing."""
    with np.errstate(invalid="ignore"):
        days = np.where(np.abs(days) < MAX_DAYS, days, np.nan)
    return Column(name, "date" if np.isfinite(days).any() else "empty", days)


def listed(names: Sequence[str]) -> str:
    """The first names of a list in a sentence."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _unique(cells: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The different texts of a column, and for every cell the index of its text, -1 where it is missing."""
    positions: dict[str, int] = {}
    codes = np.array([positions.setdefault(cell, len(positions)) for cell in cells])
    stripped = [cell.strip() for cell in positions]
    present = list(dict.fromkeys(text for text in stripped if text.casefold() not in MISSING))
    place = {text: k for k, text in enumerate(present)}
    return present, np.array([place.get(text, -1) for text in stripped])[codes]


def _plain_numbers(texts: Sequence[str]) -> dict[str, float] | None:
    """The value of every text, or None if one of them is no plain number."""
    try:
        numbers = {text: float(text) for text in texts}
    except ValueError:
        return None
    return None if any("_" in text for text in texts) else numbers


def _numbers(
    texts: Sequence[str], pattern: re.Pattern[str], rewritten: Callable[[str], str]
) -> dict[str, float] | None:
    numbers = {}
    for text in texts:
        if INFINITE.fullmatch(text):
            numbers[text] = np.inf
            continue
        if pattern.fullmatch(text) is None:
            return None
        try:
            numbers[text] = float(rewritten(text))
        except ValueError:
            return None
    return numbers


def _with_point(text: str) -> str:
    return text.translate(GROUPING).replace(",", "")


def _with_comma(text: str) -> str:
    return text.translate(GROUPING).replace(".", "").replace(",", ".")


def _column(
    name: str, present: list[str], codes: np.ndarray, numbers: dict[str, float] | None
) -> tuple[Column, list[str]]:
    def spread(values: Sequence[float]) -> np.ndarray:
        return np.array([*values, np.nan])[codes]  # the code -1 takes the last one

    if not present:
        return Column(name, "empty", np.full(len(codes), np.nan)), []
    if numbers is not None:
        return column_of_numbers(name, spread([numbers[text] for text in present]))
    folded = [text.casefold() for text in present]
    for words in BOOLEANS:
        if words.keys() >= set(folded):
            return Column(name, "boolean", spread([words[text] for text in folded]), tuple(words)), []
    days, note = _days(name, present)
    if days is not None:
        return column_of_days(name, spread(days)), note
    labels = sorted(present)
    place = {text: float(k) for k, text in enumerate(labels)}
    kind = "category" if len(labels) <= MAX_LABELS else "text"
    return Column(name, kind, spread([place[text] for text in present]), tuple(labels)), []


def _days(name: str, texts: Sequence[str]) -> tuple[list[float] | None, list[str]]:
    """The days since 1970 of dates, or None if one of the texts is no date."""
    if all(DAY_LAST.fullmatch(text) for text in texts):
        return _ordinals([tuple(map(int, re.split("[-/.]", text))) for text in texts]), []
    parts = [match.groups() if (match := DAY_OR_MONTH_FIRST.fullmatch(text)) else None for text in texts]
    split = [(int(year), int(second), int(first)) for first, _, second, year in filter(None, parts)]
    if len(split) == len(texts):
        day_first = _ordinals(split)
        month_first = _ordinals([(year, first, second) for year, second, first in split])
        if "/" in texts[0] and month_first is not None:
            note = [f"Dates of {name} are read with the month first."] if day_first is not None else []
            return month_first, note
        return day_first, []
    if all(TIMESTAMP.fullmatch(text) for text in texts):
        try:
            return [_day(datetime.fromisoformat(text)) for text in texts], []
        except (ValueError, OverflowError):
            return None, []
    return None, []


def _ordinals(dates: Sequence[tuple[int, ...]]) -> list[float] | None:
    try:
        return [float(date(*each).toordinal() - EPOCH) for each in dates]
    except ValueError:
        return None


def _day(moment: datetime) -> float:
    naive = moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta())
    return (naive - datetime(1970, 1, 1)).total_seconds() / 86_400
