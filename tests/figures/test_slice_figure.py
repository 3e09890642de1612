"""One slice of a volume: the contour plot of its plane, on the scale of the whole volume."""

from typing import Any

import numpy as np

from landscapes import figures
from landscapes.figures.slice_figure import slice_of
from landscapes.slices import Surface
from tests.figures.test_volume_picture import volume


def test_slice_is_the_plane_at_its_node():
    surface = volume()
    plane = slice_of(surface, 3)
    np.testing.assert_array_equal(plane.loss, surface.loss[:, :, 3])
    assert plane.error == surface.error
    figure: Any = figures.volume_slice(surface, node=3)
    expected: Any = figures.contour(
        Surface.from_grid(surface.axes[0], surface.axes[1], surface.loss[:, :, 3]), resolution=61
    )
    np.testing.assert_allclose(figure.data[0].z, expected.data[0].z, rtol=1e-6)


def test_stage_moves_the_drawn_slice_on_one_scale():
    surface = volume()
    for scale in ("linear", "log"):
        figure: Any = figures.volume_slice(surface, scale=scale)
        scene: Any = figures.volume(surface, scale=scale)
        slices, contour = figure.layout.meta["slices"], figure.data[0]
        heights = slices["heights"].reshape(17, 61, 61)
        np.testing.assert_allclose(heights[8], contour.z, rtol=1e-5)
        np.testing.assert_array_equal(slices["heights"], scene.layout.meta["slices"]["heights"])
        assert (contour.zmin, contour.zmax) == (scene.data[0].cmin, scene.data[0].cmax)
        # The surfaces of the volume are among the lines.
        lines = contour.contours
        for trace in (trace for trace in scene.data if trace.meta["role"] == "level"):
            steps = (trace.meta["level"] - lines.start) / lines.size
            assert abs(steps - round(steps)) < 1e-6
        place, *notes = figure.layout.meta["notes"]
        assert place == "slice at 0: third direction"
        assert len(notes) == len(scene.layout.meta["notes"])
