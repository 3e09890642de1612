"""Paths in a volume: at their coordinates, with their distance, and not outside of the box."""

from dataclasses import replace
from typing import Any

import numpy as np

from landscapes import figures
from landscapes.optimization.trajectory import Outcome
from landscapes.slices import Projection
from tests.figures.test_volume_picture import volume


def path(outcome: Outcome | None = None) -> Projection:
    """Five steps along (1, 2, 3)/4, the last of them outside a box of half-width 1 along the third axis."""
    steps = np.arange(5)
    coordinates = np.outer(steps / 8, [1.0, 2.0, 3.0])
    losses = 5.0 - steps
    return Projection(
        steps,
        coordinates,
        0.1 * steps,
        losses,
        losses + 0.5,
        0.9,
        0.9,
        outcome or Outcome("finished", 4, "4 steps"),
    )


def test_path_lies_at_its_coordinates_with_its_distance():
    figure: Any = figures.volume(volume(), {"adam": path()})
    (line,) = (trace for trace in figure.data if trace.meta["role"] == "path")
    inside = path().coordinates[:3]
    np.testing.assert_allclose(np.stack([line.x, line.y, line.z], axis=-1)[:3], inside)
    assert np.isnan(line.z[3:]).all()
    assert line.meta["steps"] == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(line.customdata[2], [2, 3.0, 3.5, 0.2])
    assert "distance off the volume %{customdata[3]:.3g}" in line.hovertemplate
    assert "adam: 2 of 5 drawn steps lie outside the volume" in figure.layout.meta["notes"]
    (label,) = figure.layout.scene.annotations
    assert (label.name, label.text, label.x) == ("end 2 adam", "adam", 0.25)


def test_diverged_path_says_so_at_its_last_point():
    figure: Any = figures.volume(volume(), {"sgd": path(Outcome("diverged", 4, "diverged at step 4"))})
    assert figure.layout.scene.annotations[0].text == "sgd diverged at step 4"
    outside = replace(path(), coordinates=path().coordinates + 9)
    assert not figures.volume(volume(), {"sgd": outside}).layout.scene.annotations
