"""The persistence diagram and the merge tree of a line with three minima."""

import numpy as np

from landscapes import figures
from landscapes.slices.persistent_minima import Persistence
from tests.figures.scenes import layout, role

FOUND = Persistence(
    minima=np.array([[4.0, 0.5], [1.0, 1.5], [7.0, 2.5], [3.0, 3.5]]),
    saddles=np.array([[np.nan, np.nan], [2.0, 1.0], [6.0, 2.0], [3.0, 3.0]]),
    births=np.array([0.0, 1.0, 2.0, 2.5]),
    deaths=np.array([np.inf, 4.0, 3.0, 2.6]),
    parents=np.array([-1, 0, 1, -1]),
    on_boundary=np.zeros(4, bool),
    threshold=0.5,
    error=0.2,
    grid_error=0.05,
)


def test_minima_above_the_threshold_are_claimed_in_the_diagram():
    figure = FOUND.figure(value="reward")
    claimed, rest = role(figure, "points")
    assert [claimed.name, rest.name] == ["claimed", "not claimed"]
    assert list(claimed.x) == [0, 1, 2]
    assert list(claimed.y[1:]) == [4, 3]
    assert claimed.y[0] > 4  # a component that never ends is at the top
    diagonal, threshold = role(figure, "line")
    np.testing.assert_allclose(np.array(threshold.y) - np.array(diagonal.y), 0.5)
    assert layout(figure).xaxis.title.text == "reward at the minimum"


def test_branches_of_the_tree_join_their_parents_at_their_saddles():
    figure = figures.merge_tree(FOUND)
    (lines,), (leaves,) = role(figure, "tree"), role(figure, "points")
    place = dict(zip(leaves.y, leaves.x, strict=True))
    np.testing.assert_array_equal(leaves.customdata, [FOUND.minima[int(birth)] for birth in leaves.y])
    branches = [
        [(x, y) for x, y in zip(lines.x, lines.y, strict=True)][k : k + 3]
        for k in (3, 7)  # the first has no parent: two points and a gap
    ]
    for branch, birth, death, parent in zip(branches, (1, 2), (4, 3), (0, 1), strict=True):
        assert branch == [(place[birth], birth), (place[birth], death), (place[parent], death)]


def test_no_branch_crosses_another():
    """Behind each minimum stand those that merge with it."""
    deeper = Persistence(**{**vars(FOUND), "parents": np.array([-1, 0, 0, -1])})
    (leaves,) = role(figures.merge_tree(deeper), "points")
    assert list(leaves.y) == [0, 2, 1]  # the one that merges first is nearest
