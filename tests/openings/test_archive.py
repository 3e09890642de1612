"""A tree and its arrays as bytes, and back."""

import numpy as np
import pytest

from landscapes.openings.archive import DAMAGED, pack, unpack
from landscapes.storage.tree_encoding import MISFIT, decode, encode

TREE = {
    "grid": np.add.outer(np.linspace(0, 1, 33), np.linspace(-1, 2, 17) ** 2),
    "runs": {"adam": (np.arange(12, dtype=np.float32) ** 0.5, "finished", 3, None, 0.1)},
    "eigenvalues": np.array([1 + 2j, -0.0 - 1j, np.nan + 0j]),
    "none": np.zeros((0, 4)),
    "mask": np.array([[True, False]]),
    "again": np.arange(12, dtype=np.float32) ** 0.5,
}


def packed():
    arrays = {}
    contents = encode(TREE, "", arrays)
    return pack({"version": "1", "contents": contents}, arrays)


def test_tree_and_arrays_come_back():
    tree, arrays = unpack(packed(), 2**20)
    result = decode(tree["contents"], arrays)
    assert list(result) == list(TREE)
    for name in ("grid", "eigenvalues", "none", "mask", "again"):
        assert (result[name].dtype, result[name].shape) == (TREE[name].dtype, TREE[name].shape)
        assert result[name].tobytes() == TREE[name].tobytes()
    np.testing.assert_array_equal(result["runs"]["adam"][0], TREE["again"])
    assert result["runs"]["adam"][1:] == TREE["runs"]["adam"][1:]


def test_arrays_above_the_limit_are_refused():
    with pytest.raises(ValueError, match="too large"):
        unpack(packed(), 4000)


def test_damaged_bytes_are_refused():
    data = packed()
    for damage in (b"", data[:3], data[:60], data[:-20], b"\x00" * 200, data[:-40] + b"\x00" * 40):
        with pytest.raises((*DAMAGED, *MISFIT)):
            unpack(damage, 2**20)
