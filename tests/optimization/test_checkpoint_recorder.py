"""A recorder of any training loop: what it writes is the path."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Recorder, Trajectory, project_path, span
from landscapes.directions import principal
from landscapes.optimization import checkpoint_recorder
from tests.optimization.checkpoint_fixtures import STEPS, checkpoints, problem, stacked_path
from tests.optimization.test_checkpoints import Tensor

ROOT = Path(__file__).parent.parent.parent


def record(directory, steps=STEPS, trees=None, wrap=lambda tree: tree):
    with Recorder(directory) as run:
        for step, tree in zip(steps, checkpoints() if trees is None else trees, strict=True):
            run.add(step, wrap(tree), loss=1 / (step + 1))


WRAPPERS = {
    "numpy": lambda tree: tree,
    "jax": lambda tree: jax.tree.map(jnp.asarray, tree),
    "tensors": lambda tree: jax.tree.map(Tensor, tree),
    # The names of a PyTorch state_dict.
    "dots": lambda tree: (
        {"layer.kernel": tree["layer"]["kernel"], "layer.bias": tree["layer"]["bias"]} | {"scale": tree["scale"]}
    ),
}


@pytest.mark.parametrize("kind", WRAPPERS)
def test_recorded_path_equals_path_in_memory(kind, tmp_path):
    record(tmp_path / "run", wrap=WRAPPERS[kind])
    path, expected, start = Trajectory.of(tmp_path / "run"), stacked_path(), problem()
    np.testing.assert_array_equal(path.steps, STEPS)
    np.testing.assert_array_equal(path.loss[STEPS], 1 / (np.array(STEPS) + 1))
    plane = span(start.params, principal(start, [expected], jax.random.key(0), 2))
    np.testing.assert_array_equal(
        project_path(start, plane, path).coordinates, project_path(start, plane, expected).coordinates
    )


def test_parameters_are_copied_when_they_are_added(tmp_path):
    params = {"w": np.array([1.0, 2.0])}
    with Recorder(tmp_path) as run:
        for step in range(4):
            run.add(step, params)
            params["w"] *= 3
    snapshots = Trajectory.of(tmp_path).snapshots(params)
    np.testing.assert_array_equal([snapshots[k]["w"] for k in range(4)], [[3.0**k, 2 * 3.0**k] for k in range(4)])


def test_existing_directory_is_continued_and_a_step_replaced(tmp_path):
    record(tmp_path, STEPS[:4], checkpoints()[:4])
    # A restart from step 5: step 40 is written again with other parameters.
    later = [jax.tree.map(lambda leaf: leaf + 1, tree) for tree in checkpoints()[3:]]
    record(tmp_path, STEPS[3:], later)
    path = Trajectory.of(tmp_path)
    np.testing.assert_array_equal(path.steps, STEPS)
    snapshots = path.snapshots(problem().params)
    for index, expected in [(2, checkpoints()[2]), (3, later[0]), (6, later[3])]:
        jax.tree.map(np.testing.assert_array_equal, snapshots[index], expected)


def test_other_model_in_same_directory_is_refused(tmp_path):
    record(tmp_path)
    with Recorder(tmp_path) as run:
        with pytest.raises(ValueError, match="leaf 'layer/bias' at step 2000 differs in shape or dtype"):
            run.add(2000, {**checkpoints()[0], "layer": {"kernel": np.zeros((3, 2), np.float32)}})
        with pytest.raises(ValueError, match="leaf 'scale' at step 2000 differs in shape or dtype"):
            run.add(2000, {**checkpoints()[0], "scale": np.zeros(3, np.float32)})
    np.testing.assert_array_equal(Trajectory.of(tmp_path).steps, STEPS)


def test_memory_is_bounded_when_writing_is_slow(tmp_path, monkeypatch):
    writes, permits = [], threading.Semaphore(0)

    def write_when_permitted(path, arrays):
        permits.acquire()
        writes.append(path.name)

    monkeypatch.setattr(checkpoint_recorder, "write_arrays", write_when_permitted)
    added = []
    with Recorder(tmp_path) as run:

        def loop():
            for step in range(9):
                run.add(step, np.zeros(2))
                added.append(step)

        thread = threading.Thread(target=loop)
        thread.start()
        limit = checkpoint_recorder.MAX_WAITING + 1  # and the one that the writer holds
        while len(added) < limit:
            time.sleep(0.001)
        thread.join(0.05)
        assert len(added) == limit
        permits.release(9)
        thread.join()
    assert writes == [f"step-{step:08d}.npz" for step in range(9)]


def test_error_of_writer_is_raised_by_next_add_and_at_the_end(tmp_path, monkeypatch):
    failed = threading.Event()

    def fail(path, arrays):
        failed.set()
        raise OSError("no space left")

    monkeypatch.setattr(checkpoint_recorder, "write_arrays", fail)

    def add(count):
        with Recorder(tmp_path) as run:
            for added in range(count):
                assert added < 99, "no add raised"
                run.add(3, np.zeros(2))
                failed.wait()

    for count in (1, 100):
        failed.clear()
        with pytest.raises(ValueError, match=r"step 3 could not be written to .*no space left"):
            add(count)


def test_error_of_the_loop_is_not_hidden(tmp_path):
    def loop():
        with Recorder(tmp_path) as run:
            for step in (1, 0):
                run.add(step, np.ones(2), loss=1 // step)

    with pytest.raises(ZeroDivisionError):
        loop()
    np.testing.assert_array_equal(Trajectory.of(tmp_path).steps, [1])


def test_killed_process_leaves_a_directory_that_reads_and_continues(tmp_path):
    code = """
