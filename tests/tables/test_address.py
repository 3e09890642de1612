"""Small tables in an address."""

from __future__ import annotations

import base64
import json
import zlib
from urllib.parse import quote

import numpy as np
import pytest

from landscapes.tables import MAX_ADDRESS_LENGTH, pack, read_table, unpack
from tests.tables.files import HOMES, csv_of

TABLE = read_table(HOMES.encode(), "homes.csv")


def _packed(content) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(content).encode())).decode()


def test_a_table_returns_from_its_address():
    text = pack(TABLE)
    assert quote(text) == text
    result = unpack(text, TABLE.reference)
    assert result.digest == TABLE.digest
    for one, other in zip(result.columns, TABLE.columns, strict=True):
        assert (one.name, one.kind, one.labels) == (other.name, other.kind, other.labels)
        np.testing.assert_array_equal(one.values, other.values)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no table",
        "A" * (MAX_ADDRESS_LENGTH + 1),
        pack(TABLE)[:-8],
        pack(read_table(HOMES.replace("90,4", "91,4").encode())),
        _packed([]),
        _packed("[" * 2000),
        _packed([["a", "number", [], [1e300]], ["b", "number", [], [1]]]),
        _packed([["a", "number", [], [-1e300]], ["b", "number", [], [1]]]),
        _packed([["a", "date", [], [1e9]], ["b", "number", [], [1]]]),
        _packed([["a", "date", [], [-1e9]], ["b", "number", [], [1]]]),
        _packed([["a", "category", ["y", "x"], [0]], ["b", "number", [], [1]]]),
        _packed([["a", "category", ["x", "x"], [0]], ["b", "number", [], [1]]]),
        _packed([["a", "boolean", ["no", "so", "yes"], [1]], ["b", "number", [], [1]]]),
        _packed([["a", "number", ["x"], [0]], ["b", "number", [], [1]]]),
        _packed([["a", "category", ["x"], [3]], ["b", "number", [], [1]]]),
        _packed([["a", "category", ["x"], [0.5]], ["b", "number", [], [1]]]),
        _packed([["a", "number", [], [1, 2]], ["b", "number", [], [1]]]),
        base64.urlsafe_b64encode(zlib.compress(b"[" * 10**6)).decode(),
        base64.urlsafe_b64encode(zlib.compress(b" " * 4 * 10**6)).decode(),
    ],
)
def test_a_changed_text_names_the_table_to_upload(text):
    with pytest.raises(
        ValueError, match=r"the table in the address is damaged; upload homes\.csv \(5 rows, 6 columns"
    ):
        unpack(text, TABLE.reference)


def test_tables_too_large_for_an_address():
    long = read_table(csv_of(["x", "y"], [(k, k % 2) for k in range(201)]), "long.csv")
    with pytest.raises(
        ValueError, match=r"long\.csv has 201 rows, and an address holds at most 200; send the file"
    ):
        pack(long)
    rng = np.random.default_rng(0)
    wide = read_table(csv_of([f"c{k}" for k in range(20)], rng.normal(size=(200, 20)).tolist()), "wide.csv")
    with pytest.raises(ValueError, match=r"wide\.csv takes .* characters, and an address holds at most 6,000"):
        pack(wide)
