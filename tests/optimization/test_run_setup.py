"""How many snapshots a run keeps, and where; its optimizer and its rates."""

import numpy as np
import optax
import pytest

from landscapes import Problem, descend, project_path, race, span
from landscapes.optimization import run_setup
from landscapes.optimization.run_setup import learning_rates, prepare_run, resolve_optimizer
from tests.bowl import bowl
from tests.problems import rosenbrock

SGD = ("sgd", {"learning_rate": 1e-3})


@pytest.mark.parametrize(
    ("steps", "snapshots", "expected"),
    [
        (60, 61, range(61)),
        (60, 31, range(0, 61, 2)),
        (60, 1000, range(61)),
        (61, 4, [0, 21, 42, 61]),
        (60, 2, [0, 60]),
    ],
)
def test_as_many_snapshots_are_kept_as_asked_for(steps, snapshots, expected):
    path = descend(rosenbrock(), SGD, steps, snapshots=snapshots)
    np.testing.assert_array_equal(path.steps, expected)
    every = descend(rosenbrock(), SGD, steps, snapshots=steps + 1)
    np.testing.assert_array_equal(path.params["x"], every.params["x"][path.steps])


def test_snapshots_on_disk_equal_those_in_memory(tmp_path):
    problem = rosenbrock()
    paths = race(problem, {"one": SGD, "other": "adam"}, 300, snapshots=301)
    on_disk = race(problem, {"one": SGD, "other": "adam"}, 300, snapshots=301, directory=tmp_path / "run")
    plane = span(problem.params, {"x": np.array([1.0, 0.5]), "y": np.array([0.0, 2.0])})
    assert len(list((tmp_path / "run").glob("[01]/*.npy"))) == 4
    for label, path in paths.items():
        other = on_disk[label]
        assert isinstance(other.params["x"], np.memmap)
        np.testing.assert_array_equal(other.params["x"], path.params["x"])
        projections = [project_path(problem, plane, each) for each in (path, other)]
        np.testing.assert_array_equal(projections[0].coordinates, projections[1].coordinates)


def _sum_of_squares(params):
    return (params**2).sum()


def test_snapshots_that_do_not_fit_are_refused(tmp_path, monkeypatch):
    problem = Problem.from_loss(_sum_of_squares, np.ones(1000, np.float32))
    monkeypatch.setattr(run_setup, "MAX_PATH_BYTES", 10_000)
    with pytest.raises(ValueError, match="exceed what a path keeps by default; give the number in snapshots="):
        descend(problem, SGD, 10)
    assert len(descend(problem, SGD, 10, snapshots=11).steps) == 11
    monkeypatch.setattr(run_setup, "available_memory", lambda: 40_000)
    with pytest.raises(ValueError, match="used in memory; keep fewer with snapshots=, or give a directory="):
        descend(problem, SGD, 10, snapshots=11)
    assert len(descend(problem, SGD, 10, snapshots=11, directory=tmp_path / "path").steps) == 11
    monkeypatch.setattr(run_setup.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 50_000}))
    with pytest.raises(ValueError, match="may be used on the disk; keep fewer with snapshots="):
        race(problem, {"one": SGD, "other": SGD}, 10, snapshots=11, directory=tmp_path / "race")


def test_wrong_numbers_and_directories_are_named(tmp_path):
    with pytest.raises(ValueError, match="snapshots = 1 make no path; give at least 2, such as 11 for every step"):
        descend(rosenbrock(), SGD, 10, snapshots=1)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="holds other files; give an empty one for the snapshots"):
        descend(rosenbrock(), SGD, 10, directory=tmp_path)
    with pytest.raises(ValueError, match="cannot be used"):
        descend(rosenbrock(), SGD, 10, directory=tmp_path / "file")


@pytest.mark.parametrize(("steps", "stride"), [(1, 1), (200, 1), (201, 3), (500, 3), (900, 5)])
def test_snapshots_are_an_odd_number_of_steps_apart(steps, stride):
    assert prepare_run(bowl(), steps, None, None, "constant").stride == stride


def test_a_path_holds_as_many_snapshots_as_fit(monkeypatch):
    problem = Problem.from_loss(_sum_of_squares, np.zeros(100))  # 800 bytes
    monkeypatch.setattr(run_setup, "MAX_PATH_BYTES", 800 * 12)
    monkeypatch.setattr(run_setup, "MAX_SEGMENT_BYTES", 800 * 3)
    setup = prepare_run(problem, 70, None, None, "constant")
    assert (setup.rows, setup.stride) == (3, 7)


def test_the_last_rate_is_repeated_for_the_point_at_the_end():
    rates = learning_rates(("step", {"drops": 1, "factor": 0.5}), 0.2, 4)
    np.testing.assert_allclose(rates, [0.2, 0.2, 0.1, 0.1, 0.1])


def test_an_optimizer_brings_its_learning_rate():
    assert resolve_optimizer(bowl(), ("sgd", {"learning_rate": 0.25}), np.float64)[2] == 0.25
    own = optax.sgd(0.1)
    assert resolve_optimizer(bowl(), own, np.float64)[::2] == (own, 1.0)
    with pytest.raises(ValueError, match="optimizer 'sdg' is unknown; choose one of"):
        resolve_optimizer(bowl(), "sdg", np.float64)