import os, sys, numpy as np
from landscapes import Recorder
with Recorder(sys.argv[1]) as run:
    for step in range(10**6):
        run.add(step, np.full(50_000, step, np.float32), loss=step)
        print(step, flush=True)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 20:
            pass
        process.kill()
    path = Trajectory.of(tmp_path)
    snapshots = path.snapshots(np.zeros(50_000, np.float32))
    count = len(path.steps)
    assert count >= 15
    for index in (0, count - 1):
        np.testing.assert_array_equal(snapshots[index], np.full(50_000, path.steps[index]))
    record(tmp_path, [count], [np.full(50_000, 7, np.float32)])
    np.testing.assert_array_equal(Trajectory.of(tmp_path).steps, np.arange(count + 1))


def test_small_floats_are_written_as_float32(tmp_path):
    record(tmp_path, [1, 2], [jnp.arange(3, dtype=jnp.bfloat16), jnp.ones(3, jnp.bfloat16)])
    np.testing.assert_array_equal(Trajectory.of(tmp_path).snapshots(np.zeros(3, np.float32))[0], [0, 1, 2])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"step": 1.5}, "step = 1.5 is not valid; give a whole number from 0"),
        ({"step": -1}, "step = -1 is not valid"),
        ({"params": {"w": "text"}}, "leaf 'w' of step 1 is a str and no array of numbers"),
        ({"params": {}}, "step 1 holds no arrays"),
        ({"loss": "low"}, "loss = 'low' is no number"),
    ],
)
def test_wrong_arguments_are_named(arguments, sentence, tmp_path):
    with Recorder(tmp_path) as run, pytest.raises(ValueError, match=sentence):
        run.add(**{"step": 1, "params": np.ones(2), **arguments})


def test_recorder_is_used_within_a_statement(tmp_path):
    with pytest.raises(ValueError, match="the recorder is not open"):
        Recorder(tmp_path).add(1, np.ones(2))
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be made"), Recorder(tmp_path / "file"):
        pass


def test_directory_of_another_format_is_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"w": np.ones(2)}, tmp_path / "step-3.safetensors")
    with pytest.raises(ValueError, match=r"holds step-3\.safetensors, which is no \.npz"), Recorder(tmp_path):
        pass
