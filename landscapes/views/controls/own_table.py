"""A table of the viewer's own as the data: its upload, its head and types, and how it becomes examples.

The table is kept in memory for this tab alone. An address names it by its hash, and may hold a small one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.tables import (
    MAX_ADDRESS_LENGTH,
    MAX_ADDRESS_ROWS,
    MAX_BYTES,
    MAX_ENCODED_COLUMNS,
    MAX_ROWS,
    STORE,
    Table,
    guess_target,
    pack,
    read_table,
)
from landscapes.tables.encoding import Targets
from landscapes.tables.reading import FILE_TYPES
from landscapes.views.controls import tab
from landscapes.views.controls.widgets import draw_widget, knob, set_setting, setting
from landscapes.views.worker.watch import escape_markdown, sentence

FAULT = "table fault"  # session key of the sentence on the last upload
HEAD_ROWS = 5  # rows of a table that are shown
KNOB_LABELS = {
    "missing": "Missing inputs",
    "categories": "Categories",
    "standardize": "Standardize",
    "test_share": "Test share",
    "split_seed": "Seed of the split",
    "examples": "Training examples at most",
}


def offered(objective: str) -> list[str]:
    """The kinds of tables that the list of data offers: those that fit, once there is a table."""
    has_table = bool(STORE.tables(tab.session())) or catalog.is_table(str(setting("data", "")))
    return catalog.tables_for(objective) if has_table else []


def draw(data: Choice, on_table: Callable[[Choice], None]) -> Choice:
    """Draw the upload, and the settings of data that are a table. Return the data with their knobs.

    Args:
        on_table: called with the data of a newly uploaded table.
    """
    if catalog.is_table(data.name):
        data = Choice.of(data.name, **_settings(data.name))
    # No popover: closing it removes its widgets and loses a file that is still being uploaded.
    with st.expander("Your own table", icon=":material/table:"):
        _draw_upload(on_table)
        if (table := _table(data)) is not None:
            _draw_table(data, table)
    if fault := st.session_state.get(FAULT, ""):
        st.warning(escape_markdown(sentence(fault)), icon=":material/rule:")
    return Choice.of(data.name, **_settings(data.name)) if catalog.is_table(data.name) else data


def _settings(name: str) -> dict[str, Any]:
    return {key: setting(f"{name}.{key}", each.default) for key, each in catalog.knobs_of(name).items()}


def _table(data: Choice) -> Table | None:
    """The table that complete or incomplete data are about, if this viewer has it."""
    if not catalog.is_table(data.name):
        return None
    try:
        table = catalog.table_of(data, tab.session())
    except ValueError:
        return None
    if STORE.get(table.reference, tab.session()) is None:
        STORE.add(tab.session(), table)  # it came with the address
    return table


def _draw_upload(on_table: Callable[[Choice], None]) -> None:
    # Another key empties the widget, so that Streamlit does not hold the file beside the table.
    key = f"table file {st.session_state.get('tables read', 0)}"
    st.file_uploader(
        f"CSV, TSV, Parquet or NPZ, at most {MAX_BYTES >> 20} MB, {MAX_ROWS:,} rows and "
        f"{MAX_ENCODED_COLUMNS} columns after encoding",
        type=list(FILE_TYPES),
        key=key,
        on_change=_read,
        args=(key, on_table),
        help="It stays in the memory of the server for this tab alone, and is gone with the tab.",
    )


def _read(key: str, on_table: Callable[[Choice], None]) -> None:
    """Read the uploaded file, and open its table unless the page waits for this very table."""
    state = st.session_state
    state.pop(FAULT, None)
    if (file := state.get(key)) is not None:
        open_table(file.getvalue(), file.name, on_table)


def open_table(content: bytes, name: str, on_table: Callable[[Choice], None]) -> None:
    """Read a file, and open its table unless the page waits for this very table."""
    state = st.session_state
    try:
        table = read_table(content, name)
    except ValueError as error:
        state[FAULT] = str(error)
        return
    STORE.add(tab.session(), table)
    state["tables read"] = state.get("tables read", 0) + 1
    state.pop("faults", None)
    chosen = str(setting("data", ""))
    if catalog.is_table(chosen) and str(setting(f"{chosen}.table", "")).startswith(f"{table.digest}."):
        return
    _, targets = guess_target(table)
    for kind in ("classes", "values"):
        _set_table(f"table-{kind}", table, kind)
    on_table(Choice.of(f"table-{targets}", **_settings(f"table-{targets}")))


def _set_table(name: str, table: Table, targets: Targets) -> None:
    """Set the knobs of a kind of table to a new table: what is about columns starts anew."""
    target, _ = guess_target(table, targets)
    knob_values = {
        "table": str(table.reference),
        "packed": "",
        "target": target,
        "leave_out": "",
        "as_categories": "",
    }
    for key, value in knob_values.items():
        set_setting(f"{name}.{key}", value)


def _draw_table(data: Choice, table: Table) -> None:
    names = {number: column.name for number, column in enumerate(table.columns, 1)}
    st.markdown(f"**{escape_markdown(table.name)}**, {table.rows:,} rows, {len(names)} columns")
    st.dataframe({column.name: column.first_texts(HEAD_ROWS) for column in table.columns}, hide_index=True)
    name, knobs = data.name, catalog.knobs_of(data.name)
    targets = [number for number in names if not catalog.target_fault(data, table, number)]
    if (target := int(data.settings["target"])) not in targets:
        targets.append(target)
    draw_widget(
        f"{name}.target", sorted(targets), target, st.selectbox, "Target", format_func=lambda k: names.get(k, k)
    )
    with st.container(horizontal=True):
        for key in ("missing", "categories"):
            knob(f"{name}.{key}", knobs[key], KNOB_LABELS[key])
    with st.container(horizontal=True):
        for key in ("standardize", "test_share"):
            knob(f"{name}.{key}", knobs[key], KNOB_LABELS[key])
    with st.container(horizontal=True):
        for key in ("split_seed", "examples"):
            knob(f"{name}.{key}", knobs[key], KNOB_LABELS[key])
    _choose_columns(name, "leave_out", "Leave out", names)
    numbers = {k: names[k] for k, column in enumerate(table.columns, 1) if column.kind in ("number", "date")}
    _choose_columns(name, "as_categories", "Read as categories", numbers)
    _draw_types(Choice.of(name, **_settings(name)), table)
    _offer_address(name, table)


def _choose_columns(name: str, key: str, label: str, names: dict[int, str]) -> None:
    """A list of columns, whose knob is a text of their numbers."""
    widget = f"{name} {key} columns"
    try:
        numbers = catalog.column_numbers(str(setting(f"{name}.{key}", "")))
    except ValueError:
        numbers = frozenset()
    st.session_state[widget] = sorted(numbers & names.keys())

    def store() -> None:
        set_setting(f"{name}.{key}", ",".join(map(str, sorted(st.session_state[widget]))))

    st.multiselect(label, list(names), key=widget, format_func=names.__getitem__, on_change=store)


def _draw_types(data: Choice, table: Table) -> None:
    """The type of each column and what it becomes, and what reading the table has decided."""
    for note in table.notes:
        st.caption(escape_markdown(note))
    try:
        plan = catalog.plan_of(data, table)
    except ValueError as error:
        st.warning(escape_markdown(sentence(str(error))), icon=":material/rule:")
        return
    rows = []
    for number, column in enumerate(table.columns, 1):
        num_inputs = plan.inputs.get(number, 0) + (number in plan.flags)
        usage = "target" if number == data.settings["target"] else plan.left_out.get(number, "")
        usage = usage or ("input" if num_inputs == 1 else f"{num_inputs} inputs")
        rows.append(
            {"Column": column.name, "Type": column.kind, "Missing": int(column.is_missing.sum()), "Used as": usage}
        )
    st.dataframe(rows, hide_index=True)
    num_dropped = int((~plan.keep).sum())
    dropped_text = f"; {num_dropped:,} rows with missing values are left out" if num_dropped else ""
    st.caption(f"{sum(plan.inputs.values()) + len(plan.flags)} inputs after encoding{dropped_text}.")


def _offer_address(name: str, table: Table) -> None:
    """A switch that puts a small table into the address."""
    key = f"{name} in address"
    try:
        packed, reason = pack(table), ""
    except ValueError as error:
        packed, reason = "", sentence(str(error))
    st.session_state[key] = bool(setting(f"{name}.packed", "")) and not reason

    def store() -> None:
        set_setting(f"{name}.packed", packed if st.session_state[key] else "")

    st.toggle(
        "Put the table into the address",
        key=key,
        on_change=store,
        disabled=bool(reason),
        help=reason
        or f"Up to {MAX_ADDRESS_ROWS} rows and {MAX_ADDRESS_LENGTH:,} characters; without it the address names "
        "the table by its hash, and who opens it uploads the same table.",
    )
