"""Two processes of `jax.distributed` give the numbers of one, each computes about half, and a killed one is made
good."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from landscapes import evaluate, refine, spectrum
from landscapes.curvature import convexity_map, hessian_spectrum, trace
from landscapes.evaluation import processes, result_directory
from landscapes.evaluation.processes import each_piece
from landscapes.evaluation.result_directory import ResultDirectory
from landscapes.optimization import race_from
from tests.evaluation.test_result_directory import AXES, PLANE, PROBLEM, STARTS

ROOT = Path(__file__).parent.parent.parent
PROCESSES = 2
CALLS = {
    "evaluate": lambda **more: evaluate(PROBLEM, PLANE, AXES, **more),
    "convexity_map": lambda **more: convexity_map(PROBLEM, PLANE, [(-1, 1), (0, 2)], key=4, cells=3, **more),
    "refine": lambda **more: list(refine(PROBLEM, PLANE, [(-1, 1), (-0.5, 2)], max_level=17, **more))[-1],
    "race_from": lambda **more: race_from(PROBLEM, {"adam": "adam", "sgd": "sgd"}, STARTS, 12, **more),
    "trace": lambda **more: trace(PROBLEM, 1, 7, **more),
    "spectrum": lambda **more: spectrum(PROBLEM, 2, top=1, bottom=1, density=6, **more),
}
KILLED = "convexity_map"
SCRIPT = """
import sys
import jax
port, process, directory, victim = sys.argv[1:]
limits = {"initialization_timeout": 120, "heartbeat_timeout_seconds": 600}  # a busy machine may be slow
jax.distributed.initialize(f"localhost:{port}", 2, int(process), **limits)
from tests.evaluation import test_processes
test_processes.run_in_process(directory, int(victim))
"""


def run_in_process(directory, victim):
    """All calls, each with a directory of its own; writes their results and the names of what a process computes.
    The victim kills itself in the midst of its cells; the other process ends with the message that it gets."""
    hessian_spectrum.MAX_DENSE_PARAMETERS = 0
    result_directory.MIN_WRITE_SECONDS, result_directory.MAX_WRITE_SHARE = 0.0, 1e9
    index, write, dead = jax.process_index(), ResultDirectory.write, Path(directory, "dead")

    def logged(self, name, arrays, *, is_finished=True):
        write(self, name, arrays, is_finished=is_finished)
        if is_finished and not name.startswith("eigenvector"):
            with Path(directory, f"computed-{index}").open("a") as log:
                log.write(f"{self.path.name}/{name}\n")

    ResultDirectory.write = logged

    def kill_victim(fraction, cells):
        if victim == index and np.sum(cells.evaluated) == 3:
            dead.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if victim >= 0 and dead.exists():
            processes.MAX_SILENCE_SECONDS = 1.0

    for name, call in CALLS.items():
        extra = {"progress": kill_victim} if name == KILLED else {}
        try:
            result = call(checkpoint=Path(directory) / name, **extra)
        except ValueError as error:
            Path(directory, f"message-{index}").write_text(str(error))
            os._exit(0)  # not to wait for the killed process
        np.savez(Path(directory, f"{name}-{index}.npz"), **arrays_of(result))


def arrays_of(result, prefix=""):
    """All numbers in a result by their places."""
    if hasattr(result, "__dataclass_fields__"):
        result = {name: getattr(result, name) for name in result.__dataclass_fields__}
    if isinstance(result, tuple | list):
        result = dict(enumerate(result))
    if isinstance(result, dict):
        parts = [arrays_of(value, f"{prefix}.{name}") for name, value in result.items()]
        return {name: array for part in parts for name, array in part.items()}
    return {} if result is None or isinstance(result, str) else {prefix: np.asarray(result)}


def start_processes(directory, victim=-1):
    """The exit codes of two processes that make all calls together."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    commands = [[sys.executable, "-c", SCRIPT, *map(str, (port, k, directory, victim))] for k in range(PROCESSES)]
    started = [subprocess.Popen(command, cwd=ROOT, env=environment) for command in commands]
    try:
        return [process.wait(timeout=200) for process in started]
    finally:
        for process in started:
            process.kill()


def finished_pieces(directory):
    names = {f"{file.parent.name}/{file.stem}" for file in directory.glob("*/*.npz")}
    return {name for name in names if "/unfinished" not in name and "/eigenvector" not in name}


