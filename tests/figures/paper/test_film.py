"""Frames of a film: what moves, how far paths have grown, and what is refused."""

from typing import Any

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures import paper
from landscapes.figures.paper.plotly_looks import color
from tests.figures.scenes import asymmetric, curve, path, role

SIZE: dict[str, Any] = {"count": 5, "width_px": 200}


def _count(frame: np.ndarray, hue: str, tolerance: int = 40) -> int:
    """How many pixels have a color."""
    away = np.abs(frame.astype(int) - np.rint(255 * np.array(color(hue)[:3])).astype(int))
    return int(np.sum(away.max(axis=-1) < tolerance))


@pytest.fixture(scope="module")
def contour():
    return figures.contour(asymmetric(), {"adam": path(drift=0.4)}, labels=("u", "v"), resolution=15)


def test_paths_of_contour_grow_to_the_picture_of_paper(contour):
    (path_trace,) = role(contour, "path")
    before = contour.to_json()
    film = paper.frames(contour, **SIZE)
    assert film.shape[0] == 5
    assert film.dtype == np.uint8
    assert film.shape[1] % 2 == film.shape[2] % 2 == 0
    covered = [_count(frame, path_trace.line.color) for frame in film]
    assert covered[0] < covered[1] < covered[2] < covered[3] == covered[4]
    assert contour.to_json() == before, "the original is unchanged"


def test_caption_takes_room_below(contour):
    tall, short = (paper.frames(contour, count=2, width_px=100, caption=text) for text in ("A caption, " * 40, ""))
    assert tall.shape[1] > short.shape[1] + 3


def test_stop_of_diverged_path_appears_with_its_step():
    stopped, ended = (
        paper.frames(figures.contour(asymmetric(), {"adam": path(kind=kind)}, resolution=9), count=2, width_px=200)
        for kind in ("diverged", "finished")
    )
    assert np.array_equal(stopped[0], ended[0])
    assert not np.array_equal(stopped[-1], ended[-1])


def test_line_grows():
    drawn = figures.line(curve(), {"adam": path(dimension=1)}, labels=("u",))
    (path_trace,) = role(drawn, "path")
    covered = [_count(frame, path_trace.line.color) for frame in paper.frames(drawn, **SIZE)]
    assert covered[0] < covered[-1]


@pytest.mark.parametrize(
    ("draw", "settings", "sentence"),
    [
        (figures.contour, {}, "nothing moves in this picture; add an optimizer, or choose the surface in 3-D"),
        (figures.contour, {"motion": "camera"}, "motion = 'camera' needs a camera; choose the surface in 3-D"),
        (figures.surface, {"motion": "both"}, "motion = 'both' needs the path of an optimizer"),
        (figures.surface, {"count": 1}, "1 frames of 200 pixels are too few"),
        (figures.surface, {"preset": "acm"}, "there is no preset 'acm'"),
    ],
)
def test_what_cannot_move_is_refused(draw, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        paper.frames(draw(asymmetric(), resolution=5), **{**SIZE, **settings})
