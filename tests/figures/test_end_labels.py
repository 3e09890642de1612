"""Labels at the ends of paths in a scene."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from landscapes import figures
from landscapes.figures.end_labels import CHARACTER_WIDTH
from tests.figures.scenes import asymmetric, layout, path


def labels(paths):
    return layout(figures.surface(asymmetric(), paths)).scene.annotations


def test_labels_of_paths_with_one_end_do_not_overlap():
    names = ("sgd", "momentum", "adam", "nesterov", "rmsprop", "lion", "adagrad")
    result = labels(dict.fromkeys(names, path()))
    assert [label.text for label in result] == list(names)
    assert len({(label.x, label.y, label.z) for label in result}) == 1
    assert len({label.font.color for label in result}) == len(names)
    for one, other in combinations(result, 2):
        size = one.font.size
        width = CHARACTER_WIDTH * size * (len(one.text) + len(other.text)) / 2
        assert abs(one.ax - other.ax) >= width or abs(one.ay - other.ay) >= 1.25 * size, (one.text, other.text)


def test_label_is_at_the_last_point_inside_the_picture():
    drawn_path = path()
    drawn_path.coordinates[-1] = [50.0, 3.0]
    (label,) = labels({"adam": drawn_path})
    assert (label.x, label.y) == tuple(drawn_path.coordinates[-2])
    assert label.name == f"end {drawn_path.steps[-2]} adam"


def test_path_outside_the_picture_has_no_label():
    drawn_path = path()
    assert not labels({"adam": replace(drawn_path, coordinates=np.full_like(drawn_path.coordinates, 50.0))})