@pytest.fixture(scope="module")
def rounds(tmp_path_factory):
    """Two processes of which the second kills itself half-way, and two that make the same calls again: their
    directory, what was finished after the first round, and what each process computed in both rounds together."""
    directory = tmp_path_factory.mktemp("processes")
    assert start_processes(directory, victim=1) == [0, -signal.SIGKILL]
    halfway = finished_pieces(directory)
    assert (directory / KILLED / "unfinished-cells-1.npz").exists()
    assert start_processes(directory) == [0, 0]
    computed = [(directory / f"computed-{index}").read_text().split() for index in range(PROCESSES)]
    return SimpleNamespace(directory=directory, halfway=halfway, computed=computed)


def results_of(directory, name):
    """The arrays that each process got from a call."""
    result = []
    for index in range(PROCESSES):
        with np.load(directory / f"{name}-{index}.npz") as file:
            result.append({key: file[key] for key in file.files})
    return result


@pytest.mark.parametrize("name", CALLS)
def test_two_processes_give_the_numbers_of_one(name, rounds, monkeypatch):
    monkeypatch.setattr(hessian_spectrum, "MAX_DENSE_PARAMETERS", 0)
    first, second = results_of(rounds.directory, name)
    single = arrays_of(CALLS[name]())
    assert first.keys() == second.keys() == single.keys()
    for key, expected in single.items():
        np.testing.assert_array_equal(first[key], second[key])
        assert first[key].dtype == expected.dtype
        if name != "convexity_map":
            np.testing.assert_allclose(first[key], expected, rtol=2e-5, atol=2e-6, err_msg=key)
    if name == "convexity_map":  # a cell starts from the nearest cell of its process
        np.testing.assert_array_equal(first[".states"], single[".states"])
        for end in (".smallest", ".largest"):
            error = first[f"{end}_error"] + single[f"{end}_error"]
            assert np.all(np.abs(first[end] - single[end]) <= error)


def test_each_process_computes_about_half_and_nothing_twice(rounds):
    first, second = rounds.computed
    assert len({*first, *second}) == len(first) + len(second)
    assert {*first, *second} == finished_pieces(rounds.directory)
    for name in CALLS:
        counts = [sum(piece.startswith(f"{name}/") for piece in computed) for computed in (first, second)]
        assert min(counts) >= 1
        assert max(counts) <= min(counts) + (2 if name == "race_from" else 1)
    assert json.loads((rounds.directory / "evaluate" / "call.json").read_text())["shares"] == str(PROCESSES)


def test_killed_process_is_named_and_made_good_by_running_again(rounds):
    assert re.fullmatch(
        r"process 1 of 2 has given no sign of life in .*convexity_map' for 1 seconds, and its part is missing; "
        r"run the same call in every process again, which computes only what is missing",
        (rounds.directory / "message-0").read_text(),
    )
    assert f"{KILLED}/cells-0" in rounds.halfway
    assert f"{KILLED}/cells-1" not in rounds.halfway
    assert not list(rounds.directory.glob("*/unfinished*"))


@dataclass
class Directory:
    """A directory in which these pieces are finished."""

    path: Path
    names: set[str]

    def finished(self) -> set[str]:
        return self.names


def test_pieces_are_divided_and_others_awaited(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    monkeypatch.setattr(jax, "process_count", lambda: 3)
    assert list(each_piece(None, ["a", "b"])) == [0, 1]
    directory = Directory(path=tmp_path, names={"a", "d"})
    pieces = each_piece(directory, list("abcde"))
    assert [next(pieces) for _ in range(6)] == [1, 4, 0, 3, None, None]
    directory.names = set("abcde")
    assert list(pieces) == [2]


def test_silent_process_is_named_and_living_one_awaited(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 0)
    monkeypatch.setattr(jax, "process_count", lambda: 3)
    now = [0.0]
    monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: None))
    looks = []

    def wait():
        for piece in each_piece(Directory(path=tmp_path, names=set()), ["a", "b", "c"]):
            looks.append(piece)
            now[0] += 100
            (tmp_path / ".process-1").touch()
            os.utime(tmp_path / ".process-1", (now[0], now[0]))

    with pytest.raises(ValueError, match=r"process 2 of 3 has given no sign of life .* for 300 seconds"):
        wait()
    assert looks == [0, None, None, None, None]


def test_process_without_a_directory_computes_all_of_it(monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    assert np.all(CALLS["evaluate"]().evaluated)


def test_signs_of_life_end_with_the_call(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    monkeypatch.setattr(processes, "SIGN_SECONDS", 0.01)
    results = ResultDirectory(tmp_path, {"function": "own"})
    processes.send_signs_of_life(results)
    file = tmp_path / ".process-1"
    first = file.stat().st_mtime_ns
    deadline = time.monotonic() + 30
    while file.stat().st_mtime_ns == first:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (thread,) = [each for each in processes.threading.enumerate() if each.name == "signs of life"]
    del results
    thread.join(timeout=30)
    assert not thread.is_alive()
