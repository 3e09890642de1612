"""GLB, STL and VTP: the surface over a plane as a mesh, with its paths.

All have the proportions of the scene on the page. GLB has vertex colors and the paths as lines; STL is a closed
solid on a base, in millimeters, for a printer; VTP has the values at each point, for ParaView.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from plotly.colors import get_colorscale, sample_colorscale

from landscapes.exports.bundle import Bundle, Export
from landscapes.figures.camera import SURFACE_HEIGHT
from landscapes.figures.palette import SURFACE, styles
from landscapes.figures.picture import MAX_ISOMETRIC_RATIO
from landscapes.figures.scale import Scale
from landscapes.packages import find_spec

MISSING = (
    "GLB and STL need the package trimesh, which is not installed; "
    '`pip install "landscapes[export]"` brings it, and VTP needs nothing'
)
SIDE_MM, BASE_MM = 100.0, 3.0  # of a solid: its longer side, and the plate below its lowest point
GLB_LIFT = 0.004  # of paths above the surface, in units of the longer side


@dataclass(frozen=True, eq=False)
class Mesh:
    """The drawn surface as a mesh, and the paths on it.

    Attributes:
        x, y: the coordinates of the grid in the plane.
        heights: what is drawn there, ["n_x n_y"] on the picture's scale; NaN where it is not finite.
        vertices: the points["n_x n_y 3"] in units of the longer side, from 0; NaN heights are 0.
        losses: the drawn quantity in its own units.
        paths: for each label the indices of the steps inside the picture, and their points["S 3"].
    """

    x: np.ndarray
    y: np.ndarray
    heights: np.ndarray
    vertices: np.ndarray
    losses: np.ndarray
    paths: Mapping[str, tuple[np.ndarray, np.ndarray]]

    @property
    def triangles(self) -> np.ndarray:
        """Indices["T 3"] of the corners, counterclockwise from above, without cells that have a point that is not
        finite."""
        return _triangles(np.isfinite(self.heights))


def mesh_of(bundle: Bundle) -> Mesh:
    """The mesh of a bundle's figure.

    Raises:
        ValueError: if the figure is a line, which has no mesh.
    """
    figure: Any = bundle.figure
    surfaces = [trace for trace in figure.data if trace.type in ("surface", "contour")]
    surface = next((trace for trace in surfaces if trace.meta["role"] == "surface"), None)
    if surface is None:
        raise ValueError("a picture along a line has no mesh; draw a plane, or export its curve as CSV")
    x, y, heights = (np.asarray(values, np.float64) for values in (surface.x, surface.y, surface.z))
    heights, meta = heights.T, figure.layout.meta
    scale = Scale(meta["scale"], meta["sense"], meta["low"], meta["high"])
    side_lengths = np.array([x[-1] - x[0], y[-1] - y[0]])
    if side_lengths.max() > MAX_ISOMETRIC_RATIO * side_lengths.min():
        side_lengths = np.ones(2)  # as in the picture, whose axes then have a scale each
    side_lengths = side_lengths / side_lengths.max()
    low, high = scale.range
    unit = SURFACE_HEIGHT * side_lengths.mean() / (high - low)

    def to_mesh(u: np.ndarray, v: np.ndarray, height: np.ndarray) -> np.ndarray:
        mesh_x = (u - x[0]) / (x[-1] - x[0]) * side_lengths[0]
        mesh_y = (v - y[0]) / (y[-1] - y[0]) * side_lengths[1]
        return np.stack([mesh_x, mesh_y, np.nan_to_num((height - low) * unit)], axis=-1)

    paths = {}
    for label, path in bundle.paths.items():
        u, v = np.asarray(path.coordinates, np.float64).T
        height = _interpolated(x, y, heights, u, v)
        keep = np.flatnonzero(np.isfinite(height))
        paths[label] = keep, to_mesh(u[keep], v[keep], height[keep])
    vertices = to_mesh(*np.meshgrid(x, y, indexing="ij"), heights)
    return Mesh(x, y, heights, vertices, scale.inverse(heights), paths)


def glb(bundle: Bundle) -> bytes:
    """Binary glTF: the surface with a color at each point, and each path as a line; y points up."""
    import trimesh

    mesh = mesh_of(bundle)
    y_up = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # of row vectors
    colors, hues = _colors(mesh.heights.ravel()), styles(mesh.paths)
    corners = mesh.vertices.reshape(-1, 3) @ y_up
    scene = trimesh.Scene()
    surface = trimesh.Trimesh(corners, mesh.triangles, vertex_colors=colors, process=False)
    scene.add_geometry(surface, node_name="surface", geom_name="surface")
    for label, (_, points) in mesh.paths.items():
        if len(points) > 1:
            line: Any = trimesh.load_path((points + np.array([0, 0, GLB_LIFT])) @ y_up)
            hue = hues[label].color
            rgba = [*(int(hue[k : k + 2], 16) for k in (1, 3, 5)), 255]
            line.colors = np.tile(rgba, (len(line.entities), 1))
            scene.add_geometry(line, node_name=label, geom_name=label)
    scene.metadata["description"] = bundle.description
    data: Any = scene.export(file_type="glb")
    return data


def stl(bundle: Bundle) -> bytes:
    """Binary STL: the closed solid between the surface and the bottom of a plate, in millimeters. A point that is
    not finite lies on the plate."""
    import trimesh

    mesh = mesh_of(bundle)
    top = SIDE_MM * mesh.vertices + np.array([0, 0, BASE_MM])
    bottom = top * np.array([1, 1, 0])
    count = mesh.heights.size
    index = np.arange(count).reshape(mesh.heights.shape)
    faces = _triangles(np.ones(mesh.heights.shape, bool))
    boundary = np.concatenate([index[:, 0], index[-1, 1:], index[-2::-1, -1], index[0, -2::-1]])
    starts, ends = boundary[:-1], boundary[1:]
    walls = [
        np.column_stack([starts + count, ends + count, ends]),
        np.column_stack([starts + count, ends, starts]),
    ]
    solid = trimesh.Trimesh(
        np.concatenate([top.reshape(-1, 3), bottom.reshape(-1, 3)]),
        np.concatenate([faces, faces[:, ::-1] + count, *walls]),
        process=False,
    )
    data: Any = solid.export(file_type="stl")
    return data


def vtp(bundle: Bundle) -> bytes:
    """VTK PolyData as XML: the surface as triangles and the paths as polylines, with the drawn `value` at each
    point. Points of a path also have its `step`, `loss` (the true one) and `distance` from the plane; these are −1
    and NaN elsewhere.
    """
    mesh = mesh_of(bundle)
    grid = mesh.heights.size
    points, values = [mesh.vertices.reshape(-1, 3)], [mesh.losses.ravel()]
    steps, losses, distances = [np.full(grid, -1)], [np.full(grid, np.nan)], [np.full(grid, np.nan)]
    for label, (steps_inside, path_points) in mesh.paths.items():
        path = (bundle.drawn_paths or bundle.paths)[label]
        points.append(path_points)
        values.append(np.asarray(path.plane_loss, float)[steps_inside])
        steps.append(np.asarray(path.steps)[steps_inside])
        losses.append(np.asarray(path.loss, float)[steps_inside])
        distances.append(np.asarray(path.distance, float)[steps_inside])
    ends = grid + np.cumsum([len(steps_inside) for steps_inside, _ in mesh.paths.values()])
    lines = np.arange(grid, int(ends[-1]) if len(ends) else grid)
    triangles, all_points = mesh.triangles, np.concatenate(points)
    data = {"value": values, "step": steps, "loss": losses, "distance": distances}
    arrays = "".join(data_array(name, np.concatenate(parts)) for name, parts in data.items())
    labels = "\n".join(["points of the surface", *mesh.paths])
    ends_of_triangles = 3 * np.arange(1, len(triangles) + 1)
    return f"""<?xml version="1.0"?>
