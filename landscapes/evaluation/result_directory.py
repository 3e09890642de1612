"""Results of long work in a directory, so that the same call computes only what is missing."""

from __future__ import annotations

import hashlib
import json
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
from landscapes.array_files import read_arrays, write_arrays
from landscapes.evaluation.batching import Run
from landscapes.evaluation.jaxprs import constants_of
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

CALL_FILE = "call.json"
MIN_WRITE_SECONDS = 1.0
"""Between two writes of unfinished work: what a kill can lose."""
MAX_WRITE_SHARE = 0.1
"""Of the time, spent on writing."""


class ResultDirectory:
    """A directory that holds the results of one call, and the digests of everything that they depend on.

    Raises:
        ValueError: if there is something else in the directory.
    """

    def __init__(self, path: Any, call: str):
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"checkpoint = {describe_value(path)} is not valid; give the name of a directory")
        self.path = Path(path)
        self._parts: dict[str, str] = {}
        self._next_write = 0.0
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            names = [entry.name for entry in self.path.iterdir() if not entry.name.startswith(".")]
        except OSError as error:
            raise ValueError(f"the directory {str(path)!r} cannot be used ({error}); give another") from None
        if CALL_FILE in names:
            self._parts = self._read_parts()
        elif names:
            raise ValueError(f"the directory {str(path)!r} holds other files; give an empty one as checkpoint")
        self.require({"function": call})

    def _read_parts(self) -> dict[str, str]:
        file = self.path / CALL_FILE
        try:
            return dict(json.loads(file.read_text()))
        except (OSError, TypeError, ValueError) as error:
            raise ValueError(f"{file} cannot be read ({error}); give an empty directory as checkpoint") from None

    def require(self, parts: Mapping[str, str]) -> None:
        """Checks that the results in the directory depend on these parts, or records them in a new directory.

        Raises:
            ValueError: if they depend on others; it names them.
        """
        differing = [name for name, digest in parts.items() if self._parts.get(name, digest) != digest]
        if differing:
            raise ValueError(
                f"the directory {str(self.path)!r} holds results of a call with another "
                f"{' and another '.join(differing)}; give an empty directory as checkpoint"
            )
        self._parts |= parts
        writing = self.path / f".{CALL_FILE}.tmp"
        writing.write_text(json.dumps(self._parts, indent=1))
        os.replace(writing, self.path / CALL_FILE)
        self._next_write = time.monotonic() + MIN_WRITE_SECONDS

    def read(self, name: str) -> dict[str, NDArray]:
        """The arrays of that name; empty if there are none.

        Raises:
            ValueError: if they cannot be read.
        """
        path = self.path / f"{name}.npz"
        if not path.exists():
            return {}
        try:
            return read_arrays(path)
        except Exception as error:
            raise ValueError(f"{path} cannot be read ({error}); remove it, and it is computed again") from error

    def write(self, name: str, arrays: Mapping[str, NDArray]) -> None:
        start = time.monotonic()
        write_arrays(self.path / f"{name}.npz", arrays)
        now = time.monotonic()
        self._next_write = now + max(MIN_WRITE_SECONDS, (now - start) / MAX_WRITE_SHARE)

    def remove(self, name: str) -> None:
        (self.path / f"{name}.npz").unlink(missing_ok=True)

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
    results = ResultDirectory(path, call)
    versions = {name: version(name) for name in ("jax", "jaxlib", "numpy", "scipy")}
    versions["landscapes"] = sys.modules["landscapes"].__version__
    results.require(
        {
            "precision": str(dtype_of(problem.params)),
            "version": ", ".join(f"{name} {number}" for name, number in versions.items()),
            "device": f"{jax.local_device_count()} × {jax.local_devices()[0].device_kind}",
            "parameters": digest(problem.params),
            "data": digest((problem.data, problem.state, problem.key)),
            "objective": digest((_program(problem), problem.objective)),
            **{name: digest(part) for name, part in (parts or {}).items()},
        }
    )
    return results


def resumable(run: Run, results: ResultDirectory | None) -> Run:
    """The same values, of which those that are in the directory are not computed again.

    Points are identified by their coordinates. Computation resumes at the end of a batch, so that each point has
    the same place in a batch and its value the same bits.
    """
    return run if results is None else _Resumable(run, results)


class _Resumable:
    def __init__(self, run: Run, results: ResultDirectory):
        self.run, self.results = run, results

    def __call__(self, points: NDArray) -> Iterator[tuple[slice, dict[str, NDArray]]]:
        name = f"points-{digest(points)[:16]}"
        known = self.results.read(name)
        done = written = len(next(iter(known.values()), ()))
        parts = [known] if known else []
        if known:
            yield slice(0, done), known

        def write() -> None:
            self.results.write(name, {key: np.concatenate([part[key] for part in parts]) for key in parts[0]})

        try:
            for part, values in self.run(points[written:]):
                parts.append(values)
                done += part.stop - part.start
                if self.results.is_due:
                    write()
                    written = done
                yield slice(done - (part.stop - part.start), done), values
        finally:  # also when progress raises
            if done > written:
                write()


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
