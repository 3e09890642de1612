"""The frame of a picture: its extent, and the names of its axes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import Choice, Problem, span
from landscapes.recipes import catalog
from landscapes.scenes.framing import axis_labels, axis_ranges, directed_plane, function_plane
from tests.small_recipes import BOWL, TINY

# Two leaves in a tree; the plane is spanned by unlike axes of it.
PROBLEM = Problem.from_loss(
    lambda p: p["a"].sum() + p["b"].sum(), {"a": np.array([3.0, 4.0]), "b": np.zeros((1, 2))}
)
PLANE = span(
    PROBLEM.params, {"a": np.array([[2.0, 0.0], [0.0, 0.0]]), "b": np.array([[[0.0, 0.0]], [[0.0, 0.5]]])}
)


def run(*points) -> Any:
    """A run through these coordinates of the plane, which change a[0] and b[0, 1]."""
    first, second = np.array(points, float).T
    a, b = np.stack([3.0 + first, np.full_like(first, 4.0)], 1), np.stack([0 * second, second], 1)
    return SimpleNamespace(params={"a": a, "b": b[:, None]})


def framed(directions: str, runs: dict, **settings: Any):
    recipe = catalog.complete(replace(TINY, directions=Choice(directions), **settings))
    return axis_ranges(recipe, PROBLEM, PLANE, runs, settings.get("best"))


def test_ranges_hold_the_paths_with_a_margin_and_at_least_half_the_longer_side():
    """The path spans 8 by 1: the shorter side is half of the longer, around the path's own middle."""
    (low, high), (bottom, top) = framed("principal", {"sgd": run((-2.0, 5.0), (6.0, 6.0))}, extent=2.0)
    assert (low, high) == pytest.approx((2 - 4 * 1.3 * 2, 2 + 4 * 1.3 * 2))
    assert (bottom, top) == pytest.approx((5.5 - 2 * 1.3 * 2, 5.5 + 2 * 1.3 * 2))


def test_ranges_hold_a_known_optimum_only_near_the_paths():
    recipe = catalog.complete(replace(TINY, directions=Choice("principal")))
    runs = {"sgd": run((0.0, 0.0), (4.0, 2.0))}
    for at, reach in ((7.0, 7.0), (9.0, 4.0)):  # farther than the paths are long: left out
        best = {"a": np.array([3.0 + at, 4.0]), "b": np.array([[0.0, 1.0]])}
        (low, high), _ = axis_ranges(recipe, PROBLEM, PLANE, runs, best)
        assert (low, high) == pytest.approx((reach / 2 - 1.3 * reach / 2, reach / 2 + 1.3 * reach / 2))


def test_ranges_without_paths_are_the_length_of_the_directions_or_a_share_of_the_parameters():
    (_, x), (_, y) = framed("filter-normalized", {}, extent=3.0)
    assert (x, y) == pytest.approx((6.0, 1.5))  # directions of length 2 and 0.5
    (_, x), (_, y) = framed("hessian", {}, extent=3.0)
    assert (x, y) == pytest.approx((0.25 * 5 * 3, 0.25 * 5 * 3))  # ‖(3, 4)‖ = 5


def test_coordinates_name_the_parameter_that_changes():
    recipe = replace(TINY, directions=Choice.of("coordinates", first=3, second=0))
    assert axis_labels(recipe, PROBLEM, PLANE, {}, None) == ("change of b[0, 1]", "change of a[0]")


def test_zoom_of_a_test_function_keeps_the_middle_of_its_box(monkeypatch):
    """A box that is neither centered at 0 nor square."""
    monkeypatch.setattr(catalog, "box", lambda recipe: ((-1.0, 5.0), (10.0, 12.0)))
    monkeypatch.setattr(catalog, "minima", lambda recipe: ((2.0, 11.5), (3.0, 10.5)))
    problem = catalog.build(BOWL)
    plane, labels, ranges = function_plane(replace(BOWL, extent=0.5), problem)
    assert (labels, ranges) == (("x", "y"), [(0.5, 3.5), (10.5, 11.5)])
    np.testing.assert_array_equal(plane.origin, 0)
    line, labels, ranges = function_plane(replace(BOWL, extent=2.0, dimension=1), problem)
    assert (labels, ranges) == (("x",), [(-4.0, 8.0)])
    np.testing.assert_array_equal(line.origin, (0, 11.5))


def test_estimated_gradients_have_no_directions_of_the_hessian():
    recipe = catalog.complete(catalog.opening_of("reinforce"))
    hessian, keyed = replace(recipe, directions=Choice("hessian")), replace(PROBLEM, key=jax.random.key(0))
    with pytest.raises(ValueError, match="is an estimate, whose derivative is not the Hessian; choose other"):
        directed_plane(hessian, keyed, {})
    other = directed_plane(replace(recipe, directions=Choice("gaussian")), keyed, {})
    assert [np.shape(leaf) for leaf in jax.tree.leaves(other.basis)] == [(2, 2), (2, 1, 2)]
