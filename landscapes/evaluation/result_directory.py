"""Results of long work in a directory, so that the same call computes only what is missing."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from landscapes.arguments import describe_value
from landscapes.array_files import name_while_writing, read_arrays, write_arrays
from landscapes.evaluation.batching import Run
from landscapes.evaluation.jaxprs import constants_of
from landscapes.evaluation.processes import each_piece, send_signs_of_life
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

CALL, SHARES, UNFINISHED = "call", "shares", "unfinished-"
MIN_WRITE_SECONDS = 1.0
"""Between two writes of unfinished work: what a kill can lose."""
MAX_WRITE_SHARE = 0.1
"""Of the time, spent on writing."""


class ResultDirectory:
    """A directory that holds the results of one call, and the digests of everything that they depend on.

    Every file is written under another name and renamed. Several processes may therefore use one directory: they
    share the work under `jax.distributed` (see `processes.each_piece`), and otherwise each computes all of it and
    replaces files of the other by equal ones.

    Attributes:
        shares: into how many pieces work is divided: the number of processes of the first call. It is kept, so
            that the pieces fit when another number of processes continues.

    Raises:
        ValueError: if there is something else in the directory, or results that depend on something else.
    """

    def __init__(self, path: Any, parts: Mapping[str, str]):
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"checkpoint = {describe_value(path)} is not valid; give the name of a directory")
        self.path = Path(path)
        self._next_write = time.monotonic() + MIN_WRITE_SECONDS
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            names = [entry.name for entry in self.path.iterdir() if not entry.name.startswith(".")]
        except OSError as error:
            raise ValueError(f"the directory {str(path)!r} cannot be used ({error}); give another") from None
        # Other files come after the first one, so that it is there when they are seen.
        if names and not (self.path / f"{CALL}.json").exists():
            raise ValueError(f"the directory {str(path)!r} holds other files; give an empty one as checkpoint")
        recorded = self.require(parts, CALL, {SHARES: str(jax.process_count())})
        self.shares = int(recorded.get(SHARES, 1))  # directories of earlier versions have one piece

    def require(
        self, parts: Mapping[str, str], name: str, settings: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """What is recorded under that name: these parts, after a check that they are the same, and the settings of
        the first call.

        Raises:
            ValueError: if other parts are recorded; it names them.
        """
        file = self.path / f"{name}.json"
        writing = name_while_writing(file)
        try:
            if not file.exists():
                writing.write_text(json.dumps({**parts, **(settings or {})}, indent=1))
                _create(writing, file)
            recorded = dict(json.loads(file.read_text()))
        except (OSError, TypeError, ValueError) as error:
            raise ValueError(f"{file} cannot be read ({error}); give an empty directory as checkpoint") from None
        finally:
            writing.unlink(missing_ok=True)
        differing = [part for part, digest in parts.items() if recorded.get(part) != digest]
        if differing:
            raise ValueError(
                f"the directory {str(self.path)!r} holds results of a call with another "
                f"{' and another '.join(differing)}; give an empty directory as checkpoint"
            )
        return recorded

    def read(self, name: str) -> dict[str, NDArray]:
        """The arrays of that name, finished or not; empty if there are none.

        Raises:
            ValueError: if they cannot be read.
        """
        for path in (self._file(name, is_finished=True), self._file(name, is_finished=False)):
            try:
                return read_arrays(path)
            except FileNotFoundError:
                continue
            except Exception as error:
                remedy = "remove it, and it is computed again"
                raise ValueError(f"{path} cannot be read ({error}); {remedy}") from error
        return {}

    def write(self, name: str, arrays: Mapping[str, NDArray], *, is_finished: bool = True) -> None:
        start = time.monotonic()
        write_arrays(self._file(name, is_finished=is_finished), arrays)
        if is_finished:
            self._file(name, is_finished=False).unlink(missing_ok=True)
        now = time.monotonic()
        self._next_write = now + max(MIN_WRITE_SECONDS, (now - start) / MAX_WRITE_SHARE)

    def remove(self, name: str) -> None:
        self._file(name, is_finished=True).unlink(missing_ok=True)

    def finished(self) -> set[str]:
        """The names of what is finished. Listing a directory asks a file server again; a look for one file may be
        answered from memory."""
        return {path.name.removesuffix(".npz") for path in self.path.iterdir() if path.suffix == ".npz"}

    def _file(self, name: str, *, is_finished: bool) -> Path:
        return self.path / f"{'' if is_finished else UNFINISHED}{name}.npz"

    @property
    def is_due(self) -> bool:
        """Whether unfinished work should be written now."""
        return time.monotonic() >= self._next_write


def open_results(
    path: Any, call: str, problem: Problem, parts: Mapping[str, Any] | None = None
) -> ResultDirectory | None:
    """The directory of a call on a problem; None without a path.

    Args:
        call: the name of the function.
        parts: what the results depend on besides the problem's terms, trees of arrays or text by name.

    Raises:
        ValueError: if the directory holds results of another call, problem or version.
    """
    if path is None:
        return None
    versions = {name: version(name) for name in ("jax", "jaxlib", "numpy", "scipy")}
    versions["landscapes"] = sys.modules["landscapes"].__version__
    results = ResultDirectory(
        path,
        {
            "function": call,
            "precision": str(dtype_of(problem.params)),
            "version": ", ".join(f"{name} {number}" for name, number in versions.items()),
            "device": f"{jax.local_device_count()} × {jax.local_devices()[0].device_kind}",
            "parameters": digest(problem.params),
            "data": digest((problem.data, problem.state, problem.key)),
            "objective": digest((_program(problem), problem.objective)),
            **{name: digest(part) for name, part in (parts or {}).items()},
        },
    )
    send_signs_of_life(results)
    return results


def resumable(run: Run, results: ResultDirectory | None) -> Run:
    """The same values, of which those that are in the directory are not computed again.

    Points are identified by their coordinates. Computation resumes at the end of a batch, so that each point has
    the same place in a batch and its value the same bits. Several processes compute a piece each. The parts of the
    result then come in another order, with an empty part at every look for the pieces of the other processes.
    """
    return run if results is None else _Resumable(run, results)


class _Resumable:
    def __init__(self, run: Run, results: ResultDirectory):
        self.run, self.results = run, results

    def __call__(self, points: NDArray) -> Iterator[tuple[slice, dict[str, NDArray]]]:
        pieces = _contiguous_pieces(len(points), self.results.shares)
        names = [f"points-{digest(points[piece])[:16]}" for piece in pieces]
        for number in each_piece(self.results, names):
            if number is None:
                yield slice(0, 0), {}
                continue
            first = pieces[number].start
            for part, values in self._piece(names[number], points[pieces[number]]):
                yield slice(first + part.start, first + part.stop), values

    def _piece(self, name: str, points: NDArray) -> Iterator[tuple[slice, dict[str, NDArray]]]:
        known = self.results.read(name)
        done = written = len(next(iter(known.values()), ()))
        parts = [known] if known else []
        if known:
            yield slice(0, done), known

        def write() -> None:
            arrays = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
            self.results.write(name, arrays, is_finished=done == len(points))

        try:
            for part, values in self.run(points[written:]):
                if not values:
                    yield part, {}
                    continue
                parts.append(values)
                done += part.stop - part.start
                if self.results.is_due:
                    write()
                    written = done
                yield slice(done - (part.stop - part.start), done), values
        finally:  # also when progress raises
            if done > written:
                write()


def _create(written: Path, file: Path) -> None:
    """Gives a written file its name, unless another process was first."""
    try:
        os.link(written, file)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        os.replace(written, file)


def _contiguous_pieces(count: int, shares: int) -> list[slice]:
    """`count` points in at most `shares` pieces. Their length is a multiple of a power of two, and so of the
    length of a batch unless batches are long: then each point has the same place in a batch as without pieces."""
    if shares == 1:
        return [slice(0, count)]
    if count == 0:
        return []
    unit = 2 ** max(0, math.floor(math.log2(count / (4 * shares))))
    length = unit * -(-count // (unit * shares))
    return [slice(first, min(first + length, count)) for first in range(0, count, length)]


def digest(value: Any) -> str:
    """A digest of a tree of arrays and text: the path, dtype, shape and bytes of each leaf."""
    state = hashlib.blake2b(digest_size=16)
    for path, leaf in jax.tree_util.tree_leaves_with_path(value):
        is_key = isinstance(leaf, jax.Array) and jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        array = np.asarray(jax.random.key_data(leaf) if is_key else leaf)
        state.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}".encode())
        state.update(_without_addresses(repr(leaf)).encode() if array.dtype == object else array.tobytes())
    return state.hexdigest()


def program_digest(function: Callable[..., Any], *arguments: Any) -> str:
    """A digest of the program that a function compiles to: its operations and the arrays that it closes over."""
    traced = jax.make_jaxpr(function)(*arguments)
    return digest((_without_addresses(str(traced)), constants_of(traced)))


def _program(problem: Problem) -> str:
    """The digest of the terms as a function of everything that the problem holds."""
    with precision(problem.params):
        return program_digest(lambda problem: problem.terms(problem.params), problem)


def _without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)
