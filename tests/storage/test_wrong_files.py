"""A file that holds no saved results is answered by one sentence."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from landscapes.storage import SavedResults, encode_results, load
from tests.storage.test_saved_results import EVERYTHING, RUN, SURFACE


def members(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def rewritten(change: Any) -> bytes:
    """The file with its arrays and its header changed."""
    arrays = members(encode_results(SavedResults(**EVERYTHING)))
    header = json.loads(str(arrays["header"]))
    change(arrays, header)
    file = io.BytesIO()
    contents: dict[str, Any] = {**arrays, "header": np.asarray(json.dumps(header))}
    np.savez(file, **contents)
    return file.getvalue()


def plain(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def with_member(name: str, data: bytes) -> bytes:
    file = io.BytesIO(encode_results(SavedResults(surface=SURFACE)))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, data)
    return file.getvalue()


WHOLE = encode_results(SavedResults(**EVERYTHING))
HUGE = (
    b"\x93NUMPY\x01\x00v\x00"
    + b"{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000000,), }".ljust(117)
    + b"\n"
)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", "is no NPZ file"),
        (b"\x89HDF\r\n", "is no NPZ file"),
        (plain(x=np.ones(3)), "NPZ file of another program.*Surface.from_grid"),
        (plain(header=np.asarray('{"format": "else"}')), "NPZ file of another program"),
        (plain(header=np.asarray("[" * 100_000)), "NPZ file of another program"),
        (WHOLE[: len(WHOLE) // 2], "damaged or incomplete"),
        (WHOLE[:300] + bytes(200) + WHOLE[500:], "damaged or incomplete"),
        (with_member("x.npy", HUGE), "damaged or incomplete"),
        (with_member("x.npy", b"no array"), "damaged or incomplete"),
        (plain(header=np.array([object()])), "damaged or incomplete"),
    ],
    ids=["empty", "hdf", "foreign", "format", "nested", "torn", "holed", "huge", "no array", "pickled"],
)
def test_a_wrong_file_is_answered_by_one_sentence(data, answer):
    with pytest.raises(ValueError, match=answer) as raised:
        load(io.BytesIO(data))
    assert str(raised.value).count(". ") == 0


def change_version(arrays, header):
    header["version"] = 2


def test_newer_format_is_refused_with_its_number():
    with pytest.raises(ValueError, match="format 2, and this release reads formats up to 1"):
        load(io.BytesIO(rewritten(change_version)))


def field(header: Any, *path: str) -> Any:
    node = header["contents"]
    for name in path:
        node = (
            dict(node["dict"])[name]
            if "dict" in node
            else node["fields"][name]
            if "fields" in node
            else node[name]
        )
    return node


MISFITS = {
    "another shape": lambda arrays, header: arrays.update({"term/loss": np.ones((2, 3))}),
    "another type": lambda arrays, header: arrays.update({"term/loss": np.ones((3, 2), np.int64)}),
    "a missing array": lambda arrays, header: arrays.pop("axis/0"),
    "an axis that falls": lambda arrays, header: arrays.update({"axis/0": np.array([3.0, 2.0, 1.0])}),
    "an unknown field": lambda arrays, header: header["contents"]["surface"]["fields"].update(code="import os"),
    "an unknown type": lambda arrays, header: header["contents"]["surface"].update(type="Popen"),
    "a part of another type": lambda arrays, header: header["contents"].update(surface=header["contents"]["flow"]),
    "an unknown part": lambda arrays, header: header["contents"].update(other=1),
    "a number as text": lambda arrays, header: header["contents"]["surface"]["fields"].update(evaluations="9"),
    "a sense": lambda arrays, header: header["contents"]["surface"]["fields"].update(sense="<b>"),
    "a weight of no term": lambda arrays, header: field(header, "surface", "weights")["dict"].append(
        ["x", {"float": "1"}]
    ),
    "a label that is no text": lambda arrays, header: header["contents"]["paths"]["dict"].append([None, None]),
    "text as an outcome": lambda arrays, header: field(header, "paths", "a/b")["fields"].update(outcome="x"),
    "contents": lambda arrays, header: header.update(contents=[1]),
    "labels": lambda arrays, header: header.update(labels=["only one"]),
    "a caption": lambda arrays, header: header.update(caption=["x"]),
}


@pytest.mark.parametrize("change", MISFITS.values(), ids=MISFITS)
def test_arrays_that_do_not_fit_their_header_are_refused(change):
    with pytest.raises(ValueError, match="do not fit its header; save it again"):
        load(io.BytesIO(rewritten(change)))


def test_shapes_of_one_field_must_fit_those_of_another():
    def shorten(arrays, header):
        path = field(header, "paths", "sgd, slow", "loss")
        arrays[path["array"]], path["shape"] = np.ones(2), [2]

    with pytest.raises(ValueError, match="the arrays of paths do not fit"):
        load(io.BytesIO(rewritten(shorten)))


def test_a_large_file_is_refused_before_its_arrays_are_read():
    zeros = replace(SURFACE, terms={**SURFACE.terms, "loss": np.zeros((3, 2))})
    run = replace(RUN, params={"w": np.zeros((3, 10**6))})
    data = encode_results(SavedResults(surface=zeros, trajectories={"a": run}))
    assert len(data) < 10**5
    with pytest.raises(ValueError, match="holds 23 MB of arrays, more than the 4 MB that are read"):
        load(io.BytesIO(data), max_bytes=4 * 2**20)
