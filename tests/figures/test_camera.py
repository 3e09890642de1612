"""From where a scene is first seen: known walls, before and behind a known path."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.camera import EYE, SEATS, best_seat
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


def seat_of(height, walk) -> int:
    return best_seat((Picture.of(walled(height), resolution=None), {"sgd": walk}))


def test_a_path_before_a_wall_is_seen_from_the_usual_side():
    assert seat_of(lambda x, y: y - 1, along([-1.0, -1.0], [1.0, -1.0])) == 0


@pytest.mark.parametrize(
    ("height", "walk"),
    [
        (lambda x, y: -1 - y, along([-1.0, 0.2], [1.0, 0.2])),
        (lambda x, y: x - 1, along([0.2, -1.0], [0.2, 1.0])),
    ],
)
def test_a_path_behind_a_wall_is_seen_from_another_side(height, walk):
    """The usual eye stands at (x > 0, y < 0): a wall along either edge hides what lies behind it."""
    seat = seat_of(height, walk)
    turn, eye = SEATS[seat]
    assert turn > 0
    assert tuple(eye) == tuple(EYE)
    assert layout(figures.surface(walled(height), {"sgd": walk}, resolution=None)).meta["seat"] == seat


def test_two_pictures_are_seen_from_one_seat_that_shows_the_paths_on_both():
    walls = (lambda x, y: -1 - y), (lambda x, y: x - 1)
    pictures = [Picture.of(walled(height), resolution=None) for height in walls]
    walk = {"sgd": along([0.2, 0.2], [-0.2, -0.2])}
    alone = [best_seat((picture, walk)) for picture in pictures]
    assert alone[0] not in (0, alone[1])
    assert best_seat(*((picture, walk) for picture in pictures)) == alone[1]


def test_a_path_in_a_pit_is_seen_from_above():
    _, eye = SEATS[seat_of(lambda x, y: np.maximum(abs(x), abs(y)) - 0.6, along([-0.4, 0.0], [0.4, 0.0]))]
    assert eye[2] > EYE[2]


def test_a_seat_that_is_given_is_taken_and_no_path_needs_none():
    figure = figures.surface(asymmetric(), {"adam": path()}, seat=2)
    at = layout(figure).scene.camera.eye
    usual = layout(figures.surface(asymmetric())).scene.camera.eye
    assert (at.x, at.y, at.z) == pytest.approx((-usual.x, -usual.y, usual.z))
    assert layout(figures.surface(asymmetric())).meta["seat"] == 0


def test_a_marker_on_the_highest_place_stays_in_the_scene():
    """gl3d draws none that is above it."""
    walk = path()
    walk.coordinates[0] = [2.0, 2.0]
    walk.plane_loss[0] = 24.0
    figure = figures.surface(asymmetric(), {"adam": walk}, critical={"maximum": [(2.0, 2.0)]}, resolution=None)
    ceiling = layout(figure).scene.zaxis.range[1]
    drawn = [trace for trace in traces(figure) if trace.meta["role"] in ("start", "marks", "path")]
    assert len(drawn) == 3
    assert all(np.nanmax(trace.z) < ceiling for trace in drawn)
    assert role(figure, "surface")[0].cmax < ceiling
