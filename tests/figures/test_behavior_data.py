"""What the panel gets: the arrays of each step in a compact form."""

import base64
import json
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from landscapes.figures.behavior_data import behavior_data, packed


def unpacked(spec):
    flat = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
    flat = flat if "low" not in spec else spec["low"] + (spec["high"] - spec["low"]) * flat / 255
    return flat.reshape([int(n) for n in spec["shape"].split(", ")])


@pytest.mark.parametrize(
    ("array", "dtype", "tolerance"),
    [
        (np.array([[3, 0, 255]]), "u1", 0),
        (np.array([[256, 0]]), "i2", 0),
        (np.array([[255, -1]]), "i2", 0),
        (np.array([[2**15 - 1, -(2**15)]]), "i2", 0),
        (np.array([2**15]), "i4", 0),
        (np.array([-(2**15) - 1]), "i4", 0),
        (np.linspace(-2.0, 5.0, 800).reshape(2, 400), "f4", 1e-6),
        (np.linspace(-2.0, 5.0, 6).reshape(2, 3), "f4", 1e-6),
        (np.linspace(-2.0, 5.0, 1000).reshape(2, 500), "u1", 0.5 * 7 / 255 + 1e-9),
    ],
)
def test_packed_arrays_come_back(array, dtype, tolerance):
    spec = packed(array)
    assert spec["dtype"] == dtype
    np.testing.assert_allclose(unpacked(spec), array, rtol=0, atol=tolerance)


def test_values_that_are_not_finite_leave_the_range_of_the_others():
    rows = np.concatenate([[np.nan, np.inf], np.linspace(1.0, 2.0, 500)])[None]
    assert (packed(rows)["low"], packed(rows)["high"]) == (1.0, 2.0)


def test_each_path_has_its_steps_and_rows():
    class Images(NamedTuple):
        predicted: Any
        wrong: Any

    def rows(offset: int) -> Images:
        return Images(np.arange(6).reshape(3, 2) + offset, np.array([5, 4, 2]) + offset)

    result: Any = SimpleNamespace(
        kind="images",
        drawn={"labels": np.array([1, 2]), "examples": 2},
        steps={"sgd": np.array([0, 4, 8]), "adam": np.array([0, 5, 9])},
        displays={"sgd": rows(0), "adam": rows(10)},
        point=rows(20),
        coordinates=(0.123456789, -2.0),
        place="picked",
    )
    data = behavior_data(result, examples="test examples")
    assert json.loads(json.dumps(data)) == data
    assert (data["kind"], data["last"], data["examples"]) == ("images", 9, "test examples")
    assert data["paths"]["adam"]["steps"] == [0, 5, 9]
    np.testing.assert_array_equal(unpacked(data["paths"]["adam"]["values"]["wrong"]), [15, 14, 12])
    np.testing.assert_array_equal(unpacked(data["point"]["values"]["predicted"])[0], [20, 21])
    assert data["point"]["coordinates"] == [0.12346, -2.0]
    assert data["paths"]["sgd"]["color"] != data["paths"]["adam"]["color"]
