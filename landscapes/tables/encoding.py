"""A table as numbers: inputs, targets, and what was left out."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

import numpy as np

from landscapes.arguments import check_arguments
from landscapes.tables.table import MAX_LABELS, Column, Table, text_of

MAX_ENCODED_COLUMNS = 256  # inputs after encoding
MIN_ROWS = 4  # usable rows
MAX_GUESSED_CLASSES = 20  # a column of whole numbers with more values is guessed to hold values, not classes
LABELLED = ("category", "text")

Targets = Literal["classes", "values"]
Missing = Literal["mean", "indicator", "drop"]
Categories = Literal["one-hot", "leave out"]


@dataclass(frozen=True, eq=False)
class Plan:
    """What a table's columns become.

    Attributes:
        inputs: for the number of each column that is an input, the columns that it takes after encoding.
        categories: the numbers of those that take one column for each label.
        flags: the numbers of those that take a further column that says where they are missing.
        left_out: for the number of each other column but the target's, the reason.
        keep: bool ["N"], the rows that are used.
    """

    inputs: dict[int, int]
    categories: frozenset[int]
    flags: frozenset[int]
    left_out: dict[int, str]
    keep: np.ndarray


@dataclass(frozen=True, eq=False)
class Encoded:
    """Inputs and targets of a table.

    Attributes:
        x: float64 ["N D"], NaN where a value is missing.
        y: the class of each row, int64 ["N"], or float64 ["N 1"].
        inputs: what each column of x is.
        classes: the name of each class; empty for values.
    """

    x: np.ndarray
    y: np.ndarray
    inputs: tuple[str, ...]
    classes: tuple[str, ...]


def guess_target(table: Table, targets: Targets | None = None) -> tuple[int, Targets]:
    """The number of the column (from 1) that is probably the target, and what it holds: the last column that can
    be one and is no date.

    Args:
        targets: what it must hold; by default classes where there are few whole numbers, or labels.
    """
    for number, column in reversed(list(enumerate(table.columns, 1))):
        held: Targets = targets or ("classes" if _is_class(column) else "values")
        if column.kind != "date" and not target_fault(column, held):
            return number, held
    return len(table.columns), targets or "values"


def _is_class(column: Column) -> bool:
    present = column.values[~column.is_missing]
    is_count = column.kind == "number" and column.distinct <= MAX_GUESSED_CLASSES
    return column.kind in (*LABELLED, "boolean") or (is_count and bool((present % 1 == 0).all()))


def target_fault(column: Column, targets: Targets) -> str:
    """Why a column cannot be the target, with the remedy; "" if it can."""
    name = column.name
    if column.kind == "empty":
        return f"the target {name} has no values; choose another column as the target"
    if column.distinct < 2:
        only = text_of(column, column.values[~column.is_missing][0])[:40]
        return f"the target {name} is {only} in every row; choose a target with at least two values"
    if targets == "classes" and column.distinct > MAX_LABELS:
        other = "" if column.kind in LABELLED else ", or learn it as a number"
        return (
            f"the target {name} has {column.distinct:,} different values, more than {MAX_LABELS} classes; "
            f"choose another column as the target{other}"
        )
    if targets == "values" and column.kind in LABELLED:
        return f"the target {name} holds texts and no numbers; choose a column of numbers, or learn it as classes"
    return ""


@check_arguments
def plan(
    table: Table,
    target: int,
    targets: Targets,
    *,
    missing: Missing = "mean",
    categories: Categories = "one-hot",
    as_categories: Set[int] = frozenset(),
    leave_out: Set[int] = frozenset(),
) -> Plan:
    """What the columns of a table become.

    Rows without a target are left out. A category becomes one column for each label, a boolean one column, a date
    the days since 1970. Columns of one value, of free text and without values are left out.

    Args:
        target: the number of the target's column, from 1.
        targets: whether the target is a class or a value.
        missing: with "drop" rows with a missing input are left out; with "indicator" each column with missing
            values gets a second column that is 1 where they are missing. Other missing inputs stay NaN, and
            `fill_missing` fills them with means of the training examples.
        categories: whether categories become columns or are left out.
        as_categories: numbers of columns whose numbers are categories.
        leave_out: numbers of columns that are no inputs.

    Raises:
        ValueError: if there is nothing to learn, or there are more than `MAX_ENCODED_COLUMNS` columns.
    """
    if not 1 <= target <= len(table.columns):
        raise ValueError(f"{table.name} has no column {target}; choose a target from 1 to {len(table.columns)}")
    of_target = table.columns[target - 1]
    if fault := target_fault(of_target, targets):
        raise ValueError(fault)
    inputs: dict[int, int] = {}
    labelled: set[int] = set()
    left_out: dict[int, str] = {}
    for number, column in enumerate(table.columns, 1):
        if number == target:
            continue
        is_labelled = column.kind in LABELLED or (number in as_categories and column.kind != "empty")
        if reason := _reason(column, number in leave_out, is_labelled, categories):
            left_out[number] = reason
            continue
        inputs[number] = column.distinct if is_labelled else 1
        labelled |= {number} if is_labelled else set()
    if not inputs:
        raise ValueError(f"{table.name} has no column left as an input; leave out less, or choose another target")
    keep = ~of_target.is_missing
    if missing == "drop":
        for number in inputs:
            keep &= ~table.columns[number - 1].is_missing
    if keep.sum() < MIN_ROWS:
        remedy = ", or fill in missing values" if missing == "drop" else ""
        raise ValueError(
            f"{table.name} has {int(keep.sum())} usable rows; at least {MIN_ROWS} are needed, so add rows{remedy}"
        )
    if targets == "classes" and len(np.unique(of_target.values[keep])) < 2:
        raise ValueError(f"the target {of_target.name} has one class in the rows left; fill in missing values")
    has_gaps = {number for number in inputs if table.columns[number - 1].is_missing[keep].any()}
    flags = has_gaps if missing == "indicator" else set()
    if (total := sum(inputs.values()) + len(flags)) > MAX_ENCODED_COLUMNS:
        widest = max(inputs, key=lambda number: inputs[number])
        raise ValueError(
            f"the inputs take {total:,} columns after encoding, and at most {MAX_ENCODED_COLUMNS} fit; leave out "
            f"columns such as {table.columns[widest - 1].name}, which takes {inputs[widest]}"
        )
    return Plan(inputs, frozenset(labelled), frozenset(flags), left_out, keep)


@check_arguments
def encode(table: Table, target: int, targets: Targets, of: Plan) -> Encoded:
    """Inputs and targets of a table by a plan for this target."""
    x, names = [], []
    for number in of.inputs:
        column = table.columns[number - 1]
        values = column.values[of.keep]
        if number in of.categories:
            for value in np.unique(column.values[~column.is_missing]):
                x.append(np.where(np.isnan(values), np.nan, values == value))
                names.append(f"{column.name} = {text_of(column, value)}")
        else:
            x.append(values)
            names.append(column.name)
        if number in of.flags:
            x.append(np.isnan(values).astype(np.float64))
            names.append(f"{column.name} is missing")
    of_target = table.columns[target - 1]
    y, classes = of_target.values[of.keep], ()
    if targets == "classes":
        class_values, y = np.unique(y, return_inverse=True)
        classes = tuple(text_of(of_target, value) for value in class_values)
    return Encoded(np.stack(x, axis=1), y if targets == "classes" else y[:, None], tuple(names), classes)


def fill_missing(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both parts with the mean of the training examples in place of missing values; 0 where these have none."""
    present = ~np.isnan(train)
    count = present.sum(axis=0)
    mean = np.where(present, train, 0.0).sum(axis=0) / np.maximum(count, 1)
    return np.where(present, train, mean), np.where(np.isnan(test), mean, test)


def _reason(column: Column, is_left_out: bool, labelled: bool, categories: Categories) -> str:
    """Why a column is no input; "" if it is one."""
    if is_left_out:
        return "left out by choice"
    if column.kind == "empty":
        return "no values"
    if column.distinct < 2:
        return "one value"
    if labelled and column.distinct > MAX_LABELS:
        return f"{column.distinct:,} different {'texts' if column.kind in LABELLED else 'values'}"
    return "a category" if labelled and categories == "leave out" else ""
