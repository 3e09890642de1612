"""Several processes of `jax.distributed` that share work through a directory which all of them can read and write.

Process i of n computes the pieces i, i + n, i + 2n, …, writes them, and reads those of the others when they are
there. There is no other communication, so that a process may die at any time: what it wrote is complete, and the
same call computes the rest.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import jax

SIGN_SECONDS = 5.0
"""Between two signs of life of a process."""
MAX_SILENCE_SECONDS = 300.0
"""After this time without a sign of life a process counts as dead. `jax.distributed` itself ends the other
processes 100 seconds after one has died; this limit is for one that has left the call, or never came to it."""
FIRST_LOOK_SECONDS, MAX_LOOK_SECONDS = 0.01, 1.0
"""Between two looks at the directory."""


class _Directory(Protocol):
    path: Path

    def finished(self) -> set[str]: ...


def each_piece(results: _Directory | None, names: Sequence[str]) -> Iterator[int | None]:
    """The number of every piece of the work, once: first those that this process computes, then those of the other
    processes as soon as their file is in the directory. None at every look for them, so that the caller can
    report progress.

    Args:
        results: without a directory this process computes all pieces.
        names: of the file of each piece.

    Raises:
        ValueError: if a process whose piece is missing gives no sign of life.
    """
    index, count = (0, 1) if results is None else (jax.process_index(), jax.process_count())
    yield from range(index, len(names), count)
    missing = {piece for piece in range(len(names)) if piece % count != index}
    if results is None or not missing:
        return
    last_signs: dict[int, tuple[float, int | None]] = {}
    pause = FIRST_LOOK_SECONDS
    while True:
        finished = results.finished()
        arrived = {piece for piece in missing if names[piece] in finished}
        yield from sorted(arrived)
        missing -= arrived
        if not missing:
            return
        for process in sorted({piece % count for piece in missing}):
            sign, now = _sign_of_life(results, process), time.monotonic()
            since, last_sign = last_signs.setdefault(process, (now, sign))
            if sign != last_sign:
                last_signs[process] = now, sign
            elif now - since > MAX_SILENCE_SECONDS:
                raise ValueError(
                    f"process {process} of {count} has given no sign of life in {str(results.path)!r} for "
                    f"{MAX_SILENCE_SECONDS:.0f} seconds, and its part is missing; run the same call in every "
                    "process again, which computes only what is missing"
                )
        yield None
        time.sleep(pause)
        pause = FIRST_LOOK_SECONDS if arrived else min(2 * pause, MAX_LOOK_SECONDS)


def send_signs_of_life(results: _Directory) -> None:
    """Touches a file of this process every few seconds, from a thread, for as long as `results` exists. A single
    process sends none."""
    if jax.process_count() > 1:
        file, ended = _sign_file(results.path, jax.process_index()), threading.Event()
        file.touch()
        weakref.finalize(results, ended.set)
        threading.Thread(target=_touch_until, args=(file, ended), name="signs of life", daemon=True).start()


def _touch_until(file: Path, ended: threading.Event) -> None:
    while not ended.wait(SIGN_SECONDS):
        with suppress(OSError):  # of a file server that does not answer for a while
            file.touch()


def _sign_file(directory: Path, process: int) -> Path:
    return directory / f".process-{process}"


def _sign_of_life(results: _Directory, process: int) -> int | None:
    try:
        return _sign_file(results.path, process).stat().st_mtime_ns
    except OSError:
        return None
