"""The grids of a volume: nodes stay nodes, and levels are those of contour lines, evenly spaced."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.volume_picture import VolumePicture, check_node
from landscapes.slices import Surface
from landscapes.slices.grid import nodes


def volume(counts=(9, 11, 17), half=1.0, **fields) -> Surface:
    """½(x² + 4y² + 9z²) + x, asymmetric in every direction and in the numbers of its nodes."""
    axes = tuple(nodes(-half, half, count) for count in counts)
    x, y, z = np.meshgrid(*axes, indexing="ij")
    values = 0.5 * (x**2 + 4 * y**2 + 9 * z**2) + x
    plane = Surface.from_grid(axes[0], axes[1], values[:, :, 0])
    changed = {
        "axes": axes,
        "terms": {"loss": values},
        "evaluated": np.ones(counts, bool),
        "errors": {"loss": 0.01},
    }
    return replace(plane, **(changed | fields))


def test_slices_and_meshes_hold_the_values_at_the_nodes():
    surface = volume()
    picture = VolumePicture.of(surface)
    assert [len(axis) for axis in picture.fine] == [33, 31, 33]
    heights = picture.heights[::4, ::3, ::2]
    np.testing.assert_allclose(heights, surface.loss, atol=1e-12)
    assert picture.slices.shape == (17, 61, 61)  # [z, y, x]
    x, y = picture.slice_axes
    expected = 0.5 * (x[40] ** 2 + 4 * y[7] ** 2 + 9 * surface.axes[2][3] ** 2) + x[40]
    assert picture.slices[3, 7, 40] == pytest.approx(expected, rel=1e-5)
    assert picture.middle == 8
    assert surface.axes[2][picture.middle] == 0


def test_levels_are_contour_lines_whose_surfaces_are_evenly_spaced():
    picture = VolumePicture.of(volume((17, 17, 17)))
    lines, levels = picture.scale.levels(20), picture.levels(5)
    steps = (np.array(levels) - lines["start"]) / lines["size"]
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    shares = [np.cbrt(np.mean(picture.heights < level)) for level in levels]
    gaps = np.diff(shares)
    assert len(levels) == 5
    assert gaps.min() > 0.05
    assert gaps.max() < 0.26
    assert len(picture.levels(1)) == 1
    reward = VolumePicture.of(volume(sense="maximize"))
    best = [np.cbrt(np.mean(reward.heights > level)) for level in reward.levels(5)]
    assert np.all(np.diff(best) < 0)


def test_constant_volume_has_no_level():
    flat = volume(terms={"loss": np.full((9, 11, 17), 3.0)})
    assert VolumePicture.of(flat).levels(5) == []


def test_holes_stay_holes_and_are_counted():
    values = volume().terms["loss"].copy()
    values[0, 0, 0] = np.inf
    picture = VolumePicture.of(volume(terms={"loss": values}))
    assert np.isnan(picture.heights[0, 0, 0])
    assert np.isfinite(picture.heights[-1]).all()
    assert picture.notes == ("1 of 1683 points are not finite and left blank",)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: VolumePicture.of(Surface.from_line([0, 1], [0, 1])), "1 axes make no volume"),
        (lambda: VolumePicture.of(volume(), term="l2"), "there is no term 'l2'; the terms are: loss"),
        (lambda: check_node(VolumePicture.of(volume()), 17, "xyz"), "node = 17 is not valid; give a whole number"),
        (lambda: check_node(VolumePicture.of(volume()), None, "xy"), "does not name three axes"),
    ],
)
def test_mistakes_get_one_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
