"""Long paths are drawn with some of their steps, and the picture says so."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.drawn_steps import MAX_DRAWN_STEPS, drawn_paths, hidden_path_notes
from tests.figures.scenes import asymmetric, curve, layout, path, role, traces


def zigzag(count: int, dimension: int = 2):
    """A path that changes sides along y at every step, and its loss as well."""
    sides = 1 - 2 * (np.arange(count) % 2)
    coordinates = np.column_stack([np.linspace(1.5, -0.5, count), sides])[:, :dimension]
    values = {"loss": 12.0 + sides, "plane_loss": 11.0 + sides, "distance": np.zeros(count)}
    return replace(path(), steps=np.arange(count), coordinates=coordinates, terms={"slope": 3.0 * sides}, **values)


@pytest.mark.parametrize("count", [5, 2000, 2001, 3999, 4001, 100_001])
def test_evenly_spaced_steps_and_both_ends_are_drawn(count):
    full = zigzag(count)
    drawn = drawn_paths({"sgd": full})["sgd"]
    assert len(drawn.steps) <= MAX_DRAWN_STEPS
    assert (len(drawn.steps) == count) == (count <= MAX_DRAWN_STEPS)
    assert (drawn.steps[0], drawn.steps[-1]) == (0, count - 1)
    np.testing.assert_array_equal(drawn.loss, full.loss[drawn.steps])
    np.testing.assert_array_equal(drawn.terms["slope"], full.terms["slope"][drawn.steps])
    assert np.all(np.diff(drawn.coordinates[:-1, 1]) != 0)


@pytest.mark.parametrize("draw", [figures.contour, figures.surface, figures.line])
def test_a_picture_says_how_many_steps_are_drawn(draw):
    is_line = draw is figures.line
    paths = {"sgd": zigzag(10_001, 1 if is_line else 2)}
    figure = draw(curve() if is_line else asymmetric(), paths)
    assert "sgd: 1,430 of 10,001 steps are drawn" in layout(figure).meta["notes"]
    (line,) = role(figure, "path")
    assert len(set(line.meta["steps"])) == 1430


def test_distances_are_drawn_at_the_same_steps():
    figure = figures.off_plane({"sgd": zigzag(10_001)})
    assert {len(trace.x) for trace in traces(figure)} == {1430}


def test_a_path_is_hidden_only_beneath_a_later_one_that_covers_all_of_it():
    """Shares differ, so that each sentence states those of its own two paths."""
    whole = replace(zigzag(5), share=0.5)
    part = replace(zigzag(5), coordinates=whole.coordinates[[0, 0, 1, 1, 2]], share=0.004)
    away = replace(zigzag(5), coordinates=whole.coordinates + 10.0, share=0.9)
    point = replace(zigzag(1), share=0.1)

    def notes(**paths):
        return hidden_path_notes(paths, lambda coordinates: coordinates / 4)

    assert notes(sgd=part, far=away, adam=whole) == [
        "sgd is hidden beneath adam; the plane shows 0.4 to 50 % of their motion"
    ]
    assert notes(adam=whole, far=away, sgd=part) == []
    assert notes(dot=point, adam=whole, far=away) == []
    assert notes(adam=whole, twin=whole) == ["adam is hidden beneath twin; the plane shows 50 % of their motion"]
