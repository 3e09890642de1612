"""Files of tables for the tests."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet

HOMES = (
    "city,size,rooms,garden,built,price\n"
    "Bern,50,2,yes,1990-05-01,300.5\n"
    "Ulm,70,,no,2001-01-01,410\n"
    "Bern,65,3,no,1975-12-31,395.25\n"
    'Graz,90,4,yes,,"520"\n'
    "Ulm,40,1,no,2010-06-15,260\n"
)


def csv_of(header: Sequence[str], rows: Sequence[Sequence[Any]], separator: str = ",") -> bytes:
    return "\n".join(separator.join(map(str, row)) for row in [header, *rows]).encode()


def npz_of(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def parquet_of(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file, **options)
    return file.getvalue()


def homes_parquet() -> bytes:
    return parquet_of(
        {
            "city": ["Bern", "Ulm", "Bern", "Graz", "Ulm"],
            "size": pyarrow.array([50, 70, 65, 90, 40], pyarrow.int32()),
            "rooms": [2.0, None, 3.0, 4.0, 1.0],
            "garden": [True, False, False, True, False],
            "built": np.array(["1990-05-01", "2001-01-01", "1975-12-31", "NaT", "2010-06-15"], "datetime64[D]"),
            "price": [300.5, 410.0, 395.25, 520.0, 260.0],
        }
    )


def homes_npz() -> bytes:
    return npz_of(
        city=np.array(["Bern", "Ulm", "Bern", "Graz", "Ulm"]),
        size=np.array([50, 70, 65, 90, 40], np.int16),
        rooms=np.array([2, np.nan, 3, 4, 1], np.float32),
        garden=np.array([True, False, False, True, False]),
        built=np.array(["1990-05-01", "2001-01-01", "1975-12-31", "NaT", "2010-06-15"], "datetime64[D]"),
        price=np.array([300.5, 410, 395.25, 520, 260]),
    )


STRANGE = (
    "", "NA", "inf", "-inf", "nan", "1e999", "1e308", "-0", "1,5", "1.234,5", "1,234", "1 234", "'", '"', '""',
    "\n", "\r\n", "\t", ";", ",", "|", "\0", "\x1a", "\ufeff", "é", "💥", "\ud7ff", "0x1F", "1_000", "٣",
    "true", "NO", "2020-02-30", "31.12.1999", "13/13/2013", "9999-12-31T23:59:59+14:00", "=1+1", "<img src=x>",
    "![](x)", "$x$", "a" * 500, "9" * 400, "%s%n", "../../x",
)  # fmt: skip


def mutated(seed: int, files: Sequence[bytes]) -> bytes:
    """One of the files with a few bytes or cells changed."""
    rng = random.Random(seed)
    content = rng.choice(files)
    if rng.random() < 0.5 and not content.startswith((b"PK", b"PAR1")):
        separator = rng.choice(",;\t|")
        lines = [line.split(",") for line in content.decode().split("\n") if line]
        for _ in range(rng.randint(1, 6)):
            line = rng.choice(lines)
            line[rng.randrange(len(line))] = rng.choice(STRANGE)
            if rng.random() < 0.1:
                rng.choice(lines).append(rng.choice(STRANGE))
            if rng.random() < 0.1 and len(lines) > 1:
                lines.pop(rng.randrange(len(lines)))
        if rng.random() < 0.1:
            lines = [line[:1] for line in lines] if rng.random() < 0.5 else lines[:1]
        encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])
        return "\n".join(separator.join(line) for line in lines).encode(encoding, "replace")
    if content.startswith(b"PK") and rng.random() < 0.7:
        # The archive itself is sound and a member is damaged.
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = rng.choice(list(members))
        members[name] = _with_other_bytes(rng, members[name])
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, member in members.items():
                archive.writestr(name, member)
        return file.getvalue()
    return _with_other_bytes(rng, content)


def _with_other_bytes(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        at = rng.randrange(len(changed))
        action = rng.random()
        if action < 0.7:
            changed[at] = rng.randrange(256)
        elif action < 0.8:
            changed[at:at] = bytes(rng.choices(range(256), k=rng.randint(1, 9)))
        elif action < 0.95:
            del changed[at : at + rng.randint(1, 9)]
        else:
            del changed[rng.randrange(len(changed)) :]
        if not changed:
            break
    return bytes(changed)
