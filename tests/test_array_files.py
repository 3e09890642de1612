"""Files of arrays: complete or not there, and never pickled."""

import numpy as np
import pytest

from landscapes import array_files
from landscapes.array_files import read_array, read_arrays, write_arrays


def test_arrays_are_read_as_they_were_written(tmp_path):
    arrays = {
        "layer/kernel": np.arange(6.0).reshape(2, 3),
        "file": np.array(2, np.int16),  # a name that np.savez would take for an argument
        "empty": np.zeros((0, 4), np.float32),
        "text": np.array(["one", "two"]),
    }
    write_arrays(tmp_path / "a.npz", arrays)
    result = read_arrays(tmp_path / "a.npz")
    assert list(result) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(result[name], array)
        assert result[name].dtype == array.dtype
    with np.load(tmp_path / "a.npz") as file:  # NumPy's own reader knows the format
        np.testing.assert_array_equal(file["layer/kernel"], arrays["layer/kernel"])
    np.testing.assert_array_equal(read_array(tmp_path / "a.npz", "file"), 2)
    assert read_array(tmp_path / "a.npz", "none") is None


def test_failed_write_leaves_the_earlier_file(tmp_path, monkeypatch):
    write_arrays(tmp_path / "a.npz", {"x": np.ones(3)})

    def fail(member, array, allow_pickle):
        member.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(array_files.np.lib.format, "write_array", fail)
    with pytest.raises(OSError, match="no space left"):
        write_arrays(tmp_path / "a.npz", {"x": np.zeros(3)})
    monkeypatch.undo()
    np.testing.assert_array_equal(read_arrays(tmp_path / "a.npz")["x"], 1)


def test_python_objects_are_neither_written_nor_read(tmp_path):
    with pytest.raises(ValueError, match="Object arrays"):
        write_arrays(tmp_path / "a.npz", {"x": np.array([print], object)})
    np.savez(tmp_path / "b.npz", x=np.array([print], object))
    with pytest.raises(ValueError, match="Object arrays"):
        read_arrays(tmp_path / "b.npz")
