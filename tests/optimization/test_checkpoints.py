"""Checkpoints of one's own training: a path of them equals the same path in memory."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from landscapes import Problem, Trajectory, project_path, span
from landscapes.connectivity.barrier import linear_interpolation
from landscapes.curvature.edge_of_stability import stability
from landscapes.directions import explained_variance, principal, snapshot_matrix, solutions
from landscapes.optimization import checkpoint_files
from landscapes.slices import projection
from tests.optimization.checkpoint_fixtures import (
    COUNT,
    STEPS,
    checkpoints,
    problem,
    stacked_path,
    write_npz,
    write_orbax,
    write_orbax_manager,
    write_safetensors,
)

KEY = jax.random.key(0)


class MadeOnDemand:
    """A sequence that makes each checkpoint when it is asked for."""

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        return checkpoints()[index]


class Tensor:
    """What a PyTorch tensor answers."""

    def __init__(self, array):
        self.array = array

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.array


def directory_of(write):
    def source(tmp_path):
        write(tmp_path)
        return tmp_path

    return source


SOURCES = {
    "list": lambda _: checkpoints(),
    "lazy": lambda _: MadeOnDemand(),
    "iterator": lambda _: iter(checkpoints()),
    "tensors": lambda _: [jax.tree.map(Tensor, tree) for tree in checkpoints()],
    "npz": directory_of(write_npz),
    "npz-dots": directory_of(lambda directory: write_npz(directory, ".")),
    "safetensors": directory_of(write_safetensors),
    "orbax": directory_of(write_orbax),
    "orbax-manager": directory_of(write_orbax_manager),
}


@pytest.mark.parametrize("source", SOURCES)
def test_checkpoints_equal_the_path_in_memory(source, tmp_path):
    arguments = SOURCES[source](tmp_path)
    path = Trajectory.of(arguments, steps=None if isinstance(arguments, Path) else STEPS)
    expected, start = stacked_path(), problem()
    np.testing.assert_array_equal(path.steps, STEPS)
    for index in (0, 3, COUNT - 1):
        jax.tree.map(np.testing.assert_array_equal, path.snapshots(start.params)[index], checkpoints()[index])
    directions = principal(start, [path], KEY, 2)
    jax.tree.map(np.testing.assert_array_equal, directions, principal(start, [expected], KEY, 2))
    plane = span(start.params, directions)
    shown, expected_projection = (project_path(start, plane, each) for each in (path, expected))
    for name in ("coordinates", "distance", "loss", "plane_loss", "share", "displacement"):
        np.testing.assert_array_equal(getattr(shown, name), getattr(expected_projection, name))


def test_other_functions_take_checkpoints(tmp_path):
    write_npz(tmp_path)
    path, expected, start = Trajectory.of(tmp_path), stacked_path(), problem()
    one, other = (solutions(start, [each], KEY, 2) for each in (path, expected))
    jax.tree.map(np.testing.assert_array_equal, one, other)
    plane = span(start.params, one)
    assert explained_variance(plane, [path]) == explained_variance(plane, [expected])
    curves = [
        stability(start, each, ("sgd", {"learning_rate": 0.1}), key=KEY, steps=1000, snapshots=3)
        for each in (path, expected)
    ]
    np.testing.assert_array_equal(curves[0].eigenvalues, curves[1].eigenvalues)
    np.testing.assert_array_equal(curves[0].steps, [0, 40, 1000])
    with pytest.raises(ValueError, match="steps = 999 is below the last step of the path, 1000"):
        stability(start, path, ("sgd", {"learning_rate": 0.1}), key=KEY, steps=999)
    ends = path.snapshots(start.params)
    profile = linear_interpolation(start, ends[0], ends[-1])
    np.testing.assert_array_equal(
        profile.loss, linear_interpolation(start, checkpoints()[0], checkpoints()[-1]).loss
    )


def test_losses_are_placed_at_their_steps():
    losses = np.arange(COUNT) + 0.5
    path = Trajectory.of(checkpoints(), STEPS, losses)
    np.testing.assert_array_equal(path.loss[STEPS], losses)
    assert np.isnan(path.loss[[1, 2, 999]]).all()
    assert path.final_loss == 6.5
    assert np.isnan(Trajectory.of(checkpoints()).final_loss)


def test_iterators_files_are_removed_with_the_path(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint_files.tempfile, "tempdir", str(tmp_path))
    path = Trajectory.of(iter(checkpoints()))
    assert len(list(tmp_path.glob("*/*.npz"))) == COUNT
    del path
    assert not list(tmp_path.iterdir())


def test_long_path_is_never_in_memory_at_once(monkeypatch):
    count, dim = 80, 50_000
    scales = np.random.default_rng(1).normal(size=(3, dim)).astype(np.float32)

    class Long(MadeOnDemand):
        def __len__(self):
            return count

        def __getitem__(self, index):
            return np.cos(np.array([0.1, 0.07, 0.2], np.float32) * index) @ scales

    monkeypatch.setattr(snapshot_matrix, "MAX_BLOCK_BYTES", 3 * 4 * dim)
    monkeypatch.setattr(snapshot_matrix, "CHUNK_ENTRIES", 2**14)
    monkeypatch.setattr(projection, "MAX_SEGMENT_BYTES", 2 * 4 * dim)
    start = Problem.from_loss(lambda p: (p**2).sum(), Long()[0])
    path = Trajectory.of(Long())
    in_memory = replace(path, params=np.stack([Long()[index] for index in range(count)]))
    tracemalloc.start()
    try:
        directions = principal(start, [path], KEY, 2)
        plane = span(start.params, directions)
        shown = project_path(start, plane, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Two blocks of three, the mean and two directions in float64, and what `span` makes of them.
    assert peak < 0.5 * count * dim * 4
    np.testing.assert_allclose(shown.distance, project_path(start, plane, in_memory).distance, atol=1e-3)
    monkeypatch.undo()
    expected = principal(start, [in_memory], KEY, 2)
    # Of three components that vary, two are drawn; blocks change the order of sums alone.
    np.testing.assert_allclose(np.abs(np.sum(directions * expected, 1) / np.linalg.norm(expected, axis=1) ** 2), 1)
