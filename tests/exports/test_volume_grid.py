"""Exports of a volume: a grid for ParaView, tables and arrays, with every value at its node."""

import csv
import io
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from landscapes import figures
from landscapes.exports import EXPORTS, Bundle
from landscapes.figures.slice_figure import slice_of
from landscapes.storage import load
from tests.figures.test_volume_paths import path
from tests.figures.test_volume_picture import volume


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    surface, paths = volume(), {"adam": path()}
    return Bundle(figures.volume(surface, paths), "a -- volume", None, surface, paths, value="loss")


def test_grid_has_every_value_at_its_node(bundle):
    root = ElementTree.fromstring(EXPORTS["vtr"].encode(bundle))
    piece = root.find("RectilinearGrid/Piece")
    assert piece is not None
    assert piece.attrib["Extent"] == "0 8 0 10 0 16"
    arrays = {each.attrib["Name"]: np.array((each.text or "").split(), float) for each in root.iter("DataArray")}
    for name, axis in zip("xyz", bundle.surface.axes, strict=True):
        np.testing.assert_array_equal(arrays[name], axis)
    np.testing.assert_array_equal(arrays["loss"].reshape(17, 11, 9).T, bundle.surface.loss)
    np.testing.assert_array_equal(arrays["term/loss"], arrays["loss"])
    game = replace(bundle, surface=replace(bundle.surface, game=True))
    data = ElementTree.fromstring(EXPORTS["vtr"].encode(game)).find("RectilinearGrid/Piece/PointData")
    assert data is not None
    assert [each.attrib["Name"] for each in data] == [data.attrib["Scalars"]] == ["term/loss"]


def test_tables_and_arrays_hold_the_volume_and_its_paths(bundle, tmp_path):
    rows = list(csv.DictReader(io.StringIO(EXPORTS["csv"].encode(bundle).decode())))
    assert len(rows) == 9 * 11 * 17
    last = [float(rows[-1][name]) for name in ("x", "y", "z", "loss")]
    assert last == [1, 1, 1, 8]
    steps = list(csv.DictReader(io.StringIO(EXPORTS["paths"].encode(bundle).decode())))
    assert [float(steps[2][name]) for name in ("x", "y", "z", "distance")] == [0.25, 0.5, 0.75, 0.2]
    (tmp_path / "volume.npz").write_bytes(EXPORTS["npz"].encode(bundle))
    saved: Any = load(tmp_path / "volume.npz")
    np.testing.assert_array_equal(saved.surface.loss, bundle.surface.loss)
    assert saved.figure().layout.meta["kind"] == "volume"


def test_formats_of_volumes_are_those_that_can_hold_one(bundle):
    names = [name for name, export in EXPORTS.items() if export.is_for(None, 3)]
    assert names == ["html", "snippet", "vtr", "csv", "paths", "npz"]
    assert not EXPORTS["vtr"].is_for(None, 2)
    assert b"a -- volume" in EXPORTS["html"].encode(bundle)
    with pytest.raises(ValueError, match="a grid for ParaView is of a volume"):
        EXPORTS["vtr"].encode(Bundle(bundle.figure, "", None, slice_of(bundle.surface, 0)))
