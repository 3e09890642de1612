"""Projections: what a plane shows of a path, and what it does not."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import register_dataclass

from landscapes.optimization.trajectory import Outcome, Trajectory, descend, race
from landscapes.plane import Plane, span
from landscapes.problem import Problem
from landscapes.slices import projection
from landscapes.slices.projection import project_path


def ridge(params):
    """Asymmetric in all three coordinates, with minimum 0 at (1, 2, −1)."""
    x, y, z = params["a"][0], params["a"][1], params["b"]
    return (x - 1) ** 2 + 10 * (y - 2) ** 2 + 3 * (z + 1) ** 2


def problem() -> Problem:
    return Problem.from_loss(ridge, {"a": np.zeros(2), "b": np.array(0.5)})


def slanted(directions=([3.0, 0.0, 4.0], [0.0, 2.0, 0.0])) -> Plane:
    with jax.enable_x64(True):
        rows = jnp.array(directions)
        return span(problem().params, {"a": rows[:, :2], "b": rows[:, 2]})


def path_through(points) -> Trajectory:
    points = np.asarray(points, float)
    nothing = np.zeros(len(points))
    return Trajectory(
        np.arange(len(points)),
        {"a": points[:, :2], "b": points[:, 2]},
        nothing,
        nothing,
        Outcome("finished", len(points) - 1, ""),
        {},
    )


def test_t13_points_of_the_plane_have_their_coordinates_and_no_distance():
    coordinates = np.array([[0.0, 0.0], [1.0, -2.0], [5.0, 0.25]])
    shown = project_path(
        problem(), slanted(), path_through(coordinates @ [[0.6, 0, 0.8], [0, 1, 0]] + [0, 0, 0.5])
    )
    np.testing.assert_allclose(shown.coordinates, coordinates, atol=1e-14)
    np.testing.assert_allclose(shown.distance, 0, atol=1e-14)
    np.testing.assert_array_equal(shown.loss[0], ridge({"a": np.zeros(2), "b": 0.5}))
    np.testing.assert_allclose(shown.plane_loss, shown.loss, rtol=1e-12)
    assert shown.share == pytest.approx(1.0)


def test_t13_the_length_of_a_direction_changes_no_coordinate():
    path = path_through([[0.0, 0.0, 0.5], [1.0, 2.0, 3.0]])
    short, long = slanted(), slanted(([3e4, 0.0, 4e4], [0.0, 2e-3, 0.0]))
    one, other = (project_path(problem(), plane, path) for plane in (short, long))
    np.testing.assert_allclose(one.coordinates, other.coordinates, rtol=1e-12)
    np.testing.assert_allclose(one.coordinates[1], [0.6 + 0.8 * 2.5, 2.0], rtol=1e-12)


def test_t11_off_the_plane_the_distance_and_both_losses_are_told_apart():
    normal = np.array([0.8, 0.0, -0.6])
    points = np.array([[0.0, 0.0, 0.5], [0.6, 1.0, 1.3], [0.6, 1.0, 1.3] + 3 * normal])
    shown = project_path(problem(), slanted(), path_through(points))
    np.testing.assert_allclose(shown.distance, [0, 0, 3], atol=1e-13)
    np.testing.assert_allclose(shown.coordinates[1], shown.coordinates[2], atol=1e-13)
    losses = [ridge({"a": p[:2], "b": p[2]}) for p in points]
    np.testing.assert_allclose(shown.loss, losses, rtol=1e-12)
    np.testing.assert_allclose(shown.plane_loss, [losses[0], losses[1], losses[1]], rtol=1e-12)
    # √2 along the plane, then 3 across it
    assert shown.share == pytest.approx(np.sqrt(2) / (np.sqrt(2) + 3))
    # √2 of √(2 + 9) from the start to the end
    assert shown.displacement == pytest.approx(np.sqrt(2 / 11))


def test_displacement_is_the_shown_share_of_the_straight_line():
    """Out along the plane and back by half, then across it: 4 + 2 of 4 + 2 + 1 step by step, 2 of √5 in all."""
    points = np.array([[0.0, 0, 0.5], [0.0, 4, 0.5], [0.0, 2, 0.5], [0.8, 2, -0.1]])
    shown = project_path(problem(), slanted(), path_through(points))
    assert shown.share == pytest.approx(6 / 7)
    assert shown.displacement == pytest.approx(2 / np.sqrt(5))


def sphere(params):
    return jnp.sum((params - 1.0) ** 2)


def test_t11_a_random_plane_shows_next_to_nothing_of_a_path():
    many = 5000
    start = Problem.from_loss(sphere, np.zeros(many, np.float32))
    path = descend(start, ("sgd", {"learning_rate": 0.01}), 50)
    directions = jax.random.normal(jax.random.key(0), (2, many))
    shown = project_path(start, span(start.params, directions), path)
    assert shown.share < 3 * np.sqrt(2 / many)
    along = project_path(start, span(start.params, jnp.ones((1, many))), path)
    assert along.share == pytest.approx(1.0, rel=1e-5)
    assert along.coordinates.shape == (51, 1)
    np.testing.assert_allclose(along.loss, path.loss, rtol=1e-5)


def test_every_path_of_a_race_is_projected_whichever_way_it_ended():
    paths = race(
        problem(), {"calm": ("sgd", {"learning_rate": 0.02}), "wild": ("sgd", {"learning_rate": 1e9})}, 300
    )
    for path in paths.values():
        shown = project_path(problem(), slanted(), path)
        assert shown.outcome is path.outcome
        np.testing.assert_array_equal(shown.steps, path.steps)
        np.testing.assert_allclose(shown.loss, path.loss[path.steps], rtol=1e-12)
    assert project_path(problem(), slanted(), paths["wild"]).share == 1.0


def test_the_segments_leave_no_trace(monkeypatch):
    path = descend(problem(), "adam", 100)
    full = project_path(problem(), slanted(), path)
    monkeypatch.setattr(projection, "MAX_SEGMENT_BYTES", 7 * 24)
    reports = []
    pieces = project_path(problem(), slanted(), path, progress=lambda *report: reports.append(report))
    assert jax.tree.structure(vars(full)) == jax.tree.structure(vars(pieces))
    jax.tree.map(np.testing.assert_array_equal, vars(full), vars(pieces))
    assert len(reports) > 10
    assert reports[-1] == (1.0, None)


def test_nothing_is_compiled_for_another_plane_or_path():
    traces = []

    def counted(params):
        traces.append(1)
        return ridge(params)

    start = Problem.from_loss(counted, problem().params)
    project_path(start, slanted(), path_through(np.eye(3)))
    before = len(traces)
    project_path(start, slanted(([1.0, 2.0, 3.0], [3.0, 1.0, 1.0])), path_through(np.ones((200, 3))))
    assert len(traces) == before


def test_a_path_from_elsewhere_is_refused():
    start = problem()
    on_plane = descend(start.on(slanted()), "sgd", 3)
    with pytest.raises(ValueError, match="take both from the same problem"):
        project_path(start, slanted(), on_plane)


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class Rotation:
    """A game without a loss: min over x, max over y of x·y."""

    sense: ClassVar[str] = "minimize"
    players: ClassVar[dict] = {"x": {"value": 1.0}, "y": {"value": -1.0}}

    def __call__(self, params, state, batch, key):
        return {"value": params["x"] * params["y"]}


def test_a_game_is_projected_without_a_loss():
    game = Problem({"x": np.array(1.0), "y": np.array(0.5)}, None, None, None, {}, Rotation())
    with jax.enable_x64(True):
        plane = span(game.params, {"x": jnp.array([0.0, 1.0]), "y": jnp.array([1.0, 0.0])})
    path = descend(game, "sgd", 10)
    shown = project_path(game, plane, path)
    np.testing.assert_allclose(shown.coordinates[:, 0], path.params["y"] - 0.5, rtol=1e-12)
    assert np.all(np.isnan(shown.loss) & np.isnan(shown.plane_loss))


def test_each_term_has_its_own_values_along_the_path():
    two = Problem.from_loss(lambda p: {"first": p["a"][0] ** 2, "second": 10 * p["b"]}, problem().params)
    plane = slanted(([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]))  # at b = ½
    shown = project_path(two, plane, path_through([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.testing.assert_allclose(shown.of_term("first").loss, [1, 16])
    np.testing.assert_allclose(shown.of_term("second").loss, [30, 60])
    np.testing.assert_allclose(shown.of_term("second").plane_loss, [5, 5])
    with pytest.raises(ValueError, match="no term 'third'; the terms are: first, second"):
        shown.of_term("third")
