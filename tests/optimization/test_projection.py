"""Runs that are projected at every step, and keep no parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend, project_path, race, span
from landscapes.optimization import run_setup
from tests.bowl import TRACES, bowl
from tests.problems import game

SGD = ("sgd", {"learning_rate": 0.004})
SLANTED = [[3.0, 4.0]]


def _plane(directions=SLANTED):
    with jax.enable_x64(True):
        return span(bowl().params + np.array([0.5, 0.0]), np.array(directions))


def test_projection_while_running_equals_that_of_every_snapshot():
    line, full = _plane(), _plane([[1.0, 2.0], [0.0, 1.0]])
    path = descend(bowl(), SGD, 300, snapshots=301)
    run = descend(bowl(), SGD, 300, plane=[line, full])
    np.testing.assert_array_equal(run.steps, [0, 300])
    for plane, projection in zip((line, full), run.projections, strict=True):
        expected = project_path(bowl(), plane, path)
        for name in ("steps", "coordinates", "distance", "loss", "plane_loss", "share", "displacement"):
            np.testing.assert_allclose(
                getattr(projection, name), getattr(expected, name), rtol=1e-9, atol=1e-12, err_msg=name
            )
        np.testing.assert_allclose(projection.plane_terms["loss"], expected.plane_loss, rtol=1e-9)
        assert projection.outcome is run.outcome
        assert projection.summary == expected.summary
    assert "every step to step 300" in run.projections[0].summary


def test_another_plane_compiles_nothing():
    problem, planes = bowl(), (_plane(), _plane([[-1.0, 5.0]]))
    descend(problem, SGD, 20, plane=planes[0])
    before = TRACES[0]
    run = descend(problem, SGD, 20, plane=planes[1])
    assert TRACES[0] == before
    assert run.projections[0].coordinates.shape == (21, 1)


def _squares(params, data):
    return jnp.mean((data @ params - 1) ** 2)


def test_losses_of_minibatches_are_those_of_the_same_examples():
    """In a plane that is the whole space every loss is that at the projection."""
    data = np.random.default_rng(3).normal(size=(12, 2))
    problem = Problem.from_loss(_squares, np.array([1.0, -2.0]), data)
    with jax.enable_x64(True):
        plane = span(problem.params, np.array([[2.0, 1.0], [0.0, 1.0]]))
    reports = []
    runs = race(
        problem,
        {"one": SGD, "other": "adam"},
        40,
        batch_size=3,
        plane=plane,
        progress=lambda *report: reports.append(report),
    )
    for run in runs.values():
        (projection,) = run.projections
        np.testing.assert_array_equal(projection.loss, run.loss)
        np.testing.assert_allclose(projection.plane_loss, run.loss, rtol=1e-9)
        np.testing.assert_allclose(projection.distance, 0, atol=1e-12)
        assert projection.share == pytest.approx(1, rel=1e-9)
        assert "on minibatches of 3" in projection.summary
    for _, paths in reports:
        for label, partial in paths.items():
            coordinates = partial.projections[0].coordinates
            np.testing.assert_array_equal(coordinates, runs[label].projections[0].coordinates[: len(coordinates)])


def test_a_path_larger_than_memory_is_projected(monkeypatch):
    problem = Problem.from_loss(lambda p: jnp.sum((p - 1) ** 2), np.zeros(1000, np.float32))
    plane = span(problem.params, jnp.ones((1, 1000)))
    monkeypatch.setattr(run_setup, "MAX_PATH_BYTES", 8_000)
    monkeypatch.setattr(run_setup, "available_memory", lambda: 20_000)
    with pytest.raises(ValueError, match="snapshots of 0 MiB exceed what a path keeps by default"):
        descend(problem, ("sgd", {"learning_rate": 0.1}), 60)
    run = descend(problem, ("sgd", {"learning_rate": 0.1}), 60, plane=plane)
    expected = np.sqrt(1000) * (1 - 0.8 ** np.arange(61))
    np.testing.assert_allclose(run.projections[0].coordinates[:, 0], expected, rtol=1e-4)
    assert "2 of 61 snapshots kept, the first and the last; every step projected on 1 plane" in run.summary


def test_projection_of_a_diverged_run_ends_with_it():
    run = descend(bowl(), ("sgd", {"learning_rate": 0.5}), 1000, plane=_plane())
    (projection,) = run.projections
    assert projection.outcome.kind == "diverged"
    np.testing.assert_array_equal(projection.steps, np.arange(run.outcome.step))
    assert np.all(np.isfinite(projection.coordinates))


def test_projection_of_a_run_is_read_only():
    (projection,) = descend(bowl(), SGD, 20, plane=_plane()).projections
    for array in (projection.steps, projection.coordinates, projection.distance, projection.plane_loss):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_wrong_planes_are_named():
    with pytest.raises(ValueError, match="plane runs through other parameters"):
        descend(bowl(), SGD, 10, plane=span(np.zeros(3), jnp.eye(3)[:2]))
    with pytest.raises(ValueError, match=r"plane = 3 is not valid; give a Plane, such as span"):
        descend(bowl(), SGD, 10, plane=3)  # pyright: ignore[reportArgumentType]


def test_a_run_of_a_game_says_what_its_players_pay():
    run = descend(game(), "simultaneous", 5)
    assert run.player_weights == {"x": {"product": 1.0, "square": 0.5}, "y": {"product": -1.0}}
    assert "the norm of the field ends at" in run.outcome.note
    assert "norm of the field" in run.summary
    assert descend(bowl(), SGD, 20).player_weights == {}
