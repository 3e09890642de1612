"""Meshes are read back by trimesh, and their XML by its own parser."""

import io
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import trimesh

from landscapes import figures
from landscapes.exports import EXPORTS
from landscapes.exports.meshes import BASE_MM, SIDE_MM, mesh_of
from landscapes.slices.surface import Surface
from tests.figures.scenes import curve


def _read(data: bytes, kind: str) -> Any:
    return trimesh.load(io.BytesIO(data), file_type=kind)


def test_mesh_has_proportions_and_heights_of_picture(bundle):
    mesh = mesh_of(bundle)  # (1 + u)² + 10v over [-1, 1] × [-0.3, 2], from -3 to 24
    assert mesh.vertices.shape == (31, 31, 3)
    np.testing.assert_allclose(np.ptp(mesh.vertices[..., :2], axis=(0, 1)), [2 / 2.3, 1])
    u, v = np.meshgrid(mesh.x, mesh.y, indexing="ij")
    np.testing.assert_allclose(mesh.losses, (1 + u) ** 2 + 10 * v, atol=1e-4)
    slope = np.polyfit(mesh.losses.ravel(), mesh.vertices[..., 2].ravel(), 1)[0]
    assert slope == pytest.approx(0.75 * (1 + 2 / 2.3) / 2 / (1.04 * 27), rel=1e-4)


def test_glb_has_colors_and_paths(bundle):
    scene = _read(EXPORTS["glb"].encode(bundle), "glb")
    surface, path_trace = scene.geometry["surface"], scene.geometry["sgd, slow"]
    assert len(surface.vertices) == 31 * 31
    assert len(surface.faces) == 2 * 30 * 30
    # Blue where it is low and yellow where it is high; y points up.
    colors, high = surface.visual.vertex_colors, surface.vertices[:, 1]
    np.testing.assert_array_equal(colors[high.argmin(), :3], [68, 1, 84])
    np.testing.assert_array_equal(colors[high.argmax(), :3], [253, 231, 37])
    kept, places = mesh_of(bundle).paths["sgd, slow"]
    assert len(kept) == 10  # the others leave the plane's range
    np.testing.assert_allclose(path_trace.bounds[:, 0], [places[:, 0].min(), places[:, 0].max()], atol=1e-6)
    np.testing.assert_allclose(-path_trace.bounds[::-1, 2], [places[:, 1].min(), places[:, 1].max()], atol=1e-6)
    assert len(np.unique(np.round(path_trace.vertices, 6), axis=0)) == len(kept)


def test_stl_is_closed_solid_in_millimeters(bundle, holes):
    solid = _read(EXPORTS["stl"].encode(bundle), "stl")
    assert solid.is_watertight
    assert solid.is_winding_consistent
    across, along, high = solid.extents
    assert (across, along) == pytest.approx((SIDE_MM * 2 / 2.3, SIDE_MM), rel=1e-5)
    assert BASE_MM < high < SIDE_MM
    # Volume: the mean height of x² + 10y over the grid's cells, times the floor.
    heights = SIDE_MM * mesh_of(bundle).vertices[..., 2] + BASE_MM
    mean = np.mean([heights[1:, 1:], heights[:-1, 1:], heights[1:, :-1], heights[:-1, :-1]])
    assert solid.volume == pytest.approx(mean * across * along, rel=1e-3)


def test_points_that_are_not_finite_are_left_out_or_on_the_plate(bundle):
    grid = np.add.outer(np.arange(4.0), np.arange(5.0))
    grid[1, 2] = np.nan
    surface = Surface.from_grid(np.arange(4.0), np.arange(5.0), grid)
    broken = replace(bundle, surface=surface, paths={}, figure=figures.surface(surface, resolution=None))
    scene = _read(EXPORTS["glb"].encode(broken), "glb")
    assert len(scene.geometry["surface"].faces) == 2 * (12 - 4)
    solid = _read(EXPORTS["stl"].encode(broken), "stl")
    assert solid.is_watertight
    assert solid.volume > 0


def test_vtp_has_values_and_polylines(bundle):
    """No two numbers of a step are alike: the path is off the plane."""
    (label, path), count = next(iter(bundle.paths.items())), len(bundle.paths["sgd, slow"].steps)
    path = replace(path, distance=0.5 + np.arange(count), plane_loss=np.asarray(path.loss) + 7)
    bundle = replace(bundle, paths={label: path})
    root = ElementTree.fromstring(EXPORTS["vtp"].encode(bundle))
    (piece,) = root.iter("Piece")

    def array(parent: str, name: str) -> np.ndarray:
        (result,) = (each for each in piece.find(parent) or () if each.get("Name") == name)
        return np.array((result.text or "").split(), float)

    kept, places = mesh_of(bundle).paths["sgd, slow"]
    points = array("Points", "Points").reshape(-1, 3)
    assert int(piece.attrib["NumberOfPoints"]) == len(points) == 31 * 31 + len(kept)
    np.testing.assert_array_equal(points[31 * 31 :], places)
    assert piece.attrib["NumberOfLines"] == "1"
    np.testing.assert_array_equal(array("Lines", "connectivity"), 31 * 31 + np.arange(len(kept)))
    assert array("Lines", "offsets").tolist() == [len(kept)]
    assert array("Polys", "connectivity").max() < 31 * 31
    columns = {"step": path.steps, "loss": path.loss, "value": path.plane_loss, "distance": path.distance}
    for name, values in columns.items():
        np.testing.assert_array_equal(array("PointData", name)[31 * 31 :], np.asarray(values, float)[kept])
    np.testing.assert_array_equal(array("PointData", "value")[: 31 * 31], mesh_of(bundle).losses.ravel())
    assert set(array("PointData", "step")[: 31 * 31]) == {-1}
    assert np.isnan(array("PointData", "distance")[: 31 * 31]).all()


def test_contour_has_the_same_mesh_as_surface(bundle):
    flat = replace(bundle, figure=figures.contour(bundle.surface, bundle.paths, resolution=31))
    np.testing.assert_array_equal(mesh_of(flat).vertices, mesh_of(bundle).vertices)


def test_line_has_no_mesh(bundle):
    drawn = replace(bundle, surface=curve(), paths={}, figure=figures.line(curve()))
    with pytest.raises(ValueError, match="a picture along a line has no mesh"):
        EXPORTS["vtp"].encode(drawn)


def test_absent_trimesh_disables_two_formats(monkeypatch, bundle):
    monkeypatch.setattr("landscapes.exports.meshes.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="need the package trimesh"):
        EXPORTS["stl"].encode(bundle)
    assert EXPORTS["vtp"].is_available()
