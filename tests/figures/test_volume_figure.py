"""Surfaces of equal loss below a slice: their triangles, colors and the data that move the slice."""

from typing import Any

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.scale import Scale
from tests.figures.test_volume_picture import volume


def traces(figure: Any, role: str) -> list[Any]:
    return [trace for trace in figure.data if trace.meta["role"] == role]


def test_surfaces_end_at_the_slice_and_lie_on_their_levels():
    surface = volume((17, 17, 17))
    for node in (0, 5, 16):
        figure: Any = figures.volume(surface, node=node)
        (plane,) = traces(figure, "slice")
        at = surface.axes[2][node]
        assert np.all(plane.z == np.float32(at))
        levels = traces(figure, "level")
        assert len(levels) == 5
        for trace in levels:
            x, y, z = (np.asarray(axis, float) for axis in (trace.x, trace.y, trace.z))
            loss = 0.5 * (x**2 + 4 * y**2 + 9 * z**2) + x
            np.testing.assert_allclose(loss, trace.meta["level"], atol=9 / 8 / 16**2 + 1e-5)
            corners = np.stack([trace.i, trace.j, trace.k])
            count = trace.meta["layers"][node]
            assert np.array_equal(corners, trace.meta["triangles"][:, :count] if count else np.zeros((3, 1)))
            assert z[corners].max() <= at + 1e-6 or not count
            assert f"L = {trace.meta['level']:.3g}".replace("-", "−") == trace.name


def test_slice_and_surfaces_share_the_colors_of_the_volume():
    figure: Any = figures.volume(volume(), scale="log")
    meta = figure.layout.meta
    low, high = Scale(meta["scale"], meta["sense"], meta["low"], meta["high"]).range
    (plane,) = traces(figure, "slice")
    assert (plane.cmin, plane.cmax) == (low, high)
    assert np.nanmin(meta["slices"]["heights"]) >= low
    assert np.nanmax(meta["slices"]["heights"]) <= high
    assert len({trace.color for trace in traces(figure, "level")}) == len(traces(figure, "level"))


def test_meta_holds_every_slice_for_the_stage():
    surface = volume()
    meta: Any = figures.volume(surface, labels=("a", "b", "c"), scale="log").layout.meta
    slices = meta["slices"]
    assert (slices["node"], slices["label"], slices["nodes"]) == (8, "c", surface.axes[2].tolist())
    assert slices["heights"].shape == slices["losses"].shape == (17, 61 * 61)
    assert "losses" not in figures.volume(surface).layout.meta["slices"]
    assert meta["kind"] == "volume"


def test_sides_are_those_of_the_volume_unless_one_is_much_longer():
    ratio: Any = figures.volume(volume()).layout.scene.aspectratio
    assert (ratio.x, ratio.y, ratio.z) == (1, 1, 1)
    axes = volume().axes
    long: Any = figures.volume(volume(axes=(axes[0], 2 * axes[1], axes[2]))).layout.scene.aspectratio
    assert (long.x, long.y, long.z) == (0.5, 1, 0.5)


def test_surface_of_three_axes_draws_itself_as_a_volume():
    figure: Any = volume().figure()
    assert figure.layout.meta["kind"] == "volume"
    with pytest.raises(ValueError, match="3 axes do not make this picture"):
        figures.contour(volume())
