"""Arrays in an NPZ file: written and read without pickle and within a limit of memory."""

import io
import zipfile

import numpy as np
import pytest

from landscapes.storage.npz_arrays import read_arrays, write_arrays

ARRAYS = {
    "a/b": np.arange(6.0).reshape(2, 3),
    "c": np.asfortranarray(np.arange(6).reshape(3, 2)),
    "d": np.zeros((0, 4)),
}


def read(data, max_bytes=2**20):
    return read_arrays(io.BytesIO(data), "file", max_bytes)


def test_arrays_return_with_their_order_and_shape():
    result = read(write_arrays(ARRAYS))
    assert list(result) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (result[name].dtype, result[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(result[name], array)


def test_objects_are_not_written():
    with pytest.raises(ValueError, match="c holds Python objects; give arrays of numbers"):
        write_arrays({**ARRAYS, "c": np.array([{}])})


def test_numpy_reads_what_is_written(tmp_path):
    (tmp_path / "file.npz").write_bytes(write_arrays(ARRAYS))
    with np.load(tmp_path / "file.npz", allow_pickle=False) as result:
        np.testing.assert_array_equal(result["c"], ARRAYS["c"])


def test_the_limit_is_that_of_all_arrays_together():
    data = write_arrays({"a": np.zeros(1000), "b": np.zeros(1000)})
    assert len(data) < 1000
    size = sum(info.file_size for info in zipfile.ZipFile(io.BytesIO(data)).infolist())
    assert list(read(data, size)) == ["a", "b"]
    with pytest.raises(ValueError, match="more than the 0 MB that are read"):
        read(data, size - 1)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"\x93NUMPY", "file is no NPZ file; give one that landscapes.save wrote"),
        (write_arrays(ARRAYS)[:-30], "file is damaged or incomplete; save or copy it again"),
    ],
    ids=["an array alone", "torn"],
)
def test_other_files_get_one_sentence(data, answer):
    with pytest.raises(ValueError, match=answer):
        read(data)
