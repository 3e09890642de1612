"""All datasets: those of the program, and tables that a viewer has brought.

A table is a dataset of two names, `table-classes` and `table-values`, because the kind of the targets belongs to
a name. Its knob `table` says which table it is: its content is found in memory by this hash, or in the knob
`packed`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal, cast

import numpy as np
from annotated_types import Interval

from landscapes.objectives import DATASETS as BUILT_IN
from landscapes.objectives import Data, Dataset
from landscapes.objectives.data import split, standardized
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.tables import STORE, Plan, Reference, Table, encode, encoding, fill_missing, plan, unpack
from landscapes.tables.encoding import Categories, Missing, Targets


def column_numbers(text: str) -> frozenset[int]:
    """The numbers of columns in a text such as "2,5".

    Raises:
        ValueError: if it holds anything else.
    """
    try:
        return frozenset(int(number) for number in text.split(",") if number)
    except ValueError:
        raise ValueError(f"{text[:40]!r} names no columns; give their numbers, such as 2,5") from None


def table_of(data: Choice, owner: str | None = None) -> Table:
    """The table that data are about.

    Args:
        owner: only a table that this viewer has brought, or that the address holds.

    Raises:
        ValueError: if it is not here; the sentence says which table to upload.
    """
    text = str(data.settings.get("table", ""))
    if not text:
        raise ValueError("there is no table yet; upload one under Your own table in the sidebar")
    reference = Reference.parse(text)
    if (table := STORE.get(reference, owner)) is not None:
        return table
    if packed := str(data.settings.get("packed", "")):
        return unpack(packed, reference)
    raise ValueError(
        f"upload the table {reference.description} under Your own table in the sidebar; all settings are kept"
    )


def table_in_words(data: Choice) -> str:
    """The name, size and hash of the table that data are about."""
    text = str(data.settings["table"])
    return Reference.parse(text).description if text else "that its address names"


def is_table(name: str) -> bool:
    """Whether a dataset is a table that a viewer has brought."""
    return name in TABLES


def plan_of(data: Choice, table: Table) -> Plan:
    """What the columns of a table become under the settings of complete data.

    Raises:
        ValueError: as `tables.plan` does.
    """
    settings = data.settings
    return plan(
        table,
        int(settings["target"]),
        _TARGETS[data.name],
        missing=cast(Missing, settings["missing"]),
        categories=cast(Categories, settings["categories"]),
        as_categories=column_numbers(str(settings["as_categories"])),
        leave_out=column_numbers(str(settings["leave_out"])),
    )


def target_fault(data: Choice, table: Table, target: int) -> str:
    """Why a column of a table cannot be the target of such data; "" if it can."""
    return encoding.target_fault(table.columns[target - 1], _TARGETS[data.name])


def check_table(recipe: Recipe, viewer: str) -> None:
    """Checks that a viewer has brought the table of a recipe, if it is about one.

    Raises:
        ValueError: if not; the sentence says which table to upload.
    """
    if is_table(recipe.data.name):
        table_of(recipe.data, viewer)


def repair_table(data: Choice, faults: list[str]) -> Choice:
    """Data whose knobs name a table and columns: other text is left out, and the faults get a sentence on it."""
    checks = {"table": Reference.parse, "leave_out": column_numbers, "as_categories": column_numbers}
    for name in checks if is_table(data.name) else ():
        try:
            if text := str(data.settings[name]):
                checks[name](text)
        except ValueError as error:
            faults.append(str(error))
            data = Choice.of(data.name, **{**data.settings, name: ""})
    return data


def _loader(name: str) -> Callable[..., Data]:
    def load(
        seed: int,
        *,
        table: Annotated[str, "hash, size and name of the table"] = "",
        packed: Annotated[str, "the content of a small table"] = "",
        target: Annotated[int, Interval(ge=1, le=257), "number of the target's column"] = 1,
        missing: Annotated[
            Missing,
            "what becomes of missing inputs: the mean of the training examples, the mean and a column that "
            "says where, or no row",
        ] = "mean",
        categories: Annotated[
            Categories, "what becomes of categories: one column for each label, or none"
        ] = "one-hot",
        as_categories: Annotated[str, "numbers of columns whose numbers are categories"] = "",
        leave_out: Annotated[str, "numbers of columns that are no inputs"] = "",
        standardize: Annotated[
            Literal["inputs and target", "inputs", "nothing"],
            "columns that are scaled to mean 0 and standard deviation 1 over the training examples",
        ] = "inputs and target",
        test_share: Annotated[float, Interval(ge=0.05, le=0.8), "share of the rows that are test examples"] = 0.2,
        split_seed: Annotated[int, Interval(ge=0, le=2**31 - 1), "seed of the split"] = 0,
        examples: Annotated[int, Interval(ge=2, le=20_000), "training examples at most"] = 2_000,
    ) -> Data:
        """The table's rows, split at random; the split depends on its own seed alone."""
        knobs = {key: value for key, value in locals().items() if key not in ("seed", "name")}
        data = Choice.of(name, **knobs)
        key = Choice.of(name, **{**knobs, "packed": ""})
        compute = partial(_data, data)
        data_table = table_of(data)
        try:
            return STORE.result(data_table.reference, key, compute)
        except KeyError:  # it is in the address
            return compute(data_table)

    return load


def _data(data: Choice, table: Table) -> Data:
    settings = data.settings
    target, targets = int(settings["target"]), _TARGETS[data.name]
    encoded = encode(table, target, targets, plan_of(data, table))
    has_classes = bool(encoded.classes)
    train, test = split(
        encoded.y if has_classes else np.zeros(len(encoded.y)),
        int(settings["split_seed"]),
        share=float(settings["test_share"]),
        examples=int(settings["examples"]),
    )
    x_train, x_test = fill_missing(encoded.x[train], encoded.x[test])
    return standardized(
        {"x": x_train, "y": encoded.y[train]},
        {"x": x_test, "y": encoded.y[test]},
        len(encoded.classes) or None,
        scaled=settings["standardize"] == "nothing",
        counts=settings["standardize"] != "inputs and target",
    )


_TARGETS: dict[str, Targets] = {"table-classes": "classes", "table-values": "values"}
TABLES = {
    name: Dataset(_loader(name), "vector", targets, f"Your table ({targets})", "uploaded")
    for name, targets in _TARGETS.items()
}
# A view of both, because a user's own problems add to the program's.
DATASETS = ChainMap(TABLES, BUILT_IN)
