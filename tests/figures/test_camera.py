"""The initial viewpoint, with known walls in front of and behind a known path."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.camera import DEFAULT_EYE, VIEWPOINTS, best_viewpoint
from landscapes.figures.picture import Picture
from landscapes.slices.surface import Surface
from tests.figures.scenes import asymmetric, layout, path, role, traces

AXIS = np.linspace(-2.0, 2.0, 41)


def walled(height) -> Surface:
    """A floor at 0 with walls of height 1 where `height` of (x, y) is positive."""
    x, y = np.meshgrid(AXIS, AXIS, indexing="ij")
    terms = {"wall": (height(x, y) > 0).astype(float)}
    return Surface((AXIS, AXIS), terms, np.ones(x.shape, bool), {"wall": 1.0}, {"wall": 0.0}, x.size)


def along(first, last):
    """A path on the floor."""
    return replace(
        path(),
        coordinates=np.linspace(first, last, 5),
        loss=np.zeros(5),
        plane_loss=np.zeros(5),
    )


def chosen_viewpoint(height, walk) -> int:
    return best_viewpoint((Picture.of(walled(height), resolution=None), {"sgd": walk}))


def test_path_before_wall_keeps_the_default_viewpoint():
    assert chosen_viewpoint(lambda x, y: y - 1, along([-1.0, -1.0], [1.0, -1.0])) == 0


@pytest.mark.parametrize(
    ("height", "walk"),
    [
        (lambda x, y: -1 - y, along([-1.0, 0.2], [1.0, 0.2])),
        (lambda x, y: x - 1, along([0.2, -1.0], [0.2, 1.0])),
    ],
)
def test_path_behind_wall_turns_the_viewpoint(height, walk):
    """The default eye is at x > 0, y < 0, so a wall along either edge hides the path behind it."""
    viewpoint = chosen_viewpoint(height, walk)
    turn, eye = VIEWPOINTS[viewpoint]
    assert turn > 0
    assert tuple(eye) == tuple(DEFAULT_EYE)
    assert layout(figures.surface(walled(height), {"sgd": walk}, resolution=None)).meta["viewpoint"] == viewpoint


def test_two_pictures_share_a_viewpoint_that_shows_both():
    walls = (lambda x, y: -1 - y), (lambda x, y: x - 1)
    pictures = [Picture.of(walled(height), resolution=None) for height in walls]
    drawn_path = {"sgd": along([0.2, 0.2], [-0.2, -0.2])}
    single = [best_viewpoint((picture, drawn_path)) for picture in pictures]
    assert single[0] not in (0, single[1])
    assert best_viewpoint(*((picture, drawn_path) for picture in pictures)) == single[1]


def test_path_in_pit_raises_the_viewpoint():
    _, eye = VIEWPOINTS[
        chosen_viewpoint(lambda x, y: np.maximum(abs(x), abs(y)) - 0.6, along([-0.4, 0.0], [0.4, 0.0]))
    ]
    assert eye[2] > DEFAULT_EYE[2]


def test_viewpoint_argument_is_used_and_defaults_to_zero():
    figure = figures.surface(asymmetric(), {"adam": path()}, viewpoint=2)
    at = layout(figure).scene.camera.eye
    baseline = layout(figures.surface(asymmetric())).scene.camera.eye
    assert (at.x, at.y, at.z) == pytest.approx((-baseline.x, -baseline.y, baseline.z))
    assert layout(figures.surface(asymmetric())).meta["viewpoint"] == 0


def test_marker_on_the_maximum_stays_in_the_scene():
    """gl3d does not draw markers above the scene."""
    drawn_path = path()
    drawn_path.coordinates[0] = [2.0, 2.0]
    drawn_path.plane_loss[0] = 24.0
    figure = figures.surface(
        asymmetric(), {"adam": drawn_path}, critical={"maximum": [(2.0, 2.0)]}, resolution=None
    )
    ceiling = layout(figure).scene.zaxis.range[1]
    drawn = [trace for trace in traces(figure) if trace.meta["role"] in ("start", "marks", "path")]
    assert len(drawn) == 3
    assert all(np.nanmax(trace.z) < ceiling for trace in drawn)
    assert role(figure, "surface")[0].cmax < ceiling
