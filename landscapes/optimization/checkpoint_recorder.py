"""A recorder of any training loop's parameters: a directory of checkpoints, written by a thread."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Any, Self

import numpy as np
from jaxtyping import PyTree

from landscapes.arguments import describe_value
from landscapes.array_files import write_arrays
from landscapes.optimization.checkpoint_files import (
    LOSS_NAME,
    checkpoint_paths,
    read_checkpoint,
)
from landscapes.optimization.checkpoints import MAX_STEP, named_leaves

MAX_WAITING = 2
"""Snapshots that wait for the writer. `add` then blocks, so that memory stays bounded on a slow disk."""


class Recorder:
    """Writes the parameters of a training loop to a directory that `Trajectory.of` reads.

        with Recorder("run") as run:
            for step in range(1000):
                params, loss = update(params)
                if step % 10 == 0:
                    run.add(step, params, loss=loss)

    `add` copies the parameters and returns; a thread writes them. Each step is one file, `step-00000010.npz`,
    which is complete as soon as it has its name. An existing directory is continued, and a step that exists is
    replaced: a run that is restarted from an earlier step writes its steps again.
    """

    def __init__(self, directory: str | os.PathLike[str]):
        self.directory = Path(directory)
        self._queue: Queue[tuple[int, dict[str, np.ndarray]] | None] = Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._error: tuple[int, Exception] | None = None
        self._leaves: dict[str, tuple[Any, ...]] | None = None
        self._paths: dict[int, Path] = {}

    def __enter__(self) -> Self:
        """
        Raises:
            ValueError: if the directory cannot be made, or holds checkpoints of another format.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            name = str(self.directory)
            raise ValueError(f"the directory {name!r} cannot be made ({error}); give another") from None
        self._error, self._leaves, self._paths = None, None, checkpoint_paths(self.directory)
        if self._paths:
            last = self._paths[max(self._paths)]
            if last.is_dir() or last.suffix != ".npz":
                raise ValueError(f"the directory holds {last.name}, which is no .npz; give a directory of its own")
            self._leaves = _shapes(read_checkpoint(last))
        self._thread = threading.Thread(target=self._write, name="landscapes-recorder", daemon=True)
        self._thread.start()
        return self

    def add(self, step: int, params: PyTree, *, loss: Any = None) -> None:
        """Records the parameters at a step.

        Args:
            params: a pytree of NumPy or JAX arrays, or of tensors of PyTorch, such as a `state_dict`. Floats of
                less than 32 bits are written as float32.
            loss: the loss at these parameters, if it is known.

        Raises:
            ValueError: outside of `with`, for a step or a loss that is no number, for other parameters than those
                recorded before, or if an earlier step could not be written.
        """
        if self._thread is None:
            raise ValueError("the recorder is not open; add within a statement: with Recorder('run') as run: …")
        self._raise_error()
        if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 0 <= step <= MAX_STEP:
            value = describe_value(step)
            raise ValueError(f"step = {value} is not valid; give a whole number from 0 to {MAX_STEP:,}")
        arrays = {name: np.array(leaf) for name, leaf in named_leaves(params, f"step {step}").items()}
        shapes = _shapes(arrays)
        if self._leaves is not None and shapes != self._leaves:
            name = next(name for name in {**shapes, **self._leaves} if shapes.get(name) != self._leaves.get(name))
            raise ValueError(
                f"leaf {name!r} at step {step} differs in shape or dtype from that of the steps in "
                f"{str(self.directory)!r}; record another model in another directory"
            )
        self._leaves = shapes
        if loss is not None:
            arrays[LOSS_NAME] = _as_number(loss)
        self._queue.put((int(step), arrays))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits until every step is written.

        Raises:
            ValueError: if one could not be written, and the loop itself has not failed.
        """
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        if kind is None:
            self._raise_error()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            step, arrays = item
            if self._error is None:  # later steps are dropped, so that add never waits for a writer that failed
                try:
                    path = self._paths.get(step, self.directory / f"step-{step:08d}.npz")
                    write_arrays(path, arrays)
                except Exception as error:
                    self._error = step, error

    def _raise_error(self) -> None:
        if self._error is not None:
            step, error = self._error
            raise ValueError(
                f"step {step} could not be written to {str(self.directory)!r} ({error}); make room or give "
                "another directory, and record again from this step"
            ) from error


def _shapes(arrays: dict[str, np.ndarray]) -> dict[str, tuple[Any, ...]]:
    return {
        name: (array.shape, np.dtype(np.float32) if array.dtype.kind == "V" else array.dtype)
        for name, array in arrays.items()
    }


def _as_number(loss: Any) -> np.ndarray:
    try:
        return np.array(float(loss))
    except (TypeError, ValueError):
        raise ValueError(f"loss = {describe_value(loss)} is no number; give the loss of the step") from None