<!-- {escape(bundle.description).replace("--", "- -")}
{escape(labels).replace("--", "- -")} -->
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<PolyData>
<Piece NumberOfPoints="{len(all_points)}" NumberOfLines="{len(ends)}" NumberOfPolys="{len(triangles)}">
<PointData Scalars="value">{arrays}</PointData>
<Points>{data_array("Points", all_points)}</Points>
<Lines>{data_array("connectivity", lines)}{data_array("offsets", ends - grid)}</Lines>
<Polys>{data_array("connectivity", triangles.ravel())}{data_array("offsets", ends_of_triangles)}</Polys>
</Piece>
</PolyData>
</VTKFile>
""".encode()


def missing() -> str:
    """A sentence with the remedy if a package that GLB and STL need is not installed, or ""."""
    return "" if find_spec("trimesh") is not None else MISSING


def data_array(name: str, values: np.ndarray) -> str:
    """A DataArray of VTK with these values as text; the columns of ["n m"] are components."""
    is_real = values.dtype.kind == "f"
    texts = " ".join(map(repr, values.ravel().astype(float if is_real else int).tolist()))
    width = f' NumberOfComponents="{values.shape[1]}"' if values.ndim == 2 else ""
    kind = "Float64" if is_real else "Int64"
    return f'<DataArray type="{kind}" Name="{name}"{width} format="ascii">{texts}</DataArray>'


def _triangles(is_finite: np.ndarray) -> np.ndarray:
    """Two triangles for each cell of the grid whose corners are all finite."""
    index = np.arange(is_finite.size).reshape(is_finite.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    is_complete = is_finite[:-1, :-1] & is_finite[1:, :-1] & is_finite[1:, 1:] & is_finite[:-1, 1:]
    cells = np.stack([each[is_complete] for each in (a, b, c, d)], axis=-1)
    return np.concatenate([cells[:, [0, 1, 2]], cells[:, [0, 2, 3]]])


def _interpolated(x: np.ndarray, y: np.ndarray, heights: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Heights of the drawn surface at points of the plane, bilinear; NaN outside."""
    i = np.clip(np.searchsorted(x, u, side="right") - 1, 0, len(x) - 2)
    j = np.clip(np.searchsorted(y, v, side="right") - 1, 0, len(y) - 2)
    s, t = (u - x[i]) / (x[i + 1] - x[i]), (v - y[j]) / (y[j + 1] - y[j])
    low = heights[i, j] * (1 - t) + heights[i, j + 1] * t
    high = heights[i + 1, j] * (1 - t) + heights[i + 1, j + 1] * t
    inside = (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
    return np.where(inside, low * (1 - s) + high * s, np.nan)


def _colors(heights: np.ndarray) -> np.ndarray:
    """The colors["n 4"] of heights, from 0 to 255."""
    low, high = np.nanmin(heights), np.nanmax(heights)
    share = np.nan_to_num((heights - low) / ((high - low) or 1.0))
    table = sample_colorscale(get_colorscale(SURFACE), np.linspace(0, 1, 256).tolist(), colortype="tuple")
    hues = np.rint(255 * np.asarray(table)[np.rint(255 * share).astype(int)])
    return np.column_stack([hues, np.full(len(hues), 255)]).astype(np.uint8)


EXPORTS = {
    "glb": Export("Surface and paths (GLB)", ".glb", "model/gltf-binary", glb, missing, dimension=2),
    "stl": Export("Solid to print (STL)", ".stl", "model/stl", stl, missing, dimension=2),
    "vtp": Export("Surface and paths (VTP)", ".vtp", "application/xml", vtp, dimension=2),
}
