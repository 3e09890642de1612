"""What is wrong with a checkpoint or a directory is said in one sentence that names it."""

import os
import sys

import jax
import numpy as np
import pytest

from landscapes import Trajectory
from landscapes.array_files import write_arrays
from landscapes.optimization.checkpoints import named_leaves
from tests.optimization.checkpoint_fixtures import (
    STEPS,
    checkpoints,
    problem,
    write_npz,
    write_orbax,
    write_safetensors,
)


def _without_bias(tree):
    return {"layer": {"kernel": tree["layer"]["kernel"]}, "scale": tree["scale"]}


def _with_momentum(tree):
    return {**tree, "momentum": np.zeros(3, np.float32)}


def _transposed(tree):
    return {**tree, "layer": {**tree["layer"], "kernel": tree["layer"]["kernel"].T}}


def _in_float64(tree):
    return {**tree, "scale": tree["scale"].astype(np.float64)}


def _with_nan(tree):
    return {**tree, "layer": {**tree["layer"], "bias": np.array([0, np.nan], np.float32)}}


def _with_text(tree):
    return {**tree, "scale": "large"}


WRONG_LEAVES = {
    "missing": (_without_bias, "checkpoint 2 has no leaf 'layer/bias'"),
    "extra": (_with_momentum, "checkpoint 2 has a leaf 'momentum'"),
    "shape": (_transposed, r"leaf 'layer/kernel' of checkpoint 2 has the shape \(2, 3\), .* \(3, 2\)"),
    "dtype": (_in_float64, "leaf 'scale' of checkpoint 2 is float64, and that of the problem float32"),
    "nan": (_with_nan, "leaf 'layer/bias' of checkpoint 2 is not finite"),
    "text": (_with_text, "leaf 'scale' of checkpoint 2 is a str and no array of numbers"),
}


@pytest.mark.parametrize("fault", WRONG_LEAVES)
def test_wrong_leaf_is_named(fault):
    change, sentence = WRONG_LEAVES[fault]
    trees = checkpoints()
    trees[2] = change(trees[2])
    snapshots = Trajectory.of(trees).snapshots(problem().params)
    snapshots.block(0, 2)
    with pytest.raises(ValueError, match=sentence):
        snapshots[2]


def _truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _tear_npz(directory):
    write_npz(directory)
    _truncate(directory / "model2-step40.npz")


def _tear_safetensors(directory):
    write_safetensors(directory)
    _truncate(directory / "step_40.safetensors")


def _tear_orbax(directory):
    write_orbax(directory)
    (directory / "40" / "_METADATA").unlink()


def _empty_npz(directory):
    write_npz(directory)
    (directory / "model2-step40.npz").write_bytes(b"")


def _mix(directory):
    write_npz(directory)
    write_safetensors(directory)


def _repeat(directory):
    write_npz(directory)
    np.savez(directory / "copy-40.npz", scale=np.ones(1))


def _without_number(directory):
    write_npz(directory)
    np.savez(directory / "final.npz", scale=np.ones(1))


def _other_format(directory):
    (directory / "model-1.pt").write_bytes(b"1")


WRONG_DIRECTORIES = {
    "torn-npz": (_tear_npz, "model2-step40.npz cannot be read .* incomplete or damaged"),
    "empty-npz": (_empty_npz, "model2-step40.npz cannot be read .* incomplete or damaged"),
    "torn-safetensors": (_tear_safetensors, "step_40.safetensors cannot be read .* incomplete or damaged"),
    "torn-orbax": (_tear_orbax, "40 cannot be read .* incomplete or damaged"),
    "mixed": (_mix, "holds checkpoints of several formats, .npz and .safetensors"),
    "same-number": (_repeat, "copy-40.npz and model2-step40.npz both have the number 40"),
    "no-number": (_without_number, "final.npz has no number in its name"),
    "empty": (lambda directory: None, "holds no checkpoints"),
    "other-format": (_other_format, "holds no checkpoints; give one with .npz, .safetensors or Orbax"),
    "none": (lambda directory: directory.rmdir(), "there is no directory"),
}


@pytest.mark.parametrize("fault", WRONG_DIRECTORIES)
def test_wrong_directory_is_refused(fault, tmp_path):
    make, sentence = WRONG_DIRECTORIES[fault]
    make(tmp_path)
    with pytest.raises(ValueError, match=sentence):
        Trajectory.of(tmp_path)


def test_pickled_npz_is_not_loaded(tmp_path):
    write_npz(tmp_path)
    np.savez(tmp_path / "model2-step40.npz", scale=np.array([print], object))
    with pytest.raises(ValueError, match=r"model2-step40\.npz holds pickled Python objects"):
        Trajectory.of(tmp_path).snapshots(problem().params)[3]


@pytest.mark.parametrize("change", [lambda path: np.savez(path, scale=np.ones(1)), os.unlink])
def test_file_that_changes_later_is_refused(change, tmp_path):
    write_npz(tmp_path)
    path = Trajectory.of(tmp_path)
    change(tmp_path / "model2-step40.npz")
    np.savez(tmp_path / "model2-step2000.npz", scale=np.ones(1))
    snapshots = path.snapshots(problem().params)
    snapshots[2]
    with pytest.raises(ValueError, match=r"model2-step40\.npz has changed since its directory was opened"):
        snapshots[3]
    assert len(snapshots) == len(STEPS)


def test_files_that_are_being_written_are_left_out(tmp_path):
    write_npz(tmp_path)
    for name in (".model2-step41.npz.tmp", "model2-step41.npz.tmp", "notes.txt"):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / "41.orbax-checkpoint-tmp-3").mkdir()
    np.testing.assert_array_equal(Trajectory.of(tmp_path).steps, STEPS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"checkpoints": []}, "there are no checkpoints"),
        ({"checkpoints": iter(())}, "there are no checkpoints"),
        ({"checkpoints": {"a": np.ones(2)}}, "checkpoints = a dict is not valid; give a list of pytrees"),
        ({"checkpoints": 3}, "checkpoints = 3 is not valid; give a list of pytrees"),
        ({"steps": [0, 1]}, "the steps must be 7 whole numbers"),
        ({"steps": np.linspace(0, 1, 7)}, "the steps must be 7 whole numbers"),
        ({"steps": [0, 1, 2, 2, 4, 5, 6]}, "the steps must increase"),
        ({"steps": [-1, 0, 1, 2, 3, 4, 5]}, "the steps must increase, from 0"),
        ({"steps": [*range(6), 10**9]}, "the last step is 1,000,000,000"),
        ({"loss": [1.0, 2.0]}, "loss must have 7 numbers"),
        ({"loss": "low"}, "loss must be a list of numbers"),
    ],
)
def test_wrong_arguments_are_named(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        Trajectory.of(**{"checkpoints": checkpoints(), **arguments})


def test_missing_package_is_named(tmp_path, monkeypatch):
    write_safetensors(tmp_path)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ValueError, match=r"step_0.safetensors needs another package .*safetensors"):
        Trajectory.of(tmp_path)


def test_relative_directory_is_read_from_another_working_directory(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    write_npz(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    path = Trajectory.of("run")
    monkeypatch.chdir(tmp_path.parent)
    last = path.snapshots(checkpoints()[0])[-1]
    np.testing.assert_array_equal(last["layer"]["kernel"], checkpoints()[-1]["layer"]["kernel"])


def test_whole_tree_of_one_array_is_written_and_read(tmp_path):
    for step in (1, 20):
        write_arrays(tmp_path / f"{step}.npz", named_leaves(np.arange(3.0) * step, ""))
    snapshots = Trajectory.of(tmp_path).snapshots(np.zeros(3))
    np.testing.assert_array_equal(snapshots[1], [0, 20, 40])
    assert jax.tree.structure(snapshots[0]) == jax.tree.structure(np.zeros(3))
